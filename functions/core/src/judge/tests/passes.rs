//! What passes though it looks alarming, and what proves that the database is in trouble.

use super::{ALARMS, NOW, ONSET, OSAKA, Scene, arn, sample};
use crate::judge::checks::versions_may_differ;
use crate::judge::memory;
use crate::judge::policy::judge;
use crate::words::failure::NoAnswer;
use crate::world::alarm::{AlarmReading, AlarmState};
use crate::world::attempt::{Looks, Started};
use crate::world::evidence::Seen;
use crate::world::lag::{Lag, Lags, Source};
use serde_json::json;

/// Each of the closed list proves it, and a Region that answers with one needs no second look.
#[test]
fn what_proves_that_the_database_is_in_trouble() {
    for status in ["failed", "inaccessible-encryption-credentials", "storage-full", "incompatible-parameters"]
    {
        let mut scene = Scene::good();
        scene.seoul("available", &[status]);
        assert!(scene.failed().is_empty(), "{status}: {:?}", scene.failed());
        scene.seoul(status, &["available"]);
        assert!(scene.failed().is_empty(), "{status}: {:?}", scene.failed());
    }
    let mut scene = Scene::good();
    scene.seoul("available", &[]);
    scene.journal().without_writer = Some(Looks { first: NOW.plus_ms(-60_000), last: NOW, count: 2 });
    assert!(scene.failed().is_empty(), "{:?}", scene.failed());
    let mut scene = Scene::good();
    scene.writer_alarm(AlarmReading::known(AlarmState::Alarm, Some(NOW.plus_ms(-30_000))));
    scene.journal().silence = None;
    assert!(scene.failed().is_empty(), "{:?}", scene.failed());
}

#[test]
fn an_operation_within_the_writers_region_has_its_time_and_no_more() {
    for (status, age_ms) in [("failing-over", 300_000), ("upgrading", 900_000)] {
        let mut scene = Scene::good();
        scene.sighted(status, age_ms);
        assert!(scene.failed().is_empty(), "{status}");
    }
}

/// An alarm that lives in the silent Region can not be read, and must not keep a failover away; if all of them live there,
/// nobody outside confirms anything.
#[test]
fn an_alarm_in_the_silent_region_is_left_out_if_another_remains() {
    let inside = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:inside";
    let mut scene = Scene::good();
    scene.configuration["failover"]["health_alarms"] = json!([ALARMS[0], inside]);
    scene.readings.insert(inside.to_owned(), AlarmReading::Unknown(NoAnswer::silent("no answer")));
    assert!(scene.failed().is_empty());
    scene.configuration["failover"]["health_alarms"] = json!([inside]);
    assert_eq!(
        scene.failed(),
        ["alarms_in_alarm", "replication_lag"],
        "nor does anything tell when it began"
    );
}

#[test]
fn a_lag_that_nobody_knows_passes_where_that_is_allowed_and_is_said() {
    let mut scene = Scene::good();
    scene.configuration["failover"]["unknown_lag"] = json!("allow");
    scene.lag = Seen::Got(Lags::default());
    let judgement = scene.judged(judge);
    let lag = judgement.checks.iter().find(|check| check.name == "replication_lag").unwrap();
    assert!(lag.pass && lag.value.contains("allowed by unknown_lag"), "{lag:?}");
    scene.lag = Seen::Got(vec![sample(5_001, -60_000)].into());
    assert_eq!(scene.failed(), ["replication_lag"], "a lag that is known is no unknown one");
}

#[test]
fn versions_may_differ_in_the_patch_where_rds_lets_them() {
    for (global, own, pass) in [
        ("16.8", "16.8.2", true),
        ("14.5.1", "14.5.3", true),
        ("14.4.1", "14.4.2", false),
        ("16.8", "16.9", false),
        ("8.0.mysql_aurora.3.05.2", "8.0.mysql_aurora.3.05.3", false),
    ] {
        let mut scene = Scene::good();
        scene.global().engine_version = Some(global.to_owned());
        scene.cluster().engine_version = Some(own.to_owned());
        assert_eq!(scene.failed().is_empty(), pass, "{global} and {own}");
    }
}

#[test]
fn a_standby_that_lost_its_connection_in_the_outage_was_connected_before() {
    let mut scene = Scene::good();
    scene.global().synchronization = [(arn(OSAKA), "pending-resync".to_owned())].into();
    scene.remember_outage();
    assert!(scene.failed().is_empty(), "{:?}", scene.failed());
}

/// By AWS's page: PostgreSQL 15 and newer, 14.5, 13.8, 12.12, 11.17.
#[test]
fn patches_may_differ_from_these_minors_on() {
    for (major, first) in [(11, 17), (12, 12), (13, 8), (14, 5), (15, 0), (16, 0), (17, 0)] {
        for minor in [first, first + 1, first - 1] {
            let (one, other) = (format!("{major}.{minor}"), format!("{major}.{minor}.1"));
            assert_eq!(versions_may_differ(&one, &other), minor >= first, "{one}");
            let next = format!("{major}.{}", minor + 1);
            assert!(!versions_may_differ(&one, &next), "{one} and {next}");
        }
    }
    for (one, other) in [("10.99", "10.99.1"), ("15", "15.1"), ("15.x", "15.x"), ("", "")] {
        assert!(!versions_may_differ(one, other), "{one} and {other}");
    }
}

