//! The app follows the writer record through what happens to the writer, without a restart.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure here is a failed test")]

mod support;

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use support::app::{App, SOON, Stream, Write};
use support::dns::{OSAKA_HOST, SEOUL_HOST};
use support::eventually;
use support::pair::Pair;

/// The longest that a request may take: its own time of 3 s, and plenty for a busy machine. A black-holed socket
/// takes a quarter of an hour.
const LONGEST: Duration = Duration::from_secs(15);

async fn started(pair: &Pair) -> App {
    let app = App::start(&pair.record_options(), &[("AWS_REGION", "ap-northeast-2")]).await;
    app.ready().await;
    app
}

async fn writes_on(app: &App, server: &str) {
    eventually("a write is confirmed by the new writer", SOON, || async {
        let (status, body) = app.add(&json!({ "title": "after the move" })).await;
        (status == StatusCode::CREATED && body["server"] == server).then_some(())
    })
    .await;
}

fn acknowledged<'a>(writes: &'a [Write], server: &str) -> Vec<&'a Write> {
    let created = writes.iter().filter(|write| write.status == StatusCode::CREATED);
    created.filter(|write| write.body["server"] == server).collect()
}

#[tokio::test]
async fn a_planned_switchover_loses_no_acknowledged_write() {
    let pair = Pair::start(11, 1).await;
    let mut app = started(&pair).await;
    let stream = Stream::start(&app.url, "seoul");
    tokio::time::sleep(Duration::from_millis(500)).await;

    pair.seoul.stop_fast().await.unwrap();
    pair.osaka.promote().await.unwrap();
    pair.dns.point_record_at(OSAKA_HOST, 1);
    writes_on(&app, "127.11.2.1").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let writes = stream.finish().await;

    assert!(app.is_running());
    let there = app.numbers("seoul").await;
    let (before, after) = (acknowledged(&writes, "127.11.1.1"), acknowledged(&writes, "127.11.2.1"));
    assert!(before.len() > 10 && after.len() > 5, "{} and {}", before.len(), after.len());
    for write in before.iter().chain(&after) {
        assert!(there.contains(&write.number), "acknowledged and lost: {write:?}");
    }
    // What was refused as "not applied" is not there either, and nothing took longer than its time.
    for write in &writes {
        assert!(write.took < LONGEST, "{write:?}");
        let refused = write.body["outcome"] == "not_applied";
        assert!(!(refused && there.contains(&write.number)), "refused and there: {write:?}");
    }
}

#[tokio::test]
async fn a_killed_writer_is_left_for_the_promoted_one() {
    let pair = Pair::start(12, 30).await;
    let mut app = started(&pair).await;
    let stream = Stream::start(&app.url, "seoul");
    tokio::time::sleep(Duration::from_millis(500)).await;

    pair.seoul.kill().await.unwrap();
    pair.osaka.promote().await.unwrap();
    pair.dns.point_record_at(OSAKA_HOST, 30);
    let moved = Instant::now();
    writes_on(&app, "127.12.2.1").await;
    assert!(moved.elapsed() < Duration::from_secs(25), "the TTL must not be waited for");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let writes = stream.finish().await;

    assert!(app.is_running());
    let there = app.numbers("seoul").await;
    for write in acknowledged(&writes, "127.12.2.1") {
        assert!(there.contains(&write.number), "{write:?}");
    }
    let status = app.get("/api/writer").await.1;
    assert_eq!(status["canonical"], OSAKA_HOST);
    assert_eq!(status["address"], format!("127.12.2.1:{}", pair.port));
    assert_eq!(status["timeline"], 2, "{status}");
    assert!(app.metric("moves").await >= 1);
}

