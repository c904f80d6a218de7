//! The health alarms of the scenarios in which `failover` is woken, and what its answers and messages say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use drill_cloud::app_failover::{PRIMARY_ALARM, SECONDARY_ALARM};
use drill_cloud::front::Entry;
use drill_cloud::{Alarm, AlarmChange, AlarmState, Datapoints, Shape};
use drill_report::{EventKind, Lane};
use serde_json::Value;

use super::lag::LagMeter;
use super::play::Play;
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::job::Job;
use crate::stage::policy::{WITNESS, WRITER_FROM_OSAKA, WRITER_FROM_SEOUL, WRITER_FROM_TOKYO};

/// How Osaka's alarm comes to the functions. While a Region is dark an invocation waits for it, so these are few.
pub(crate) const OSAKA_SHAPES: [Shape; 3] = [Shape::EventBridge, Shape::Direct, Shape::EventBridge];
/// How the witness's does: a Lambda action does not reach another Region.
pub(crate) const WITNESS_SHAPES: [Shape; 3] = [Shape::SnsEventBridge, Shape::Sns, Shape::SnsEventBridge];
/// How many seconds after an answer its messages may still be on their way.
pub(crate) const MAIL: f64 = 0.5;

impl Play {
    /// Changes an alarm's state; who hears of it is up to the script.
    pub(crate) async fn set_alarm(
        &mut self,
        alarm: Alarm,
        state: AlarmState,
    ) -> Result<AlarmChange, DrillError> {
        self.set_alarm_by(alarm, state, None).await
    }

    /// The same, by these datapoints; without any, by the whole minutes before.
    pub(crate) async fn set_alarm_by(
        &mut self,
        alarm: Alarm,
        state: AlarmState,
        by: Option<Datapoints>,
    ) -> Result<AlarmChange, DrillError> {
        let alarms = self.stage.cloud.alarms();
        let change = match by {
            Some(by) => alarms.set_by(alarm, state, by).await?,
            None => alarms.set(alarm, state).await?,
        };
        let kind = if state == AlarmState::Alarm { EventKind::Fault } else { EventKind::State };
        self.act(Lane::Alarms, kind, &format!("{} is {}", short(alarm), state.as_str()));
        Ok(change)
    }

    /// Begins to measure the replication lag, and waits until CloudWatch has a first sample.
    pub(crate) async fn measure_lag(&mut self) -> Result<LagMeter, DrillError> {
        let meter = LagMeter::start(self);
        let lag = self.wait("a first sample of the replication lag", |_| meter.last()).await?;
        let text = format!("CloudWatch has the standby's replication lag, {} ms", lag.as_millis());
        self.act(Lane::Database, EventKind::State, &text);
        Ok(meter)
    }

    /// Expects how many calls that start a failover were made, by anybody, answered or not.
    pub(crate) fn expect_failover_calls(&mut self, wanted: usize) {
        let calls = self.failover_calls(self.started).len();
        self.expect_exactly("Calls of FailoverGlobalCluster", wanted, calls);
    }

    /// Expects that every one of these answers was a refusal, by exactly these checks.
    pub(crate) fn expect_refused(&mut self, what: &str, invoked: &[Invoked], by: &[&str]) {
        let refused = !invoked.is_empty() && invoked.iter().all(|it| is_refused(it, by));
        let wanted = format!("refused by {}", by.join(", "));
        self.expect_that(what, wanted, summary(invoked), refused);
    }

    /// Every call so far that would start a failover, whatever came of it.
    pub(crate) fn failover_calls(&self, since: Instant) -> Vec<Arc<Entry>> {
        let calls = self.writes_since(since).into_iter();
        calls.filter(|entry| entry.call.operation == "FailoverGlobalCluster").collect()
    }
}

/// Where an alarm looks from, for people.
pub(crate) fn short(alarm: Alarm) -> &'static str {
    match alarm {
        WITNESS => "the witness in Tokyo",
        PRIMARY_ALARM => "the alarm of Seoul's health check",
        SECONDARY_ALARM => "the alarm of Osaka's health check",
        WRITER_FROM_SEOUL => "the database's alarm in Seoul",
        WRITER_FROM_OSAKA => "the database's alarm in Osaka",
        WRITER_FROM_TOKYO => "the database's alarm in Tokyo",
        _ => "Osaka's alarm",
    }
}

/// What an answer of `failover` came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome<'a>(&'a Value);

impl<'a> Outcome<'a> {
    /// Of the first database; `None` when the policy was not asked.
    pub(crate) fn of(payload: &'a Value) -> Option<Self> {
        payload.pointer("/results/0/failover").map(Self)
    }

    /// Of an invocation that did not fail.
    fn told(invoked: &'a Invoked) -> Option<Self> {
        Self::of(&invoked.payload).filter(|_| !invoked.failed)
    }

    /// `refused`, `advised`, `started`, …
    pub(crate) fn action(self) -> &'a str {
        self.0.get("action").and_then(Value::as_str).unwrap_or_default()
    }

    /// The checks that did not pass.
    pub(crate) fn blocked_by(self) -> Vec<&'a str> {
        let names = self.0.get("blocked_by").and_then(Value::as_array);
        names.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The names of its phases, in order.
    pub(crate) fn phases(self) -> Vec<&'a str> {
        let phases = self.0.get("phases").and_then(Value::as_array);
        phases.into_iter().flatten().filter_map(|phase| phase.get("name")?.as_str()).collect()
    }
}

/// The check of that name in an answer: what it found, and whether that passed.
pub(crate) fn check<'a>(payload: &'a Value, name: &str) -> Option<(&'a str, bool)> {
    let checks = payload.pointer("/results/0/checks")?.as_array()?;
    let check = checks.iter().rev().find(|check| check.get("name").and_then(Value::as_str) == Some(name))?;
    Some((check.get("value")?.as_str()?, check.get("pass")?.as_bool()?))
}

/// Whether an invocation came to that action.
pub(crate) fn is(action: &str, invoked: &Invoked) -> bool {
    Outcome::told(invoked).is_some_and(|outcome| outcome.action() == action)
}

/// Whether it was a refusal by exactly these checks.
pub(crate) fn is_refused(invoked: &Invoked, by: &[&str]) -> bool {
    is("refused", invoked) && Outcome::told(invoked).is_some_and(|outcome| outcome.blocked_by() == by)
}

/// Such as `6 × refused by alarms_in_alarm`.
pub(crate) fn summary(invoked: &[Invoked]) -> String {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for it in invoked {
        *counted.entry(words(it)).or_default() += 1;
    }
    let parts: Vec<String> = counted.iter().map(|(words, count)| format!("{count} \u{d7} {words}")).collect();
    if parts.is_empty() { "no answer".to_owned() } else { parts.join("; ") }
}

pub(crate) fn words(invoked: &Invoked) -> String {
    let Some(outcome) = Outcome::told(invoked) else {
        let message = invoked.payload.get("errorMessage").and_then(Value::as_str);
        return message.map_or("no policy".to_owned(), |message| format!("failed: {message}"));
    };
    match outcome.blocked_by().as_slice() {
        [] => outcome.action().to_owned(),
        blocked => format!("{} by {}", outcome.action(), blocked.join(", ")),
    }
}

/// All answers of the function that alarms wake, since then.
pub(crate) fn answers(play: &Play, since: Instant) -> Vec<Invoked> {
    let log = play.delivery.log().into_iter();
    log.filter(|it| it.job == Job::Failover && it.began >= since).collect()
}
