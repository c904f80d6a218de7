//! The writer moves, turns read-only, or hangs: the pool that follows, and beside it sqlx as it comes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    reason = "a failure here is a failed test; what was measured is told"
)]

mod pair;

use std::collections::HashMap;
use std::ops::DerefMut;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::{PgPool, raw_sql};
use writer_follower_sqlx::writer_follower::{Outcome, Phase, Reason};
use writer_follower_sqlx::{Failure, WriterPool, judge};

use pair::{Pair, eventually, pid, sessions, write};

/// Opens all sessions that the pool may have, and gives them back.
async fn fill(pool: &PgPool, size: u32) {
    let mut all = Vec::new();
    for _ in 0..size {
        all.push(pool.acquire().await.unwrap());
    }
    drop(all);
    eventually("all are back", || async { (pool.num_idle() >= size as usize).then_some(()) }).await;
}

#[tokio::test]
async fn a_move_retires_every_idle_session_at_once_and_none_of_the_former_writer_is_lent() {
    let pair = Pair::start(91).await;
    let (pool, plain) = (pair.pool(8).await, pair.plain(8, 0));
    fill(pool.pool(), 8).await;
    fill(&plain, 8).await;
    let mut look = pair.look(0).await;
    assert_eq!(sessions(&mut look, "follower").await, 8);
    // One is lent while the writer moves, and comes back after it.
    let mut lent = pool.acquire().await.unwrap();
    let former = pid(&mut lent).await;

    pair.promote().await;
    let moved = Instant::now();
    pool.watch().doubt();
    while sessions(&mut look, "follower").await > 1 {
        assert!(moved.elapsed() < pair::SOON);
    }
    println!("seven idle sessions were gone from the former writer {:?} after the word", moved.elapsed());
    drop(lent);
    let osaka = pair.address(1);
    for _ in 0..32 {
        let mut session = pool.acquire().await.unwrap();
        assert_ne!(pid(&mut session).await, former);
        assert_eq!(write(&mut session).await.unwrap(), osaka);
    }
    while sessions(&mut look, "follower").await > 0 {
        assert!(moved.elapsed() < pair::SOON, "the one that was lent");
    }
    // The control: with the next host and without our hooks it lends what it has.
    plain.set_connect_options(pair.login().host(&osaka));
    let mut session = plain.acquire().await.unwrap();
    assert_eq!(write(&mut session).await.unwrap(), pair.address(0));
    assert_eq!(sessions(&mut look, "plain").await, 8);
}

/// Lends and writes until there is nothing to lend, or so many times; how often each session said 25006.
async fn refusals<S, F>(acquire: impl Fn() -> F, times: usize) -> HashMap<i32, u32>
where
    S: DerefMut<Target = PgConnection>,
    F: Future<Output = Result<S, sqlx::Error>>,
{
    let mut refusals = HashMap::new();
    for _ in 0..times {
        let Ok(mut session) = acquire().await else { break };
        let pid = pid(&mut session).await;
        let error = write(&mut session).await.unwrap_err();
        let verdict = judge(&error, Phase::Commits);
        assert_eq!((verdict.outcome, verdict.give_up), (Outcome::NotCommitted, Some(Reason::ReadOnly)));
        *refusals.entry(pid).or_default() += 1;
    }
    refusals
}

#[tokio::test]
async fn a_session_that_said_25006_is_never_lent_twice() {
    let pair = Pair::start(92).await;
    let (pool, plain) = (pair.pool(4).await, pair.plain(4, 0));
    fill(pool.pool(), 4).await;
    fill(&plain, 4).await;
    // One is lent before the server turns read-only, and is told so.
    let mut first = pool.acquire().await.unwrap();
    pair.read_only().await;
    while write(&mut first).await.is_ok() {}
    drop(first);
    let said = refusals(|| pool.acquire(), 12).await;
    assert!(said.is_empty(), "each was asked before it was lent: {said:?}");
    assert_eq!(judge(&pool.acquire().await.unwrap_err(), Phase::Commits).outcome, Outcome::NotSent);
    // The control.
    let said = refusals(|| plain.acquire(), 12).await;
    assert!(said.values().any(|times| *times > 1), "{said:?}");
    println!(
        "sqlx as it comes: {} sessions said 25006 up to {:?} times each",
        said.len(),
        said.values().max()
    );

    pair.promote().await;
    let mut session = eventually("the next writer", || async { pool.acquire().await.ok() }).await;
    assert_eq!(write(&mut session).await.unwrap(), pair.address(1));
}

