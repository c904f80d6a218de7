//! The look ahead that `failover` takes every half hour while nothing burns: what it says and to whom, when it keeps quiet, and
//! that it changes nothing of a failover.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod outage;

use std::collections::BTreeSet;

use responder_core::answer::readiness::ReadinessKind;
use responder_core::answer::result::ReadinessResult;
use responder_core::config::FailoverMode;
use responder_core::world::alarm::AlarmState;
use responder_core::world::known::Known;
use responder_core::world::limits::{READY_AGAIN_MS, READY_EVERY_MS, READY_PATIENCE_MS};
use responder_core::world::readiness::may_wait;
use responder_fakes::{ALARM, Fault, FaultRule, OSAKA, Operation, SEOUL, World, region};

use outage::{INVOCATION_MS, WRITER, outage, schedule, settings, starts_one, subjects, ticks};

/// Nothing burns, and the database's half hour has just begun.
fn calm(mode: FailoverMode) -> World {
    let world = World::with(&[SEOUL, OSAKA], settings(mode)).published(SEOUL, 7);
    for arn in [ALARM, WRITER] {
        world.set_alarm(arn, &AlarmState::Ok);
    }
    while may_wait("todo", world.now()) {
        world.advance_ms(60_000);
    }
    while !may_wait("todo", world.now()) {
        world.advance_ms(60_000);
    }
    world
}

/// One tick of the schedule, by a function that knows this.
fn tick_in(world: &World, name: &str, known: &mut Known) -> Option<ReadinessResult> {
    let actor = world.actor(name);
    let outcome = actor.respond(known, &schedule(), world.now().plus_ms(INVOCATION_MS));
    let mut result = outcome.result;
    actor.look_ahead(known, &schedule(), &mut result);
    result.readiness.map(|found| *found)
}

fn tick(world: &World) -> Option<ReadinessResult> {
    tick_in(world, OSAKA, &mut Known::default())
}

fn verdict(found: Option<ReadinessResult>) -> ReadinessKind {
    found.unwrap().verdict
}

fn next_half_hour(world: &World) {
    world.advance_ms(READY_EVERY_MS);
}

#[test]
fn a_calm_world_is_judged_once_each_half_hour_and_says_nothing() {
    let world = calm(FailoverMode::Automatic);
    let mut known = Known::default();
    let found = tick_in(&world, OSAKA, &mut known).unwrap();
    assert_eq!(
        (found.verdict, found.messages, found.checks.len()),
        (ReadinessKind::Ready, 0, 11),
        "{found:?}"
    );
    for _ in 0..29 {
        world.advance_ms(60_000);
        assert_eq!(tick_in(&world, OSAKA, &mut known), None);
    }
    world.advance_ms(60_000);
    assert_eq!(verdict(tick_in(&world, OSAKA, &mut known)), ReadinessKind::Ready);
    assert!(world.take_notices().is_empty());
    let writes = world.take_writes();
    assert_eq!((writes.readiness, writes.calls()), (2, 0), "{writes:?}");
    let kept = world.readiness(OSAKA).unwrap();
    assert_eq!((kept.verdict, kept.epoch.0), (ReadinessKind::Ready, 7));
    assert!(kept.since < kept.at, "ready since the first look");
}

/// A cold function reads what stands there, and a warm one does not trust what it knows once it is time.
#[test]
fn when_it_is_due_follows_from_what_stands_there() {
    let world = calm(FailoverMode::Advise);
    let mut known = Known::default();
    assert!(tick_in(&world, OSAKA, &mut known).is_some());
    assert_eq!(tick(&world), None, "a cold function in the same half hour");
    next_half_hour(&world);
    assert!(tick(&world).is_some(), "another invocation looks");
    assert_eq!(tick_in(&world, OSAKA, &mut known), None, "and the first reads that it did");
    world.break_by(FaultRule::of_operation(Operation::ReadReadiness, Fault::Forbidden));
    world.advance_ms(60_000);
    assert_eq!(tick_in(&world, OSAKA, &mut known), None, "now it knows");
    assert_eq!(world.take_writes().readiness, 2);
}

