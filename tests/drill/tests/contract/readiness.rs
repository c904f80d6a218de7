//! The look ahead of `failover`: the real binary, woken by the schedule while nothing burns.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use drill_cloud::front::{Change, Fault, Scope};
use drill_cloud::{Alarm, AlarmState, Function, Inbox, Region};
use serde_json::{Value, json};

use crate::stage::{EPOCH, PREFIX, Stage, endpoint, result};

const ALARM: Alarm = Alarm { name: "todo-writer-unreachable", region: "ap-northeast-3" };
const READINESS: &str = "/failover-responder/readiness/todo";
/// As somebody found it long ago.
const LONG_AGO: &str = r#"{"at":"2026-01-01T00:00:00Z","epoch":1,"verdict":"ready","since":"2026-01-01T00:00:00Z","told":"ready"}"#;

/// Nothing burns, all is well, and it was judged long ago.
async fn calm() -> (Stage, Inbox) {
    let stage = Stage::published().await;
    let inbox = Inbox::open(&stage.cloud.emulator, Region::Osaka, "people").await.unwrap();
    let mut configuration = stage.configuration();
    configuration["failover"] = json!({
        "mode": "automatic", "health_alarms": [ALARM.arn()],
        "topic_arns": { Region::Osaka.id(): inbox.topic_arn() },
    });
    stage.configure("todo", &configuration).await;
    stage.cloud.alarms().create(ALARM).await.unwrap();
    stage.cloud.alarms().set(ALARM, AlarmState::Ok).await.unwrap();
    for minutes in 0..20 {
        let at = SystemTime::now() - Duration::from_mins(minutes);
        stage.cloud.lag().put_at(Region::Osaka, Duration::from_millis(80), at).await.unwrap();
    }
    stage.put(READINESS, LONG_AGO).await;
    (stage, inbox)
}

/// A new `failover` with the time for it, and so a cold one.
async fn cold(stage: &Stage, region: Region) -> Function {
    stage.new_function("failover", region, Duration::from_mins(1), BTreeMap::new()).await
}

