//! What the scenarios of the sample have in common.

use std::ops::Range;

use drill_report::{
    Check, EventKind, Expectation, Interval, Lane, Leg, NamedValue, Phase, PhaseName, TimelineEvent,
    WriteSeries, Writes,
};
use serde_json::{Value, json};

pub(crate) const SEOUL: &str = "ap-northeast-2";
pub(crate) const OSAKA: &str = "ap-northeast-3";

pub(crate) fn seoul() -> Lane {
    Lane::Follow(SEOUL.into())
}

pub(crate) fn osaka() -> Lane {
    Lane::Follow(OSAKA.into())
}

/// One transition, with times in milliseconds from the scenario's start.
pub(crate) struct Transition {
    pub(crate) name: &'static str,
    pub(crate) from_ms: u64,
    pub(crate) to_ms: u64,
    pub(crate) asked_ms: u64,
    pub(crate) promoted_ms: u64,
    /// Whether it was asked for; otherwise the writer was killed.
    pub(crate) planned: bool,
    /// Whether an event woke the function; otherwise the schedule did, seconds later.
    pub(crate) quick: bool,
}

impl Transition {
    fn woken_ms(&self) -> u64 {
        self.promoted_ms + if self.quick { 31 } else { 5_090 }
    }

    fn first_write_ms(&self) -> u64 {
        self.woken_ms() + 394
    }

    pub(crate) fn outage(&self) -> Interval {
        Interval { from_ms: self.asked_ms + 385, to_ms: self.first_write_ms() }
    }

    pub(crate) fn leg(&self, acknowledged: u64, lost: Range<u64>) -> Leg {
        let woken = self.woken_ms();
        let mut leg = Leg::new(self.name, Interval { from_ms: self.from_ms, to_ms: self.to_ms });
        leg.phases = vec![
            Phase::new(PhaseName::Injected, self.asked_ms),
            Phase::new(PhaseName::Promoted, self.promoted_ms).with_note("pg_is_in_recovery() is false"),
            Phase::new(PhaseName::Detected, woken).in_region(OSAKA),
            Phase::new(PhaseName::Decided, woken + 28).in_region(OSAKA),
            Phase::new(PhaseName::RecordAccepted, woken + 65),
            Phase::new(PhaseName::ParameterAccepted, woken + 82).in_region(OSAKA),
            Phase::new(PhaseName::RecordVisible, woken + 241).with_note("the resolver's first new answer"),
            Phase::new(PhaseName::FirstWrite, self.first_write_ms()),
        ];
        let mut writes = Writes {
            outage: Some(self.outage()),
            acknowledged,
            rejected: 14,
            indeterminate: 3,
            ..Writes::default()
        };
        writes.set_lost(lost);
        leg.writes = Some(writes);
        leg
    }

    pub(crate) fn events(&self, from: &str, to: &str) -> Vec<TimelineEvent> {
        let woken = self.woken_ms();
        let function = |region: &str| Lane::Follow(region.to_owned());
        let refusal = if self.planned { "25006: read-only transaction" } else { "connection refused" };
        let mut events = vec![
            TimelineEvent::at(self.from_ms, Lane::Database, EventKind::State, format!("writer in {from}"))
                .until(self.asked_ms + 385),
            TimelineEvent::at(self.promoted_ms, Lane::Database, EventKind::State, format!("writer in {to}"))
                .until(self.to_ms),
            TimelineEvent::at(woken + 28, function(to), EventKind::Publish, format!("publish {to}")),
            TimelineEvent::at(woken + 65, Lane::Record, EventKind::Publish, format!("DELETE + CREATE: {to}")),
            TimelineEvent::at(woken + 82, Lane::Parameter, EventKind::Publish, format!("{to} in {to}")),
            TimelineEvent::at(woken + 96, Lane::Parameter, EventKind::Publish, format!("{to} in {from}")),
            TimelineEvent::at(self.from_ms, Lane::Dns, EventKind::State, format!("answers {from}"))
                .until(woken + 241),
            TimelineEvent::at(woken + 241, Lane::Dns, EventKind::Publish, format!("answers {to}"))
                .until(self.to_ms),
            TimelineEvent::at(self.asked_ms + 401, Lane::Clients, EventKind::Error, refusal),
            TimelineEvent::at(
                self.first_write_ms(),
                Lane::Clients,
                EventKind::Publish,
                "first write acknowledged",
            ),
        ];
        if self.quick && self.planned {
            events.push(TimelineEvent::at(
                self.asked_ms + 30,
                Lane::Events,
                EventKind::Event,
                "RDS-EVENT-0181",
            ));
        }
        if self.quick {
            events.push(TimelineEvent::at(
                self.promoted_ms + 24,
                Lane::Events,
                EventKind::Event,
                "RDS-EVENT-0184",
            ));
            events.push(TimelineEvent::at(
                self.promoted_ms + 700,
                Lane::Events,
                EventKind::Event,
                "RDS-EVENT-0185",
            ));
            events.push(TimelineEvent::at(
                self.promoted_ms + 744,
                function(from),
                EventKind::Decision,
                "unchanged",
            ));
        } else {
            events.push(TimelineEvent::at(woken - 3, Lane::Events, EventKind::Event, "schedule"));
        }
        events
    }
}

