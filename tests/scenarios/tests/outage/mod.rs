//! An outage of Seoul, seen from Osaka, and what wakes `failover` there.

#![allow(dead_code, clippy::unwrap_used, reason = "shared by several test programs")]

use responder_core::answer::failover::FailoverResult;
use responder_core::config::FailoverMode;
use responder_core::pass::outcome::Outcome;
use responder_core::words::notice::Notice;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmState, AlarmStatus};
use responder_core::world::trigger::{Trigger, TriggerKind};
use responder_fakes::{ALARM, LagCourse, OSAKA, SEOUL, Settings, World, region};
use responder_lambda::events::alarm as events;
use serde_json::json;

/// The alarm of the database itself.
pub(crate) const WRITER: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-database";
/// How long an invocation may take, in milliseconds.
pub(crate) const INVOCATION_MS: i64 = 60_000;
/// How long the alarms of an outage take at AWS's pace, in milliseconds.
const PACE_MS: i64 = 150_000;

/// One health alarm and one writer alarm, both in Osaka.
pub(crate) fn settings(mode: FailoverMode) -> Settings {
    Settings { health_alarms: &[ALARM], writer_alarms: &[WRITER], mode, ..Settings::default() }
}

/// Seoul is dead, its alarms are in ALARM, and every check passes in Osaka.
pub(crate) fn outage(mode: FailoverMode) -> World {
    outage_with(settings(mode))
}

/// The same with other settings.
pub(crate) fn outage_with(settings: Settings) -> World {
    let world = World::with(&[SEOUL, OSAKA], settings).published(SEOUL, 7);
    world.make_unreachable(SEOUL);
    for arn in settings.health_alarms.iter().chain(settings.writer_alarms) {
        world.set_alarm(arn, &AlarmState::Alarm);
    }
    world
}

/// Automatic, and nothing but the silence of its Region says that the database is down.
pub(crate) const BY_SILENCE: Settings = Settings {
    health_alarms: &[ALARM],
    writer_alarms: &[],
    mode: FailoverMode::Automatic,
    settle_seconds: 60,
    adopt: false,
    endpoints: &[],
    probes: &[],
    targets: &[],
    topic_arns: &[],
    unknown_lag: responder_core::config::UnknownLag::Refuse,
    cooldown_seconds: 3600,
};

/// Seoul dies at AWS's own pace: the lag goes on so from that moment, and its alarms change two and a half minutes later
/// by two datapoints of a minute. What is started goes on by itself.
pub(crate) fn outage_at_pace(settings: Settings, course: LagCourse) -> World {
    let world = World::with(&[SEOUL, OSAKA], settings).published(SEOUL, 7);
    world.transitions_take_ms(20_000);
    world.advance_ms(17_000);
    world.make_unreachable(SEOUL);
    world.lag_goes_on(OSAKA, course);
    let breaching = world.now().plus_ms(-17_000);
    world.advance_ms(PACE_MS);
    for arn in settings.health_alarms.iter().chain(settings.writer_alarms) {
        world.set_alarm_status(arn, by_datapoints(world.now(), breaching));
    }
    world
}

/// An alarm with two datapoints of a minute.
pub(crate) fn by_datapoints(since: Timestamp, breaching: Timestamp) -> AlarmStatus {
    AlarmStatus {
        breaching_since: Some(breaching),
        period_ms: Some(60_000),
        evaluation_periods: Some(2),
        ..AlarmStatus::plain(AlarmState::Alarm, Some(since))
    }
}

/// The alarm's event, of this moment.
pub(crate) fn alarm(world: &World, state: &str) -> Trigger {
    let at = world.now().to_string();
    events::trigger(&json!({
        "source": "aws.cloudwatch", "alarmArn": ALARM,
        "alarmData": { "alarmName": "todo-writer-unreachable", "state": { "value": state, "timestamp": at } },
    }))
    .unwrap()
}

/// The schedule's event.
pub(crate) fn schedule() -> Trigger {
    Trigger { kind: TriggerKind::Schedule, ..Trigger::default() }
}

pub(crate) fn respond_in(world: &World, name: &str, trigger: &Trigger) -> Outcome {
    let deadline = world.now().plus_ms(INVOCATION_MS);
    world.actor(name).respond(&mut world.known(name), trigger, deadline)
}

pub(crate) fn respond(world: &World, trigger: &Trigger) -> Outcome {
    respond_in(world, OSAKA, trigger)
}

/// The schedule ticks in Osaka each minute, so often; an invocation that lasts longer makes its tick late.
pub(crate) fn ticks(world: &World, count: u32) {
    for _ in 0..count {
        let into_ms = world.now().as_ms().rem_euclid(60_000);
        world.advance_ms(60_000 - into_ms);
        respond(world, &schedule());
    }
}

/// The failovers that were started, as so many as expected, by what comes and by the schedule of the next five minutes.
pub(crate) fn starts_one(world: &World, what: &str) {
    let began = world.now();
    ticks(world, 5);
    assert_eq!(world.take_failovers(), [region(OSAKA)], "{what}");
    let attempt = world.journal(OSAKA).unwrap().attempt.unwrap();
    assert!(attempt.at.since_ms(began) <= 120_000, "{what}: {attempt:?}");
}

pub(crate) fn result(outcome: &Outcome) -> &FailoverResult {
    outcome.result.failover.as_ref().unwrap()
}

pub(crate) fn subjects(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(Notice::subject).collect()
}
