//! `failover`, the function that alarms wake: what it understands, what it starts and what keeps it from starting.

use std::time::{Duration, Instant, SystemTime};

use drill_cloud::front::{Change, Fault, Scope};
use drill_cloud::{Alarm, AlarmChange, AlarmState, Region, Shape};
use serde_json::{Value, json};

use crate::stage::{EPOCH, PREFIX, Stage, answered, endpoint, failure, result};

const LOCAL: Alarm = Alarm { name: "todo-writer-unreachable", region: "ap-northeast-3" };
const WITNESS: Alarm = Alarm { name: "todo-writer-witness", region: "ap-northeast-1" };
const ATTEMPT: &str = "/failover-responder/attempt/todo";
const SECRET: &str = "hunter2-of-the-database";

/// Everything passes for a failover to Osaka: both alarms are in ALARM, which are those of the database as well, and the lag was
/// small in the minutes before.
async fn alarmed(policy: &Value) -> (Stage, AlarmChange) {
    let stage = Stage::published().await;
    let mut configuration = stage.configuration();
    if !policy.is_null() {
        configuration["failover"] = policy.clone();
    }
    stage.configure("todo", &configuration).await;
    for alarm in [LOCAL, WITNESS] {
        stage.cloud.alarms().create(alarm).await.unwrap();
    }
    for minutes in 0..20 {
        let at = SystemTime::now() - Duration::from_mins(minutes);
        stage.cloud.lag().put_at(Region::Osaka, Duration::from_millis(80), at).await.unwrap();
    }
    stage.cloud.alarms().set(WITNESS, AlarmState::Alarm).await.unwrap();
    let change = stage.cloud.alarms().set(LOCAL, AlarmState::Alarm).await.unwrap();
    (stage, change)
}

fn policy(mode: &str) -> Value {
    let alarms = [LOCAL.arn(), WITNESS.arn()];
    json!({ "mode": mode, "health_alarms": alarms, "writer_alarms": alarms })
}

/// The calls of an operation since then, whatever came of them.
fn calls(stage: &Stage, since: Instant, operation: &str) -> usize {
    let entries = stage.cloud.front.journal().entries();
    entries.iter().filter(|it| it.received >= since && it.call.operation == operation).count()
}

