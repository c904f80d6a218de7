use responder_core::operator::refusal::DrillError;
use responder_core::operator::reply::Reply;
use responder_fakes::{Fault, FaultRule, LagCourse, OSAKA, Operation, SEOUL, World};
use serde_json::{Value, json};

use super::*;

fn world() -> World {
    let world = World::two_regions().published(SEOUL, 7);
    world.transitions_take_ms(5_000);
    world
}

fn course(world: &World, event: &Value, for_ms: i64) -> Course {
    match world.actor(SEOUL).drill(event, world.now().plus_ms(for_ms)) {
        Ok(Reply::Course(course)) | Err(DrillError::Ended { course, .. }) => *course,
        other => panic!("{other:?}"),
    }
}

fn switchover() -> Value {
    json!({ "action": "switchover", "database": "todo", "target_region": OSAKA })
}

#[test]
fn a_report_is_the_local_drills_format_and_reads_back() {
    let world = world();
    // Whether AWS is emulated is a matter of the environment that the tests run in.
    let report = Report { emulated: false, ..of(&course(&world, &switchover(), 900_000)) };
    assert!(report.verdict().is_pass() && !report.environment.tls_exercised);
    let json = report.to_json().unwrap();
    assert_eq!(Report::parse(&json).unwrap(), report);
    let scenario = &report.scenarios[0];
    let by_hand = scenario.by_hand.as_ref().unwrap();
    assert_eq!((by_hand.progress, by_hand.who.as_deref()), (Progress::Done, Some("a test")));
    assert_eq!(scenario.title, "Switchover of todo, ap-northeast-2 \u{2192} ap-northeast-3");
    assert!(
        scenario.legs[0].at_ms(&PhaseName::RecordAccepted) >= scenario.legs[0].at_ms(&PhaseName::Promoted)
    );
    let page = report.to_html();
    for word in ["a test", "record accepted", "writer_claims", "CloudTrail"] {
        assert!(page.contains(word), "{word}");
    }
    let emulated = Report { emulated: true, ..report }.to_html();
    assert!(emulated.contains(crate::DISCLAIMER) && !emulated.contains("CloudTrail"));
}

#[test]
fn an_overridden_endpoint_is_an_emulated_aws_unless_it_is_aws() {
    for (name, value, emulated) in [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566", true),
        ("AWS_ENDPOINT_URL_RDS", "http://rds.amazonaws.com.localhost:4566/", true),
        ("AWS_ENDPOINT_URL_SSM", "https://vpce-1.ssm.ap-northeast-2.vpce.amazonaws.com/", false),
        ("AWS_ENDPOINT_URL_SSM", "https://notamazonaws.com", true),
        ("AWS_ENDPOINT_URL", "", false),
        ("AWS_REGION", "ap-northeast-2", false),
    ] {
        assert_eq!(leads_elsewhere(name, value), emulated, "{name}={value}");
    }
}

#[test]
fn the_next_report_is_compared_with_it_and_names_what_was_overridden() {
    let world = world();
    let first = course(&world, &switchover(), 900_000);
    world.advance_ms(120_000);
    world.site(SEOUL).lag.always(LagCourse::Steady(9_000));
    let event = json!({ "action": "failover", "database": "todo", "target_region": SEOUL, "confirm": "todo", "allow_data_loss": true });
    let report = of(&course(&world, &event, 900_000));
    let by_hand = report.scenarios[0].by_hand.as_ref().unwrap();
    assert_eq!(by_hand.overrides[0].check, "replication_lag");
    let previous = by_hand.previous.as_ref().unwrap();
    assert_eq!(
        (previous.run.as_str(), previous.title.as_str()),
        (first.run.id.as_str(), "Switchover to ap-northeast-3, done")
    );
    assert!(
        previous
            .differences
            .iter()
            .any(|it| it.name == "promoted" && it.before_ms.is_some() && it.now_ms.is_some())
    );
    assert!(report.to_html().contains("Compared with the drill before"));
}

#[test]
fn what_is_in_progress_says_so_and_does_not_pass() {
    let world = world();
    world.transitions_take_ms(120_000);
    let report = of(&course(&world, &switchover(), 20_000));
    assert!(!report.verdict().is_pass());
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["scenarios"][0]["by_hand"]["progress"], "in_progress");
    assert!(
        json["scenarios"][0]["expectations"][0]["measured"]
            .as_str()
            .unwrap()
            .starts_with("in progress, run todo-")
    );
}