async fn tick(function: &Function) -> Value {
    result(function, &json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event" })).await
}

async fn noted(stage: &Stage) -> Value {
    serde_json::from_str(&stage.parameter(Region::Osaka, READINESS).await.unwrap()).unwrap()
}

fn calls(stage: &Stage, since: Instant, operation: &str) -> usize {
    let entries = stage.cloud.front.journal().entries();
    entries.iter().filter(|it| it.received >= since && it.call.operation == operation).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calm_region_is_ready_once_each_half_hour_and_writes_nothing_else() {
    let (stage, inbox) = calm().await;
    let function = cold(&stage, Region::Osaka).await;
    let since = Instant::now();
    let answer = tick(&function).await;
    let readiness = &answer["readiness"];
    assert_eq!((&readiness["verdict"], &readiness["messages"]), (&json!("ready"), &json!(0)), "{answer:#}");
    assert_eq!(readiness["checks"].as_array().unwrap().len(), 11, "{answer:#}");
    let writes = stage.cloud.front.journal().writes_since(since);
    let names = writes.iter().map(|entry| match &entry.change {
        Some(Change::Parameter { name, .. }) => name.clone(),
        _ => entry.call.operation.clone(),
    });
    assert_eq!(names.collect::<Vec<_>>(), [READINESS]);
    assert_eq!(noted(&stage).await["verdict"], "ready");
    let since = Instant::now();
    assert_eq!(tick(&function).await.get("readiness"), None);
    assert_eq!(
        (calls(&stage, since, "GetParameter"), calls(&stage, since, "GetMetricData")),
        (0, 0),
        "it knows"
    );
    assert_eq!(tick(&cold(&stage, Region::Osaka).await).await.get("readiness"), None);
    assert_eq!(
        (calls(&stage, since, "GetParameter"), calls(&stage, since, "GetMetricData")),
        (1, 0),
        "it reads"
    );
    assert!(inbox.mail().is_empty());
    assert_eq!(stage.published_writer().await, (endpoint(Region::Seoul), EPOCH));
    let lines = stage.lines_of(Region::Osaka, 4).await;
    let ready: Vec<&Value> = lines.iter().filter(|line| line.get("Ready").is_some()).collect();
    assert_eq!(ready.len(), 1, "{lines:#?}");
    let metric = json!({ "Namespace": "FailoverResponder", "Dimensions": [["Database"], []], "Metrics": [{ "Name": "Ready", "Unit": "Count" }] });
    assert_eq!((&ready[0]["Ready"], &ready[0]["Database"]), (&json!(1), &json!("todo")));
    assert_eq!(ready[0]["_aws"]["CloudWatchMetrics"], json!([metric]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_told_once_and_shown_by_the_status() {
    let (stage, inbox) = calm().await;
    stage.put(&format!("{PREFIX}/hold/todo"), "maintenance").await;
    let answer = tick(&cold(&stage, Region::Osaka).await).await;
    assert_eq!(
        (&answer["readiness"]["verdict"], &answer["readiness"]["messages"]),
        (&json!("not_ready"), &json!(1)),
        "{answer:#}"
    );
    let drill = stage.drill(Region::Seoul).await;
    let status = drill.invoke(&json!({ "action": "status", "database": "todo" })).await.unwrap();
    let shown = &status.payload["databases"][0]["failover"]["readiness"];
    assert_eq!(shown["ready"], false, "{:#}", status.payload);
    let says = shown["says"].as_str().unwrap();
    assert!(says.starts_with("NOT READY: no_hold (set: maintenance) since "), "{says}");
    // The next half hour finds the same, and the one after that it is over.
    for (hold, messages) in [(true, 0), (false, 1)] {
        if !hold {
            stage.delete(&format!("{PREFIX}/hold/todo")).await;
        }
        let mut before = noted(&stage).await;
        before["at"] = json!("2026-01-01T00:00:00Z");
        stage.put(READINESS, &before.to_string()).await;
        let again = tick(&cold(&stage, Region::Osaka).await).await;
        assert_eq!(again["readiness"]["messages"], messages, "{again:#}");
    }
    let subjects: Vec<String> = inbox.mail().iter().map(|mail| mail.subject.clone()).collect();
    assert_eq!(
        subjects,
        [
            "todo: NOT ready to fail over to ap-northeast-3: no_hold",
            "todo: ready again to fail over to ap-northeast-3"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_refuses_is_not_ready_and_the_writers_region_says_nothing() {
    let (stage, inbox) = calm().await;
    let seoul = tick(&cold(&stage, Region::Seoul).await).await;
    assert_eq!(seoul["readiness"]["verdict"], "writer", "{seoul:#}");
    let denied = Fault::Fail { status: 400, code: "AccessDeniedException".to_owned() };
    stage.cloud.front.inject(Scope::service("ssm").only("PutParameter"), denied);
    let answer = tick(&cold(&stage, Region::Osaka).await).await;
    assert_eq!(answer["readiness"]["verdict"], "not_ready", "{answer:#}");
    assert!(answer["readiness"]["reason"].as_str().unwrap().contains("can_remember"), "{answer:#}");
    assert!(inbox.mail().is_empty());
}

/// An alarm comes while the Region is judged unready: it is answered as ever, and in it nobody looks ahead.
#[tokio::test(flavor = "multi_thread")]
async fn where_an_alarm_is_in_alarm_the_tick_judges_nothing() {
    let (stage, _inbox) = calm().await;
    stage.cloud.alarms().set(ALARM, AlarmState::Alarm).await.unwrap();
    let answer = tick(&cold(&stage, Region::Osaka).await).await;
    assert_eq!(
        (answer.get("readiness"), &answer["failover"]["action"]),
        (None, &json!("refused")),
        "{answer:#}"
    );
    assert_eq!(noted(&stage).await["at"], "2026-01-01T00:00:00Z");
}
