//! The fakes are as unkind as CloudWatch, Parameter Store and SNS.
#![cfg(test)]

use std::time::Duration;

use futures_util::FutureExt;
use responder_core::ports::failover::{Journals, ReplicationLag};
use responder_core::ports::{HealthAlarms, Notices, Parameters, Write};
use responder_core::words::failure::FailureKind;
use responder_core::words::notice::Notice;
use responder_core::world::alarm::{AlarmReading, AlarmState};
use responder_core::world::attempt::Journal;
use responder_core::world::lag::Lag;
use responder_fakes::{
    ALARM, Fault, FaultRule, LagCourse, OSAKA, Operation, SEOUL, Settings, TOPICS, World, region,
};

const SEOULS: &str = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-seoul-app";

fn world() -> World {
    let settings = Settings { health_alarms: &[SEOULS, ALARM], topic_arns: TOPICS, ..Settings::default() };
    World::with(&[SEOUL, OSAKA], settings).published(SEOUL, 7)
}

/// Whatever does not wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

#[test]
fn an_alarm_dies_with_the_region_of_its_arn() {
    let world = world();
    world.set_alarm(SEOULS, &AlarmState::Alarm);
    world.make_unreachable(SEOUL);
    let actor = world.actor(OSAKA);
    let readings = now(actor.alarm_readings(world.database()));
    assert!(matches!(&readings[SEOULS], AlarmReading::Unknown(why) if why.kind == FailureKind::Unreachable));
    assert!(matches!(&readings[ALARM], AlarmReading::Unknown(why) if why.why == "no such alarm"));
    assert!(now(actor.cloudwatch_answers(&region(SEOUL))).is_err());
    world.make_reachable(SEOUL);
    assert!(now(actor.alarm_readings(world.database()))[SEOULS].is_alarm());
    world.mute_alarm(SEOULS, "a mute rule");
    let rules = now(actor.mute_rules(world.database()));
    assert_eq!(rules[SEOULS].as_ref().unwrap().as_deref(), Some("a mute rule"));
    assert!(rules[ALARM].as_ref().unwrap().is_none());
}

#[test]
fn a_sample_of_the_lag_is_dated_by_its_start_and_comes_late() {
    let world = world();
    let lag = |since_ms: i64| {
        let since = world.now().plus_ms(since_ms);
        now(world.actor(OSAKA).lag(world.database(), &region(OSAKA), since)).unwrap().samples
    };
    let begin = world.now();
    let sample = |minute: i64, lag_ms| Lag::of_minute(lag_ms, begin.plus_ms(minute * 60_000));
    assert_eq!(lag(-180_000), [sample(-3, 80), sample(-2, 80)], "the last minute is not there yet");
    assert_eq!(lag(-179_999), [sample(-2, 80)]);
    world.site(OSAKA).lag.late_ms = 180_000;
    assert_eq!(lag(-300_000), [sample(-5, 80), sample(-4, 80)]);
    world.site(OSAKA).lag.late_ms = 60_000;
    world.advance_ms(30_000);
    world.lag_goes_on(OSAKA, LagCourse::Grows);
    world.advance_ms(150_000);
    assert_eq!(lag(-180_000), [sample(0, 30_000), sample(1, 90_000)]);
    world.site(OSAKA).lag.always(LagCourse::Stops);
    assert!(lag(-600_000).is_empty());
}

#[test]
fn the_journals_version_counts_its_writes() {
    let world = world();
    let (one, other) = (world.actor(OSAKA), world.actor(OSAKA));
    let read = |actor: &responder_fakes::Actor| now(actor.read_journal(world.database())).unwrap().version;
    assert_eq!((read(&one), read(&other)), (0, 0));
    let put = |actor: &responder_fakes::Actor| {
        now(actor.put_journal(world.database(), &Journal::default())).unwrap()
    };
    assert_eq!((put(&one), put(&other), read(&one)), (1, 2, 2));
    world.site(OSAKA).journal = Some("rubbish".to_owned());
    assert!(now(one.read_journal(world.database())).is_err(), "what cannot be read is not nothing");
}

#[test]
fn a_topic_fails_with_its_region() {
    let world = world();
    world.make_unreachable(OSAKA);
    let notice = Notice::new("subject", "text".to_owned());
    let actor = world.actor(OSAKA);
    assert!(now(actor.publish(TOPICS[1].1, &notice)).is_err());
    now(actor.publish(TOPICS[0].1, &notice)).unwrap();
    let told = world.take_told();
    assert_eq!((told.len(), told[0].0.as_str()), (1, TOPICS[0].1));
}

#[test]
fn a_turn_is_waited_for_until_the_invocation_ends() {
    let world = world();
    world.writes_take_turns_ms(300);
    let actor = world.actor(OSAKA);
    let began = world.now();
    let turn = |name: &str| now(actor.turn(world.database(), &region(name), Write::Writer));
    assert_eq!(turn(OSAKA).unwrap().waited, Duration::ZERO);
    assert_eq!(turn(SEOUL).unwrap().waited, Duration::ZERO, "each Region has its own");
    assert_eq!(turn(OSAKA).unwrap().waited, Duration::from_millis(300));
    assert_eq!(world.now().since_ms(began), 300, "and it was waited for");
    actor.no_turns_after(began.plus_ms(500));
    assert_eq!(turn(OSAKA).unwrap_err().kind, FailureKind::Throttled);
    assert_eq!(world.now().since_ms(began), 500);
}

/// A publication whose every write waits comes to the same as one that waits for nothing.
#[test]
fn a_publication_that_waits_for_its_turns_is_made_whole() {
    let publish = |turn_ms: i64| {
        let world = world();
        world.writes_take_turns_ms(turn_ms);
        world.transition_to(OSAKA);
        let began = world.now();
        let outcome = world.actor(OSAKA).reconcile_cold();
        (outcome.result.unpublished, world.take_writes(), world.now().since_ms(began))
    };
    let ((failed, writes, quick_ms), (failed_waiting, writes_waiting, slow_ms)) = (publish(0), publish(400));
    assert!(failed.is_empty() && failed_waiting.is_empty(), "{failed:?} {failed_waiting:?}");
    assert_eq!(writes, writes_waiting);
    assert!(slow_ms >= quick_ms + 400, "{quick_ms} ms, {slow_ms} ms");
}

#[test]
fn what_is_throttled_goes_wrong_until_its_time_is_over() {
    let world = world();
    let until = Some(world.now().plus_ms(500));
    world.break_by(FaultRule { until, ..FaultRule::of_operation(Operation::Lag, Fault::Throttled) });
    let lag = || now(world.actor(OSAKA).lag(world.database(), &region(OSAKA), world.now()));
    assert_eq!(lag().unwrap_err().kind, FailureKind::Throttled);
    world.advance_ms(500);
    lag().unwrap();
}
