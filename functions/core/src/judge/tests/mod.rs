//! The policy, check by check: what each is for, and that none of them can be left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::Database;
use crate::judge::case::Case;
use crate::judge::checks::CHECKS;
use crate::judge::policy::{Action, Judgement, judge, judge_by};
use crate::words::failure::{FailureKind, NoAnswer};
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::alarm::{AlarmReading, AlarmState};
use crate::world::attempt::{Attempt, Journal, Looks, Outage, Refusals, Sighted, Started};
use crate::world::evidence::{Base, Evidence, RegionParameters, Seen};
use crate::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};
use crate::world::lag::{Lag, Lags};
use crate::world::publication::Published;
use crate::world::topology::RegionView;

mod passes;
mod readiness;
mod said;
mod spoils;

const SEOUL: &str = "ap-northeast-2";
const OSAKA: &str = "ap-northeast-3";
const ALARMS: [&str; 2] = [
    "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer-unreachable",
    "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:todo-witness: Tokyo",
];
const WRITER_ALARM: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-database";
const NOW: Timestamp = Timestamp::from_ms(1_795_386_600_000);

fn arn(region: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:todo-{region}")
}

/// When the outage of a scene began: its alarms changed half a minute ago, and tell no more.
const ONSET: Timestamp = NOW.plus_ms(-330_000);

/// A sample whose minute began so much before or after the onset, in milliseconds.
fn sample(lag_ms: u64, from_onset_ms: i64) -> Lag {
    Lag::of_minute(lag_ms, ONSET.plus_ms(from_onset_ms))
}

/// All that the policy looks at, to be spoilt piece by piece. As it is made, every check passes.
struct Scene {
    configuration: Value,
    own: Region,
    evidence: Evidence,
    facts: Facts,
    readings: BTreeMap<String, AlarmReading>,
    cloudwatch: Seen<()>,
    lag: Seen<Lags>,
    journal: Seen<Journal>,
}

impl Scene {
    fn good() -> Self {
        let version = Some("16.8".to_owned());
        let instance = InstanceFacts { status: "available".to_owned(), ..InstanceFacts::default() };
        let facts = Facts {
            global: Some(GlobalFacts {
                members: vec![(arn(SEOUL), true), (arn(OSAKA), false)],
                failover_status: None,
                engine_version: version.clone(),
                ..GlobalFacts::default()
            }),
            cluster: Some(ClusterFacts {
                status: "available".to_owned(),
                endpoint: Some("osaka.example".to_owned()),
                is_replica: true,
                engine_version: version,
                instances: vec![instance],
                ..ClusterFacts::default()
            }),
        };
        let published = Published {
            epoch: Epoch(7),
            writer: SEOUL.parse().unwrap(),
            endpoint: "seoul.example".to_owned(),
            at: NOW.plus_ms(-3_600_000),
        };
        let own: Region = OSAKA.parse().unwrap();
        let evidence = Evidence {
            base: Base::Known(published),
            parameters: [
                (own.clone(), Seen::Got(RegionParameters::default())),
                (SEOUL.parse().unwrap(), Seen::silent("no answer")),
            ]
            .into(),
            views: [(SEOUL.parse().unwrap(), Seen::silent("no answer"))].into(),
            ..Evidence::default()
        };
        let in_alarm = || AlarmReading::known(AlarmState::Alarm, Some(NOW.plus_ms(-30_000)));
        let silence = Looks { first: NOW.plus_ms(-30_000), last: NOW, count: 4 };
        Self {
            configuration: json!({
                "global_cluster": "todo",
                "members": { SEOUL: arn(SEOUL), OSAKA: arn(OSAKA) },
                "record": { "zone_id": "Z0123456789", "name": "writer.db.todo.internal", "ttl_seconds": 5 },
                "parameter": "/todo/database/writer",
                "failover": { "mode": "automatic", "health_alarms": ALARMS },
            }),
            own,
            evidence,
            facts,
            readings: ALARMS.iter().map(|arn| ((*arn).to_owned(), in_alarm())).collect(),
            cloudwatch: Seen::silent("no answer"),
            lag: Seen::Got(vec![sample(5_000, -60_000)].into()),
            journal: Seen::Got(Journal { silence: Some(silence), ..Journal::default() }),
        }
    }

    fn database(&self) -> Database {
        let name = "todo".parse().unwrap();
        Database::parse("/failover-responder", &name, &self.configuration.to_string(), &self.own).unwrap()
    }

