//! How deep alarms are looked for, and what is said of an event that is none.

use serde_json::json;

use super::*;

fn alarm() -> Value {
    json!({ "AlarmName": "todo", "NewStateValue": "ALARM" })
}

fn wrapped(event: &Value, times: usize) -> Value {
    (0..times)
        .fold(event.clone(), |event, _| json!({ "Records": [{ "Sns": { "Message": event.to_string() } }] }))
}

#[test]
fn an_alarm_is_found_in_three_envelopes_and_in_no_more() {
    for times in 0..=3 {
        let found = trigger(&wrapped(&alarm(), times)).unwrap();
        assert_eq!((found.alarms.len(), found.alarms[0].name.as_str()), (1, "todo"), "{times}");
        assert!(found.unread.is_empty() && found.kind == TriggerKind::Alarm, "{times}");
    }
    let said = trigger(&wrapped(&alarm(), 4)).unwrap_err().to_string();
    assert_eq!(said, "this is no CloudWatch alarm: an object with the keys Records");
}

#[test]
fn what_is_no_alarm_is_told_by_what_it_looks_like() {
    let keys = |count: usize| -> Value { (0..count).map(|at| (format!("k{at:02}"), json!(1))).collect() };
    let twelve: Vec<String> = (0..12).map(|at| format!("k{at:02}")).collect();
    let twelve = twelve.join(", ");
    for (event, said) in [
        (json!({}), "an empty object".to_owned()),
        (json!(null), "null".to_owned()),
        (json!([1, 2]), "a list of 2 items".to_owned()),
        (json!("x"), "a text".to_owned()),
        (json!(true), "a bare value".to_owned()),
        (json!(7), "a bare value".to_owned()),
        (keys(12), format!("an object with the keys {twelve}")),
        (keys(13), format!("an object with the keys {twelve}, …")),
        (
            json!({ "source": "aws.x", "detail-type": "y\n" }),
            "an object with the keys detail-type, source and source \"aws.x\", detail-type \"y\"".to_owned(),
        ),
        (json!({ "x".repeat(61): 1 }), format!("an object with the keys {}", "x".repeat(60))),
        (json!({ "Records": [] }), "an SNS event without a message".to_owned()),
        (json!({ "Records": [{ "Sns": { "Message": "x" } }] }), "an SNS message that is not JSON".to_owned()),
        (json!({ "Records": [7] }), "a record that is not SNS's: a bare value".to_owned()),
    ] {
        assert_eq!(trigger(&event).unwrap_err().to_string(), format!("this is no CloudWatch alarm: {said}"));
    }
}

#[test]
fn what_could_not_be_read_beside_an_alarm_is_told() {
    let good = wrapped(&alarm(), 1)["Records"][0].clone();
    let found = trigger(&json!({ "Records": [7, good, { "Sns": { "Message": "x" } }] })).unwrap();
    assert_eq!(found.alarms.len(), 1);
    let said = ["a record that is not SNS's: a bare value", "an SNS message that is not JSON"];
    assert_eq!(found.unread, said.map(|it| format!("this is no CloudWatch alarm: {it}")));
}
