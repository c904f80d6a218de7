//! When an outage began, as its alarms tell it, and what the lag was before: seen through the policy's own check.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use responder_core::answer::result::{Check, CheckVerdict};
use responder_core::config::Database;
use responder_core::judge::case::Case;
use responder_core::judge::memory;
use responder_core::judge::policy::judge;
use responder_core::words::names::{Epoch, Region};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmReading, AlarmState, AlarmStatus};
use responder_core::world::attempt::{Journal, Outage};
use responder_core::world::evidence::{Base, Evidence, Seen};
use responder_core::world::lag::{Lag, Lags};
use responder_core::world::publication::Published;

const HEALTH: [&str; 2] = [
    "arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-seoul-app",
    "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-osaka-app",
];
const WRITER: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-database";
/// A whole minute: everything here is told in seconds from it.
const NOW_MS: i64 = 1_795_386_600_000;
const DAY_S: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_ms(NOW_MS + seconds * 1000)
}

/// An outage, looked at now.
struct Scene {
    database: Database,
    osaka: Region,
    evidence: Evidence,
    readings: BTreeMap<String, AlarmReading>,
    lag: Seen<Lags>,
    journal: Seen<Journal>,
}

impl Scene {
    /// Published two days ago, nothing in ALARM, a lag of 80 ms in every sample of the last hour.
    fn new(writer_alarms: &str) -> Self {
        let json = format!(
            r#"{{"global_cluster":"todo","members":{{
                "ap-northeast-2":"arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
                "ap-northeast-3":"arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"}},
                "record":{{"zone_id":"Z1","name":"writer.db.todo.internal","ttl_seconds":5}},
                "parameter":"/todo/database/writer",
                "failover":{{"mode":"automatic","health_alarms":["{}","{}"],"writer_alarms":[{writer_alarms}]}}}}"#,
            HEALTH[0], HEALTH[1]
        );
        let osaka: Region = "ap-northeast-3".parse().unwrap();
        let database = Database::parse("/p", &"todo".parse().unwrap(), &json, &osaka).unwrap();
        let mut scene = Self {
            database,
            osaka,
            evidence: Evidence::default(),
            readings: BTreeMap::new(),
            lag: Seen::Got(Lags::from(
                (-60..0).map(|minute| Lag::of_minute(80, at(minute * 60))).collect::<Vec<_>>(),
            )),
            journal: Seen::Got(Journal::default()),
        };
        scene.publish(-2 * DAY_S);
        scene
    }

    fn publish(&mut self, seconds: i64) {
        let writer: Region = "ap-northeast-2".parse().unwrap();
        let endpoint = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com".to_owned();
        self.evidence.base = Base::Known(Published { epoch: Epoch(7), writer, endpoint, at: at(seconds) });
    }

    fn alarm(&mut self, arn: &str, status: AlarmStatus) -> &mut Self {
        self.readings.insert(arn.to_owned(), AlarmReading::Known(status));
        self
    }

    fn case(&self) -> Case<'_> {
        Case {
            database: &self.database,
            own: &self.osaka,
            candidate: &self.osaka,
            evidence: &self.evidence,
            readings: &self.readings,
            cloudwatch: &Seen::NotYet,
            lag: &self.lag,
            journal: &self.journal,
            now: at(0),
        }
    }

    fn check(&self) -> Check {
        let checks = judge(self.case()).checks;
        checks.into_iter().find(|check| check.name == "replication_lag").unwrap()
    }

    /// The beginning of the outage in seconds from now, as it is remembered; `None` where no alarm tells it.
    fn onset_s(&self) -> Option<i64> {
        let outage = memory::after(self.case(), self.journal.got().unwrap()).outage;
        outage.map(|outage| outage.onset.since_ms(at(0)) / 1000)
    }
}

/// In ALARM since then.
fn plain(since_s: i64) -> AlarmStatus {
    AlarmStatus::plain(AlarmState::Alarm, Some(at(since_s)))
}

/// By datapoints of so many seconds, the oldest breaching one of which began then, out of so many that are evaluated.
fn by_datapoints(since_s: i64, breach_s: i64, period_s: i64, evaluated: i64) -> AlarmStatus {
    AlarmStatus {
        breaching_since: Some(at(breach_s)),
        period_ms: Some(period_s * 1000),
        evaluation_periods: Some(evaluated),
        ..plain(since_s)
    }
}

#[test]
fn it_is_one_period_before_the_oldest_breaching_datapoint() {
    let mut scene = Scene::new("");
    assert_eq!(scene.onset_s(), None);
    scene.alarm(HEALTH[0], by_datapoints(-10, -180, 60, 2));
    assert_eq!(scene.onset_s(), Some(-240));
    scene.alarm(HEALTH[1], by_datapoints(-30, -60, 10, 3));
    assert_eq!(scene.onset_s(), Some(-240), "the earliest of all");
}

/// Three of five: the oldest breaching one may lie before two that did not breach.
#[test]
fn m_of_n_counts_from_its_oldest_breaching_datapoint() {
    let mut scene = Scene::new("");
    scene.alarm(HEALTH[0], by_datapoints(-10, -360, 60, 5));
    assert_eq!(scene.onset_s(), Some(-420));
}

