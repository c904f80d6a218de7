//! Alarms in every shape that CloudWatch sends: the payloads that the `aws_lambda_events` crate ships as its fixtures,
//! read where cargo has them, and hand-made ones for the rest.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

use responder_core::world::alarm::{AlarmChange, AlarmState};
use responder_core::world::trigger::Trigger;
use responder_lambda::events::alarm::trigger as read;
use serde_json::{Value, json};

/// Where cargo keeps the crate's fixtures.
fn fixtures() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform"])
        .arg(format!("{}-unknown-linux-gnu", std::env::consts::ARCH))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|it| it["name"] == "aws_lambda_events").unwrap();
    Path::new(package["manifest_path"].as_str().unwrap()).with_file_name("src").join("fixtures")
}

fn fixture(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixtures().join(name)).unwrap()).unwrap()
}

fn only(alarms: &Trigger) -> &AlarmChange {
    assert!(alarms.unread.is_empty() && alarms.alarms.len() == 1, "{alarms:?}");
    &alarms.alarms[0]
}

/// One change, as the fixtures tell it: name, ARN, state and time.
fn check(alarms: &Trigger, name: &str, arn: Option<&str>, state: &AlarmState, at: &str) {
    let change = only(alarms);
    assert_eq!((change.name.as_str(), change.arn.as_deref(), &change.state), (name, arn, state));
    assert_eq!(change.at.unwrap().to_string(), at);
}

#[test]
fn a_metric_alarm_by_direct_action() {
    let alarms = read(&fixture("example-cloudwatch-alarm-metric.json")).unwrap();
    let arn = "arn:aws:cloudwatch:us-east-1:444455556666:alarm:lambda-demo-metric-alarm";
    check(&alarms, "lambda-demo-metric-alarm", Some(arn), &AlarmState::Alarm, "2023-08-04T12:36:15Z");
}

#[test]
fn a_composite_alarm_by_direct_action() {
    let alarms = read(&fixture("example-cloudwatch-alarm-composite.json")).unwrap();
    let arn = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:SuppressionDemo.Main";
    check(&alarms, "CompositeDemo.Main", Some(arn), &AlarmState::Alarm, "2023-08-04T12:56:46Z");
}

#[test]
fn a_composite_alarm_whose_actions_are_suppressed() {
    let alarms = read(&fixture("example-cloudwatch-alarm-composite-with-suppressor-alarm.json")).unwrap();
    let arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServiceAggregatedAlarm";
    check(&alarms, "ServiceAggregatedAlarm", Some(arn), &AlarmState::Alarm, "2022-07-22T15:57:45Z");
}

/// Their ARN is a placeholder, which is none, so the name has to do.
#[test]
fn alarms_inside_sns() {
    let alarms = read(&fixture("example-cloudwatch-alarm-sns-payload-single-metric.json")).unwrap();
    check(&alarms, "EXAMPLE", None, &AlarmState::Alarm, "2015-06-03T17:43:27Z");
    assert!(only(&alarms).is_of("arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:EXAMPLE"));
    let alarms = read(&fixture("example-cloudwatch-alarm-sns-payload-multiple-metrics.json")).unwrap();
    assert!(alarms.alarms.len() > 1 && alarms.unread.is_empty(), "{alarms:?}");
    assert!(alarms.alarms.iter().all(|it| it.name == "EXAMPLE" && it.state == AlarmState::Alarm));
}

#[test]
fn what_is_no_alarm_says_what_it_looked_like_and_none_of_its_values() {
    let fixtures = std::fs::read_dir(fixtures()).unwrap();
    let mut refused = 0;
    for path in fixtures.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(event) = serde_json::from_slice::<Value>(&std::fs::read(&path).unwrap()) else { continue };
        if name.contains("cloudwatch-alarm") {
            continue;
        }
        let error = read(&event).unwrap_err().to_string();
        assert!(error.starts_with("this is no CloudWatch alarm: ") && error.len() < 1_200, "{name}: {error}");
        refused += 1;
    }
    assert!(refused > 50, "the crate ships many other events");
    let secret = json!({ "password": "hunter2", "detail": { "token": "hunter2" }, "source": "my.app" });
    let error = read(&secret).unwrap_err().to_string();
    assert_eq!(
        error,
        "this is no CloudWatch alarm: an object with the keys detail, password, source and source \"my.app\""
    );
}

const ARN: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo: writer unreachable";

/// Synthetic: the envelope is EventBridge's, `configuration` is the kind of alarm.
fn event_bridge(state: &str, configuration: &Value) -> Value {
    json!({
        "version": "0", "id": "1", "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change",
        "account": "123456789012", "time": "2026-11-22T22:31:04Z", "region": "ap-northeast-3", "resources": [ARN],
        "detail": {
            "alarmName": "todo: writer unreachable", "configuration": configuration,
            "state": { "value": state, "timestamp": "2026-11-22T22:31:04.123+0000", "reason": "r" },
            "previousState": { "value": "OK", "timestamp": "2026-11-22T22:30:04.123+0000" },
        },
    })
}

/// Synthetic: what a direct action would send for the same.
fn direct(state: &str, configuration: &Value) -> Value {
    let event = event_bridge(state, configuration);
    json!({
        "source": "aws.cloudwatch", "alarmArn": ARN, "accountId": "123456789012", "region": "ap-northeast-3",
        "time": "2026-11-22T22:31:04.123+0000", "alarmData": event["detail"],
    })
}

