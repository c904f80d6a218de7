//! A CloudWatch alarm in all the shapes in which it wakes a function. Only the few fields that matter are
//! read, leniently: the kind of alarm (metric, metric math, anomaly detection, composite) changes none of them.
//!
//! | shape | told by | the alarm's ARN | its state |
//! | --- | --- | --- | --- |
//! | direct Lambda action | `alarmData` | `alarmArn` | `alarmData.state.value` |
//! | EventBridge "CloudWatch Alarm State Change" | `detail.alarmName` | `resources[0]` | `detail.state.value` |
//! | CloudWatch's own SNS message | `NewStateValue` | `AlarmArn` | `NewStateValue` |
//! | any of them inside SNS | `Records[].Sns.Message` | | |

use responder_core::config::alarm_region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmChange, AlarmState, name_of};
use responder_core::world::trigger::{Trigger, TriggerKind};
use serde_json::Value;

/// Most characters of a foreign word that an error repeats.
const WORD_MAX: usize = 60;

/// Most keys of a document that an error repeats.
const KEYS_MAX: usize = 12;

/// SNS never wraps itself; an envelope in an envelope may come from a forwarder, and that is enough.
const DEPTH_MAX: usize = 3;

/// An event that is no alarm: says what it looked like, by its keys and its kind, never by its values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no CloudWatch alarm: {0}")]
pub struct NoAlarm(String);

/// What an event says about alarms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Alarms {
    /// The alarms that changed.
    changes: Vec<AlarmChange>,
    /// The messages of an SNS event that were none.
    refused: Vec<NoAlarm>,
}

/// Reads the event of a function that alarms wake; fails when nothing in it is an alarm.
pub fn trigger(event: &Value) -> Result<Trigger, NoAlarm> {
    let Alarms { changes, refused } = read(event)?;
    let unread = refused.iter().map(ToString::to_string).collect();
    Ok(Trigger { kind: TriggerKind::Alarm, alarms: changes, unread, ..Trigger::default() })
}

/// Reads an event. Fails when nothing in it is an alarm; a message that is none does not stop the others of its event.
fn read(event: &Value) -> Result<Alarms, NoAlarm> {
    let mut alarms = Alarms::default();
    collect(event, 0, &mut alarms);
    match (alarms.changes.is_empty(), alarms.refused.first()) {
        (true, Some(first)) => Err(first.clone()),
        (true, None) => Err(NoAlarm("an SNS event without a message".to_owned())),
        (false, _) => Ok(alarms),
    }
}

fn collect(event: &Value, depth: usize, alarms: &mut Alarms) {
    if let Some(records) = event.get("Records").and_then(Value::as_array).filter(|_| depth < DEPTH_MAX) {
        for record in records {
            let message = record.pointer("/Sns/Message").and_then(Value::as_str);
            match message.map(serde_json::from_str::<Value>) {
                Some(Ok(message)) => collect(&message, depth + 1, alarms),
                Some(Err(_)) => alarms.refused.push(NoAlarm("an SNS message that is not JSON".to_owned())),
                None => {
                    alarms.refused.push(NoAlarm(format!("a record that is not SNS's: {}", looks(record))));
                }
            }
        }
        return;
    }
    match direct(event).or_else(|| event_bridge(event)).or_else(|| message(event)) {
        Some(change) => alarms.changes.push(change),
        None => alarms.refused.push(NoAlarm(looks(event))),
    }
}

/// The payload of a direct Lambda action.
fn direct(event: &Value) -> Option<AlarmChange> {
    let data = event.get("alarmData")?;
    let at = moment(data.pointer("/state/timestamp")).or_else(|| moment(event.get("time")));
    let arn = event.get("alarmArn").or_else(|| event.pointer("/resources/0"));
    change(arn, data.get("alarmName"), data.pointer("/state/value"), at)
}

/// "CloudWatch Alarm State Change", as EventBridge delivers it.
fn event_bridge(event: &Value) -> Option<AlarmChange> {
    let detail = event.get("detail")?;
    let at = moment(detail.pointer("/state/timestamp")).or_else(|| moment(event.get("time")));
    change(event.pointer("/resources/0"), detail.get("alarmName"), detail.pointer("/state/value"), at)
}

/// CloudWatch's own message to an SNS topic.
fn message(event: &Value) -> Option<AlarmChange> {
    let at = moment(event.get("StateChangeTime"));
    change(event.get("AlarmArn"), event.get("AlarmName"), event.get("NewStateValue"), at)
}

fn change(
    arn: Option<&Value>,
    name: Option<&Value>,
    state: Option<&Value>,
    at: Option<Timestamp>,
) -> Option<AlarmChange> {
    let arn = arn.and_then(Value::as_str).map(compact).filter(|arn| alarm_region(arn).is_some());
    let own_name = arn.as_deref().and_then(name_of);
    let name = name.and_then(Value::as_str).or(own_name)?.to_owned();
    let state = AlarmState::of(state.and_then(Value::as_str)?);
    Some(AlarmChange { arn, name, state, at })
}

/// An ARN without the blanks that printed ones have behind a colon; the alarm's own name may hold blanks.
fn compact(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let trimmed =
        |(at, part): (usize, &&str)| if at < 6 { part.trim().to_owned() } else { (*part).to_owned() };
    parts.iter().enumerate().map(trimmed).collect::<Vec<_>>().join(":")
}

/// A moment as CloudWatch writes it: `2023-08-04T12:36:15.490+0000`, whose zone RFC 3339 wants with a colon; printed
/// ones have blanks in them.
fn moment(value: Option<&Value>) -> Option<Timestamp> {
    let text: String = value?.as_str()?.split_whitespace().collect();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let at = text.len().checked_sub(2)?;
    let (head, minutes) = (text.get(..at)?, text.get(at..)?);
    format!("{head}:{minutes}").parse().ok()
}

/// What a document looks like: its kind and its keys. Its values may be secrets.
fn looks(event: &Value) -> String {
    let keys = match event {
        Value::Object(fields) => fields,
        Value::Null => return "null".to_owned(),
        Value::Array(items) => return format!("a list of {} items", items.len()),
        Value::String(_) => return "a text".to_owned(),
        Value::Bool(_) | Value::Number(_) => return "a bare value".to_owned(),
    };
    if keys.is_empty() {
        return "an empty object".to_owned();
    }
    let kind =
        |key: &str| event.get(key).and_then(Value::as_str).map(|word| format!("{key} {:?}", short(word)));
    let kinds: Vec<String> = ["source", "detail-type"].into_iter().filter_map(kind).collect();
    let mut names: Vec<String> = keys.keys().take(KEYS_MAX).map(|key| short(key)).collect();
    if keys.len() > KEYS_MAX {
        names.push("…".to_owned());
    }
    let kinds = if kinds.is_empty() { String::new() } else { format!(" and {}", kinds.join(", ")) };
    format!("an object with the keys {}{kinds}", names.join(", "))
}

fn short(word: &str) -> String {
    word.chars().filter(|it| !it.is_control()).take(WORD_MAX).collect()
}