#[test]
fn without_datapoints_it_is_as_long_before_the_change_as_the_alarm_may_have_taken() {
    let mut scene = Scene::new("");
    // A composite has neither datapoints nor a period.
    scene.alarm(HEALTH[0], plain(-20));
    assert_eq!(scene.onset_s(), Some(-320));
    let long = AlarmStatus { period_ms: Some(300_000), evaluation_periods: Some(2), ..plain(-20) };
    scene.alarm(HEALTH[0], long);
    assert_eq!(scene.onset_s(), Some(-20 - 5 * 300));
    // It has looked again since it changed, and its datapoints are those of the last look.
    scene.alarm(HEALTH[0], by_datapoints(-300, -120, 60, 2));
    assert_eq!(scene.onset_s(), Some(-600));
}

#[test]
fn a_change_of_another_outage_dates_nothing() {
    let mut scene = Scene::new("");
    scene.alarm(HEALTH[1], by_datapoints(-10, -120, 60, 2));
    for since_s in [-10 * DAY_S, -DAY_S, -911] {
        scene.alarm(HEALTH[0], by_datapoints(since_s, since_s - 120, 60, 2));
        assert_eq!(scene.onset_s(), Some(-180), "stuck for {since_s} s");
    }
    scene.alarm(HEALTH[0], by_datapoints(-910, -1_020, 60, 2));
    assert_eq!(scene.onset_s(), Some(-1_080), "a quarter of an hour apart is one outage");
    scene.publish(-600);
    assert_eq!(scene.onset_s(), Some(-180), "what changed before the publication is about the writer before");
    scene.publish(-5);
    assert_eq!(scene.onset_s(), None);
    assert_eq!(scene.check().verdict(), CheckVerdict::Unknown, "and without an onset no lag is known");
}

#[test]
fn an_alarm_that_flaps_moves_a_remembered_onset_only_earlier() {
    let mut scene = Scene::new("");
    scene.alarm(HEALTH[0], by_datapoints(-30, -180, 60, 2));
    let remember = |scene: &mut Scene, onset_s: i64, epoch: u64, noted_s: i64| {
        let outage = Outage { onset: at(onset_s), epoch: Epoch(epoch), noted: at(noted_s) };
        scene.journal = Seen::Got(Journal { outage: Some(outage), ..Journal::default() });
    };
    // OK and in ALARM again: its new change knows nothing of the first.
    remember(&mut scene, -600, 7, -400);
    assert_eq!(scene.onset_s(), Some(-600));
    remember(&mut scene, -100, 7, -50);
    assert_eq!(scene.onset_s(), Some(-240));
    // What is remembered of another publication, or of more than a day ago, says nothing.
    remember(&mut scene, -600, 6, -400);
    assert_eq!(scene.onset_s(), Some(-240));
    remember(&mut scene, -2 * DAY_S, 7, -DAY_S);
    assert_eq!(scene.onset_s(), Some(-240));
    // All alarms are over, and so is the outage.
    remember(&mut scene, -600, 7, -400);
    scene.alarm(HEALTH[0], AlarmStatus::plain(AlarmState::Ok, Some(at(-1))));
    assert_eq!(scene.onset_s(), None);
}

#[test]
fn writer_alarms_date_it_where_there_are_any() {
    let mut scene = Scene::new(&format!("\"{WRITER}\""));
    scene.alarm(HEALTH[0], by_datapoints(-10, -180, 60, 2));
    assert_eq!(scene.onset_s(), None, "an application that broke first says nothing of the database");
    scene.alarm(WRITER, by_datapoints(-5, -30, 10, 3));
    assert_eq!(scene.onset_s(), Some(-40));
}

#[test]
fn what_counts_is_the_last_sample_that_was_over_before_it() {
    let mut scene = Scene::new("");
    scene.alarm(HEALTH[0], by_datapoints(-10, -150, 60, 2)); // It began 210 s ago.
    let lag = |minutes: &[(i64, u64)]| {
        let samples = minutes.iter().map(|(minute, lag_ms)| Lag::of_minute(*lag_ms, at(minute * 60)));
        Seen::Got(Lags::from(samples.collect::<Vec<_>>()))
    };
    let verdict = |scene: &Scene| scene.check().verdict();
    for (minutes, expected) in [
        // The outage is in the sample of the fourth minute, however large or small it is.
        (&[(-6, 80), (-5, 5_000), (-4, 200_000), (-3, 260_000)][..], CheckVerdict::Pass),
        (&[(-6, 80), (-5, 5_001), (-4, 1)], CheckVerdict::Fail),
        (&[(-5, 80)], CheckVerdict::Pass),
        // 300 s before it began, and a minute more.
        (&[(-8, 80)], CheckVerdict::Pass),
        (&[(-9, 80)], CheckVerdict::Unknown),
        (&[(-4, 80), (-3, 80)], CheckVerdict::Unknown),
        (&[], CheckVerdict::Unknown),
    ] {
        scene.lag = lag(minutes);
        assert_eq!(verdict(&scene), expected, "{minutes:?}: {:?}", scene.check());
    }
    scene.lag = lag(&[(-5, 80), (-3, 90_000)]);
    let value = scene.check().value;
    assert!(value.ends_with("; 90000 ms at 2026-11-22T22:27:00Z"), "later ones are shown: {value}");
}