#[tokio::test]
async fn a_frozen_writer_holds_no_request_beyond_its_time() {
    let pair = Pair::start(13, 30).await;
    let app = started(&pair).await;
    pair.seoul.freeze().await.unwrap();

    // The first request has an open connection, and so cannot know.
    let started = Instant::now();
    let todo = json!({ "title": "hangs", "client": "seoul", "number": 1 });
    let (status, body) = app.add(&todo).await;
    assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
    assert_eq!((status, &body["outcome"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unknown")), "{body}");
    // The next ones get no connection at all, and so do know.
    let started = Instant::now();
    let (status, body) = app.add(&json!({ "title": "hangs too" })).await;
    assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
    assert_eq!(
        (status, &body["outcome"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("not_applied")),
        "{body}"
    );
    assert_eq!(app.get("/healthz").await.0, StatusCode::OK);
    let (status, body) = app.get("/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body["reason"].as_str().unwrap().contains("cannot be reached"), "{body}");

    pair.osaka.promote().await.unwrap();
    pair.dns.point_record_at(OSAKA_HOST, 30);
    writes_on(&app, "127.13.2.1").await;
    // The unknown write may be tried again, and is then confirmed once.
    assert_eq!(app.add(&todo).await.0, StatusCode::CREATED);
    assert_eq!(app.numbers("seoul").await, [1]);
    // Back to life, the former writer changes nothing.
    pair.seoul.thaw().unwrap();
    writes_on(&app, "127.13.2.1").await;
}

#[tokio::test]
async fn a_writer_that_turned_read_only_is_looked_up_anew() {
    let pair = Pair::start(14, 30).await;
    let app = started(&pair).await;
    let read_only = "ALTER SYSTEM SET default_transaction_read_only = on; SELECT pg_reload_conf()";
    for statement in read_only.split("; ") {
        pair.seoul.execute_batch(statement).await.unwrap();
    }
    // Connections that are open learn of it a moment later; then nothing is written, and it is said so.
    let body = eventually("the app notices", SOON, || async {
        let (status, body) = app.add(&json!({ "title": "refused" })).await;
        (status == StatusCode::SERVICE_UNAVAILABLE).then_some(body)
    })
    .await;
    assert_eq!(body["outcome"], "not_applied", "{body}");
    assert!(app.metric("stale_sessions").await >= 1);
    let lookups = app.metric("lookups").await;
    assert!(lookups >= 2, "25006 caused {lookups} lookups");

    pair.osaka.promote().await.unwrap();
    pair.dns.point_record_at(OSAKA_HOST, 30);
    writes_on(&app, "127.14.2.1").await;
}

#[tokio::test]
async fn a_former_writer_that_still_takes_writes_is_left_when_the_record_moves() {
    let pair = Pair::start(15, 1).await;
    let app = started(&pair).await;
    let stream = Stream::start(&app.url, "seoul");
    tokio::time::sleep(Duration::from_millis(300)).await;
    pair.osaka.promote().await.unwrap();
    pair.dns.point_record_at(OSAKA_HOST, 1);
    writes_on(&app, "127.15.2.1").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let writes = stream.finish().await;

    assert!(app.metric("stale_sessions").await >= 1);
    assert!(writes.iter().all(|write| write.status == StatusCode::CREATED), "no request fails for it");
    let first = writes.iter().position(|write| write.body["server"] == "127.15.2.1").unwrap();
    assert!(writes[first..].iter().all(|write| write.body["server"] == "127.15.2.1"), "none goes back");
    // The stream's writes to the former writer after the promotion are lost: the count shows it.
    let there = app.numbers("seoul").await;
    assert!(writes[first..].iter().all(|write| there.contains(&write.number)));
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_called_unknown() {
    let pair = Pair::start(16, 5).await;
    let app = started(&pair).await;
    let (locker, connection) = pair.seoul.superuser_config().connect(tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    locker.batch_execute("BEGIN; LOCK TABLE todos IN ACCESS EXCLUSIVE MODE").await.unwrap();

    let todo = json!({ "title": "blocked", "id": "5e0c1f6e-1111-4222-8333-444455556666" });
    let (status, body) = app.add(&todo).await;
    assert_eq!((status, &body["outcome"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unknown")), "{body}");
    assert!(body["error"].as_str().unwrap().contains("cannot add the todo"), "{body}");
    assert!(app.metric("writes_unknown").await >= 1);
    drop(locker);
    connection.await.unwrap().unwrap();

    // Whether one of the abandoned attempts came through or not: again is safe, and makes one todo.
    let body = eventually("the repeated write is confirmed", SOON, || async {
        let (status, body) = app.add(&todo).await;
        (status == StatusCode::CREATED).then_some(body)
    })
    .await;
    assert_eq!(body["id"], todo["id"]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(app.get("/api/todos").await.1["todos"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_app_starts_before_its_database_and_makes_the_table_when_it_comes() {
    let pair = Pair::start(17, 5).await;
    pair.osaka.kill().await.unwrap();
    pair.seoul.kill().await.unwrap();
    let app = App::start(&pair.record_options(), &[]).await;
    assert_eq!(app.get("/healthz").await.0, StatusCode::OK);
    let (status, body) = app.get("/readyz").await;
    assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("not_ready")));
    let (status, body) = app.add(&json!({ "title": "too early" })).await;
    assert_eq!((status, &body["outcome"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("not_applied")));
    assert!(app.text("/").await.contains("Looking for the writer"));

    pair.seoul.start().await.unwrap();
    // A second app starts at the same time and makes the table too.
    let other = App::start(&pair.record_options(), &[]).await;
    tokio::join!(app.ready(), other.ready());
    writes_on(&app, "127.17.1.1").await;
    writes_on(&other, "127.17.1.1").await;
    let log = app.log();
    assert!(!log.contains(pair.access.application.password.expose()));
    assert!(log.contains(SEOUL_HOST), "{log}");
}
