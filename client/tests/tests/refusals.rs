//! Connections that say 25006, are terminated or hang, on a server that stays where it is or turns read-only.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure here is a failed test")]

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use writer_follower::{
    ConnectFailure, Failure, Outcome, Patience, Phase, Reason, Repeat, bb8, deadpool, judge, retry,
};
use writer_follower_tests::{Pair, eventually};

const SOON: Duration = Duration::from_mins(1);
/// Fails with 25006 in a transaction of its own, so that the session is as idle as before.
const READ_ONLY: &str = "DO $$ BEGIN PERFORM set_config('transaction_read_only', 'on', true); \
    INSERT INTO marks VALUES (-1); END $$";

async fn scene(net: u8, size: usize) -> (Pair, deadpool::Pool) {
    let pair = Pair::start(net).await;
    pair.make_table().await;
    let manager = deadpool::Manager::new(pair.follower());
    let pool = deadpool::Pool::builder(manager).max_size(size).build().unwrap();
    // All of them at once, so that all are there.
    let all = join_all((0..size).map(|_| pool.get())).await;
    assert!(all.iter().all(Result::is_ok));
    (pair, pool)
}

async fn pid(client: &Client) -> i32 {
    client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0)
}

fn said(error: &tokio_postgres::Error) -> Option<&str> {
    error.code().map(SqlState::code)
}

fn number(pool: &deadpool::Pool) -> u64 {
    pool.manager().follower().last_known().unwrap().number
}

/// Makes a server refuse all writes, or none, without a word to anybody but its sessions.
async fn read_only(pair: &Pair, server: usize, on: &str) {
    for statement in
        [&format!("ALTER SYSTEM SET default_transaction_read_only = {on}"), "SELECT pg_reload_conf()"]
    {
        pair.servers[server].execute_batch(statement).await.unwrap();
    }
}

/// The application neither reads the error nor tells anybody of it.
#[tokio::test]
async fn a_connection_that_said_25006_is_not_given_out_again() {
    let (_pair, pool) = scene(71, 1).await;
    let client = pool.get().await.unwrap();
    let first = pid(&client).await;
    assert_eq!(said(&client.batch_execute(READ_ONLY).await.unwrap_err()), Some("25006"));
    drop(client);
    assert_ne!(pid(&pool.get().await.unwrap()).await, first);
    assert_eq!(number(&pool), 1, "the server takes writes, as a new connection showed");

    let follower = pool.manager().follower().clone();
    let pool = ::bb8::Pool::builder().max_size(1).build(bb8::Manager::new(follower)).await.unwrap();
    let client = pool.get().await.unwrap();
    let first = pid(&client).await;
    assert_eq!(said(&client.batch_execute(READ_ONLY).await.unwrap_err()), Some("25006"));
    drop(client);
    assert_ne!(pid(&pool.get().await.unwrap()).await, first);
}

#[tokio::test]
async fn a_read_only_server_is_never_served_twice_by_one_connection_and_soon_by_none() {
    let (pair, pool) = scene(72, 8).await;
    read_only(&pair, 0, "on").await;
    let mut refusals: HashMap<i32, u32> = HashMap::new();
    let mut none_was_given = 0;
    while none_was_given < 20 {
        match pool.get().await {
            Ok(client) => {
                let Ok(row) = client.query_one("SELECT pg_backend_pid()", &[]).await else { continue };
                if client.execute("INSERT INTO marks VALUES (1) ON CONFLICT DO NOTHING", &[]).await.is_err() {
                    *refusals.entry(row.get(0)).or_default() += 1;
                }
            }
            Err(_) => none_was_given += 1,
        }
        assert!(refusals.values().sum::<u32>() <= 8, "{refusals:?}");
    }
    assert!(refusals.values().all(|count| *count == 1), "{refusals:?}");
    let refused = pool.get().await.err().map(Failure::from);
    assert!(matches!(refused, Some(Failure::NoConnection(_))), "{refused:?}");
    assert_eq!(refused.unwrap().verdict().outcome, Outcome::NotSent);

    read_only(&pair, 0, "off").await;
    eventually("it takes writes again", SOON, || async { pool.get().await.ok().map(drop) }).await;
}

#[tokio::test]
async fn a_standby_is_not_a_writer_until_it_is_promoted() {
    let pair = Pair::start(73).await;
    pair.make_table().await;
    pair.word.say(Some(1));
    let manager = deadpool::Manager::new(pair.follower());
    let pool = deadpool::Pool::builder(manager).max_size(4).build().unwrap();
    let refused = eventually("a refusal", SOON, || async { pool.get().await.err() }).await;
    assert!(
        refused.to_string().contains("takes no writes") || refused.to_string().contains("not take writes")
    );
    assert!(pool.manager().follower().counters().connections_not_writable >= 1);
    pair.servers[1].promote().await.unwrap();
    eventually("it is the writer", SOON, || async { pool.get().await.ok().map(drop) }).await;
}

