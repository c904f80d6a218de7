//! The policy, check by check: what each is for, and that none of them can be left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::Database;
use crate::judge::case::Case;
use crate::judge::checks::CHECKS;
use crate::judge::policy::{Action, Judgement, judge, judge_by};
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::alarm::{AlarmReading, AlarmState};
use crate::world::attempt::{Attempt, Journal, Started};
use crate::world::evidence::{Base, Evidence, RegionParameters, Seen};
use crate::world::lag::Lag;
use crate::world::publication::Published;
use crate::world::topology::RegionView;
use crate::world::topology::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};

const SEOUL: &str = "ap-northeast-2";
const OSAKA: &str = "ap-northeast-3";
const ALARMS: [&str; 2] = [
    "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer-unreachable",
    "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:todo-witness: Tokyo",
];
const NOW: Timestamp = Timestamp::from_ms(1_795_386_600_000);

fn arn(region: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:todo-{region}")
}

/// All that the policy looks at, to be spoilt piece by piece. As it is made, every check passes.
struct Scene {
    configuration: Value,
    own: Region,
    evidence: Evidence,
    facts: Facts,
    readings: BTreeMap<String, AlarmReading>,
    lag: Seen<Option<Lag>>,
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
            }),
            cluster: Some(ClusterFacts {
                status: "available".to_owned(),
                endpoint: Some("osaka.example".to_owned()),
                is_replica: true,
                engine_version: version,
                instances: vec![instance],
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
            parameters: [(own.clone(), Seen::Got(RegionParameters::default()))].into(),
            views: [(SEOUL.parse().unwrap(), Seen::silent("no answer"))].into(),
            ..Evidence::default()
        };
        let in_alarm = || AlarmReading::Known { state: AlarmState::Alarm, since: Some(NOW.plus_ms(-30_000)) };
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
            lag: Seen::Got(Some(Lag { lag_ms: 5_000, at: NOW.plus_ms(-120_000) })),
            journal: Seen::Got(Journal::default()),
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
        let attempt = Attempt { at, target: self.own.clone(), epoch: Epoch(7), started };
        self.journal = Seen::Got(Journal { attempt: Some(attempt), ..Journal::default() });
    }

    fn judged<T>(&self, by: impl FnOnce(Case<'_>) -> T) -> T {
        let database = self.database();
        let mut evidence = self.evidence.clone();
        let view = RegionView::new(&database, &self.own, &self.facts);
        evidence.views.entry(self.own.clone()).or_insert(Seen::Got(view));
        by(Case {
            database: &database,
            candidate: &self.own,
            evidence: &evidence,
            readings: &self.readings,
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

/// The check, what is wrong, and how to make it so.
type Spoil = (&'static str, &'static str, fn(&mut Scene));

/// For each check, cases in which it alone stands between an alarm and a failover.
#[allow(clippy::too_many_lines, reason = "a table")]
fn spoils() -> Vec<Spoil> {
    vec![
        ("alarms_in_alarm", "one is OK again", |it| it.set_witness(AlarmState::Ok)),
        ("alarms_in_alarm", "one lacks data", |it| it.set_witness(AlarmState::InsufficientData)),
        ("alarms_in_alarm", "a state that nobody knows", |it| {
            it.set_witness(AlarmState::Other("NEW".to_owned()));
        }),
        ("alarms_in_alarm", "a witness that does not answer", |it| {
            let unknown = AlarmReading::Unknown("no answer".to_owned());
            it.readings.insert(ALARMS[1].to_owned(), unknown);
        }),
        ("alarms_in_alarm", "one was not read", |it| drop(it.readings.remove(ALARMS[0]))),
        ("alarms_in_alarm", "none is configured", |it| {
            it.configuration["failover"]["health_alarms"] = json!([]);
        }),
        ("no_hold", "the switch is set", |it| it.evidence.hold = Some("maintenance".to_owned())),
        ("no_hold", "the own Parameter Store does not answer", |it| {
            it.evidence.parameters.insert(it.own.clone(), Seen::silent("no answer"));
        }),
        ("no_transition", "the own Region shows one", |it| {
            it.global().failover_status = Some("failing-over".to_owned());
        }),
        ("no_transition", "a status that the model lacks", |it| {
            it.global().failover_status = Some("switching-over".to_owned());
        }),
        ("region_is_target", "another Region takes over", |it| {
            let tokyo = "ap-northeast-1";
            it.configuration["members"][tokyo] = json!(arn(tokyo));
        }),
        ("region_is_target", "the own Region claims already", |it| {
            it.global().members = vec![(arn(SEOUL), false), (arn(OSAKA), true)];
        }),
        ("region_is_target", "the own Region names nobody", |it| it.global().members.clear()),
        ("target_ready", "headless", |it| it.cluster().instances.clear()),
        ("target_ready", "the cluster is being modified", |it| {
            "modifying".clone_into(&mut it.cluster().status);
        }),
        ("target_ready", "no instance is available", |it| {
            "rebooting".clone_into(&mut it.cluster().instances[0].status);
        }),
        ("target_ready", "it replicates from nobody", |it| it.cluster().is_replica = false),
        ("versions_equal", "another version", |it| it.cluster().engine_version = Some("15.18".to_owned())),
        ("versions_equal", "unknown", |it| it.cluster().engine_version = None),
        ("replication_lag", "too much", |it| it.lag = Seen::Got(Some(Lag { lag_ms: 5_001, at: NOW }))),
        ("replication_lag", "too old to be known", |it| {
            it.lag = Seen::Got(Some(Lag { lag_ms: 1, at: NOW.plus_ms(-120_001) }));
        }),
        ("replication_lag", "from a clock that is far ahead", |it| {
            it.lag = Seen::Got(Some(Lag { lag_ms: 1, at: NOW.plus_ms(120_001) }));
        }),
        ("replication_lag", "no sample", |it| it.lag = Seen::Got(None)),
        ("replication_lag", "CloudWatch does not answer", |it| {
            it.lag = Seen::silent("no answer");
        }),
        ("replication_lag", "not read", |it| it.lag = Seen::NotYet),
        ("cooldown", "a publication a moment too recent", |it| it.published().at = NOW.plus_ms(-3_599_999)),
        ("cooldown", "a publication of the future", |it| it.published().at = NOW.plus_ms(3_600_000)),
        ("cooldown", "an attempt that was taken for an earlier epoch", |it| {
            it.attempt(Started::Accepted, 1_000);
            it.published().epoch = Epoch(8);
        }),
        ("single_flight", "an attempt whose end was not written", |it| it.attempt(Started::Calling, 59_999)),
        ("single_flight", "an attempt that RDS did not answer", |it| it.attempt(Started::Unknown, 59_999)),
        ("single_flight", "the journal does not answer", |it| {
            it.journal = Seen::silent("no answer");
        }),
        ("single_flight", "the journal was not read", |it| it.journal = Seen::NotYet),
    ]
}

impl Scene {
    fn set_witness(&mut self, state: AlarmState) {
        let reading = AlarmReading::Known { state, since: None };
        self.readings.insert(ALARMS[1].to_owned(), reading);
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
    for (check, case, spoil) in spoils() {
        let mut scene = Scene::good();
        spoil(&mut scene);
        let judgement = scene.judged(judge);
        assert_eq!(judgement.action, Action::Refused, "{check}: {case}");
        assert_eq!(judgement.checks.len(), CHECKS.len(), "every check is evaluated: {case}");
        assert_eq!(scene.failed(), [check], "{case}: {judgement:?}");
        let mutant = scene.judged_without(check);
        assert!(matches!(mutant.action, Action::Start(_)), "{check} is not what stops {case}: {mutant:?}");
    }
    let covered: Vec<&str> = spoils().into_iter().map(|(check, ..)| check).collect();
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
    scene.attempt(Started::Calling, 60_000);
    assert!(scene.failed().is_empty(), "it left no trace: the function died before its call");
}

#[test]
fn without_the_own_regions_view_nothing_about_the_target_is_known() {
    let mut scene = Scene::good();
    scene.evidence.views.insert(scene.own.clone(), Seen::silent("no answer"));
    assert_eq!(scene.failed(), ["no_transition", "region_is_target", "target_ready", "versions_equal"]);
}

#[test]
fn where_nothing_is_known_to_be_published_nothing_is_started() {
    for base in [Base::Unknown, Base::Nothing] {
        let mut scene = Scene::good();
        scene.evidence.base = base;
        assert_eq!(scene.failed(), ["region_is_target", "cooldown"]);
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
    for (check, _, spoil) in spoils() {
        if !expected.contains(&check) {
            spoil(&mut scene);
            expected.push(check);
        }
    }
    assert_eq!(scene.failed(), CHECKS.map(|(name, _)| name));
}
