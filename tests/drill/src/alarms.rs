//! The health alarms of the scenarios in which `failover` is woken, and what its answers and messages say.

use std::sync::Arc;
use std::time::Instant;

use drill_cloud::app_failover::{PRIMARY_ALARM, SECONDARY_ALARM};
use drill_cloud::front::Entry;
use drill_cloud::{Alarm, AlarmChange, AlarmState, Cloud, Inbox, Mail, Region};
use drill_report::{EventKind, Lane};
use serde_json::{Value, json};

use crate::error::DrillError;
use crate::play::Play;

/// Osaka's own view of the writer.
pub(crate) const LOCAL: Alarm = Alarm { name: "todo-writer-unreachable", region: "ap-northeast-3" };
/// The witness's, in Tokyo, where no member is: it tells a dead writer from a cut between the two.
pub(crate) const WITNESS: Alarm = Alarm { name: "todo-writer-witness", region: "ap-northeast-1" };
/// The topic's name.
const TOPIC: &str = "todo-failover";

/// What the database's configuration says about alarms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// `advise` or `automatic`.
    pub(crate) mode: &'static str,
    /// Which alarms say together that the writer is dead.
    pub(crate) health_alarms: [Alarm; 2],
    pub(crate) max_lag_seconds: u32,
    pub(crate) cooldown_seconds: u32,
}

impl Policy {
    /// With limits that suit a drill.
    pub(crate) const fn of(mode: &'static str) -> Self {
        Self { mode, health_alarms: [LOCAL, WITNESS], max_lag_seconds: 5, cooldown_seconds: 600 }
    }

    /// The same with the alarms of the module `app_failover`: no application reaches the writer.
    pub(crate) const fn of_app_failover(mode: &'static str) -> Self {
        Self { health_alarms: [PRIMARY_ALARM, SECONDARY_ALARM], ..Self::of(mode) }
    }

    /// The configuration's part `failover`.
    pub(crate) fn configuration(self, topic_arn: &str) -> Value {
        json!({
            "mode": self.mode,
            "health_alarms": self.health_alarms.map(|alarm| alarm.arn()),
            "max_lag_seconds": self.max_lag_seconds,
            "cooldown_seconds": self.cooldown_seconds,
            "topic_arn": topic_arn,
        })
    }
}

/// Creates the alarms, in state OK, and the topic with its subscriber.
pub(crate) async fn prepare(cloud: &Cloud) -> Result<Inbox, DrillError> {
    let alarms = cloud.alarms();
    let (inbox, (), ()) =
        tokio::try_join!(cloud.inbox(Region::Osaka, TOPIC), alarms.create(LOCAL), alarms.create(WITNESS))?;
    Ok(inbox)
}

impl Play<'_> {
    /// Changes an alarm's state; who hears of it is up to the script.
    pub(crate) async fn set_alarm(
        &mut self,
        alarm: Alarm,
        state: AlarmState,
    ) -> Result<AlarmChange, DrillError> {
        let change = self.stage.cloud.alarms().set(alarm, state).await?;
        let kind = if state == AlarmState::Alarm { EventKind::Fault } else { EventKind::State };
        self.act(Lane::Alarms, kind, &format!("{} is {}", short(alarm), state.as_str()));
        Ok(change)
    }

    /// Every call so far that would start a failover, whatever came of it.
    pub(crate) fn failover_calls(&self, since: Instant) -> Vec<Arc<Entry>> {
        let calls = self.writes_since(since).into_iter();
        calls.filter(|entry| entry.call.operation == "FailoverGlobalCluster").collect()
    }

    /// The messages that arrived since the scenario began.
    pub(crate) fn mail(&self) -> Vec<Mail> {
        self.stage.inbox.mail().into_iter().filter(|mail| mail.at >= self.started).collect()
    }
}

/// Where an alarm looks from, for people.
pub(crate) fn short(alarm: Alarm) -> &'static str {
    match alarm {
        WITNESS => "the witness in Tokyo",
        PRIMARY_ALARM => "the alarm of Seoul's health check",
        SECONDARY_ALARM => "the alarm of Osaka's health check",
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
