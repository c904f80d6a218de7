//! One log line a decision, which is a CloudWatch embedded metric at the same time: CloudWatch Logs
//! takes the metrics out of the line, and a person reads the rest.

use crate::answer::readiness::ReadinessKind;
use crate::answer::result::HoldKind;
use crate::answer::result::ReadinessResult;
use serde_json::{Value, json};

use crate::answer::result::{Channel, Channels, DatabaseResult, DecisionKind};
use crate::words::timestamp::Timestamp;
use crate::world::trigger::Trigger;

/// The metrics' namespace.
pub const NAMESPACE: &str = "FailoverResponder";

/// The line for one database's result.
pub fn line(result: &DatabaseResult, trigger: &Trigger, request_id: &str, now: Timestamp) -> Value {
    let conflict = i32::from(result.hold == Some(HoldKind::WriterConflict) || result.is_unfenced);
    let decision = serde_json::to_value(result.decision).unwrap_or_default();
    let mut line = json!({
        "_aws": { "Timestamp": now.as_ms(), "CloudWatchMetrics": directives(result) },
        "level": level(result),
        "message": sentence(result),
        "request_id": request_id,
        "trigger": trigger.kind.as_str(),
        "event_id": trigger.event_id,
        "Database": result.database,
        "Decision": decision,
        "Decisions": 1,
        "EndpointDrift": i32::from(result.drift),
        "WriterConflict": conflict,
        "PassDuration": result.elapsed_ms,
        "ChannelFailures": result.channels.as_ref().map_or(0, failures),
    });
    if let (Value::Object(line), Ok(value)) = (&mut line, serde_json::to_value(result)) {
        line.extend(result.standby.map(|standby| ("NoStandby".to_owned(), json!(i32::from(!standby)))));
        line.insert("result".to_owned(), value);
    }
    line
}

/// The line for one invocation of a function that reads alarms: that somebody looks, and at how many.
pub fn alarms_read(count: u64, trigger: &Trigger, request_id: &str, now: Timestamp) -> Value {
    json!({
        "_aws": { "Timestamp": now.as_ms(), "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [[]],
            "Metrics": [{ "Name": "AlarmsRead", "Unit": "Count" }],
        }] },
        "level": "INFO",
        "message": format!("{count} alarms read"),
        "request_id": request_id,
        "trigger": trigger.kind.as_str(),
        "AlarmsRead": count,
    })
}

/// The line for one look ahead. In a Region that has nothing to take over, and where nothing was judged, it has no metric.
pub fn readiness(
    database: &str,
    readiness: &ReadinessResult,
    trigger: &Trigger,
    request_id: &str,
    now: Timestamp,
) -> Value {
    let value = readiness.verdict.metric();
    let metrics = value.map(|_| {
        json!({
            "Namespace": NAMESPACE,
            "Dimensions": [["Database"], []],
            "Metrics": [{ "Name": "Ready", "Unit": "Count" }],
        })
    });
    let is_quiet =
        matches!(readiness.verdict, ReadinessKind::Ready | ReadinessKind::Writer | ReadinessKind::NotFirst);
    let mut line = json!({
        "_aws": { "Timestamp": now.as_ms(), "CloudWatchMetrics": metrics.into_iter().collect::<Vec<_>>() },
        "level": if is_quiet { "INFO" } else { "WARN" },
        "message": format!("{database}: readiness: {}", readiness.reason),
        "request_id": request_id,
        "trigger": trigger.kind.as_str(),
        "Database": database,
        "readiness": readiness,
    });
    if let (Value::Object(line), Some(value)) = (&mut line, value) {
        line.insert("Ready".to_owned(), json!(value));
    }
    line
}

fn directives(result: &DatabaseResult) -> Value {
    let mut metrics = vec![
        json!({ "Name": "EndpointDrift", "Unit": "Count" }),
        json!({ "Name": "WriterConflict", "Unit": "Count" }),
        json!({ "Name": "PassDuration", "Unit": "Milliseconds" }),
        json!({ "Name": "ChannelFailures", "Unit": "Count" }),
    ];
    // Where nobody looked there is no value, and CloudWatch refuses a metric without one.
    metrics.extend(result.standby.map(|_| json!({ "Name": "NoStandby", "Unit": "Count" })));
    json!([
        {
            "Namespace": NAMESPACE,
            "Dimensions": [["Database", "Decision"]],
            "Metrics": [{ "Name": "Decisions", "Unit": "Count" }],
        },
        {
            "Namespace": NAMESPACE,
            "Dimensions": [["Database"], []],
            "Metrics": metrics,
        },
    ])
}

fn level(result: &DatabaseResult) -> &'static str {
    let loud = result.hold == Some(HoldKind::WriterConflict)
        || result.is_unfenced
        || !result.unpublished.is_empty()
        || !result.undone.is_empty();
    match result.decision {
        _ if loud => "ERROR",
        DecisionKind::Error => "ERROR",
        DecisionKind::Hold => "WARN",
        DecisionKind::Publish | DecisionKind::Unchanged => "INFO",
    }
}

fn sentence(result: &DatabaseResult) -> String {
    let what = match (result.decision, result.hold) {
        (DecisionKind::Publish, _) => "publish".to_owned(),
        (DecisionKind::Unchanged, _) => "unchanged".to_owned(),
        (DecisionKind::Hold, hold) => {
            format!("hold ({})", hold.map_or_else(|| "unknown".to_owned(), |hold| hold.to_string()))
        }
        (DecisionKind::Error, _) => "error".to_owned(),
    };
    let reason = result.error.as_ref().unwrap_or(&result.reason);
    format!("{}: {what}: {reason}", result.database)
}

fn failures(channels: &Channels) -> usize {
    let failed = |channel: &&Channel| matches!(channel, Channel::Unreachable | Channel::Failed);
    channels.parameter.values().chain([&channels.record]).filter(failed).count()
}

#[cfg(test)]
mod tests;
