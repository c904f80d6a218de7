//! What `follow` leaves for people: a standby that is missing or back, a writer that was not fenced, two that claim.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use responder_core::answer::result::HoldKind;
use responder_core::pass::outcome::Outcome;
use responder_core::words::names::Epoch;
use responder_core::words::notice::Notice;
use responder_core::world::known::Known;
use responder_core::world::state::Memory;
use responder_core::world::state::State;
use responder_core::world::trigger::Trigger;
use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, World, region};
use responder_lambda::events::rds;
use serde_json::json;

/// How long an invocation may take, in milliseconds.
const INVOCATION_MS: i64 = 60_000;

fn subjects(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(Notice::subject).collect()
}

fn follow(world: &World, name: &str, trigger: &Trigger) -> Outcome {
    let deadline = world.now().plus_ms(INVOCATION_MS);
    world.actor(name).follow(&mut Known::default(), trigger, deadline)
}

#[test]
fn a_missing_standby_is_said_once_and_again_when_it_is_back() {
    let world = World::two_regions().published(SEOUL, 7);
    world.site(OSAKA).instances = 0;
    for _ in 0..3 {
        assert_eq!(follow(&world, SEOUL, &Trigger::default()).result.standby, Some(false));
        follow(&world, OSAKA, &Trigger::default());
    }
    assert_eq!(subjects(&world.take_notices()), ["todo: no standby"]);
    world.site(OSAKA).instances = 1;
    world.advance_ms(120_000);
    for _ in 0..2 {
        assert_eq!(follow(&world, SEOUL, &Trigger::default()).result.standby, Some(true));
    }
    let notices = world.take_notices();
    assert_eq!(subjects(&notices), ["todo: the standby is back"]);
    assert!(notices[0].message().contains("2 min after"), "{notices:?}");
    world.take_writes();
    follow(&world, SEOUL, &Trigger::default());
    assert_eq!(world.take_writes().calls(), 0);
}

/// The event that says how the write block on the old writer ended.
fn write_block(world: &World, id: &str) -> Trigger {
    let event = json!({
        "source": "aws.rds", "detail-type": "RDS DB Instance Event", "time": world.now().to_string(),
        "detail": { "EventID": id, "SourceIdentifier": "todo-seoul-1", "SourceType": "DB_INSTANCE" },
    });
    rds::trigger(&event, world.now())
}

#[test]
fn an_old_writer_that_was_not_fenced_is_urgent_recorded_and_a_conflict() {
    let world = World::two_regions().published(OSAKA, 8);
    world.transition_to(OSAKA);
    let trigger = write_block(&world, "RDS-EVENT-0391");
    let outcome = follow(&world, SEOUL, &trigger);
    assert!(outcome.result.is_unfenced);
    let line = responder_core::invocation::log_line::line(&outcome.result, &trigger, "r", world.now());
    assert_eq!((&line["WriterConflict"], &line["level"]), (&json!(1), &json!("ERROR")));
    follow(&world, SEOUL, &trigger);
    assert!(!follow(&world, OSAKA, &trigger).result.is_unfenced, "it is about Seoul's instance");
    assert_eq!(
        subjects(&world.take_notices()),
        ["URGENT todo: the old writer in ap-northeast-2 was not fenced"]
    );
    let state = serde_json::to_value(world.state(&region(SEOUL)).unwrap()).unwrap();
    assert_eq!(state["write_block"]["outcome"], "timed_out");
    world.advance_ms(1_000);
    follow(&world, SEOUL, &write_block(&world, "RDS-EVENT-0390"));
    let state = serde_json::to_value(world.state(&region(SEOUL)).unwrap()).unwrap();
    assert_eq!(state["write_block"]["outcome"], "succeeded");
    assert!(world.take_notices().is_empty());
}

#[test]
fn two_claims_are_urgent_once_as_long_as_they_last() {
    let world = World::two_regions().published(OSAKA, 8);
    world.begin_term(OSAKA);
    world.catch_up(OSAKA);
    // Seoul has not noticed: it claims as it did before the publication.
    let state = world.state(&region(SEOUL)).unwrap();
    let memory = Some(Memory { writer: region(SEOUL), epoch: Epoch(8) });
    world.site(SEOUL).state = Some(State { memory, ..state }.to_json());
    let broken = FaultRule::of_operation(Operation::Publish, Fault::Unreachable);
    world.break_by(FaultRule { times: Some(1), ..broken });
    let first = follow(&world, OSAKA, &Trigger::default());
    assert_eq!(first.result.hold, Some(HoldKind::WriterConflict));
    assert!(first.result.failures.iter().any(|it| it.contains("sns:Publish")), "{:?}", first.result.failures);
    for _ in 0..3 {
        follow(&world, OSAKA, &Trigger::default());
    }
    assert_eq!(subjects(&world.take_notices()), ["URGENT todo: more than one Region claims the writer"]);
    world.catch_up(SEOUL);
    follow(&world, OSAKA, &Trigger::default());
    assert_eq!(world.state(&region(OSAKA)).unwrap().notes.conflict_since, None);
}

/// A publication in between must not forget what people still have to hear or have heard.
#[test]
fn notes_outlive_a_publication() {
    let world = World::two_regions().published(SEOUL, 7);
    world.site(OSAKA).instances = 0;
    follow(&world, SEOUL, &Trigger::default());
    world.site(OSAKA).instances = 2;
    world.transition_to(OSAKA);
    follow(&world, OSAKA, &Trigger::default());
    let since = |name: &str| world.state(&region(name)).unwrap().notes.no_standby_since;
    assert_eq!((since(SEOUL).is_some(), since(OSAKA)), (true, None));
}
