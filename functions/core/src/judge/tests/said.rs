//! What every check says, what it leads to and what is remembered, word for word: of a scene in which all is well, and of each
//! other scene what is otherwise there.

use std::fmt::Write;

use serde_json::json;

use super::*;
use crate::answer::result::CheckVerdict;
use crate::judge::checks::names;
use crate::judge::preflight::{Go, preflight};
use crate::judge::{memory, onset, writer_down};
use crate::world::run::{Caller, Kind, Run};

type Happening = fn(&mut Scene);

fn run(age_ms: i64, epoch: u64) -> Run {
    let began = NOW.plus_ms(-age_ms);
    Run {
        id: "todo-switchover-1".to_owned(),
        kind: Kind::Switchover,
        from: SEOUL.parse().unwrap(),
        target: OSAKA.parse().unwrap(),
        epoch: Epoch(epoch),
        began_ms: began.as_ms(),
        called: Started::Accepted,
        caller: Caller::default(),
        checks: Vec::new(),
        overrides: Vec::new(),
        lag_ms: None,
        phases: Vec::new(),
        ended: None,
        previous: None,
    }
}

/// A third member, which takes over before the own one.
fn with_tokyo(scene: &mut Scene, view: impl FnOnce(&mut Facts)) {
    let tokyo = "ap-northeast-1";
    scene.configuration["members"][tokyo] = json!(arn(tokyo));
    let mut facts = scene.facts.clone();
    view(&mut facts);
    let tokyo: Region = tokyo.parse().unwrap();
    let view = RegionView::new(&scene.database(), &tokyo, &facts);
    scene.evidence.views.insert(tokyo, Seen::Got(view));
}

/// The writer's own Region, with instances of this class.
fn seoul_of_class(scene: &mut Scene, class: &str) {
    let instance = InstanceFacts {
        status: "available".to_owned(),
        is_writer: true,
        class: class.to_owned(),
        ..InstanceFacts::default()
    };
    let cluster = ClusterFacts {
        status: "available".to_owned(),
        endpoint: Some("seoul.example".to_owned()),
        instances: vec![instance],
        ..ClusterFacts::default()
    };
    let facts = Facts { global: scene.facts.global.clone(), cluster: Some(cluster) };
    let seoul: Region = SEOUL.parse().unwrap();
    let view = RegionView::new(&scene.database(), &seoul, &facts);
    scene.evidence.views.insert(seoul, Seen::Got(view));
}

fn own_class(scene: &mut Scene, class: &str) {
    class.clone_into(&mut scene.cluster().instances[0].class);
}

fn without_writer(scene: &mut Scene, ms: i64) {
    scene.seoul("available", &[]);
    scene.journal().without_writer =
        Some(Looks { first: NOW.plus_ms(-ms), last: NOW.plus_ms(-5_000), count: 2 });
}

fn remembered(scene: &mut Scene, epoch: u64, noted_ms: i64) {
    let outage = Outage { onset: ONSET, epoch: Epoch(epoch), noted: NOW.plus_ms(-noted_ms) };
    scene.journal().outage = Some(outage);
}

