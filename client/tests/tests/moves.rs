//! The writer moves; pools of one and of a hundred connections follow. The former writer is not fenced: it goes on taking
//! writes, so that only leaving it at once keeps a write from being lost.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failure here is a failed test; what was measured is told"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use writer_follower::{Attempt, Failure, Patience, Repeat, bb8, deadpool, retry};
use writer_follower_tests::{Pair, eventually};

const SOON: Duration = Duration::from_mins(1);
/// Insert, or find what an earlier attempt inserted; and say where.
const WRITE: &str = "INSERT INTO marks VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = excluded.id \
    RETURNING host(inet_server_addr())";

/// Either pool, by the same calls.
#[derive(Clone)]
enum Pool {
    Deadpool(deadpool::Pool),
    Bb8(::bb8::Pool<bb8::Manager>),
}

impl Pool {
    async fn of(kind: &str, pair: &Pair, size: usize) -> Self {
        let follower = pair.follower();
        if kind == "deadpool" {
            let manager = deadpool::Manager::new(follower);
            return Self::Deadpool(deadpool::Pool::builder(manager).max_size(size).build().unwrap());
        }
        let pool = ::bb8::Pool::builder().max_size(u32::try_from(size).unwrap());
        Self::Bb8(pool.build(bb8::Manager::new(follower)).await.unwrap())
    }

    /// One attempt to write a row; the address of the server that confirmed it.
    async fn write(&self, attempt: Attempt, id: i64) -> Result<String, Failure> {
        let row = match self {
            Self::Deadpool(pool) => {
                let client = attempt.connection(pool.get()).await?;
                attempt.confirm(&client.guard(), client.query_one(WRITE, &[&id])).await?
            }
            Self::Bb8(pool) => {
                let client = attempt.connection(pool.get()).await?;
                attempt.confirm(&client.guard(), client.query_one(WRITE, &[&id])).await?
            }
        };
        Ok(row.get(0))
    }

    async fn confirmed(&self, id: i64) -> Option<String> {
        let patience =
            Patience { total: Duration::from_secs(5), answer: Duration::from_secs(3), ..Patience::default() };
        let attempt = |attempt| self.write(attempt, id);
        retry(patience, Repeat::Always, attempt).await.ok().map(|confirmed| confirmed.value)
    }
}

/// One confirmed write.
struct Write {
    id: i64,
    server: String,
    at: Instant,
}

/// So many sessions that write one row after another.
struct Writers {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Vec<Write>>,
}