#[test]
fn people_hear_once_of_each_change_what_stands_in_the_way_and_since_when() {
    let world = calm(FailoverMode::Automatic);
    tick(&world);
    world.site(OSAKA).instances = 0;
    next_half_hour(&world);
    let began = world.now().whole_seconds();
    let found = tick(&world).unwrap();
    assert_eq!((found.verdict, found.messages), (ReadinessKind::NotReady, 1), "{found:?}");
    next_half_hour(&world);
    assert_eq!(tick(&world).unwrap().messages, 0, "said already");
    world.site(OSAKA).hold = Some("maintenance".to_owned());
    next_half_hour(&world);
    assert_eq!(tick(&world).unwrap().messages, 1, "one more thing is in the way");
    (world.site(OSAKA).hold, world.site(OSAKA).instances) = (None, 1);
    next_half_hour(&world);
    assert_eq!(tick(&world).unwrap().messages, 1);
    let told = world.take_notices();
    assert_eq!(
        subjects(&told),
        [
            "todo: NOT ready to fail over to ap-northeast-3: target_ready",
            "todo: NOT ready to fail over to ap-northeast-3: no_hold, target_ready",
            "todo: ready again to fail over to ap-northeast-3",
        ]
    );
    let second = told[1].message();
    assert!(second.contains(&format!("since {began})")), "the first since its first sight: {second}");
    assert!(second.contains("no_hold: set: maintenance"), "{second}");
    assert!(told[2].message().contains("would start by itself"), "{}", told[2].message());
}

#[test]
fn the_writers_region_says_nothing_and_mode_off_looks_at_nothing() {
    let world = calm(FailoverMode::Automatic);
    let found = tick_in(&world, SEOUL, &mut Known::default()).unwrap();
    assert_eq!((found.verdict, found.verdict.metric(), found.messages), (ReadinessKind::Writer, None, 0));
    assert_eq!(world.readiness(SEOUL).unwrap().verdict, ReadinessKind::Writer);
    assert_eq!(world.readiness(OSAKA), None, "each Region judges itself");
    let off = calm(FailoverMode::Off);
    off.break_by(FaultRule::of_operation(Operation::ReadReadiness, Fault::Forbidden));
    assert_eq!((tick(&off), off.take_writes().readiness), (None, 0));
}

/// A throttled, silent or denied read says neither yes nor no: it is asked again each minute, and said as unknown when it stays.
#[test]
fn not_now_is_not_no() {
    let operations =
        [Operation::Lag, Operation::ReadParameters, Operation::Alarms, Operation::MuteRules, Operation::View];
    for operation in operations {
        for fault in [Fault::Throttled, Fault::Unreachable, Fault::Refused] {
            let world = calm(FailoverMode::Automatic);
            tick(&world);
            next_half_hour(&world);
            world.break_by(FaultRule::of_operation(operation, fault));
            for _ in 0..3 {
                assert_eq!(verdict(tick(&world)), ReadinessKind::NotNow, "{operation:?} {fault:?}");
                world.advance_ms(60_000);
            }
            assert_eq!(world.readiness(OSAKA).unwrap().verdict, ReadinessKind::Ready, "nothing was noted");
            world.advance_ms(READY_PATIENCE_MS);
            let found = tick(&world).unwrap();
            let said = (found.verdict, found.verdict.metric(), found.messages);
            assert_eq!(said, (ReadinessKind::Unknown, Some(0), 1), "{operation:?} {fault:?}: {found:?}");
            world.heal();
            world.advance_ms(READY_AGAIN_MS);
            assert_eq!(verdict(tick(&world)), ReadinessKind::Ready, "{operation:?} {fault:?}: soon again");
            let told = world.take_notices();
            let heard: Vec<bool> = told.iter().map(|it| it.subject().contains("unknown if ready")).collect();
            assert_eq!(heard, [true, false], "{:?}", subjects(&told));
        }
    }
}

#[test]
fn what_it_remembers_that_cannot_be_read_is_not_written_over() {
    let world = calm(FailoverMode::Automatic);
    for fault in [Fault::Throttled, Fault::Unreachable, Fault::Refused] {
        world.break_by(FaultRule::of_operation(Operation::ReadReadiness, fault));
        assert_eq!(verdict(tick(&world)), ReadinessKind::NotNow);
        world.heal();
    }
    assert_eq!(world.take_writes().readiness, 0);
    world.site(OSAKA).readiness = Some("rubbish".to_owned());
    assert_eq!(verdict(tick(&world)), ReadinessKind::Ready, "what is none of ours only says when to look");
}

/// A failover writes its attempt to the same store first.
#[test]
fn a_store_that_refuses_what_it_writes_is_not_ready_and_one_that_throttles_is_not_now() {
    let world = calm(FailoverMode::Automatic);
    world.break_by(FaultRule::of_operation(Operation::PutReadiness, Fault::Throttled));
    assert_eq!(verdict(tick(&world)), ReadinessKind::NotNow);
    world.heal();
    world.break_by(FaultRule::of_operation(Operation::PutReadiness, Fault::Refused));
    let mut known = Known::default();
    let found = tick_in(&world, OSAKA, &mut known).unwrap();
    assert_eq!((found.verdict, found.messages), (ReadinessKind::NotReady, 0), "{found:?}");
    assert!(found.reason.contains("can_remember"), "{}", found.reason);
    assert_eq!(tick_in(&world, OSAKA, &mut known), None, "a warm function does not try each minute");
}