fn no_alarms() -> Vec<Value> {
    let sns =
        |message: &str| json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": message } }] });
    vec![
        json!({}),
        Value::Null,
        json!([]),
        json!("x"),
        json!({ "source": "aws.rds", "detail-type": "RDS DB Cluster Event", "detail": { "Message": SECRET } }),
        json!({ "alarmData": {}, "password": SECRET }),
        json!({ "Records": [] }),
        json!({ "Records": [{ "eventSource": "aws:sqs", "body": SECRET }] }),
        sns(SECRET),
        sns(&json!({ "password": SECRET }).to_string()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_alarm_fails_with_a_sentence_that_shows_no_value_and_calls_nothing() {
    let (stage, _) = alarmed(&policy("automatic")).await;
    let failover = stage.failover(Region::Osaka).await;
    let since = Instant::now();
    for event in no_alarms() {
        let (kind, message) = failure(&failover, &event).await;
        assert_eq!(kind, "EventNotUnderstood", "{event}: {message}");
        assert!(message.starts_with("the event was not understood: "), "{event}: {message}");
        assert!(!message.contains(SECRET), "{message}");
    }
    let asked: Vec<_> =
        stage.cloud.front.journal().entries().into_iter().filter(|it| it.received >= since).collect();
    assert!(asked.is_empty(), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_mode_left_out_nothing_but_the_pass_happens() {
    for policy in [Value::Null, json!({ "health_alarms": [LOCAL.arn(), WITNESS.arn()] })] {
        let (stage, change) = alarmed(&policy).await;
        let failover = stage.failover(Region::Osaka).await;
        let since = Instant::now();
        for shape in Shape::ALL {
            let answer = result(&failover, &change.event(shape)).await;
            assert_eq!(answer["decision"], "unchanged", "{policy}: {answer:#}");
            assert_eq!(answer.get("failover"), None, "{policy}: {answer:#}");
        }
        for operation in ["FailoverGlobalCluster", "DescribeAlarms", "GetMetricData", "Publish"] {
            assert_eq!(calls(&stage, since, operation), 0, "{policy}: {operation}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_no_database_names_only_runs_the_pass() {
    let (stage, _) = alarmed(&policy("automatic")).await;
    // What counts is what the database's own alarms say when they are read, whatever woke the function.
    for alarm in [LOCAL, WITNESS] {
        stage.cloud.alarms().set(alarm, AlarmState::Ok).await.unwrap();
    }
    let foreign = Alarm { name: "somebody-elses", region: "ap-northeast-3" };
    stage.cloud.alarms().create(foreign).await.unwrap();
    let change = stage.cloud.alarms().set(foreign, AlarmState::Alarm).await.unwrap();
    let failover = stage.failover(Region::Osaka).await;
    let since = Instant::now();
    let answer = result(&failover, &change.event(Shape::Sns)).await;
    assert_eq!((&answer["decision"], answer.get("failover")), (&json!("unchanged"), None), "{answer:#}");
    assert_eq!(calls(&stage, since, "FailoverGlobalCluster"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shape_is_advised_on_with_every_check_its_value_and_its_limit() {
    let (stage, change) = alarmed(&policy("advise")).await;
    let failover = stage.failover(Region::Osaka).await;
    let since = Instant::now();
    for shape in Shape::ALL {
        let answer = result(&failover, &change.event(shape)).await;
        let advice = &answer["failover"];
        assert_eq!(advice["action"], "advised", "{}: {answer:#}", shape.as_str());
        assert_eq!((&advice["mode"], &advice["target"]), (&json!("advise"), &json!("ap-northeast-3")));
        assert_eq!(advice.get("blocked_by"), None);
        let checks = answer["checks"].as_array().unwrap();
        let policy: Vec<&Value> = checks.iter().filter(|check| check.get("limit").is_some()).collect();
        let names: Vec<&str> = policy.iter().map(|check| check["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "alarms_in_alarm",
                "writer_down",
                "no_hold",
                "no_transition",
                "region_is_target",
                "target_ready",
                "versions_equal",
                "replication_lag",
                "cooldown",
                "single_flight"
            ]
        );
        assert!(policy.iter().all(|check| check["pass"] == true && check["value"] != ""), "{answer:#}");
    }
    assert_eq!(calls(&stage, since, "FailoverGlobalCluster"), 0);
    // No topic is configured, so nobody could be told.
    assert_eq!(calls(&stage, since, "Publish"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_is_written_down_called_once_published_and_not_repeated() {
    let (stage, change) = alarmed(&policy("automatic")).await;
    let failover = stage.failover(Region::Osaka).await;
    let since = Instant::now();
    let answer = result(&failover, &change.event(Shape::EventBridge)).await;
    let started = &answer["failover"];
    assert_eq!(started["action"], "started", "{answer:#}");
    let phases: Vec<&str> =
        started["phases"].as_array().unwrap().iter().map(|phase| phase["name"].as_str().unwrap()).collect();
    assert_eq!(phases[..5], ["alarm", "decided", "accepted", "promoted", "published"], "{answer:#}");
    assert_eq!(
        (&answer["epoch"], &answer["writer"]["region"]),
        (&json!(EPOCH + 1), &json!("ap-northeast-3"))
    );
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
    let words: Vec<String> = stage
        .cloud
        .front
        .journal()
        .writes_since(since)
        .iter()
        .map(|entry| match &entry.change {
            Some(Change::Parameter { name, .. }) => name.clone(),
            _ => entry.call.operation.clone(),
        })
        .collect();
    let at = |wanted: &str| words.iter().position(|word| word == wanted).unwrap();
    assert!(at(ATTEMPT) < at("FailoverGlobalCluster"), "{words:?}");
    stage.settled().await;
    let again = result(&failover, &change.event(Shape::Direct)).await;
    assert_eq!(again["failover"]["action"], "refused", "{again:#}");
    assert!(again["failover"]["blocked_by"].as_array().unwrap().contains(&json!("cooldown")), "{again:#}");
    assert_eq!(calls(&stage, since, "FailoverGlobalCluster"), 1);
    assert_eq!(calls(&stage, since, "PutObject"), 2, "the page about it, at the start and at the end");
}

/// The schedule's event names no database: what it started is followed all the same, while every Region answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_by_the_schedule_is_published_by_the_same_invocation() {
    let (stage, _) = alarmed(&policy("automatic")).await;
    let failover = stage.patient("failover", Region::Osaka).await;
    let tick = json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event" });
    let answer = result(&failover, &tick).await;
    assert_eq!(answer["failover"]["action"], "started", "{answer:#}");
    let phases = answer["failover"]["phases"].as_array().unwrap();
    assert!(phases.iter().any(|phase| phase["name"] == "published"), "{answer:#}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_cannot_be_written_starts_nothing_and_fails_the_invocation() {
    let (stage, change) = alarmed(&policy("automatic")).await;
    let failover = stage.failover(Region::Osaka).await;
    assert_eq!(
        answered(&failover.invoke(&ok(&stage).await).await.unwrap())["results"][0]["decision"],
        "unchanged"
    );
    stage.cloud.alarms().set(LOCAL, AlarmState::Alarm).await.unwrap();
    let denied = Fault::Fail { status: 400, code: "AccessDeniedException".to_owned() };
    stage.cloud.front.inject(Scope::service("ssm").only("PutParameter"), denied);
    let since = Instant::now();
    let (_, message) = failure(&failover, &change.event(Shape::Sns)).await;
    assert!(message.contains("AccessDenied"), "{message}");
    assert!(message.contains("the attempt could not be written before the call"), "{message}");
    assert_eq!(calls(&stage, since, "FailoverGlobalCluster"), 0);
}

/// The local alarm is over: an event that makes the function warm and starts nothing.
async fn ok(stage: &Stage) -> Value {
    stage.cloud.alarms().set(LOCAL, AlarmState::Ok).await.unwrap().event(Shape::Direct)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_by_rds_is_told_fails_the_invocation_and_is_called_once() {
    let (stage, change) = alarmed(&policy("automatic")).await;
    let failover = stage.failover(Region::Osaka).await;
    let refused = Fault::Fail { status: 400, code: "InvalidGlobalClusterStateFault".to_owned() };
    stage.cloud.front.inject(Scope::service("rds").only("FailoverGlobalCluster"), refused);
    let since = Instant::now();
    let (_, message) = failure(&failover, &change.event(Shape::Direct)).await;
    assert!(message.contains("nothing was started: "), "{message}");
    assert!(message.contains("InvalidGlobalClusterStateFault"), "{message}");
    assert_eq!(calls(&stage, since, "FailoverGlobalCluster"), 1);
    let journal = stage.parameter(Region::Osaka, ATTEMPT).await.unwrap();
    let journal: Value = serde_json::from_str(&journal).unwrap();
    assert_eq!((&journal["attempt"], &journal["refusals"]["count"]), (&Value::Null, &json!(1)), "{journal}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Seoul), EPOCH));
}

/// RDS took it, and the answer got lost: it is never asked again, and what comes of it is followed all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_got_lost_is_not_repeated_and_is_followed() {
    let (stage, change) = alarmed(&policy("automatic")).await;
    let failover = stage.failover(Region::Osaka).await;
    stage.cloud.front.inject_times(Scope::service("rds").only("FailoverGlobalCluster"), Fault::LostAnswer, 1);
    let since = Instant::now();
    let (_, message) = failure(&failover, &change.event(Shape::Sns)).await;
    assert!(message.contains("nobody knows whether RDS took it"), "{message}");
    stage.settled().await;
    let after = result(&failover, &change.event(Shape::Sns)).await;
    assert_eq!(after["failover"]["action"], "refused", "{after:#}");
    assert_eq!(calls(&stage, since, "FailoverGlobalCluster"), 1);
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_messages_of_one_event_are_read_and_what_is_none_is_told() {
    let (stage, change) = alarmed(&policy("advise")).await;
    let failover = stage.failover(Region::Osaka).await;
    let mut event = change.event(Shape::Sns);
    let records = event["Records"].as_array_mut().unwrap();
    records.extend(change.event(Shape::SnsEventBridge)["Records"].as_array().unwrap().clone());
    let both = result(&failover, &event).await;
    assert_eq!(both["failover"]["action"], "advised", "{both:#}");
    let records = event["Records"].as_array_mut().unwrap();
    records.push(json!({ "EventSource": "aws:sns", "Sns": { "Message": SECRET } }));
    let (_, message) = failure(&failover, &event).await;
    assert!(message.contains("an SNS message that is not JSON") && !message.contains(SECRET), "{message}");
    assert!(message.contains("\"action\":\"advised\""), "the others are worked on all the same: {message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_switch_and_the_writers_own_region_start_nothing() {
    let (stage, change) = alarmed(&policy("automatic")).await;
    let since = Instant::now();
    let seoul = result(&stage.failover(Region::Seoul).await, &change.event(Shape::EventBridge)).await;
    assert!(
        seoul["failover"]["blocked_by"].as_array().unwrap().contains(&json!("region_is_target")),
        "{seoul:#}"
    );
    stage.put(&format!("{PREFIX}/hold/todo"), "incident 42").await;
    let held = result(&stage.failover(Region::Osaka).await, &change.event(Shape::EventBridge)).await;
    assert_eq!(held["failover"]["blocked_by"], json!(["no_hold"]), "{held:#}");
    assert_eq!(calls(&stage, since, "FailoverGlobalCluster"), 0);
}