/// Gives up a statement that a frozen server does not answer, as an application with a time limit does.
async fn give_up(pair: &Pair, mut session: impl DerefMut<Target = PgConnection>) -> i32 {
    let pid = pid(&mut session).await;
    pair.servers[0].freeze().await.unwrap();
    let written = async move { write(&mut session).await };
    tokio::time::timeout(Duration::from_millis(300), written).await.unwrap_err();
    pid
}

#[tokio::test]
async fn a_session_that_hangs_is_dropped_and_keeps_no_place_in_the_pool() {
    let pair = Pair::start(93).await;
    let (pool, plain) = (pair.pool(1).await, pair.plain(1, 0));
    fill(pool.pool(), 1).await;
    fill(&plain, 1).await;
    let (ours, theirs) = (pool.acquire().await.unwrap(), plain.acquire().await.unwrap());
    let hung = give_up(&pair, ours).await;
    let frozen = Instant::now();
    drop(theirs);
    eventually("its place is free", || async { (pool.pool().size() == 0).then_some(()) }).await;
    println!("a session that hung was dropped after {:?}", frozen.elapsed());
    assert!(frozen.elapsed() < Duration::from_secs(4), "it is asked for a second");
    // The control: sqlx's own ping waits, and the place stays taken.
    assert!(plain.acquire().await.is_err());
    assert_eq!(plain.size(), 1);
    pair.servers[0].thaw().unwrap();
    let mut session = eventually("another session", || async { pool.acquire().await.ok() }).await;
    assert_ne!(pid(&mut session).await, hung);

    // One that waits for an answer is told that the writer moved, and what that means.
    let waits = pool.confirm(Duration::from_secs(30), async move {
        raw_sql("SELECT pg_sleep(30)").execute(&mut *session).await
    });
    let (failure, ()) = tokio::join!(waits, pair.promote());
    let failure = failure.unwrap_err();
    assert!(matches!(failure, Failure::Moved), "{failure:?}");
    assert_eq!(failure.verdict(Phase::Commits).outcome, Outcome::Unknown);
    let mut session = pool.acquire().await.unwrap();
    assert_eq!(write(&mut session).await.unwrap(), pair.address(1));
}

#[tokio::test]
async fn what_the_server_says_is_judged_and_a_terminated_session_is_made_again() {
    let pair = Pair::start(94).await;
    let pool = pair.pool(1).await;
    let mut session = pool.acquire().await.unwrap();
    let taken = raw_sql("INSERT INTO marks OVERRIDING SYSTEM VALUE VALUES (1), (1)");
    let error = taken.execute(&mut *session).await.unwrap_err();
    let verdict = judge(&error, Phase::Commits);
    assert_eq!(
        (verdict.outcome, verdict.give_up, verdict.again),
        (Outcome::NotCommitted, None, false),
        "{error}"
    );
    let terminated = pid(&mut session).await;
    pair.servers[0].execute_batch(&format!("SELECT pg_terminate_backend({terminated})")).await.unwrap();
    let error = write(&mut session).await.unwrap_err();
    let verdict = judge(&error, Phase::Commits);
    assert_eq!((verdict.outcome, verdict.give_up), (Outcome::Unknown, Some(Reason::Broken)), "{error}");
    assert_eq!(judge(&error, Phase::BeforeCommit).outcome, Outcome::NotCommitted);
    drop(session);
    let mut session = pool.acquire().await.unwrap();
    assert_ne!(pid(&mut session).await, terminated);

    // While the source is silent this one goes on being used, and no other is made.
    pair.say(None);
    eventually("the source is silent", || async { pool.watch().failure() }).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    drop(session);
    let mut session = pool.acquire().await.unwrap();
    assert_eq!(write(&mut session).await.unwrap(), pair.address(0));
    raw_sql("SELECT pg_terminate_backend(pg_backend_pid())").execute(&mut *session).await.unwrap_err();
    drop(session);
    eventually("it is gone", || async { (pool.pool().size() == 0).then_some(()) }).await;
    assert!(matches!(pool.acquire().await, Err(sqlx::Error::PoolTimedOut)));
    pair.say(Some(0));
    eventually("the source answers again", || async { pool.acquire().await.ok() }).await;
}