impl Writers {
    fn start(pool: &Pool, count: usize) -> Self {
        let (stop, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let (stop, next, pool) = (Arc::clone(&stop), Arc::clone(&next), pool.clone());
            tasks.spawn(async move {
                let mut writes = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if let Some(server) = pool.confirmed(id).await {
                        writes.push(Write { id, server, at: Instant::now() });
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                writes
            });
        }
        Self { stop, tasks }
    }

    async fn finish(self) -> Vec<Write> {
        self.stop.store(true, Ordering::Relaxed);
        let mut writes: Vec<Write> = self.tasks.join_all().await.into_iter().flatten().collect();
        writes.sort_by_key(|write| write.at);
        writes
    }
}

/// How many sessions of the pool a server has.
async fn sessions(pair: &Pair, server: usize) -> i64 {
    let config = pair.servers[server].superuser_config();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    let task = tokio::spawn(connection);
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'follower'";
    let count = client.query_one(sql, &[]).await.unwrap().get(0);
    drop(client);
    task.await.unwrap().unwrap();
    count
}

async fn the_writer_moves(kind: &str, net: u8, size: usize) {
    let pair = Pair::start(net).await;
    pair.make_table().await;
    let pool = Pool::of(kind, &pair, size).await;
    let busy = Writers::start(&pool, size);
    let all = i64::try_from(size).unwrap();
    eventually("the pool is full", SOON, || async { (sessions(&pair, 0).await >= all).then_some(()) }).await;

    pair.promote(1).await;
    let moved = Instant::now();
    eventually("the former writer is left", SOON, || async { (sessions(&pair, 0).await == 0).then_some(()) })
        .await;
    println!("{kind}, {size}: the former writer was left after {:?}", moved.elapsed());
    eventually("the pool is full again", SOON, || async { (sessions(&pair, 1).await >= all).then_some(()) })
        .await;
    println!("{kind}, {size}: the pool was full after {:?}", moved.elapsed());
    let writes = busy.finish().await;

    let [seoul, osaka] = [1, 2].map(|place| format!("127.{net}.{place}.1"));
    let first = writes.iter().position(|write| write.server == osaka).unwrap();
    println!("{kind}, {size}: outage {:?}", writes[first].at - writes[first - 1].at);
    // Confirmations that were on their way may be told a moment later; nothing is written to the former writer.
    let settled = writes[first].at + Duration::from_millis(50);
    let late = writes.iter().filter(|write| write.at > settled && write.server == seoul).count();
    assert_eq!(late, 0, "{kind}, {size}: confirmed by the former writer after the move");
    let rows = pair.servers[1].superuser_config().connect(tokio_postgres::NoTls).await.unwrap();
    let task = tokio::spawn(rows.1);
    let there: BTreeSet<i64> =
        rows.0.query("SELECT id FROM marks", &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let kept = writes.iter().filter(|write| write.server == osaka).all(|write| there.contains(&write.id));
    assert!(kept, "what the writer confirmed is there");
    drop(rows.0);
    task.await.unwrap().unwrap();
}

#[tokio::test]
async fn one_connection_of_deadpool_follows() {
    the_writer_moves("deadpool", 61, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_connections_of_deadpool_follow() {
    the_writer_moves("deadpool", 62, 100).await;
}

#[tokio::test]
async fn one_connection_of_bb8_follows() {
    the_writer_moves("bb8", 63, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_connections_of_bb8_follow() {
    the_writer_moves("bb8", 64, 100).await;
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Both servers take writes, so that a move costs a word and not a promotion.
#[tokio::test]
async fn fifty_moves_leak_nothing() {
    let pair = Pair::start(65).await;
    pair.make_table().await;
    pair.servers[1].promote().await.unwrap();
    let metrics = tokio::runtime::Handle::current().metrics();
    let (tasks, files) = (metrics.num_alive_tasks(), open_files());
    let manager = deadpool::Manager::new(pair.follower());
    let pool = deadpool::Pool::builder(manager).max_size(8).build().unwrap();
    let follower = pool.manager().follower();
    let pooled = Pool::Deadpool(pool.clone());
    let mut after_ten = (0, 0);
    for turn in 1..=50 {
        let writer = turn % 2;
        pair.word.say(Some(writer));
        follower.watch().doubt();
        let server = format!("127.65.{}.1", writer + 1);
        eventually("a write at the writer", SOON, || async {
            let ids = (0..8).map(|id| pooled.confirmed(id));
            let servers = futures_util::future::join_all(ids).await;
            servers.iter().all(|it| it.as_ref() == Some(&server)).then_some(())
        })
        .await;
        if turn == 10 {
            after_ten = (metrics.num_alive_tasks(), open_files());
        }
    }
    assert!((49..=50).contains(&follower.counters().moves), "{:?}", follower.counters());
    let after = (metrics.num_alive_tasks(), open_files());
    assert!(after.0 <= after_ten.0 + 2 && after.1 <= after_ten.1 + 2, "{after_ten:?} and then {after:?}");
    assert_eq!(sessions(&pair, 1).await, 0, "the former writer has nobody");
    assert!(sessions(&pair, 0).await <= 9, "the writer has the pool, and perhaps one that is tried");
    drop((pool, pooled));
    eventually("nothing is left", SOON, || async {
        (metrics.num_alive_tasks() <= tasks && open_files() <= files).then_some(())
    })
    .await;
    assert_eq!((sessions(&pair, 0).await, sessions(&pair, 1).await), (0, 0));
}