/// A sample whose minute was over when the outage began is of before; the next one is shown beside it, and decides nothing.
#[test]
fn the_lag_of_the_outage_itself_is_shown_and_decides_nothing() {
    for (samples, later) in [
        (vec![sample(5_000, -60_000)], ""),
        (vec![sample(5_000, -60_000), sample(900_000, -59_999)], "; 900000 ms at "),
    ] {
        let mut scene = Scene::good();
        scene.lag = Seen::Got(samples.into());
        let judgement = scene.judged(judge);
        let lag = judgement.checks.iter().find(|check| check.name == "replication_lag").unwrap();
        assert!(lag.pass && lag.value.starts_with("5000 ms at "), "{lag:?}");
        assert_eq!(lag.value.contains(';'), !later.is_empty(), "{lag:?}");
        assert!(lag.value.contains(later), "{lag:?}");
    }
}

/// A probe's samples count before AWS's own, the best source that has one of the last minutes; what could not be read is said.
#[test]
fn a_probes_lag_counts_before_awss_own_and_the_value_says_whose_it_is() {
    let by =
        |source, lag_ms, from_onset_ms| Lag { length_ms: 10_000, source, ..sample(lag_ms, from_onset_ms) };
    let aws = sample(90_000, -60_000);
    let (aurora, heartbeat) = (Source::AuroraStatus, Source::Heartbeat);
    for (samples, unread, begins, says) in [
        (
            vec![by(aurora, 40, -10_000), by(heartbeat, 900, -10_000), aws],
            vec![],
            "40 ms by aurora_global_db_status at ",
            "",
        ),
        // What was not over when the outage began is of the outage.
        (vec![by(aurora, 40, -9_999), by(heartbeat, 900, -10_000)], vec![], "900 ms by heartbeat at ", ""),
        (
            vec![by(heartbeat, 900, -10_000), by(heartbeat, 70_000, 0)],
            vec![],
            "900 ms by heartbeat at ",
            "; 70000 ms at ",
        ),
        // A probe that has said nothing for minutes gives way, and one that cannot be read says why.
        (vec![by(aurora, 40, -300_001), sample(60, -60_000)], vec![], "60 ms by AWS/RDS at ", ""),
        (
            vec![by(heartbeat, 70, -10_000)],
            vec![aurora],
            "70 ms by heartbeat at ",
            "; aurora_global_db_status could not be read: no",
        ),
        (vec![by(aurora, 70, -10_000)], vec![heartbeat], "70 ms by aurora_global_db_status at ", ""),
        (vec![by(heartbeat, 70, -400_000)], vec![Source::Aws], "unknown then: 70 ms by heartbeat at ", ""),
        (
            vec![],
            vec![Source::Aws],
            "unknown: CloudWatch has no sample from before ",
            "; AWS/RDS could not be read: no",
        ),
    ] {
        let mut scene = Scene::good();
        scene.configuration["probe"] = json!({ OSAKA: "probe" });
        let unread: Vec<_> = unread.into_iter().map(|source| (source, "no".to_owned())).collect();
        scene.lag = Seen::Got(Lags { samples: samples.clone(), unread });
        let checks = scene.judged(judge).checks;
        let lag = checks.iter().find(|check| check.name == "replication_lag").unwrap();
        assert!(lag.value.starts_with(begins) && lag.value.contains(says), "{samples:?}: {lag:?}");
        assert_eq!(lag.value.contains("could not be read"), says.contains("could not"), "{lag:?}");
        assert_eq!(lag.pass, !begins.starts_with("unknown"), "{lag:?}");
    }
}

#[test]
fn a_status_shows_the_latest_sample_of_the_best_source_that_still_says_something() {
    let by = |source, lag_ms, from_onset_ms| Lag { source, ..sample(lag_ms, from_onset_ms) };
    let lags =
        Lags::from(vec![by(Source::AuroraStatus, 1, -1_000), by(Source::Heartbeat, 2, 0), sample(3, 60_000)]);
    let latest = |after_ms| lags.latest(ONSET.plus_ms(after_ms)).map(|lag| lag.lag_ms);
    let ages = [0, 299_000, 299_001, 300_001, 900_000];
    assert_eq!(ages.map(latest), [Some(1), Some(1), Some(2), Some(3), Some(3)]);
    assert_eq!(Lags::default().latest(ONSET), None);
}

/// A call without an answer is over when its Region has answered without the operation; one that shows it is no such answer.
#[test]
fn a_look_counts_against_a_call_only_where_nothing_shows_it() {
    let shows: fn(&mut Scene) = |scene| scene.global().failover_status = Some("failing-over".to_owned());
    let claims: fn(&mut Scene) =
        |scene| scene.global().members = vec![(arn(super::SEOUL), false), (arn(OSAKA), true)];
    for (started, what, counts) in [
        (Started::Calling, None, true),
        (Started::Unknown, None, true),
        (Started::Accepted, None, false),
        (Started::Unknown, Some(shows), false),
        (Started::Unknown, Some(claims), false),
    ] {
        let mut scene = Scene::good();
        scene.attempt(started, 20_000);
        if let Some(happens) = what {
            happens(&mut scene);
        }
        let journal = scene.journal().clone();
        let after = scene.judged(|case| memory::after(case, &journal));
        assert_eq!(after.attempt.unwrap().quiet.map(|it| it.count), counts.then_some(1), "{started:?}");
    }
}
