//! What works: heartbeats, their age on a replica, and that the role can do nothing else.

use std::time::Duration;

use responder_core::probe::answer::LagSource;
use tokio_postgres::NoTls;

use crate::stage::{OSAKA, OSAKA_READER, PASSWORD, RECORD, SEOUL, Stage, USER, member, record, word};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_commits_on_the_writer_and_its_age_is_seen_on_the_replica() {
    let Some(stage) = Stage::new(true).await else { return };
    let prober = stage.prober(&[("PROBE_EVERY_SECONDS", "1")]);
    let first = prober.look().await;
    let seoul = member(&first, "ap-northeast-2");
    assert_eq!((seoul.writable, seoul.said.as_str()), (Some(true), "a heartbeat committed"));
    assert_eq!((seoul.in_recovery, &seoul.heartbeat, seoul.lag), (Some(false), &None, None));
    let led = record(&first);
    assert_eq!((led.leads_to.as_deref(), led.writable), (Some(SEOUL), Some(true)));
    assert_eq!(led.region.as_ref().unwrap().as_str(), "ap-northeast-2");
    assert!(led.write_ms.is_some());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let second = prober.look().await;
    let (seoul, osaka) = (member(&second, "ap-northeast-2"), member(&second, "ap-northeast-3"));
    let beat = seoul.heartbeat.as_ref().unwrap();
    assert_eq!((beat.region.as_str(), beat.sequence), ("ap-northeast-2", 1));
    assert_eq!(osaka.said, "the server is in recovery: it takes no writes");
    assert_eq!((osaka.writable, osaka.in_recovery), (Some(false), Some(true)));
    let seen = osaka.heartbeat.as_ref().unwrap();
    // Both members are asked at once: the replica may be quick enough to see the heartbeat of this very look.
    let plausible = if seen.sequence == 1 { 1_400..5_000 } else { 0..1_400 };
    assert!(seen.sequence <= 2 && plausible.contains(&seen.age_ms), "{seen:?}");
    let lag = osaka.lag.unwrap();
    assert_eq!(
        (lag.source, lag.ms),
        (LagSource::Heartbeat, seen.age_ms.saturating_sub(1_000)),
        "less the pace"
    );
    // Run again, the SQL changes nothing of what is there.
    stage.seoul.execute_batch(&responder_core::probe::install::sql(USER).unwrap()).await.unwrap();
    let third = prober.look().await;
    assert_eq!(member(&third, "ap-northeast-2").heartbeat.as_ref().unwrap().sequence, 2);
    let told = prober.word(&stage.question(SEOUL)).await;
    assert_eq!(word(&told), (Some(true), "a heartbeat committed"));
    let told = prober.word(&stage.question(OSAKA)).await;
    assert_eq!(word(&told), (Some(false), "the server is in recovery: it takes no writes"));
    aurora_says_its_lag(&stage, &prober).await;
    a_replica_is_seen_at_its_reader_endpoint(&stage, &prober).await;
}

/// A function of Aurora's name and columns, as its documentation has them.
async fn aurora_says_its_lag(stage: &Stage, prober: &responder_sql::Prober) {
    let rows = |osaka: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION public.aurora_global_db_status() RETURNS TABLE (aws_region text,
                highest_lsn_written bigint, durability_lag_in_msec real, rpo_lag_in_msec real,
                last_lag_calculation_time timestamptz, feedback_epoch bigint, feedback_xmin bigint)
            LANGUAGE sql AS $$ SELECT * FROM (VALUES
                ('ap-northeast-2', 42::bigint, -1::real, -1::real, 'epoch'::timestamptz, 0::bigint, 0::bigint),
                ('ap-northeast-3', 41, {osaka}, now(), 0, 0)) AS it $$"
        )
    };
    for (osaka, expected) in [
        ("80, 95", Some((LagSource::AuroraGlobalDbStatus, 95))),
        ("95, 80", Some((LagSource::AuroraGlobalDbStatus, 95))),
        ("-1, 7", Some((LagSource::AuroraGlobalDbStatus, 7))),
        ("-1, -1", None),
    ] {
        stage.seoul.execute_batch(&rows(osaka)).await.unwrap();
        while !stage.osaka().received_everything_from(&stage.seoul).await.unwrap_or(false) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let look = prober.look().await;
        let lag = member(&look, "ap-northeast-3").lag.unwrap();
        match expected {
            Some(expected) => assert_eq!((lag.source, lag.ms), expected, "{osaka}"),
            None => assert_eq!(lag.source, LagSource::Heartbeat, "{osaka}"),
        }
        assert_eq!(member(&look, "ap-northeast-2").lag, None, "a writer has none");
        let lsn = |region| member(&look, region).lsn;
        assert_eq!((lsn("ap-northeast-2"), lsn("ap-northeast-3")), (Some(42), Some(41)));
    }
    stage.seoul.execute_batch("DROP FUNCTION public.aurora_global_db_status()").await.unwrap();
}