#[test]
fn a_message_that_nobody_took_is_sent_again_and_one_that_was_is_not() {
    let world = calm(FailoverMode::Automatic);
    world.site(OSAKA).instances = 0;
    let topic = || FaultRule::of_operation(Operation::Publish, Fault::Throttled);
    world.break_by(topic());
    let found = tick(&world).unwrap();
    assert!(found.messages == 0 && found.reason.contains("people could not be told"), "{found:?}");
    world.advance_ms(60_000);
    assert_eq!(tick(&world), None);
    world.heal();
    world.advance_ms(READY_AGAIN_MS);
    assert_eq!(tick(&world).unwrap().messages, 1);
    world.advance_ms(READY_AGAIN_MS);
    assert_eq!((tick(&world), world.take_notices().len()), (None, 1));
}

/// Of two that look in the same moment the first to write tells; the other makes sure that it is said.
#[test]
fn two_invocations_at_once_tell_once_and_lose_nothing() {
    let world = calm(FailoverMode::Automatic);
    world.site(OSAKA).instances = 0;
    world.interrupt(Operation::PutReadiness, |world| {
        assert_eq!(verdict(tick(world)), ReadinessKind::NotReady);
    });
    let second = tick(&world).unwrap();
    assert_eq!((second.messages, world.take_notices().len()), (0, 1), "{second:?}");
    world.advance_ms(READY_AGAIN_MS);
    assert_eq!(tick(&world).unwrap().messages, 1, "what was written over is said anew, once");
    world.advance_ms(READY_AGAIN_MS);
    assert_eq!(tick(&world), None);
}

/// While an alarm is in ALARM the policy speaks; one that has been for a day tells of no new outage, and is in the way.
#[test]
fn where_something_burns_nobody_looks_ahead() {
    for arn in [ALARM, WRITER] {
        let world = calm(FailoverMode::Automatic);
        world.set_alarm(arn, &AlarmState::Alarm);
        world.break_by(FaultRule::of_operation(Operation::PutReadiness, Fault::Forbidden));
        for _ in 0..3 {
            assert_eq!(tick(&world), None, "{arn}");
            next_half_hour(&world);
        }
        world.take_notices();
        world.heal();
        world.advance_ms(86_400_000);
        let found = tick(&world).unwrap();
        assert!(
            found.verdict == ReadinessKind::NotReady && found.reason.contains("no new outage"),
            "{found:?}"
        );
    }
}

/// It writes nothing that a failover reads, and a failover after it goes as it does without.
#[test]
fn a_failover_goes_as_if_nobody_had_looked_ahead() {
    for spoils in [false, true] {
        let ended = [false, true].map(|looks| {
            let world = calm(FailoverMode::Automatic);
            if looks {
                world.site(OSAKA).instances = usize::from(!spoils);
                let before = (world.state(&region(OSAKA)), world.journal(OSAKA), world.records().clone());
                assert!(tick(&world).is_some());
                assert_eq!(
                    (world.state(&region(OSAKA)), world.journal(OSAKA), world.records().clone()),
                    before
                );
                assert_eq!(world.take_writes().calls(), 0);
            } else {
                // As long as the look took.
                tick(&world.clone().with_settings(settings(FailoverMode::Off)));
            }
            world.site(OSAKA).instances = 1;
            world.make_unreachable(SEOUL);
            for arn in [ALARM, WRITER] {
                world.set_alarm(arn, &AlarmState::Alarm);
            }
            starts_one(&world, "an outage after it");
            let told = world.take_notices();
            let subjects: BTreeSet<String> = told
                .iter()
                .map(|it| it.subject().to_owned())
                .filter(|it| !it.contains("ready to fail"))
                .collect();
            (subjects, world.journal(OSAKA).unwrap().attempt.is_some())
        });
        assert_eq!(ended[0], ended[1], "{spoils}");
    }
}

/// In the outage itself nothing is judged, whatever wakes the function.
#[test]
fn in_an_outage_the_ticks_start_the_failover_and_judge_nothing() {
    let world = outage(FailoverMode::Automatic);
    world.break_by(FaultRule::of_operation(Operation::ReadReadiness, Fault::Forbidden));
    ticks(&world, 3);
    assert_eq!((world.take_failovers(), world.readiness(OSAKA)), (vec![region(OSAKA)], None));
}