/// A report leaves nothing out: what was decided, what went wrong, every check, who was asked where.
#[test]
fn a_report_has_every_decision_failure_check_and_moment_of_its_course() {
    let rule = FaultRule::of_operation(Operation::StartFailover, Fault::LostAnswer);
    let failover = json!({ "action": "failover", "database": "todo", "target_region": OSAKA, "confirm": "todo", "allow_data_loss": true });
    for (event, asked_in, call) in [
        (switchover(), SEOUL, "calls SwitchoverGlobalCluster"),
        (failover, OSAKA, "calls FailoverGlobalCluster"),
    ] {
        let world = world();
        world.break_by(rule.clone());
        let course = course(&world, &event, 900_000);
        let report = serde_json::to_value(of(&course)).unwrap();
        let scenario = &report["scenarios"][0];
        assert_eq!(scenario["decisions"][0]["decision"], "publish");
        assert_eq!(scenario["decisions"], serde_json::to_value(&course.results).unwrap());
        assert_eq!(scenario["notes"].as_array().map_or(0, Vec::len), course.failures.len());
        assert_eq!(course.failures.len(), usize::from(asked_in == OSAKA), "{:?}", course.failures);
        for failure in &course.failures {
            assert_eq!(scenario["notes"][0], *failure);
        }
        let checks = scenario["checks"].as_array().unwrap();
        assert_eq!(checks.len(), course.run.checks.len());
        for (shown, seen) in checks.iter().zip(&course.run.checks) {
            let value = shown["value"].as_str().unwrap();
            assert_eq!(
                (shown["name"].as_str(), shown["pass"].as_bool()),
                (Some(seen.name.as_str()), Some(seen.pass))
            );
            let limit = seen.limit.as_ref().map(|it| format!(" (wanted: {it})")).unwrap_or_default();
            assert_eq!(value, format!("{}{limit}", seen.value));
        }
        let report = of(&course);
        let leg = &report.scenarios[0].legs[0];
        let injected = leg.phases.iter().find(|it| it.name == PhaseName::Injected).unwrap();
        assert_eq!(injected.region.as_deref(), Some(asked_in));
        for moment in &course.run.phases {
            let at = leg.at_ms(&name(&moment.name)).unwrap();
            assert_eq!(at, whole(moment.ms), "{}", moment.name);
        }
        let timeline = serde_json::to_string(&scenario["timeline"]).unwrap();
        for word in [
            call,
            "ap-northeast-3 claims the writer",
            "publishes",
            "record to ap-northeast-3",
            "parameter to ap-northeast-3",
            "read back",
        ] {
            assert!(timeline.contains(word), "{word}: {timeline}");
        }
    }
}

/// The objectives of a configuration, at their bounds.
#[test]
fn the_objectives_are_judged_at_their_bounds() {
    let world = world();
    let text = world.database().text().replacen('{', r#"{"rto_seconds":30,"rpo_seconds":5,"#, 1);
    let name = "todo".parse().unwrap();
    let own = responder_fakes::region(SEOUL);
    let database =
        responder_core::config::Database::parse("/failover-responder", &name, &text, &own).unwrap();
    let course = Course { database, ..course(&world, &switchover(), 900_000) };
    let judged = |change: &dyn Fn(&mut Run)| {
        let mut course = course.clone();
        change(&mut course.run);
        let all = expectations(&course);
        assert_eq!(all.len(), 3);
        (all[1].pass, all[2].pass, all[2].measured.clone())
    };
    assert!(judged(&|_| ()).1, "a planned move loses nothing");
    for (lag_ms, pass) in [(Some(0), true), (Some(5_000), true), (Some(5_001), false), (None, false)] {
        let (_, kept, measured) = judged(&|run| {
            run.kind = Kind::Failover;
            run.lag_ms = lag_ms;
        });
        assert_eq!(kept, pass, "{lag_ms:?}");
        let said = lag_ms.map_or("unknown: no sample".to_owned(), |ms| format!("was {ms} ms behind"));
        assert!(measured.contains(&said), "{measured}");
    }
    for (ms, pass) in [(29_999, true), (30_000, true), (30_001, false)] {
        let (kept, ..) = judged(&|run| {
            let injected = run.at_ms("injected").unwrap();
            for moment in &mut run.phases {
                if moment.name == "record_accepted" {
                    moment.ms = injected + ms;
                }
            }
        });
        assert_eq!(kept, pass, "{ms} ms");
    }
}

#[test]
fn a_run_is_told_with_the_one_before() {
    let world = world();
    let mut told = course(&world, &switchover(), 900_000);
    let began_ns = i128::from(told.run.began_ms) * 1_000_000;
    assert_eq!(of(&told).started_at.unix_timestamp_nanos(), began_ns);
    let past = |done, kind| Past { done, kind, ..told.run.past() };
    let (mut before, planned) = (past(true, Kind::Failover), told.run.kind);
    before.phases.retain(|moment| moment.name != "promoted");
    before.phases.push(Moment { name: "queued".to_owned(), ms: 77 });
    let now = previous(&told.run, &before);
    assert_eq!(
        (now.run.as_str(), now.title.as_str()),
        (before.id.as_str(), "Failover to ap-northeast-3, done")
    );
    let of_name = |name: &str| now.differences.iter().find(|it| it.name == name).cloned();
    assert!(of_name("injected").is_none());
    let promoted = of_name("promoted").unwrap();
    assert_eq!((promoted.before_ms, promoted.now_ms), (None, told.run.at_ms("promoted").map(whole)));
    let queued = of_name("queued").unwrap();
    assert_eq!((queued.before_ms, queued.now_ms), (Some(77), None));
    let accepted = of_name("record_accepted").unwrap();
    assert!(accepted.before_ms.is_some() && accepted.before_ms == accepted.now_ms);
    let without = previous(&told.run, &past(false, Kind::Failback));
    assert_eq!(without.title, "Failback to ap-northeast-3, without a new writer");
    assert!(planned.is_planned() && story(&told).starts_with("A planned move: Aurora stops the old writer"));
    assert!(
        story(&told).ends_with(" It ended: ap-northeast-3 is the writer, and is published."),
        "{}",
        story(&told)
    );
    told.run.ended = None;
    assert!(story(&told).contains(" It is in progress as run todo-switchover-"), "{}", story(&told));
    // Nobody can ask for the same again, and a page that its invocation wrote last has to stay true.
    told.by_itself = true;
    assert!(story(&told).contains("at its own end and no later; failoverctl status"), "{}", story(&told));
    told.run.kind = Kind::Failover;
    assert!(story(&told).starts_with("An unplanned move, data loss allowed"), "{}", story(&told));
    assert!(
        story(&told)
            .contains(&format!("once {} is back: failoverctl salvage todo keeps that", told.run.from)),
        "{}",
        story(&told)
    );
}