/// As on Aurora, where a secondary's writer endpoint is inactive.
async fn a_replica_is_seen_at_its_reader_endpoint(stage: &Stage, prober: &responder_sql::Prober) {
    stage.names.forget(OSAKA);
    let look = prober.look().await;
    let osaka = member(&look, "ap-northeast-3");
    assert_eq!(
        (osaka.writable, osaka.in_recovery),
        (Some(false), Some(true)),
        "the connection goes on: {osaka:?}"
    );
    let prober = stage.prober(&[]);
    let look = prober.look().await;
    let osaka = member(&look, "ap-northeast-3");
    assert_eq!((osaka.writable, osaka.in_recovery), (None, None), "there is no reader's name yet");
    stage.names.host(OSAKA_READER, [127, 0, 2, 1]);
    for _ in 0..3 {
        let look = prober.look().await;
        let osaka = member(&look, "ap-northeast-3");
        assert_eq!((osaka.writable, osaka.in_recovery), (None, Some(true)), "{osaka:?}");
        assert!(osaka.heartbeat.is_some() && osaka.lag.is_some());
        assert_eq!(osaka.said, format!("its name {OSAKA} does not resolve"));
        assert_eq!(Stage::sessions(stage.osaka()).await, 2, "one of either probe");
    }
    // The name is there again, as after a promotion: writes are learned of there, and by one connection.
    stage.names.host(OSAKA, [127, 0, 2, 1]);
    stage.osaka().promote().await.unwrap();
    let look = prober.look().await;
    assert_eq!(member(&look, "ap-northeast-3").writable, Some(true));
    assert_eq!(record(&look).leads_to.as_deref(), Some(SEOUL));
    stage.names.alias(RECORD, OSAKA);
    let look = prober.look().await;
    assert_eq!((record(&look).leads_to.as_deref(), record(&look).writable), (Some(OSAKA), Some(true)));
    stage.names.host(OSAKA_READER, [127, 0, 9, 9]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_can_do_nothing_else() {
    let Some(stage) = Stage::new(false).await else { return };
    let secret = "CREATE TABLE secret (it text); INSERT INTO secret VALUES ('x'); CREATE SCHEMA other;
        CREATE TABLE other.secret (it text)";
    stage.seoul.execute_batch(secret).await.unwrap();
    let mut config = stage.seoul.superuser_config();
    config.user(USER).password(PASSWORD);
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let table = "failover_responder.heartbeat";
    for allowed in [
        format!("SELECT * FROM {table}"),
        format!("INSERT INTO {table} VALUES ('x', 1, now())"),
        format!("UPDATE {table} SET sequence = 2"),
    ] {
        client.batch_execute(&allowed).await.unwrap();
    }
    for refused in [
        "SELECT * FROM secret",
        "SELECT * FROM other.secret",
        "INSERT INTO secret VALUES ('y')",
        "DELETE FROM failover_responder.heartbeat",
        "TRUNCATE failover_responder.heartbeat",
        "DROP TABLE failover_responder.heartbeat",
        "ALTER TABLE failover_responder.heartbeat ADD COLUMN more text",
        "CREATE INDEX ON failover_responder.heartbeat (at)",
        "CREATE TABLE failover_responder.more (it text)",
        "CREATE TABLE public.more (it text)",
        "CREATE SCHEMA more",
        "CREATE DATABASE more",
        "CREATE ROLE more",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "GRANT SELECT ON failover_responder.heartbeat TO PUBLIC",
        "SELECT pg_promote()",
        "SELECT * FROM pg_authid",
        "COPY failover_responder.heartbeat TO '/tmp/x'",
        "SET ROLE postgres",
    ] {
        let error = client.batch_execute(refused).await.err();
        let code = error.as_ref().and_then(|it| it.code()).map(|code| code.code().to_owned());
        let is_refused = code.as_deref() == Some("42501") || refused.starts_with("GRANT");
        assert!(is_refused, "{refused}: {error:?}");
    }
    let grants = "SELECT count(*) FROM information_schema.table_privileges WHERE grantee = 'PUBLIC' \
        AND table_schema = 'failover_responder'";
    let count: i64 = client.query_one(grants, &[]).await.unwrap().get(0);
    assert_eq!(count, 0, "nobody got a right from it");
}