/// A steady stream of writes with outages in it.
pub(crate) fn stream(duration_ms: u64, outages: &[Interval]) -> WriteSeries {
    let mut series = WriteSeries::new();
    for at_ms in (0..duration_ms).step_by(4) {
        let outage = outages.iter().find(|outage| (outage.from_ms..outage.to_ms).contains(&at_ms));
        match outage {
            // The writers back off: fewer attempts while it lasts.
            Some(_) if at_ms % 68 == 0 => series.add_failed(at_ms),
            None if at_ms % 11 < 8 => series.add_acknowledged(at_ms),
            Some(_) | None => {}
        }
    }
    series
}

pub(crate) fn steady_state() -> Vec<NamedValue> {
    let pairs = [
        ("writer", "ap-northeast-2, streaming to ap-northeast-3"),
        ("replication lag", "0 bytes"),
        ("record", "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com"),
        ("epoch", "7 in both Regions"),
        ("writes", "240 a second, none failed for 3 s"),
    ];
    pairs.map(|(name, value)| NamedValue::new(name, value)).to_vec()
}

pub(crate) fn expectations(lost: Option<u64>, outage_ms: u64, record_ms: u64) -> Vec<Expectation> {
    let mut expectations = vec![
        Expectation::within_ms("The record is accepted after the promotion", 2_000, Some(record_ms)),
        Expectation::within_ms("Clients write again", 5_000, Some(outage_ms)),
        Expectation::exactly("No session still reaches the demoted writer", 0, Some(0)),
    ];
    if let Some(lost) = lost {
        expectations.insert(0, Expectation::exactly("No acknowledged write is lost", 0, Some(lost)));
    }
    expectations
}

pub(crate) fn checks() -> Vec<Check> {
    let checks = [
        ("writer_ready", "available, 1 instance"),
        ("claim", "fresh, epoch 7"),
        ("settled", "63 s since the last move"),
    ];
    checks.map(|(name, value)| Check { name: name.into(), value: value.into(), pass: true }).to_vec()
}

pub(crate) fn publish(epoch: u64, region: &str, reason: &str) -> Value {
    json!({ "results": [{
        "database": "todo", "decision": "publish", "reason": reason, "epoch": epoch,
        "writer": { "region": region, "endpoint": format!("todo.cluster-abc.{region}.rds.amazonaws.com") },
        "channels": { "record": "updated", "parameter": { SEOUL: "updated", OSAKA: "updated" } },
        "checks": [{ "name": "writer_ready", "value": "available, 1 instance", "pass": true }],
        "elapsed_ms": 41
    }]})
}

pub(crate) fn hold(hold: &str, reason: &str) -> Value {
    json!({ "results": [{ "database": "todo", "decision": "hold", "hold": hold, "reason": reason, "elapsed_ms": 22 }]})
}
