//! What wakes `follow`: an RDS event or the schedule, as EventBridge delivers them, or anything else. Nothing in it can make
//! this fail.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::state::{WriteBlock, WriteBlockOutcome};
use responder_core::world::trigger::{Trigger, TriggerKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::time::timestamp;

/// "A global switchover to a DB cluster started"; no event says that a failover started.
const SWITCHOVER_STARTED: &str = "RDS-EVENT-0181";

/// The write block on the old primary succeeded.
const WRITE_BLOCK_SUCCEEDED: &str = "RDS-EVENT-0390";

/// The write block on the old primary timed out, and the failover goes on: two may take writes.
const WRITE_BLOCK_TIMED_OUT: &str = "RDS-EVENT-0391";

/// What counts of the detail of RDS's event. Each may be null or missing.
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    #[serde(rename = "EventID")]
    event_id: Option<String>,
    source_arn: Option<String>,
    source_identifier: Option<String>,
}

/// Reads any event; nothing in it can make this fail. `now` is taken for a missing time.
pub fn trigger(event: &Value, now: Timestamp) -> Trigger {
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let kind = match (text("source"), text("detail-type")) {
        (Some("aws.rds"), _) => TriggerKind::RdsEvent,
        (Some("aws.cloudwatch"), _) => TriggerKind::Alarm,
        (Some("aws.events" | "aws.scheduler"), _) | (_, Some("Scheduled Event")) => TriggerKind::Schedule,
        _ => TriggerKind::Manual,
    };
    if kind != TriggerKind::RdsEvent {
        return Trigger { kind, ..Trigger::default() };
    }
    // One that is not as EventBridge makes them wakes the same pass, and tells nothing more.
    let event = EventBridgeEvent::<Option<Detail>>::deserialize(event).unwrap_or_default();
    let Detail { event_id, source_arn, source_identifier } = event.detail.unwrap_or_default();
    let named = [source_arn, source_identifier].into_iter().flatten();
    let subjects = named.chain(event.resources.unwrap_or_default()).map(|it| subject(&it)).collect();
    let at = event.time.map_or(now, timestamp);
    let outcome = match event_id.as_deref() {
        Some(WRITE_BLOCK_SUCCEEDED) => Some(WriteBlockOutcome::Succeeded),
        Some(WRITE_BLOCK_TIMED_OUT) => Some(WriteBlockOutcome::TimedOut),
        _ => None,
    };
    let write_block = outcome.map(|outcome| WriteBlock { outcome, at: at.whole_seconds(), told: false });
    let began_at = (event_id.as_deref() == Some(SWITCHOVER_STARTED)).then_some(at);
    Trigger { kind, event_id, subjects, began_at, write_block, ..Trigger::default() }
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
        let trigger = trigger(&event, NOW);
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
            let trigger = trigger(&event, NOW);
            assert_eq!(trigger.began_at, None, "{event}");
        }
        assert_eq!(trigger(&json!({"detail-type": "Scheduled Event"}), NOW).kind, TriggerKind::Schedule);
    }
}
