//! Why a function was woken. Events are hints: late, repeated, out of order or lost; every one of them
//! leads to the same pass, and only tells which database to look at first.

use serde_json::Value;

use crate::config::Database;
use crate::failover::alarm::{self, AlarmChange, NoAlarm};
use crate::published::{WriteBlock, WriteBlockOutcome};
use crate::timestamp::Timestamp;

/// Why a function was woken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    /// What kind of event it was.
    pub kind: TriggerKind,
    /// RDS's `EventID`, such as `RDS-EVENT-0181`; AWS's documentation and its wire disagree about the
    /// categories, so the id is all that is looked at.
    pub event_id: Option<String>,
    /// The cluster that it is about: ARNs and identifiers as they came.
    pub subjects: Vec<String>,
    /// When a transition began, for an event that says so.
    pub began_at: Option<Timestamp>,
    /// Whether the old writer was kept from writing, for an event that says so.
    pub write_block: Option<WriteBlock>,
    /// The alarms that changed, for an alarm.
    pub alarms: Vec<AlarmChange>,
    /// What else came with them and is no alarm.
    pub unread: Vec<NoAlarm>,
}

/// The kinds of triggers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TriggerKind {
    /// An RDS event from EventBridge.
    RdsEvent,
    /// A CloudWatch alarm.
    Alarm,
    /// The schedule.
    Schedule,
    /// Anything else: an empty object, a test from the console, an event that nobody knows.
    #[default]
    Manual,
}

impl TriggerKind {
    /// The word in the logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RdsEvent => "rds-event",
            Self::Alarm => "alarm",
            Self::Schedule => "schedule",
            Self::Manual => "manual",
        }
    }
}

/// "A global switchover to a DB cluster started"; no event says that a failover started.
const SWITCHOVER_STARTED: &str = "RDS-EVENT-0181";
/// The write block on the old primary succeeded.
const WRITE_BLOCK_SUCCEEDED: &str = "RDS-EVENT-0390";
/// The write block on the old primary timed out, and the failover goes on: two may take writes.
const WRITE_BLOCK_TIMED_OUT: &str = "RDS-EVENT-0391";

impl Trigger {
    /// Reads any event; nothing in it can make this fail. `now` is taken for a missing time.
    pub fn of_event(event: &Value, now: Timestamp) -> Self {
        let text = |key: &str| event.get(key).and_then(Value::as_str);
        let kind = match (text("source"), text("detail-type")) {
            (Some("aws.rds"), _) => TriggerKind::RdsEvent,
            (Some("aws.cloudwatch"), _) => TriggerKind::Alarm,
            (Some("aws.events" | "aws.scheduler"), _) | (_, Some("Scheduled Event")) => TriggerKind::Schedule,
            _ => TriggerKind::Manual,
        };
        if kind != TriggerKind::RdsEvent {
            return Self { kind, ..Self::default() };
        }
        let detail =
            |key: &str| event.get("detail").and_then(|detail| detail.get(key)).and_then(Value::as_str);
        let resources = event.get("resources").and_then(Value::as_array).into_iter().flatten();
        let named = [detail("SourceArn"), detail("SourceIdentifier")].into_iter().flatten();
        let subjects = named.chain(resources.filter_map(Value::as_str)).map(subject).collect();
        let event_id = detail("EventID").map(str::to_owned);
        let began = event_id.as_deref() == Some(SWITCHOVER_STARTED);
        let at = text("time").and_then(|time| time.parse().ok()).unwrap_or(now);
        let outcome = match event_id.as_deref() {
            Some(WRITE_BLOCK_SUCCEEDED) => Some(WriteBlockOutcome::Succeeded),
            Some(WRITE_BLOCK_TIMED_OUT) => Some(WriteBlockOutcome::TimedOut),
            _ => None,
        };
        let write_block = outcome.map(|outcome| WriteBlock { outcome, at: at.whole_seconds(), told: false });
        let began_at = began.then_some(at);
        Self { kind, event_id, subjects, began_at, write_block, ..Self::default() }
    }

    /// Reads the event of a function that alarms wake; fails when it is no alarm at all.
    pub fn of_alarm(event: &Value) -> Result<Self, NoAlarm> {
        let alarms = alarm::read(event)?;
        let (alarms, unread) = (alarms.changes, alarms.refused);
        Ok(Self { kind: TriggerKind::Alarm, alarms, unread, ..Self::default() })
    }

    /// Whether the event is about one of `database`'s clusters.
    pub fn names(&self, database: &Database) -> bool {
        let is_subject = |name: &str| self.subjects.iter().any(|subject| subject == name);
        database.members().values().any(|arn| is_subject(arn.as_str()) || is_subject(arn.identifier()))
            || self.alarms.iter().any(|alarm| alarm.concerns(database))
    }

    /// Whether the event is about one of these instances, by identifier or ARN.
    pub fn names_instance(&self, instances: &[String]) -> bool {
        let is_of = |subject: &String, instance: &String| {
            subject == instance || subject.rsplit_once(":db:").is_some_and(|(_, name)| name == instance)
        };
        instances.iter().any(|instance| self.subjects.iter().any(|subject| is_of(subject, instance)))
    }
}

/// A `SourceIdentifier` can begin with `rds:`.
fn subject(text: &str) -> String {
    text.strip_prefix("rds:").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_ms(1_000_000);

    #[test]
    fn a_switchover_that_began_is_known_by_its_id_alone() {
        let event = json!({
            "source": "aws.rds", "detail-type": "RDS DB Cluster Event", "time": "2026-11-22T22:31:04Z",
            "resources": ["arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"],
            "detail": {"EventID": "RDS-EVENT-0181", "EventCategories": ["empty"], "SourceIdentifier": "rds:todo-seoul"}
        });
        let trigger = Trigger::of_event(&event, NOW);
        assert_eq!(trigger.kind, TriggerKind::RdsEvent);
        assert_eq!(trigger.began_at, Some("2026-11-22T22:31:04Z".parse().unwrap()));
        assert!(trigger.subjects.contains(&"todo-seoul".to_owned()));
    }

    #[test]
    fn nothing_that_may_come_is_an_error() {
        for event in [
            json!(null),
            json!([]),
            json!("x"),
            json!(1),
            json!({}),
            json!({"source": 1}),
            json!({"source": "aws.rds"}),
            json!({"source": "aws.rds", "detail": []}),
            json!({"source": "aws.rds", "detail": {"EventID": null}, "resources": "x", "time": "soon"}),
        ] {
            let trigger = Trigger::of_event(&event, NOW);
            assert_eq!(trigger.began_at, None, "{event}");
        }
        assert_eq!(
            Trigger::of_event(&json!({"detail-type": "Scheduled Event"}), NOW).kind,
            TriggerKind::Schedule
        );
    }
}
