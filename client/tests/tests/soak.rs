//! Fifty moves in which the former writer turns read-only under the pool's feet, its sessions alive: what a demotion is where nobody
//! cuts them. No session may answer twice that it is read-only, and nothing may be left over.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failure here is a failed test; what was measured is told"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio_postgres::error::SqlState;
use writer_follower::deadpool;
use writer_follower_tests::{HOSTS, Pair, eventually};

const SOON: Duration = Duration::from_mins(1);
const MOVES: usize = 50;
/// Before each move of so many the pool is made full: the others find as many connections as the writers need.
const FULL: usize = 10;
/// For how long the former writer is read-only before anybody says that it moved.
const UNSAID: Duration = Duration::from_millis(100);

/// What the writers saw.
#[derive(Default)]
struct Seen {
    /// How often each session, by its server and number, answered that it is read-only.
    refused: Mutex<BTreeMap<(usize, i32), u32>>,
    /// Acknowledged writes, by server.
    written: [AtomicI64; HOSTS.len()],
}

/// One write by whatever session the pool lends.
async fn write(pool: &deadpool::Pool, seen: &Seen, places: &[String]) -> Result<(), tokio_postgres::Error> {
    // A pool that has nobody to lend is an outage, and not what is looked for here.
    let Ok(client) = pool.get().await else { return Ok(()) };
    let row = client.query_one("SELECT host(inet_server_addr()), pg_backend_pid()", &[]).await?;
    let (server, session): (String, i32) = (row.get(0), row.get(1));
    let place = places.iter().position(|it| *it == server).unwrap();
    let written = client
        .execute("INSERT INTO marks SELECT coalesce(max(id), 0) FROM marks ON CONFLICT DO NOTHING", &[]);
    match written.await {
        Ok(_) => _ = seen.written[place].fetch_add(1, Ordering::Relaxed),
        Err(error) if error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
            *seen.refused.lock().unwrap().entry((place, session)).or_default() += 1;
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Makes the server refuse writes in each new transaction, or take them; sessions stay.
async fn set_read_only(pair: &Pair, server: usize, read_only: bool) {
    let on = if read_only { "on" } else { "off" };
    let server = &pair.servers[server];
    server.execute_batch(&format!("ALTER SYSTEM SET default_transaction_read_only = {on}")).await.unwrap();
    server.execute_batch("SELECT pg_reload_conf()").await.unwrap();
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Writes until it is told to stop.
async fn write_on(pool: deadpool::Pool, seen: Arc<Seen>, stop: Arc<AtomicBool>, places: Vec<String>) {
    while !stop.load(Ordering::Relaxed) {
        let _ = write(&pool, &seen, &places).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Makes the pool as large as it may be.
async fn fill(pool: &deadpool::Pool, size: usize) {
    eventually("the pool is full", SOON, || async {
        let lent = join_all((0..size).map(|_| pool.get())).await;
        lent.iter().all(Result::is_ok).then_some(())
    })
    .await;
    assert_eq!(pool.status().size, size);
}

async fn fifty_moves(net: u8, size: usize) {
    let pair = Pair::start(net).await;
    pair.make_table().await;
    pair.servers[1].promote().await.unwrap();
    set_read_only(&pair, 1, true).await;
    let metrics = tokio::runtime::Handle::current().metrics();
    let (tasks, files) = (metrics.num_alive_tasks(), open_files());
    let manager = deadpool::Manager::new(pair.follower());
    let pool = deadpool::Pool::builder(manager).max_size(size).build().unwrap();
    let follower = pool.manager().follower();
    let (seen, stop) = (Arc::new(Seen::default()), Arc::new(AtomicBool::new(false)));
    let places: Vec<String> = [1, 2].map(|place| format!("127.{net}.{place}.1")).into();
    let mut writers = JoinSet::new();
    for _ in 0..size {
        writers.spawn(write_on(pool.clone(), Arc::clone(&seen), Arc::clone(&stop), places.clone()));
    }
    let (mut refused, mut after_ten, mut slowest) = (0, (0, 0), Duration::ZERO);
    for turn in 1..=MOVES {
        let (writer, former) = (turn % 2, 1 - turn % 2);
        if turn % FULL == 1 {
            fill(&pool, size).await;
        }
        seen.refused.lock().unwrap().clear();
        let began = Instant::now();
        set_read_only(&pair, former, true).await;
        set_read_only(&pair, writer, false).await;
        tokio::time::sleep(UNSAID).await;
        pair.word.say(Some(writer));
        follower.watch().doubt();
        let before = seen.written[writer].load(Ordering::Relaxed);
        let enough = before + i64::try_from(size).unwrap();
        eventually("the writers write at the writer", SOON, || async {
            (seen.written[writer].load(Ordering::Relaxed) >= enough).then_some(())
        })
        .await;
        slowest = slowest.max(began.elapsed());
        let answers = seen.refused.lock().unwrap().clone();
        let again: Vec<_> = answers.iter().filter(|(_, times)| **times > 1).collect();
        assert!(again.is_empty(), "move {turn}: sessions that were lent again after a 25006: {again:?}");
        refused += answers.len();
        if turn == 10 {
            after_ten = (metrics.num_alive_tasks(), open_files());
        }
    }
    let after = (metrics.num_alive_tasks(), open_files());
    println!(
        "{size}: {MOVES} moves, {refused} sessions said 25006, once each; the slowest move took {slowest:?}"
    );
    println!("{size}: tasks and files after ten moves {after_ten:?}, in the end {after:?}");
    assert!(refused > 0, "no session ever said 25006, so nothing was shown");
    let more = 2 + size / 5;
    assert!(
        after.0 <= after_ten.0 + more && after.1 <= after_ten.1 + more,
        "{after_ten:?} and then {after:?}"
    );
    stop.store(true, Ordering::Relaxed);
    writers.join_all().await;
    drop(pool);
    eventually("nothing is left", SOON, || async {
        (metrics.num_alive_tasks() <= tasks && open_files() <= files).then_some(())
    })
    .await;
}

/// One after the other: they count the files of the same process.
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_one_and_a_pool_of_a_hundred() {
    fifty_moves(66, 1).await;
    fifty_moves(67, 100).await;
}