    fn published(&mut self) -> &mut Published {
        match &mut self.evidence.base {
            Base::Known(published) => published,
            _ => panic!("a scene has a published writer"),
        }
    }

    fn cluster(&mut self) -> &mut ClusterFacts {
        self.facts.cluster.as_mut().unwrap()
    }

    fn global(&mut self) -> &mut GlobalFacts {
        self.facts.global.as_mut().unwrap()
    }

    fn attempt(&mut self, started: Started, age_ms: i64) {
        let at = NOW.plus_ms(-age_ms);
        let attempt =
            Attempt { at, target: self.own.clone(), epoch: Epoch(7), started, quiet: None, by: None };
        self.journal().attempt = Some(attempt);
    }

    fn journal(&mut self) -> &mut Journal {
        match &mut self.journal {
            Seen::Got(journal) => journal,
            _ => panic!("a scene has a journal"),
        }
    }

    /// The writer's Region answers, and lists its cluster so.
    fn seoul(&mut self, cluster: &str, writers: &[&str]) {
        let writer = |status: &&str| InstanceFacts {
            status: (*status).to_owned(),
            is_writer: true,
            ..InstanceFacts::default()
        };
        let facts = Facts {
            global: self.facts.global.clone(),
            cluster: Some(ClusterFacts {
                status: cluster.to_owned(),
                endpoint: Some("seoul.example".to_owned()),
                instances: writers.iter().map(writer).collect(),
                ..ClusterFacts::default()
            }),
        };
        let seoul: Region = SEOUL.parse().unwrap();
        let view = RegionView::new(&self.database(), &seoul, &facts);
        self.evidence.views.insert(seoul.clone(), Seen::Got(view));
        self.evidence.parameters.insert(seoul, Seen::Got(RegionParameters::default()));
        self.cloudwatch = Seen::Got(());
    }

    fn judged<T>(&self, by: impl FnOnce(Case<'_>) -> T) -> T {
        let database = self.database();
        let mut evidence = self.evidence.clone();
        let view = RegionView::new(&database, &self.own, &self.facts);
        evidence.views.entry(self.own.clone()).or_insert(Seen::Got(view));
        by(Case {
            database: &database,
            own: &self.own,
            candidate: &self.own,
            evidence: &evidence,
            readings: &self.readings,
            cloudwatch: &self.cloudwatch,
            lag: &self.lag,
            journal: &self.journal,
            now: NOW,
        })
    }

    /// The names of the checks that do not pass.
    fn failed(&self) -> Vec<String> {
        let judgement = self.judged(judge);
        judgement.checks.iter().filter(|check| !check.pass).map(|check| check.name.clone()).collect()
    }

    /// With this check removed from the policy: the mutation.
    fn judged_without(&self, removed: &str) -> Judgement {
        let kept = CHECKS.iter().filter(|(name, _)| *name != removed).map(|(_, check)| *check);
        self.judged(|case| judge_by(case, kept))
    }
}

impl Scene {
    fn set_witness(&mut self, state: AlarmState) {
        self.readings.insert(ALARMS[1].to_owned(), AlarmReading::known(state, None));
    }

    fn quiet(&mut self, why: &str) {
        let Some(AlarmReading::Known(status)) = self.readings.get_mut(ALARMS[0]) else {
            panic!("it is known")
        };
        status.quieted = Some(why.to_owned());
    }

    fn writer_alarm(&mut self, reading: AlarmReading) {
        self.configuration["failover"]["writer_alarms"] = json!([WRITER_ALARM]);
        self.readings.insert(WRITER_ALARM.to_owned(), reading);
        self.remember_outage();
    }

    /// When it began was computed by an earlier look.
    fn remember_outage(&mut self) {
        self.journal().outage = Some(Outage { onset: ONSET, epoch: Epoch(7), noted: NOW });
    }

    fn seoul_says(&mut self, kind: FailureKind) {
        let no = NoAnswer { why: "no".to_owned(), kind };
        self.evidence.views.insert(SEOUL.parse().unwrap(), Seen::Unreachable(no));
    }

    fn sighted(&mut self, status: &str, age_ms: i64) {
        let first = NOW.plus_ms(-age_ms);
        self.journal().operation = Some(Sighted { status: status.to_owned(), first });
    }
}

#[test]
fn when_every_check_passes_the_failover_is_authorized_to_the_own_cluster() {
    let judgement = Scene::good().judged(judge);
    let names: Vec<&str> = judgement.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, CHECKS.map(|(name, _)| name));
    assert!(judgement.checks.iter().all(|it| it.pass && !it.value.is_empty() && it.limit.is_some()));
    let Action::Start(authorized) = judgement.action else { panic!("{judgement:?}") };
    assert_eq!((authorized.global_cluster(), authorized.target().as_str()), ("todo", arn(OSAKA).as_str()));
}

