//! Writes that wait for their turn, and answers that are slow: the same comes of them, and nothing newer is written over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod installed;

use responder_core::answer::result::DecisionKind;
use responder_core::invocation::fleet::Fleet;
use responder_core::invocation::work::Follow;
use responder_core::ports::Clock;
use responder_core::words::names::Epoch;
use responder_core::world::known::Known;
use responder_core::world::record::RecordSet;
use responder_core::world::trigger::Trigger;
use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, World, endpoint, region};

use installed::Installed;

/// What a function has to write about.
type Happening = fn(&World);

/// A publication with its memories, a drift in both Regions, a message that is remembered.
const HAPPENINGS: [(&str, usize, Happening); 3] = [
    ("publication", 6, |world| world.transition_to(OSAKA)),
    ("drift", 2, |world| {
        for name in [SEOUL, OSAKA] {
            world.site(name).writer = None;
        }
    }),
    ("message", 1, |world| world.site(SEOUL).instances = 0),
];

fn follow(world: &World, name: &str) {
    let deadline = world.now().plus_ms(60_000);
    world.actor(name).follow(&mut Known::default(), &Trigger::default(), deadline);
}

#[test]
fn no_parameter_store_takes_two_writes_within_a_turn() {
    const TURN_MS: i64 = 700;
    for (what, least, happens) in HAPPENINGS {
        let world = World::two_regions();
        if what == "message" {
            world.transition_to(OSAKA);
        }
        let world = world.published(if what == "message" { OSAKA } else { SEOUL }, 7);
        world.writes_take_turns_ms(TURN_MS);
        happens(&world);
        for name in [OSAKA, SEOUL] {
            follow(&world, name);
        }
        let log = world.take_log();
        let mut count = 0;
        for name in [SEOUL, OSAKA] {
            let call = format!("ssm:PutParameter in {name}: ");
            let at: Vec<i64> =
                log.iter().filter(|(_, line)| line.starts_with(&call)).map(|(at, _)| at.as_ms()).collect();
            count += at.len();
            assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= TURN_MS), "{what} in {name}: {at:?}");
        }
        assert!(count >= least, "{what}: {log:?}");
    }
}

/// Somebody publishes while a write waits for its turn: it is not made, and the next pass finds what is newer.
#[test]
fn what_was_published_while_a_write_waited_is_not_written_over() {
    let world = World::two_regions().published(SEOUL, 7);
    world.writes_take_turns_ms(5_000);
    world.transition_to(OSAKA);
    world.interrupt(Operation::Exchange, |world| {
        world.interrupt(Operation::ReadRecord, |world| {
            let newer = world.publication(SEOUL, 9);
            world.zone().records = RecordSet::of(world.database(), &newer);
        });
    });
    let outcome = world.actor(OSAKA).reconcile_cold();
    let said = "the record was changed while the write waited for its turn; the next pass looks again";
    assert!(outcome.result.failures.iter().any(|it| it.contains(said)), "{:?}", outcome.result.failures);
    assert_ne!(world.state(&region(SEOUL)).unwrap().epoch, Epoch(8));
    assert_ne!(world.state(&region(OSAKA)).unwrap().epoch, Epoch(8));
}

/// What waited for two seconds at most is written without another look at the record.
#[test]
fn a_write_that_hardly_waited_is_made_without_another_look() {
    for (turn_ms, looks) in [(2_000, false), (2_001, true)] {
        let world = World::two_regions().published(SEOUL, 7);
        world.writes_take_turns_ms(turn_ms);
        world.transition_to(OSAKA);
        world.interrupt(Operation::PutWriter, |world| {
            world.interrupt(Operation::ReadRecord, |world| {
                let newer = world.publication(SEOUL, 9);
                world.zone().records = RecordSet::of(world.database(), &newer);
            });
        });
        let failures = world.actor(OSAKA).reconcile_cold().result.failures;
        let is_overtaken = failures.iter().any(|it| it.contains("while the write waited for its turn"));
        assert_eq!(is_overtaken, looks, "{turn_ms}: {failures:?}");
    }
}

/// Slow answers of every kind: what is published, and written down, is what a quick world has.
#[test]
fn slow_calls_come_to_the_same() {
    let after = |slow: Option<(Operation, i64)>| {
        let world = World::two_regions().published(SEOUL, 7);
        world.transition_to(OSAKA);
        if let Some((operation, ms)) = slow {
            world.break_by(FaultRule::of_operation(operation, Fault::Delay(ms)));
        }
        for name in [OSAKA, SEOUL, OSAKA] {
            follow(&world, name);
        }
        let seen = [SEOUL, OSAKA].map(|name| {
            let state = world.state(&region(name)).unwrap();
            (
                state.epoch,
                state.writer,
                state.memory.map(|it| it.epoch),
                world.writer_parameter(&region(name)),
            )
        });
        let cname = world.records().cname.as_ref().map(|it| it.values.clone());
        (seen, cname, world.take_writes().record)
    };
    let quick = after(None);
    assert_eq!((quick.1.as_deref(), quick.2), (Some(&[endpoint(&region(OSAKA))][..]), 1));
    for operation in [
        Operation::View,
        Operation::ReadRecord,
        Operation::ReadParameters,
        Operation::Exchange,
        Operation::PutWriter,
        Operation::PutState,
    ] {
        for ms in [300, 1_500, 2_500] {
            assert_eq!(after(Some((operation, ms))), quick, "{operation:?} takes {ms} ms more");
        }
    }
}

/// What is written so slowly that it is not read back at once is read back before the invocation ends.
#[test]
fn slow_writes_are_verified_in_the_same_invocation() {
    let installed = Installed::new(&["books", "todo"]);
    let world = &installed.place("todo").world;
    world.transition_to(OSAKA);
    world.writes_take_turns_ms(11_000);
    let (mut fleet, began) = (Fleet::new(region(OSAKA)), installed.now());
    let outcome = installed.run(fleet.run(&installed, &Follow, &Trigger::default(), began.plus_ms(60_000)));
    let outcome = outcome.unwrap();
    assert!(installed.now().since_ms(began) >= 22_000, "it was slow");
    let todo = outcome.answer.results.iter().find(|it| it.database == "todo").unwrap();
    assert_eq!((todo.decision, &todo.unpublished), (DecisionKind::Publish, &Vec::new()));
    for name in [SEOUL, OSAKA] {
        let memory = world.state(&region(name)).unwrap().memory.unwrap();
        assert_eq!((memory.epoch, memory.writer), (Epoch(8), region(OSAKA)), "{name} was read back");
    }
}
