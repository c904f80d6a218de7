//! Whole answers: what a pass saw, check by check, and what a failover and its fleet of phases come to.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outage;

use std::fmt::Write;

use responder_core::answer::result::DatabaseResult;
use responder_core::config::FailoverMode;
use responder_core::world::known::Known;
use responder_core::world::record::{RecordSet, ResourceRecord};
use responder_core::world::trigger::Trigger;
use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, World, endpoint, region};
use responder_scenarios::assert_golden;

use outage::{alarm, outage, respond};

/// What happens before a pass.
type Happening = fn(&World);

fn silent(world: &World, operation: Operation, name: &str) {
    let rule = FaultRule::of_operation(operation, Fault::Unreachable);
    world.break_by(FaultRule { region: Some(region(name)), ..rule });
}

fn cname(world: &World, value: &str) {
    world.zone().records.cname.as_mut().unwrap().values = vec![value.to_owned()];
}

fn happenings() -> [(&'static str, Happening); 16] {
    [
        ("nothing", |_| ()),
        ("the writer moved", |world| world.transition_to(OSAKA)),
        ("it is moving", |world| world.site(OSAKA).failover_status = Some("switching-over".to_owned())),
        ("one claims it that the other does not know", |world| {
            world.begin_term(OSAKA);
            world.catch_up(OSAKA);
        }),
        ("nobody claims it", |world| {
            for name in [SEOUL, OSAKA] {
                world.site(name).name_nobody();
            }
        }),
        ("the writer's Region is silent", |world| world.make_unreachable(SEOUL)),
        ("the other Region is silent", |world| world.make_unreachable(OSAKA)),
        ("a hold is set", |world| world.site(SEOUL).hold = Some("an upgrade".to_owned())),
        ("nobody tells of the hold", |world| {
            for name in [SEOUL, OSAKA] {
                silent(world, Operation::ReadParameters, name);
            }
        }),
        ("Route 53 is silent", World::take_route53_down),
        ("no channel answers", |world| {
            world.take_route53_down();
            for name in [SEOUL, OSAKA] {
                silent(world, Operation::ReadParameters, name);
            }
        }),
        ("the record is gone", |world| world.zone().records = RecordSet::default()),
        ("the record points to the other member", |world| cname(world, &endpoint(&region(OSAKA)))),
        ("the record points to a stranger", |world| cname(world, "somebody.else.example")),
        ("the record has no ownership", |world| world.zone().records.txt = None),
        ("the record is another's", |world| {
            let values = vec!["\"heritage=external-dns\"".to_owned()];
            world.zone().records.txt = Some(ResourceRecord { ttl_seconds: 5, values });
        }),
    ]
}

fn told(result: &DatabaseResult, text: &mut String) {
    let mut json = serde_json::to_value(result).unwrap();
    let checks = json.as_object_mut().unwrap().remove("checks");
    let _ = writeln!(text, "{json}");
    for check in checks.iter().flat_map(|checks| checks.as_array().unwrap()) {
        let _ = writeln!(text, "  {check}");
    }
}

#[test]
fn every_pass_says_what_it_saw() {
    let mut text = String::new();
    for (name, happens) in happenings() {
        for own in [SEOUL, OSAKA] {
            let _ = writeln!(text, "=== {name}, in {own}");
            let world = World::two_regions().published(SEOUL, 7);
            happens(&world);
            let deadline = world.now().plus_ms(20_000);
            told(
                &world.actor(own).follow(&mut Known::default(), &Trigger::default(), deadline).result,
                &mut text,
            );
        }
    }
    assert_golden("explained-passes", &text);
}

#[test]
fn a_failover_answers_with_its_checks_and_moments() {
    let mut text = String::new();
    for mode in [FailoverMode::Automatic, FailoverMode::Advise] {
        let world = outage(mode);
        world.transitions_take_ms(5_000);
        let _ = writeln!(text, "=== {mode:?}");
        told(&respond(&world, &alarm(&world, "ALARM")).result, &mut text);
    }
    assert_golden("explained-failovers", &text);
}
