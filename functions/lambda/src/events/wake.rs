//! What wakes `failover`: a CloudWatch alarm in any of its shapes, or the schedule. Either only wakes it: what counts is what
//! the alarms say when they are read.

use responder_core::words::timestamp::Timestamp;
use responder_core::world::trigger::{Trigger, TriggerKind};
use serde_json::Value;

use super::alarm::{self, NoAlarm};
use super::rds;

/// Reads the event of a function that alarms and a schedule wake; fails when it is neither.
pub fn alarm_or_schedule(event: &Value, now: Timestamp) -> Result<Trigger, NoAlarm> {
    let trigger = rds::trigger(event, now);
    if trigger.kind == TriggerKind::Schedule { Ok(trigger) } else { alarm::trigger(event) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kind(event: &Value) -> Option<TriggerKind> {
        alarm_or_schedule(event, Timestamp::from_ms(0)).ok().map(|trigger| trigger.kind)
    }

    #[test]
    fn a_schedules_event_wakes_by_any_of_its_names() {
        for event in [
            json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}, "resources": ["x"]}),
            json!({"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}),
            json!({"source": "somebody", "detail-type": "Scheduled Event"}),
        ] {
            let trigger = alarm_or_schedule(&event, Timestamp::from_ms(0)).unwrap();
            assert_eq!(trigger, Trigger { kind: TriggerKind::Schedule, ..Trigger::default() }, "{event}");
        }
    }

    #[test]
    fn an_alarm_wakes_as_before_and_nothing_else_does() {
        let alarm = json!({
            "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change",
            "resources": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo"],
            "detail": {"alarmName": "todo", "state": {"value": "ALARM", "timestamp": "2026-11-22T22:31:04.000+0000"}}
        });
        assert_eq!(kind(&alarm), Some(TriggerKind::Alarm));
        let message = json!({"Records": [{"Sns": {"Message": alarm.to_string()}}]});
        assert_eq!(kind(&message), Some(TriggerKind::Alarm));
        for event in [
            json!({}),
            json!(null),
            json!({"source": "aws.rds", "detail-type": "RDS DB Cluster Event", "detail": {"EventID": "RDS-EVENT-0181"}}),
            json!({"source": "aws.cloudwatch", "detail-type": "Scheduled Event"}),
        ] {
            assert_eq!(kind(&event), None, "{event}");
        }
    }
}
