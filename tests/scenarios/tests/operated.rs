//! What an operator is answered, field by field: states of an installation, plans that change nothing, switches; and how long
//! an invocation watches a call that nobody answered.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outage;

use std::fmt::Write;

use responder_core::answer::result::DecisionKind;
use responder_core::config::FailoverMode;
use responder_core::operator::refusal::DrillError;
use responder_core::operator::reply::Reply;
use responder_core::world::record::RecordSet;
use responder_fakes::{Fault, FaultRule, LagCourse, OSAKA, Operation, SEOUL, World, endpoint, region};
use responder_scenarios::assert_golden;
use serde_json::{Value, json};

use outage::{alarm, outage, respond};

type Happening = fn(&World);

fn silent(world: &World, operation: Operation, name: &str) {
    let rule = FaultRule::of_operation(operation, Fault::Unreachable);
    world.break_by(FaultRule { region: Some(region(name)), ..rule });
}

fn happenings() -> [(&'static str, Happening); 14] {
    [
        ("nothing", |_| ()),
        ("the writer moved", |world| world.transition_to(OSAKA)),
        ("it is moving", |world| world.site(OSAKA).failover_status = Some("switching-over".to_owned())),
        ("the writer's Region is silent", |world| world.make_unreachable(SEOUL)),
        ("the other Region is silent", |world| world.make_unreachable(OSAKA)),
        ("a hold is set", |world| world.site(SEOUL).hold = Some("an upgrade".to_owned())),
        ("Route 53 is silent", World::take_route53_down),
        ("no channel answers", |world| {
            world.take_route53_down();
            for name in [SEOUL, OSAKA] {
                silent(world, Operation::ReadParameters, name);
            }
        }),
        ("the record is gone", |world| world.zone().records = RecordSet::default()),
        ("the record points to the other member", |world| {
            world.zone().records.cname.as_mut().unwrap().values = vec![endpoint(&region(OSAKA))];
        }),
        ("the record has no ownership", |world| world.zone().records.txt = None),
        ("there is no standby", |world| world.site(OSAKA).instances = 0),
        ("two instances, and a lag that stopped", |world| {
            world.site(OSAKA).instances = 2;
            world.site(OSAKA).lag.always(LagCourse::Stops);
        }),
        ("the last run cannot be read", |world| {
            world.break_by(FaultRule::of_operation(Operation::ReadRun, Fault::Unreachable));
        }),
    ]
}

/// An answer, one field a line; lists with one entry a line.
fn told(answer: Result<Reply, DrillError>, text: &mut String) {
    let json = match answer {
        Err(error) => Ok(json!({ "refused": error.to_string() })),
        Ok(Reply::Statuses(statuses)) => serde_json::to_value(statuses),
        Ok(Reply::Plan(plan)) => serde_json::to_value(plan),
        Ok(Reply::Plans(plans)) => serde_json::to_value(plans),
        Ok(Reply::Switched(switched)) => serde_json::to_value(switched),
        Ok(Reply::Declared(declared)) => serde_json::to_value(declared),
        Ok(Reply::Salvaged(salvage)) => serde_json::to_value(salvage),
        Ok(Reply::Course(course)) => {
            Ok(json!({ "run": course.run, "progress": course.progress, "failures": course.failures }))
        }
    };
    lines("", &json.unwrap(), text);
}

fn lines(name: &str, value: &Value, text: &mut String) {
    match value {
        Value::Object(fields)
            if fields.len() > 6 || fields.values().any(Value::is_array) || name.is_empty() =>
        {
            for (field, value) in fields {
                lines(&format!("{name}.{field}"), value, text);
            }
        }
        Value::Array(values) if values.iter().any(Value::is_object) => {
            for value in values {
                lines(&format!("{name}[]"), value, text);
            }
        }
        plain => {
            let _ = writeln!(text, "{name}: {plain}");
        }
    }
}

fn ask(world: &World, own: &str, event: &Value, text: &mut String) {
    let _ = writeln!(text, "--- {event} in {own}");
    told(world.actor(own).drill(event, world.now().plus_ms(120_000)), text);
}

#[test]
fn every_state_of_an_installation_is_answered_field_by_field() {
    let mut text = String::new();
    for (name, happens) in happenings() {
        let _ = writeln!(text, "=== {name}");
        let world = World::two_regions().published(SEOUL, 7);
        happens(&world);
        ask(&world, SEOUL, &json!({ "action": "status", "database": "todo" }), &mut text);
    }
    assert_golden("operated-status", &text);
}

#[test]
fn every_plan_is_answered_call_by_call_and_changes_nothing() {
    let mut text = String::new();
    for (name, happens) in happenings().into_iter().take(7) {
        let _ = writeln!(text, "=== {name}");
        let world = World::two_regions().published(SEOUL, 7);
        happens(&world);
        world.take_writes();
        let plan = json!({ "action": "plan", "database": "todo", "target_region": OSAKA });
        ask(&world, SEOUL, &plan, &mut text);
        assert_eq!(world.take_writes().calls(), 0, "{name}");
    }
    assert_golden("operated-plan", &text);
}

#[test]
fn every_switch_is_answered_region_by_region() {
    let mut text = String::new();
    let (hold, release, declare) = (
        json!({ "action": "hold", "database": "todo", "reason": "an upgrade" }),
        json!({ "action": "release", "database": "todo" }),
        json!({ "action": "declare", "database": "todo", "target_region": OSAKA, "confirm": "todo" }),
    );
    for (name, happens) in [
        ("nothing", (|_| ()) as Happening),
        ("one Region is silent", |world| world.make_unreachable(OSAKA)),
        ("both are silent", |world| {
            world.make_unreachable(SEOUL);
            world.make_unreachable(OSAKA);
        }),
        ("the other was promoted by hand", |world| world.site(OSAKA).detach()),
    ] {
        let _ = writeln!(text, "=== {name}");
        let world = World::two_regions().published(SEOUL, 7);
        happens(&world);
        for event in [&hold, &hold, &release, &release, &declare] {
            ask(&world, SEOUL, event, &mut text);
        }
    }
    assert_golden("operated-switches", &text);
}

#[test]
fn what_is_asked_for_by_no_good_name_is_told() {
    let mut text = String::new();
    let world = World::two_regions().published(SEOUL, 7);
    let reason = |length: usize| "x".repeat(length);
    for event in [
        json!([]),
        json!({}),
        json!({ "action": 7 }),
        json!({ "action": "x".repeat(61) }),
        json!({ "action": "status", "database": "shop" }),
        json!({ "action": "status", "databases": "todo" }),
        json!({ "action": "status", "who": 7 }),
        json!({ "action": "plan", "database": "todo" }),
        json!({ "action": "plan", "database": "todo", "target_region": "us-east-1" }),
        json!({ "action": "plan", "database": 7, "target_region": OSAKA }),
        json!({ "action": "switchover", "database": "todo", "target_region": SEOUL }),
        json!({ "action": "switchover", "database": "todo", "target_region": OSAKA, "dry_run": "yes" }),
        json!({ "action": "failover", "database": "todo", "target_region": OSAKA, "confirm": "shop", "allow_data_loss": true }),
        json!({ "action": "failover", "database": "todo", "target_region": OSAKA, "confirm": "todo", "allow_data_loss": false }),
        json!({ "action": "failover", "database": "todo", "target_region": OSAKA, "allow_data_loss": true }),
        json!({ "action": "failback", "database": "todo" }),
        json!({ "action": "failback", "database": "todo", "target_region": OSAKA }),
        json!({ "action": "hold", "database": "todo", "reason": " " }),
        json!({ "action": "hold", "database": "todo", "reason": reason(501) }),
        json!({ "action": "hold", "database": "todo", "reason": reason(500) }),
        json!({ "action": "declare", "database": "todo", "target_region": OSAKA, "confirm": "x" }),
        json!({ "action": "declare", "database": "todo", "target_region": SEOUL, "confirm": "todo" }),
    ] {
        ask(&world, SEOUL, &event, &mut text);
    }
    assert_golden("operated-refusals", &text);
}

/// Answers how an invocation of a quarter of an hour ends, after how many milliseconds, and how many it says.
fn watched(fault: Fault, transition_ms: i64) -> (DecisionKind, i64, i64) {
    let world = outage(FailoverMode::Automatic);
    world.transitions_take_ms(transition_ms);
    let rule = FaultRule::of_operation(Operation::StartFailover, fault);
    world.break_by(FaultRule { times: Some(1), ..rule });
    let (trigger, began) = (alarm(&world, "ALARM"), world.now());
    let actor = world.actor(OSAKA);
    let outcome = actor.respond(&mut world.known(OSAKA), &trigger, began.plus_ms(900_000));
    (outcome.result.decision, world.now().since_ms(began), outcome.result.elapsed_ms)
}

#[test]
fn a_call_without_an_answer_is_watched_to_the_end_while_the_writer_is_silent() {
    let (decision, ms, _) = watched(Fault::Unreachable, 5_000);
    assert!(decision == DecisionKind::Hold && (880_000..900_000).contains(&ms), "{decision:?}, {ms} ms");
    let (decision, ms, _) = watched(Fault::LostAnswer, 120_000);
    assert!(decision == DecisionKind::Publish && (118_000..160_000).contains(&ms), "{decision:?}, {ms} ms");
    let (decision, ms, said_ms) = watched(Fault::LostAnswer, 5_000);
    assert!(
        decision == DecisionKind::Publish && (5_000..60_000).contains(&ms) && said_ms >= 5_000,
        "{ms}, {said_ms}"
    );
}

#[test]
fn who_is_alone_tells_at_once() {
    let world = outage(FailoverMode::Advise);
    let began = world.now();
    respond(&world, &alarm(&world, "ALARM"));
    let ms = world.now().since_ms(began);
    assert!(world.take_notices().len() == 1 && ms < 5_000, "{ms} ms");
}