/// The mutation test: each check is removed once for each of its cases, and then the failover would start.
#[test]
fn removing_any_one_check_starts_a_failover_that_it_has_to_stop() {
    for (check, case, spoil) in spoils::spoils() {
        let mut scene = Scene::good();
        spoil(&mut scene);
        let judgement = scene.judged(judge);
        assert_eq!(judgement.action, Action::Refused, "{check}: {case}");
        assert_eq!(judgement.checks.len(), CHECKS.len(), "every check is evaluated: {case}");
        assert_eq!(scene.failed(), [check], "{case}: {judgement:?}");
        let mutant = scene.judged_without(check);
        assert!(matches!(mutant.action, Action::Start(_)), "{check} is not what stops {case}: {mutant:?}");
    }
    let covered: Vec<&str> = spoils::spoils().into_iter().map(|(check, ..)| check).collect();
    for (name, _) in CHECKS {
        assert!(covered.contains(&name), "no case shows what {name} is for");
    }
}

#[test]
fn an_attempt_that_rds_took_holds_cooldown_and_single_flight() {
    let mut scene = Scene::good();
    scene.attempt(Started::Accepted, 1_000);
    assert_eq!(scene.failed(), ["cooldown", "single_flight"]);
    scene.attempt(Started::Refused, 1_000);
    assert!(scene.failed().is_empty(), "nothing was started, so it may be tried again");
}

#[test]
fn a_refused_call_is_made_again_after_its_pause() {
    let mut scene = Scene::good();
    scene.journal().refusals = Some(Refusals { count: 2, last: NOW.plus_ms(-120_000) });
    assert!(scene.failed().is_empty());
}

#[test]
fn without_the_own_regions_view_nothing_about_the_target_is_known() {
    let mut scene = Scene::good();
    scene.evidence.views.insert(scene.own.clone(), Seen::silent("no answer"));
    assert_eq!(
        scene.failed(),
        ["writer_down", "no_transition", "region_is_target", "target_ready", "versions_equal"]
    );
}

#[test]
fn without_the_own_regions_parameters_neither_a_hold_nor_a_silence_is_known() {
    let mut scene = Scene::good();
    scene.evidence.parameters.insert(scene.own.clone(), Seen::silent("no answer"));
    assert_eq!(scene.failed(), ["writer_down", "no_hold"]);
    let mut scene = Scene::good();
    for journal in [Seen::silent("no answer"), Seen::NotYet] {
        scene.journal = journal;
        assert_eq!(scene.failed(), ["writer_down", "single_flight"]);
    }
}

#[test]
fn where_nothing_is_known_to_be_published_nothing_is_started() {
    for base in [Base::Unknown, Base::Nothing] {
        let mut scene = Scene::good();
        scene.evidence.base = base;
        assert_eq!(scene.failed(), ["writer_down", "region_is_target", "replication_lag", "cooldown"]);
        assert_eq!(scene.judged(judge).action, Action::Refused);
    }
}

#[test]
fn the_writers_own_region_is_never_the_target() {
    let mut scene = Scene::good();
    scene.published().writer = OSAKA.parse().unwrap();
    scene.global().members = vec![(arn(SEOUL), false), (arn(OSAKA), true)];
    assert!(scene.failed().contains(&"region_is_target".to_owned()), "{:?}", scene.failed());
}

#[test]
fn the_mode_decides_what_passing_checks_are_for() {
    let mut scene = Scene::good();
    scene.configuration["failover"]["mode"] = json!("advise");
    assert!(matches!(scene.judged(judge).action, Action::Advised(_)));
    for off in [json!({ "mode": "off", "health_alarms": ALARMS }), json!({ "health_alarms": ALARMS })] {
        scene.configuration["failover"] = off;
        let judgement = scene.judged(judge);
        assert_eq!((judgement.action, judgement.checks), (Action::Off, Vec::new()));
    }
}

/// All at once, so that a person sees everything that is wrong.
#[test]
fn no_check_hides_another() {
    let mut scene = Scene::good();
    let mut expected = Vec::new();
    for (check, _, spoil) in spoils::spoils() {
        if !expected.contains(&check) {
            spoil(&mut scene);
            expected.push(check);
        }
    }
    assert_eq!(scene.failed(), CHECKS.map(|(name, _)| name));
}