#[tokio::test]
async fn terminated_connections_are_made_again_and_what_they_did_is_known_as_far_as_it_can_be() {
    let (pair, pool) = scene(74, 4).await;
    let mut client = pool.get().await.unwrap();
    let transaction = client.transaction().await.unwrap();
    transaction.execute("INSERT INTO marks VALUES (1)", &[]).await.unwrap();
    let terminate =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'follower'";
    pair.servers[0].execute_batch(terminate).await.unwrap();
    let error = transaction.execute("INSERT INTO marks VALUES (2)", &[]).await.unwrap_err();
    let before = judge(&error, Phase::BeforeCommit);
    assert_eq!((before.outcome, before.again), (Outcome::NotCommitted, true), "{error}");
    let commits = judge(&error, Phase::Commits);
    assert_eq!((commits.outcome, commits.give_up), (Outcome::Unknown, Some(Reason::Broken)), "{error}");
    drop(transaction);
    drop(client);

    // Nothing was sent on those that were idle, so once is enough, and nothing is lost.
    let pool = &pool;
    let confirmed = retry(Patience::default(), Repeat::IfNotApplied, |attempt| async move {
        let client = attempt.connection(pool.get()).await?;
        attempt.confirm(&client.guard(), client.execute("INSERT INTO marks VALUES (3)", &[])).await
    });
    assert_eq!(confirmed.await.unwrap().value, 1);
    let client = pool.get().await.unwrap();
    let ids: Vec<i64> =
        client.query("SELECT id FROM marks", &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!((ids, number(pool)), (vec![3], 1));
}

#[tokio::test]
async fn a_connection_with_an_answer_to_come_or_inside_a_transaction_is_not_given_out_again() {
    let (_pair, pool) = scene(75, 1).await;
    let client = pool.get().await.unwrap();
    let first = pid(&client).await;
    let slow = client.batch_execute("SELECT pg_sleep(30)");
    let failure = client.guard().confirm(Duration::from_millis(300), slow).await.unwrap_err();
    assert_eq!(failure.verdict().outcome, Outcome::Unknown, "{failure:?}");
    drop(client);
    let client = pool.get().await.unwrap();
    let second = pid(&client).await;
    assert_ne!(second, first);
    client.batch_execute("BEGIN").await.unwrap();
    drop(client);
    let mut client = pool.get().await.unwrap();
    let third = pid(&client).await;
    assert_ne!(third, second);
    // A transaction that is dropped is rolled back, and its connection is as good as before.
    drop(client.transaction().await.unwrap());
    drop(client);
    assert_eq!((pid(&pool.get().await.unwrap()).await, number(&pool)), (third, 1));
}

#[tokio::test]
async fn a_frozen_writer_holds_nobody_for_long_and_is_left_for_the_promoted_one() {
    let (pair, pool) = scene(76, 4).await;
    pair.servers[0].freeze().await.unwrap();
    let insert = |id: i64| {
        let pool = pool.clone();
        retry(Patience::default(), Repeat::IfNotApplied, move |attempt| {
            let pool = pool.clone();
            async move {
                let client = attempt.connection(pool.get()).await?;
                let guard = client.guard();
                attempt.confirm(&guard, client.execute("INSERT INTO marks VALUES ($1)", &[&id])).await
            }
        })
    };
    let given_up = insert(1).await.unwrap_err();
    assert_eq!((given_up.outcome, given_up.attempts), (Outcome::Unknown, 1), "{given_up:?}");
    let given_up = insert(2).await.unwrap_err();
    assert!(given_up.elapsed < Duration::from_secs(10), "{given_up:?}");
    pair.promote(1).await;
    eventually("the promoted server is used", SOON, || async { insert(3).await.ok() }).await;
    pair.servers[0].thaw().unwrap();
    assert_eq!(pool.manager().follower().last_known().unwrap().address.ip().to_string(), "127.76.2.1");
    assert_eq!(insert(4).await.unwrap().value, 1);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_says_nothing_of_the_server() {
    let pair = Pair::start(77).await;
    let wrong = pair.connector_with("wrong");
    let follower = writer_follower::Follower::start(writer_follower::Watch::of(pair.word.clone()), wrong);
    let pool = deadpool::Pool::builder(deadpool::Manager::new(follower)).max_size(1).build().unwrap();
    let refused = pool.get().await.err().map(Failure::from);
    let Some(Failure::NoConnection(ConnectFailure::Refused(error))) = refused else { panic!("{refused:?}") };
    assert_eq!(said(&error), Some("28P01"));
    assert_eq!(number(&pool), 1);
}

#[tokio::test]
async fn a_session_of_no_pool_says_itself_when_it_is_of_no_use() {
    let pair = Pair::start(78).await;
    pair.make_table().await;
    let follower = pair.follower();
    let session = follower.session().await.unwrap();
    let patience = follower.limits().check_timeout;
    assert!(!session.is_unfit() && session.fit_again(patience).await.is_ok());
    pair.promote(1).await;
    follower.watch().doubt();
    eventually("it is of no use", SOON, || async { session.is_unfit().then_some(()) }).await;
    let refused = session.fit_again(patience).await.unwrap_err();
    assert_eq!(refused.to_string(), "the writer moved");
    let insert = session.execute("INSERT INTO marks VALUES (1)", &[]);
    let failure = session.guard().confirm(patience, insert).await.unwrap_err();
    assert_eq!(failure.verdict().outcome, Outcome::NotSent, "{failure:?}");
    assert!(!follower.session().await.unwrap().is_unfit());
}
