//! A CloudWatch alarm in all the shapes in which it wakes a function. Only the few fields that matter are
//! read, leniently: the kind of alarm (metric, metric math, anomaly detection, composite) changes none of them.
//!
//! | shape | told by | the alarm's ARN | its state | a contributor's, by |
//! | --- | --- | --- | --- | --- |
//! | direct Lambda action | `alarmData` | `alarmArn` | `alarmData.state.value` | `alarmData.alarmContributor` |
//! | EventBridge | `detail` | `resources[0]` | `detail.state.value` | `detail.alarmContributor` |
//! | CloudWatch's own SNS message | `NewStateValue` | `AlarmArn` | `NewStateValue` | `AlarmContributorId` |
//! | any of them inside SNS | `Records[].Sns.Message` | | | |
//!
//! The types of `aws_lambda_events` for alarms refuse metric math, anomaly detection, a period of a day, a composite without a
//! suppressor and a new state, and its `SnsRecord` one that lacks any of ten fields: here its envelope of EventBridge holds.
//!
//! An alarm over many time series (Metrics Insights, logs) also sends an event for each of them, its contributors: by its own
//! actions, and to EventBridge as "CloudWatch Alarm Contributor State Change".

use aws_lambda_events::eventbridge::EventBridgeEvent;
use chrono::DateTime;
use responder_core::config::alarm_region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmChange, AlarmState, name_of};
use responder_core::world::trigger::{Trigger, TriggerKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::time::timestamp;

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

/// Reads the event of a function that alarms wake. Fails when nothing in it is an alarm; a message that is none does not stop
/// the others of its event.
pub fn trigger(event: &Value) -> Result<Trigger, NoAlarm> {
    let mut trigger = Trigger { kind: TriggerKind::Alarm, ..Trigger::default() };
    let mut refused = Vec::new();
    for read in read(event, 0) {
        match read {
            Ok(change) => trigger.alarms.push(change),
            Err(no_alarm) => refused.push(no_alarm),
        }
    }
    trigger.unread = refused.iter().map(ToString::to_string).collect();
    let nothing = || NoAlarm("an SNS event without a message".to_owned());
    match trigger.alarms.as_slice() {
        [] => Err(refused.into_iter().next().unwrap_or_else(nothing)),
        _ => Ok(trigger),
    }
}

fn read(event: &Value, depth: usize) -> Vec<Result<AlarmChange, NoAlarm>> {
    let Some(records) = event.get("Records").and_then(Value::as_array).filter(|_| depth < DEPTH_MAX) else {
        let change = direct(event).or_else(|| event_bridge(event)).or_else(|| message(event));
        return vec![change.ok_or_else(|| NoAlarm(looks(event)))];
    };
    let messages = |record: &Value| {
        let message = record.pointer("/Sns/Message").and_then(Value::as_str);
        match message.map(serde_json::from_str::<Value>) {
            Some(Ok(message)) => read(&message, depth + 1),
            Some(Err(_)) => vec![Err(NoAlarm("an SNS message that is not JSON".to_owned()))],
            None => vec![Err(NoAlarm(format!("a record that is not SNS's: {}", looks(record))))],
        }
    };
    records.iter().flat_map(messages).collect()
}

/// What a direct action and EventBridge say of an alarm.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    alarm_name: Option<String>,
    state: State,
    alarm_contributor: Option<Value>,
}

#[derive(Deserialize, Serialize)]
struct State {
    value: String,
    #[serde(default)]
    timestamp: Value,
}

/// The payload of a direct Lambda action.
fn direct(event: &Value) -> Option<AlarmChange> {
    let alarm = Data::deserialize(event.get("alarmData")?).ok()?;
    let arn = event.get("alarmArn").or_else(|| event.pointer("/resources/0"));
    alarm.change(arn.and_then(Value::as_str), event.get("time").and_then(moment))
}

/// An alarm's change of state, or a contributor's, as EventBridge delivers it.
fn event_bridge(event: &Value) -> Option<AlarmChange> {
    let event = EventBridgeEvent::<Data>::deserialize(event).ok()?;
    let resources = event.resources.unwrap_or_default();
    event.detail.change(resources.first().map(String::as_str), event.time.map(timestamp))
}

/// CloudWatch's own message to an SNS topic.
fn message(event: &Value) -> Option<AlarmChange> {
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let state = State { value: text("NewStateValue")?.to_owned(), timestamp: Value::Null };
    let alarm_name = text("AlarmName").map(str::to_owned);
    let alarm = Data { alarm_name, state, alarm_contributor: event.get("AlarmContributorId").cloned() };
    alarm.change(text("AlarmArn"), event.get("StateChangeTime").and_then(moment))
}

impl Data {
    /// The change of the alarm with this ARN, at `time` unless its state says when.
    fn change(self, arn: Option<&str>, time: Option<Timestamp>) -> Option<AlarmChange> {
        let arn = arn.map(compact).filter(|arn| alarm_region(arn).is_some());
        let name = self.alarm_name.or_else(|| Some(name_of(arn.as_deref()?)?.to_owned()))?;
        let is_contributor = self.alarm_contributor.is_some();
        // A contributor says when it changed itself, not when its alarm did.
        let at = moment(&self.state.timestamp).or(time).filter(|_| !is_contributor);
        Some(AlarmChange { arn, name, state: AlarmState::of(&self.state.value), at })
    }
}

/// An ARN without the blanks that printed ones have behind a colon; the alarm's own name may hold blanks.
fn compact(arn: &str) -> String {
    let parts = arn.splitn(7, ':').enumerate();
    parts.map(|(at, part)| if at < 6 { part.trim() } else { part }).collect::<Vec<_>>().join(":")
}

/// A moment as CloudWatch writes it, whose zone has no colon: `2023-08-04T12:36:15.490+0000`.
fn moment(value: &Value) -> Option<Timestamp> {
    DateTime::deserialize(value).ok().map(timestamp)
}

/// What a document looks like: its kind and its keys. Its values may be secrets.
fn looks(event: &Value) -> String {
    let fields = match event {
        Value::Object(fields) if fields.is_empty() => return "an empty object".to_owned(),
        Value::Object(fields) => fields,
        Value::Null => return "null".to_owned(),
        Value::Array(items) => return format!("a list of {} items", items.len()),
        Value::String(_) => return "a text".to_owned(),
        Value::Bool(_) | Value::Number(_) => return "a bare value".to_owned(),
    };
    let kind = |key: &str| Some(format!("{key} {:?}", short(fields.get(key)?.as_str()?)));
    let kinds: Vec<String> = ["source", "detail-type"].into_iter().filter_map(kind).collect();
    let more = (fields.len() > KEYS_MAX).then(|| "…".to_owned());
    let names: Vec<String> = fields.keys().take(KEYS_MAX).map(|key| short(key)).chain(more).collect();
    let and = if kinds.is_empty() { "" } else { " and " };
    format!("an object with the keys {}{and}{}", names.join(", "), kinds.join(", "))
}

fn short(word: &str) -> String {
    word.chars().filter(|it| !it.is_control()).take(WORD_MAX).collect()
}

#[cfg(test)]
mod tests;
