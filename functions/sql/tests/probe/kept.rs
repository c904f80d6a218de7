//! One connection a member, however it goes: kept, dead, frozen, moved, and asked of twice at once.

use std::time::{Duration, Instant};

use crate::stage::{SEOUL, Stage, USER, member, record, word};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_kept_and_there_is_never_a_second_one() {
    let Some(stage) = Stage::new(false).await else { return };
    let prober = stage.prober(&[]);
    let pid = async || {
        let (client, connection) =
            stage.seoul.superuser_config().connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let pids = "SELECT pid FROM pg_stat_activity WHERE usename = $1";
        let rows = client.query(pids, &[&USER]).await.unwrap();
        assert_eq!(rows.len(), 1, "one connection");
        rows[0].get::<_, i32>(0)
    };
    prober.look().await;
    let first = pid().await;
    for _ in 0..20 {
        let question = stage.question(SEOUL);
        let (look, told) = tokio::join!(prober.look(), prober.word(&question));
        assert_eq!(word(&told), (Some(true), "a heartbeat committed"));
        assert_eq!(record(&look).writable, Some(true));
    }
    assert_eq!(pid().await, first, "it is the same one");
    // It is noticed dead within the look, and that is no outage.
    for end in
        ["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'failover_responder_probe'"]
    {
        stage.seoul.execute_batch(end).await.unwrap();
        let look = prober.look().await;
        assert_eq!(record(&look).said, "a heartbeat committed");
        assert_ne!(pid().await, first);
    }
    drop(prober);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(Stage::sessions(&stage.seoul).await, 0, "nothing is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_is_silent_costs_its_budget_and_delays_nobody() {
    let Some(stage) = Stage::new(true).await else { return };
    for every in ["1", "5"] {
        let prober = stage.prober(&[("PROBE_EVERY_SECONDS", every)]);
        prober.look().await;
        stage.osaka().freeze().await.unwrap();
        let budget = Duration::from_millis(prober.settings().pace.budget_ms());
        for _ in 0..3 {
            let begun = Instant::now();
            let look = prober.look().await;
            let took = begun.elapsed();
            assert!(took < budget + Duration::from_millis(150), "{took:?} of {budget:?}");
            let (seoul, osaka) = (member(&look, "ap-northeast-2"), member(&look, "ap-northeast-3"));
            assert_eq!((seoul.writable, osaka.writable), (Some(true), Some(false)));
            assert!(seoul.took_ms < 500, "{seoul:?}");
            assert_eq!(osaka.said, "it accepted the connection and said nothing in time");
        }
        stage.osaka().thaw().unwrap();
        // It is asked anew, and those that were given up are gone.
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let look = prober.look().await;
            let is_well = member(&look, "ap-northeast-3").in_recovery == Some(true);
            if is_well && Stage::sessions(stage.osaka()).await == 1 {
                break;
            }
            assert!(Instant::now() < deadline, "{look:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        drop(prober);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    stage.seoul.kill().await.unwrap();
    let prober = stage.prober(&[]);
    let look = prober.look().await;
    assert_eq!(record(&look).said, "the connection was refused: nobody listens there");
    assert_eq!(record(&look).writable, Some(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_connection_goes_where_the_name_goes() {
    let Some(stage) = Stage::new(true).await else { return };
    let prober = stage.prober(&[]);
    assert_eq!(record(&prober.look().await).writable, Some(true));
    // Seoul's name leads to the other server now, whose certificate is of another name.
    stage.names.host(SEOUL, [127, 0, 2, 1]);
    let look = prober.look().await;
    let said = &member(&look, "ap-northeast-2").said;
    if stage.has_tls() {
        assert_eq!(*said, format!("its certificate is not of the name {SEOUL}"));
    } else {
        assert_eq!(*said, "the server is in recovery: it takes no writes");
    }
    // A server notices that a client has gone when it reads next.
    let deadline = Instant::now() + Duration::from_secs(5);
    while Stage::sessions(&stage.seoul).await > 0 {
        assert!(Instant::now() < deadline, "the old one was let go");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Without a nameserver what is connected goes on.
    stage.names.host(SEOUL, [127, 0, 1, 1]);
    prober.look().await;
    stage.names.forget(SEOUL);
    assert_eq!(member(&prober.look().await, "ap-northeast-2").writable, Some(true));
}