fn silent_looks(scene: &mut Scene, first_ms: i64, last_ms: i64, count: u32) {
    let looks = Looks { first: NOW.plus_ms(-first_ms), last: NOW.plus_ms(-last_ms), count };
    scene.journal().silence = Some(looks);
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn more() -> Vec<(&'static str, Happening)> {
    let mut all: Vec<(&'static str, Happening)> = vec![
        ("nothing is known to be published", |it| it.evidence.base = Base::Unknown),
        ("the own Region is the writer", |it| it.published().writer = OSAKA.parse().unwrap()),
        ("the own Region's RDS is silent", |it| {
            it.evidence.views.insert(OSAKA.parse().unwrap(), Seen::silent("no answer"));
        }),
        ("the own Region's cluster is not there", |it| it.facts.cluster = None),
        ("two instances", |it| {
            let more = it.cluster().instances[0].clone();
            it.cluster().instances.push(more);
        }),
        ("connected", |it| it.global().synchronization = [(arn(OSAKA), "connected".to_owned())].into()),
        ("not connected since after the outage began", |it| {
            it.global().synchronization = [(arn(OSAKA), "pending-resync".to_owned())].into();
            it.remember_outage();
        }),
        ("as large as the writer", |it| {
            own_class(it, "db.r6g.xlarge");
            seoul_of_class(it, "db.r6g.xlarge");
        }),
        ("smaller than the writer", |it| {
            own_class(it, "db.r6g.large");
            seoul_of_class(it, "db.r6g.2xlarge");
        }),
        ("of the least capacity", |it| {
            it.configuration["min_capacity"] = json!(4);
            own_class(it, "db.r6g.xlarge");
        }),
        ("a patch apart", |it| it.cluster().engine_version = Some("16.8.1".to_owned())),
        ("one alarm is in the silent Region", |it| {
            let inside = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:inside";
            it.configuration["failover"]["health_alarms"] = json!([ALARMS[0], inside]);
        }),
        ("an alarm that is throttled", |it| {
            let no = NoAnswer { why: "slow down".to_owned(), kind: FailureKind::Throttled };
            it.readings.insert(ALARMS[1].to_owned(), AlarmReading::Unknown(no));
        }),
        ("an alarm that refuses", |it| {
            let no = NoAnswer { why: "denied".to_owned(), kind: FailureKind::Refused };
            it.readings.insert(ALARMS[1].to_owned(), AlarmReading::Unknown(no));
        }),
        ("no alarm rings", |it| {
            it.readings.values_mut().for_each(|it| *it = AlarmReading::known(AlarmState::Ok, None));
        }),
        ("alarms since a day", |it| {
            it.readings.values_mut().for_each(|reading| {
                *reading = AlarmReading::known(AlarmState::Alarm, Some(NOW.plus_ms(-86_400_000)));
            });
        }),
        ("a writer alarm in ALARM", |it| it.writer_alarm(AlarmReading::known(AlarmState::Alarm, Some(NOW)))),
        ("a writer alarm that nobody read", |it| {
            it.configuration["failover"]["writer_alarms"] = json!([WRITER_ALARM]);
        }),
        ("two writer instances, one of them failed", |it| it.seoul("available", &["available", "failed"])),
        ("the writer fails over within its Region", |it| it.seoul("available", &["failing-over"])),
        ("the writer's cluster is being upgraded", |it| it.seoul("upgrading", &["available"])),
        ("a known operation goes before one that shows", |it| {
            it.seoul("available", &["rebooting"]);
            it.sighted("failing-over", 100_000);
        }),
        ("an operation of long ago gives way to one that shows", |it| {
            it.seoul("available", &["rebooting"]);
            it.sighted("failing-over", 900_000);
        }),
        ("an operation of tomorrow", |it| it.sighted("rebooting", -1)),
        ("an operation this moment", |it| it.sighted("rebooting", 0)),
        ("without a writer instance almost a minute", |it| without_writer(it, 64_999)),
        ("without a writer instance a minute", |it| without_writer(it, 65_000)),
        ("a writer instance again after a minute without", |it| {
            without_writer(it, 65_000);
            it.seoul("available", &["creating"]);
        }),
        ("its own Region does not list the cluster", |it| {
            let facts = Facts { global: it.facts.global.clone(), cluster: None };
            let seoul: Region = SEOUL.parse().unwrap();
            let view = RegionView::new(&it.database(), &seoul, &facts);
            it.evidence.views.insert(seoul, Seen::Got(view));
        }),
        ("its RDS was not waited for", |it| {
            it.evidence.views.insert(SEOUL.parse().unwrap(), Seen::NotYet);
        }),
        ("looks of silence until a look ago", |it| silent_looks(it, 60_000, 5_000, 4)),
        ("looks of silence until a minute and a quarter ago", |it| silent_looks(it, 99_999, 75_000, 4)),
        ("looks of silence until a moment before", |it| silent_looks(it, 99_999, 75_001, 4)),
        ("no look of silence before", |it| it.journal().silence = None),
        ("a hold that is not read", |it| {
            it.evidence.parameters.insert(OSAKA.parse().unwrap(), Seen::silent("no answer"));
        }),
        ("first of three, and ready", |it| with_tokyo(it, |_| ())),
        ("first of three, and not ready", |it| {
            with_tokyo(it, |facts| facts.cluster.as_mut().unwrap().instances.clear());
        }),
        ("an outage of this epoch is remembered", |it| remembered(it, 7, 86_399_999)),
        ("an outage of a day ago is remembered", |it| remembered(it, 7, 86_400_000)),
        ("an outage of tomorrow is remembered", |it| remembered(it, 7, -1)),
        ("an outage of another epoch is remembered", |it| remembered(it, 6, 1_000)),
        ("a lag of five minutes before", |it| it.lag = Seen::Got(vec![sample(1, -300_000)].into())),
        ("samples of before and of the outage", |it| {
            it.lag = Seen::Got(
                vec![sample(1, -120_000), sample(2, -60_000), sample(3, 0), sample(4, 60_000)].into(),
            );
        }),
        ("settled a moment ago", |it| it.published().at = NOW.plus_ms(-60_000)),
        ("not settled", |it| it.published().at = NOW.plus_ms(-59_999)),
        ("published in a moment, by a clock that is ahead", |it| it.published().at = NOW.plus_ms(5_000)),
        ("published by a clock that is far ahead", |it| it.published().at = NOW.plus_ms(5_001)),
        ("the call was refused, and another publication came since", |it| {
            it.journal().refusals = Some(Refusals { count: 2, last: NOW.plus_ms(-60_000) });
            it.published().at = NOW.plus_ms(-59_999);
        }),
        ("the call was refused with the publication", |it| {
            it.journal().refusals = Some(Refusals { count: 2, last: NOW.plus_ms(-60_000) });
            it.published().at = NOW.plus_ms(-60_000);
        }),
    ];
    let attempts: [(&'static str, Happening); 8] = [
        ("calling, a minute ago", |it| it.attempt(Started::Calling, 60_000)),
        ("taken a moment ago", |it| it.attempt(Started::Accepted, 1_000)),
        ("taken almost an hour ago", |it| it.attempt(Started::Accepted, 3_599_999)),
        ("taken an hour ago", |it| it.attempt(Started::Accepted, 3_600_000)),
        ("refused a moment ago", |it| it.attempt(Started::Refused, 1_000)),
        ("without an answer, and it shows", |it| {
            it.attempt(Started::Unknown, 20_000);
            it.global().failover_status = Some("failing-over".to_owned());
        }),
        ("without an answer, and nothing shows for a minute", |it| {
            it.attempt(Started::Unknown, 90_000);
            let quiet = Looks { first: NOW.plus_ms(-60_000), last: NOW, count: 9 };
            it.journal().attempt.as_mut().unwrap().quiet = Some(quiet);
        }),
        ("without an answer, of an earlier epoch", |it| {
            it.attempt(Started::Unknown, 20_000);
            it.journal().attempt.as_mut().unwrap().epoch = Epoch(6);
        }),
    ];
    all.extend(attempts);
    all
}

fn says(checks: &[crate::answer::result::Check], lines: &mut Vec<String>, lead: &str) {
    for check in checks {
        let limit = check.limit.as_deref().unwrap_or_default();
        lines.push(format!("{lead}{} {:?}: {} (wanted: {limit})", check.name, check.verdict(), check.value));
    }
}

/// All that a scene comes to.
fn told(scene: &Scene) -> Vec<String> {
    let mut lines = Vec::new();
    let before = scene.journal.got().cloned().unwrap_or_default();
    scene.judged(|case| {
        let judgement = judge(case);
        says(&judgement.checks, &mut lines, "");
        let kind = judgement.action.kind();
        lines.push(format!(
            "action: {kind:?}, waits {}, may start {}",
            judgement.waits(),
            judgement.action != Action::Refused
        ));
        lines.push(format!("failed: {:?}", names(&judgement.checks, &[CheckVerdict::Fail])));
        lines.push(format!(
            "order: {:?}, speaks {}, silent {}",
            case.order(),
            case.speaks(),
            case.writer_is_silent()
        ));
        lines.push(format!(
            "alarms: all {}, perhaps all {}, any {}",
            case.all_in_alarm(),
            case.may_be_all_in_alarm(),
            case.any_in_alarm()
        ));
        lines.push(format!(
            "writer: well {}, ready {}",
            writer_down::is_well(case),
            writer_down::is_ready(case)
        ));
        lines.push(format!("onset: {:?}, by alarms {:?}", onset::onset(case), onset::by_alarms(case)));
        lines.push(format!("remembered: {}", memory::after(case, &before).to_json()));
        let open = run(599_999, 7);
        for (kind, other) in [
            (Kind::Switchover, None),
            (Kind::Failover, None),
            (Kind::Failback, Some(open.clone())),
            (Kind::Failback, Some(run(600_000, 7))),
            (Kind::Failback, Some(run(1_000, 6))),
        ] {
            let preflight = preflight(case, kind, other.as_ref());
            let lead = format!("{}: ", kind.as_str());
            says(&preflight.checks, &mut lines, &lead);
            lines.extend(
                preflight
                    .overrides
                    .iter()
                    .map(|it| format!("{lead}{} over {}: {}", it.by, it.check, it.value)),
            );
            lines.push(match preflight.go {
                None => format!("{lead}no"),
                Some(Go::Switchover(go)) => {
                    format!("{lead}from {} to {} in {}", go.writer(), go.target(), go.global_cluster())
                }
                Some(Go::Failover(go)) => format!("{lead}over to {} in {}", go.target(), go.global_cluster()),
            });
        }
    });
    lines
}

#[test]
fn every_scene_is_told_word_for_word() {
    let well = told(&Scene::good());
    let mut text = format!("=== all is well\n{}\n", well.join("\n"));
    let spoils = spoils::spoils().into_iter().map(|(_, name, spoil)| (name, spoil));
    for (name, happens) in spoils.chain(more()) {
        let mut scene = Scene::good();
        happens(&mut scene);
        let _ = writeln!(text, "=== {name}");
        for line in told(&scene).iter().filter(|line| !well.contains(line)) {
            let _ = writeln!(text, "{line}");
        }
    }
    insta::assert_snapshot!("every_scene", text);
}