/// One confirmed write: when, and by whom.
type Write = (Instant, String);

/// Writes a row every 5 ms until it is told to stop.
async fn write_on(pool: WriterPool, mut stop: tokio::sync::watch::Receiver<bool>) -> Vec<Write> {
    let mut writes = Vec::new();
    while !*stop.borrow_and_update() {
        if let Ok(mut session) = pool.acquire().await {
            let written = async move { write(&mut session).await };
            if let Ok(server) = pool.confirm(Duration::from_secs(1), written).await {
                writes.push((Instant::now(), server));
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    writes
}

/// The same by sqlx as it comes.
async fn write_on_plain(pool: PgPool, mut stop: tokio::sync::watch::Receiver<bool>) -> Vec<Write> {
    let mut writes = Vec::new();
    while !*stop.borrow_and_update() {
        if let Ok(server) = sqlx::query_scalar(pair::WRITE).fetch_one(&pool).await {
            writes.push((Instant::now(), server));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    writes
}

async fn the_writer_moves(net: u8, size: u32) {
    let pair = Pair::start(net).await;
    let (pool, plain) = (pair.pool(size).await, pair.plain(size, 0));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut busy: Vec<_> = (0..size).map(|_| tokio::spawn(write_on(pool.clone(), stopped.clone()))).collect();
    let control = tokio::spawn(write_on_plain(plain.clone(), stopped));
    tokio::time::sleep(Duration::from_secs(2)).await;
    pair.promote().await;
    let said = Instant::now();
    let look = tokio::sync::Mutex::new(pair.look(1).await);
    // Whoever led sqlx by hand would give it the next host.
    plain.set_connect_options(pair.login().host(&pair.address(1)));
    let full =
        || async { (sessions(&mut *look.lock().await, "follower").await >= i64::from(size)).then_some(()) };
    eventually("the pool is full again", full).await;
    println!("{size} sessions: the pool was full {:?} after the word", said.elapsed());
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.send_replace(true);
    let mut writes = Vec::new();
    for task in busy.drain(..) {
        writes.extend(task.await.unwrap());
    }
    writes.sort_by_key(|(at, _)| *at);

    let [seoul, osaka] = [0, 1].map(|server| pair.address(server));
    let first = writes.iter().position(|(_, server)| *server == osaka).unwrap();
    let last = writes.iter().rposition(|(_, server)| *server == seoul).unwrap();
    let (outage, after) = (writes[first].0 - writes[first - 1].0, writes[first].0 - said);
    println!("{size} sessions: outage {outage:?}, the next writer confirmed {after:?} after the word");
    // Confirmations that were on their way may be told a moment later; nothing is written to the former writer.
    let settled = writes[first].0 + Duration::from_millis(50);
    assert!(writes[last].0 < settled, "confirmed by the former writer after the move");
    let control = control.await.unwrap();
    let late = control.iter().filter(|(at, server)| *at > settled && *server == seoul).count();
    println!("sqlx as it comes: {late} writes confirmed by the former writer after that");
    assert!(late > 0, "the control moved by itself");
}

#[tokio::test]
async fn one_session_follows_where_sqlx_alone_stays() {
    the_writer_moves(95, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_sessions_follow_where_sqlx_alone_stays() {
    the_writer_moves(96, 20).await;
}
