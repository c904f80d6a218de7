//! Real servers, of the system and of the wheel: what a drill does to them has the effect that it counts on.

#![allow(
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says on its output what it skips"
)]

mod killed_run;
mod pair;
mod tls;
mod wheel;

use std::{net::TcpStream, time::Duration};

use drill_postgres::{Binaries, Choice, PostgresError};
use pair::{Pair, application, binaries, count, timed, wait_for_count, write};

/// Runs a check on the chosen PostgreSQL, or says that it was skipped.
async fn check(choice: Choice, test: impl AsyncFnOnce(Pair)) {
    if let Some(binaries) = binaries(choice) {
        test(Pair::create(binaries, false).await).await;
    }
}

async fn switches_over_and_back(pair: Pair) {
    let (seoul, osaka) = (&pair.seoul, &pair.osaka);
    write(seoul, 0..100).await;
    wait_for_count(osaka, 100).await;
    assert!(!seoul.is_in_recovery().await.unwrap());
    assert!(osaka.is_in_recovery().await.unwrap());
    assert!(osaka.received_everything_from(seoul).await.unwrap());
    assert_eq!(osaka.replication_lag(seoul).await.unwrap().bytes, 0);
    let mut expected = 100;
    for (from, to) in [(seoul, osaka), (osaka, seoul)] {
        let first = i32::try_from(expected).unwrap();
        write(from, first..first + 100).await;
        timed("stop_fast", from.stop_fast()).await;
        assert!(to.received_everything_from(from).await.unwrap());
        timed("promote", to.promote()).await;
        assert_eq!(count(to).await, expected + 100);
        write(to, first + 100..first + 110).await;
        timed("rejoin after a clean stop", from.rejoin_as_standby_of(to)).await;
        expected += 110;
        wait_for_count(from, expected).await;
    }
    // A writer that is promoted again and a stopped server that is stopped again stay what they are.
    seoul.promote().await.unwrap();
    osaka.stop_fast().await.unwrap();
    osaka.stop_fast().await.unwrap();
    assert!(!osaka.is_up().await);
    timed("start", osaka.start()).await;
    assert!(osaka.is_in_recovery().await.unwrap());
    let again = osaka.start().await.unwrap_err();
    assert!(matches!(again, PostgresError::AlreadyRunning { .. }));
}

async fn fails_over_and_rewinds(pair: Pair) {
    let (seoul, osaka) = (&pair.seoul, &pair.osaka);
    write(seoul, 0..100).await;
    wait_for_count(osaka, 100).await;
    let session = application(seoul).await.unwrap();
    timed("kill", seoul.kill()).await;
    assert!(session.query_one("SELECT 1", &[]).await.is_err());
    let refused = TcpStream::connect((seoul.config().address, seoul.config().port));
    assert!(refused.is_err());
    let unknown = osaka.received_everything_from(seoul).await.unwrap_err();
    assert!(matches!(unknown, PostgresError::EndUnknown { .. }));
    timed("promote after a kill", osaka.promote()).await;
    write(osaka, 100..150).await;
    // It comes back on its own and takes a write that nobody else has: it must go.
    timed("start after a kill", seoul.start()).await;
    write(seoul, 1000..1010).await;
    timed("kill again", seoul.kill()).await;
    timed("rejoin with a rewind", seoul.rejoin_as_standby_of(osaka)).await;
    wait_for_count(seoul, 150).await;
    assert!(seoul.is_in_recovery().await.unwrap());
    // A standby that was killed comes back without a rewind.
    seoul.kill().await.unwrap();
    timed("rejoin of a killed standby", seoul.rejoin_as_standby_of(osaka)).await;
    write(osaka, 150..160).await;
    wait_for_count(seoul, 160).await;
}

async fn loses_what_was_not_replicated(pair: Pair) {
    let (seoul, osaka) = (&pair.seoul, &pair.osaka);
    write(seoul, 0..50).await;
    wait_for_count(osaka, 50).await;
    timed("pause_replication", osaka.pause_replication()).await;
    write(seoul, 50..80).await;
    assert!(!osaka.received_everything_from(seoul).await.unwrap());
    assert!(osaka.replication_lag(seoul).await.unwrap().bytes > 0);
    assert_eq!(count(osaka).await, 50);
    timed("resume_replication", osaka.resume_replication()).await;
    wait_for_count(osaka, 80).await;
    osaka.pause_replication().await.unwrap();
    write(seoul, 80..100).await;
    seoul.kill().await.unwrap();
    timed("promote while paused", osaka.promote()).await;
    assert_eq!(count(osaka).await, 80);
    write(osaka, 100..110).await;
    timed("rejoin with lost writes", seoul.rejoin_as_standby_of(osaka)).await;
    wait_for_count(seoul, 90).await;
}

async fn freezes(pair: Pair) {
    let (seoul, osaka) = (&pair.seoul, &pair.osaka);
    write(seoul, 0..10).await;
    let session = application(seoul).await.unwrap();
    timed("freeze", seoul.freeze()).await;
    let asked = session.query_one("SELECT 1", &[]);
    let patience = Duration::from_millis(500);
    assert!(tokio::time::timeout(patience, asked).await.is_err());
    assert!(tokio::time::timeout(patience, application(seoul)).await.is_err());
    assert!(seoul.is_running());
    assert!(!seoul.is_up().await);
    seoul.thaw().unwrap();
    assert!(session.query_one("SELECT 1", &[]).await.is_ok());
    wait_for_count(osaka, 10).await;
    seoul.freeze().await.unwrap();
    timed("promote while the writer is frozen", osaka.promote()).await;
    timed("kill while frozen", seoul.kill()).await;
    assert!(session.query_one("SELECT 1", &[]).await.is_err());
    seoul.rejoin_as_standby_of(osaka).await.unwrap();
    // What is left when a frozen one is simply dropped is removed with the directory.
    osaka.freeze().await.unwrap();
    let run = pair.run.path().to_owned();
    drop(pair);
    assert!(!run.exists());
    assert!(!processes_mention(&run.display().to_string()));
}

/// Whether the command line of a running process holds a text.
pub(crate) fn processes_mention(text: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.into_iter().any(|line| String::from_utf8_lossy(&line).contains(text))
}

macro_rules! with_both {
    ($($name:ident),*) => {
        mod system {
            use drill_postgres::Choice;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::check(Choice::System, super::$name).await; })*
        }
        mod embedded {
            use drill_postgres::Choice;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::check(Choice::Embedded, super::$name).await; })*
        }
    };
}

with_both!(switches_over_and_back, fails_over_and_rewinds, loses_what_was_not_replicated, freezes);

#[test]
fn the_version_and_the_origin_are_told() {
    for choice in [Choice::System, Choice::Embedded, Choice::Auto] {
        let Some(binaries) = binaries(choice) else {
            continue;
        };
        let told = |binaries: &Binaries| format!("{} {}", binaries.version(), binaries.origin());
        println!("{choice:?}: {}, TLS: {}", told(&binaries), binaries.has_tls());
        if choice == Choice::Embedded {
            assert_eq!(told(&binaries), "18.6 embedded");
            assert!(!binaries.has_tls());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_carries_the_end_of_the_log() {
    let Some(binaries) = binaries(Choice::Auto) else {
        return;
    };
    let pair = Pair::create(binaries, false).await;
    pair.seoul.stop_fast().await.unwrap();
    let settings = pair.seoul.config().directory.join("postgresql.conf");
    std::fs::write(&settings, "no_such_setting = 1\n").unwrap();
    let error = pair.seoul.start().await.unwrap_err().to_string();
    assert!(error.contains("no_such_setting"), "{error}");
}