/// Inside SNS, the subject and the description being null as they may be.
fn in_sns(events: &[Value]) -> Value {
    let record = |event: &Value| json!({ "EventSource": "aws:sns", "Sns": { "Subject": null, "Message": event.to_string() } });
    json!({ "Records": events.iter().map(record).collect::<Vec<_>>() })
}

/// Every kind of alarm that the ready-made types fail on, and the others.
fn kinds() -> Vec<Value> {
    let stat = |period: u32| json!({ "metricStat": { "period": period, "stat": "Average", "metric": { "namespace": "AWS/RDS" } } });
    vec![
        json!({ "metrics": [stat(60)] }),
        json!({ "metrics": [stat(86_400)] }),
        json!({ "metrics": [{ "id": "e1", "expression": "m1 * 2", "returnData": true }, stat(60)] }),
        json!({ "metrics": [{ "id": "ad1", "expression": "ANOMALY_DETECTION_BAND(m1, 2)" }], "thresholdMetricId": "ad1" }),
        json!({ "alarmRule": "ALARM(a) AND ALARM(b)" }),
        json!({ "alarmRule": "ALARM(a)", "actionsSuppressor": "c", "actionsSuppressorWaitPeriod": 120 }),
        Value::Null,
    ]
}

#[test]
fn every_kind_of_alarm_in_every_state_and_envelope_reads_alike() {
    for kind in kinds() {
        for state in ["ALARM", "OK", "INSUFFICIENT_DATA", "A_NEW_STATE"] {
            let events = [event_bridge(state, &kind), direct(state, &kind)];
            let wrapped = events.iter().map(|event| in_sns(std::slice::from_ref(event)));
            for event in events.iter().cloned().chain(wrapped) {
                let alarms = read(&event).unwrap();
                let expected = AlarmState::of(state);
                check(&alarms, "todo: writer unreachable", Some(ARN), &expected, "2026-11-22T22:31:04Z");
                assert_eq!(only(&alarms).at.unwrap().as_ms() % 1000, 123, "milliseconds are kept");
            }
        }
    }
    assert_eq!(AlarmState::of("A_NEW_STATE"), AlarmState::Other("A_NEW_STATE".to_owned()));
}

#[test]
fn a_contributor_is_known_in_every_shape_and_its_own_moment_is_not_its_alarms() {
    let contributor = json!({ "id": "6d442278dba546f6", "attributes": { "TableName": "example" } });
    let mut bridge = event_bridge("ALARM", &Value::Null);
    bridge["detail-type"] = "CloudWatch Alarm Contributor State Change".into();
    bridge["detail"]["alarmContributor"] = contributor.clone();
    let mut action = direct("ALARM", &Value::Null);
    action["alarmData"]["alarmContributor"] = contributor;
    let mut message = json!({
        "AlarmName": "todo: writer unreachable", "AlarmArn": ARN, "AlarmDescription": null, "OldStateValue": "OK",
        "NewStateValue": "ALARM", "StateChangeTime": "2026-11-22T22:31:04.123+0000",
    });
    let own = [event_bridge("ALARM", &Value::Null), direct("ALARM", &Value::Null), message.clone()];
    message["AlarmContributorId"] = "6d442278dba546f6".into();
    for (event, is_contributor) in
        [bridge, action, message].into_iter().map(|it| (it, true)).chain(own.map(|it| (it, false)))
    {
        for event in [event.clone(), in_sns(&[event])] {
            let change = only(&read(&event).unwrap()).clone();
            assert_eq!((change.arn.as_deref(), &change.state), (Some(ARN), &AlarmState::Alarm));
            assert_eq!(change.at.is_none(), is_contributor, "{event}");
        }
    }
}

#[test]
fn a_message_that_is_no_alarm_does_not_stop_the_others_of_its_event() {
    let mut event =
        in_sns(&[event_bridge("ALARM", &Value::Null), json!({ "hello": 1 }), direct("OK", &Value::Null)]);
    let records = event["Records"].as_array_mut().unwrap();
    records.push(json!({ "Sns": { "Message": "plain text" } }));
    records.push(json!({ "eventSource": "aws:sqs", "body": "{}" }));
    let alarms = read(&event).unwrap();
    assert_eq!(alarms.alarms.iter().map(|it| it.state.to_string()).collect::<Vec<_>>(), ["ALARM", "OK"]);
    let refused: Vec<String> = alarms.unread.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "this is no CloudWatch alarm: an object with the keys hello",
            "this is no CloudWatch alarm: an SNS message that is not JSON",
            "this is no CloudWatch alarm: a record that is not SNS's: an object with the keys body, eventSource",
        ]
    );
}

#[test]
fn rubbish_is_refused_and_nothing_panics() {
    let nested = in_sns(&[in_sns(&[in_sns(&[in_sns(&[direct("ALARM", &Value::Null)])])])]);
    for event in [
        json!(null),
        json!([]),
        json!([1]),
        json!("x"),
        json!(1),
        json!(true),
        json!({}),
        json!({ "Records": [] }),
        json!({ "Records": 1 }),
        json!({ "Records": [{ "Sns": { "Message": 7 } }] }),
        json!({ "alarmData": null }),
        json!({ "alarmData": { "alarmName": "x", "state": { "value": 1 } } }),
        json!({ "detail": [] }),
        json!({ "detail": { "alarmName": "x" }, "resources": {} }),
        json!({ "NewStateValue": "ALARM" }),
        nested,
    ] {
        let error = read(&event).unwrap_err().to_string();
        assert!(error.starts_with("this is no CloudWatch alarm: "), "{event}: {error}");
    }
}
