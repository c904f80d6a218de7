//! The log: one JSON line a decision, an embedded metric in it, and each error once.

use std::time::Duration;

use drill_cloud::front::{Fault, Scope};
use drill_cloud::{Alarm, AlarmState, Region};
use serde_json::{Value, json};

use crate::stage::{Stage, failure, result};

/// How long the emulator may take to hand on what a function printed.
const PATIENCE: Duration = Duration::from_secs(30);

impl Stage {
    /// All that the functions of a Region printed so far, line by line.
    async fn printed(&self, region: Region) -> Vec<String> {
        let groups = ask(&self.cloud.emulator_endpoint(), region, "DescribeLogGroups", &json!({})).await;
        let mut lines = Vec::new();
        for group in groups["logGroups"].as_array().unwrap() {
            let wanted = json!({ "logGroupName": group["logGroupName"] });
            let found = ask(&self.cloud.emulator_endpoint(), region, "FilterLogEvents", &wanted).await;
            let events = found["events"].as_array().unwrap();
            lines.extend(events.iter().map(|event| event["message"].as_str().unwrap().to_owned()));
        }
        // The platform's own lines stand beside the function's.
        lines.retain(|line| !["START ", "END ", "REPORT "].iter().any(|word| line.starts_with(word)));
        lines
    }

    /// The lines of decisions that the functions of a Region printed so far.
    async fn decision_lines(&self, region: Region) -> Vec<Value> {
        let lines = self.printed(region).await;
        let lines = lines.iter().map(|line| serde_json::from_str(line).unwrap());
        lines.filter(|line: &Value| line.get("_aws").is_some()).collect()
    }

    /// The same, as soon as there are so many.
    pub(crate) async fn lines_of(&self, region: Region, count: usize) -> Vec<Value> {
        let began = std::time::Instant::now();
        loop {
            let lines = self.decision_lines(region).await;
            if lines.len() >= count || began.elapsed() > PATIENCE {
                return lines;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// CloudWatch Logs, in its own protocol; the emulator looks at the Region in the signature's scope only.
async fn ask(emulator: &str, region: Region, operation: &str, body: &Value) -> Value {
    let scope = format!("AWS4-HMAC-SHA256 Credential=AKIATEST/20261123/{region}/logs/aws4_request, ");
    let answer = reqwest::Client::new()
        .post(emulator)
        .header("authorization", scope + "SignedHeaders=host, Signature=0")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("Logs_20140328.{operation}"))
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// What CloudWatch needs to take metrics out of a line, by its specification of the embedded metric format.
fn assert_embedded_metric(line: &Value) {
    assert!(line["_aws"]["Timestamp"].as_i64().unwrap() > 1_600_000_000_000, "{line}");
    let mut metrics = Vec::new();
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        assert_eq!(directive["Namespace"], "FailoverResponder");
        for dimension in
            directive["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap())
        {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension} of {line}");
        }
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_number(), "{name} of {line}");
            metrics.push(name);
        }
    }
    let mut all = vec!["Decisions", "EndpointDrift", "WriterConflict", "PassDuration", "ChannelFailures"];
    // Nobody looks for the standby of a database whose configuration was refused.
    all.extend((line["Decision"] != "error").then_some("NoStandby"));
    assert_eq!(metrics, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_decision_is_one_line_with_its_request_and_its_metrics() {
    let stage = Stage::published().await;
    stage.put("/failover-responder/databases/broken", "{").await;
    let follow = stage.follow(Region::Osaka).await;
    let event = json!({
        "source": "aws.rds", "detail-type": "RDS DB Cluster Event",
        "detail": { "EventID": "RDS-EVENT-0238", "SourceIdentifier": "todo-osaka" },
    });
    follow.invoke(&json!({})).await.unwrap();
    stage.fail_over(Region::Osaka).await;
    let moved = follow.invoke(&event).await.unwrap();
    let lines = stage.lines_of(Region::Osaka, 4).await;
    assert_eq!(lines.len(), 4, "two databases, two invocations: {lines:#?}");
    assert_eq!(stage.printed(Region::Osaka).await.len(), 4, "and nothing else");
    for line in &lines {
        assert_embedded_metric(line);
        assert_eq!(line["request_id"].as_str().unwrap().len(), 36);
    }
    let of = |database: &str, decision: &str| {
        let is_it = |line: &&Value| line["Database"] == database && line["Decision"] == decision;
        lines.iter().find(is_it).unwrap()
    };
    assert_eq!(lines.iter().filter(|line| line["Database"] == "broken").count(), 2);
    let (first, publish) = (of("todo", "unchanged"), of("todo", "publish"));
    assert_ne!(first["request_id"], publish["request_id"]);
    assert_eq!((&first["trigger"], &publish["trigger"]), (&json!("manual"), &json!("rds-event")));
    assert_eq!((&publish["event_id"], &publish["level"]), (&json!("RDS-EVENT-0238"), &json!("INFO")));
    assert_eq!(publish["result"], moved.payload["results"][0], "the line holds the whole answer");
    assert!(publish["message"].as_str().unwrap().starts_with("todo: publish: "), "{publish:#}");
    assert_eq!(of("broken", "error")["level"], "ERROR");
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_and_conflict_and_failing_channels_are_counted() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    stage.put(crate::stage::PARAMETER, "elsewhere.example.com").await;
    result(&follow, &json!({})).await;
    stage.cloud.aurora.pin_claim(Region::Osaka, true);
    let mut remembering = stage.state_of(Region::Seoul, crate::stage::EPOCH);
    remembering["memory"]["writer"] = json!("ap-northeast-3");
    stage.put(crate::stage::STATE, &remembering.to_string()).await;
    let conflict = result(&stage.follow(Region::Osaka).await, &json!({})).await;
    assert_eq!(conflict["hold"], "WriterConflict", "{conflict:#}");
    stage.cloud.aurora.pin_claim(Region::Osaka, false);
    stage.cloud.cut_region(Region::Seoul);
    result(&follow, &json!({})).await;
    let lines = stage.lines_of(Region::Osaka, 4).await;
    let sum = |metric: &str| lines.iter().map(|line| line[metric].as_u64().unwrap()).sum::<u64>();
    assert_eq!((lines.len(), sum("Decisions")), (4, 4));
    assert_eq!(
        (sum("EndpointDrift"), sum("WriterConflict"), sum("ChannelFailures")),
        (1, 1, 1),
        "{lines:#?}"
    );
    let loud = lines.iter().find(|line| line["WriterConflict"] == 1).unwrap();
    assert_eq!(loud["level"], "ERROR");
}

/// An alarm hears of a `failover` that reads none, so that a line without a number, or one of nothing, would be a lie.
#[tokio::test(flavor = "multi_thread")]
async fn how_many_alarms_an_invocation_read_is_a_line_of_its_own_and_none_is_no_line() {
    let stage = Stage::published().await;
    let alarms =
        ["todo-writer-unreachable", "todo-writer-slow"].map(|name| Alarm { name, region: "ap-northeast-3" });
    let mut configuration = stage.configuration();
    configuration["failover"] = json!({ "mode": "advise", "health_alarms": alarms.map(|it| it.arn()) });
    stage.configure("todo", &configuration).await;
    for alarm in alarms {
        stage.cloud.alarms().create(alarm).await.unwrap();
        stage.cloud.alarms().set(alarm, AlarmState::Ok).await.unwrap();
    }
    let failover = stage.failover(Region::Osaka).await;
    let tick = json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event" });
    let unread = stage.cloud.front.inject(Scope::service("monitoring").within(Region::Osaka), Fault::Refuse);
    result(&failover, &tick).await;
    stage.cloud.front.heal(unread);
    result(&failover, &tick).await;
    let lines = stage.lines_of(Region::Osaka, 2).await;
    let read: Vec<&Value> = lines.iter().filter(|line| line.get("AlarmsRead").is_some()).collect();
    let [line] = read[..] else { panic!("{lines:#?}") };
    let metrics = &line["_aws"]["CloudWatchMetrics"][0]["Metrics"];
    assert_eq!((&line["AlarmsRead"], &metrics[0]["Name"]), (&json!(2), &json!("AlarmsRead")), "{line:#}");
    assert_eq!((&line["trigger"], &line["message"]), (&json!("schedule"), &json!("2 alarms read")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_printed_once() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let put = Scope::service("ssm").within(Region::Osaka).only("PutParameter");
    let code = "InternalServerError".to_owned();
    stage.cloud.front.inject(put, Fault::Fail { status: 500, code });
    stage.fail_over(Region::Osaka).await;
    let (_, message) = failure(&follow, &json!({})).await;
    stage.cloud.front.heal_all();
    result(&follow, &json!({})).await;
    stage.lines_of(Region::Osaka, 3).await;
    let printed = stage.printed(Region::Osaka).await;
    let failing: Vec<&String> = printed.iter().filter(|line| !line.contains("\"_aws\"")).collect();
    assert_eq!(failing.len(), 1, "{printed:#?}");
    let line: Value = serde_json::from_str(failing[0]).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert!(message.starts_with(line["error"].as_str().unwrap()), "{line:#}");
    assert!(line["span"]["requestId"].is_string(), "{line:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_start_without_parameters_prints_its_error_once() {
    let stage = Stage::published().await;
    let follow = stage.follow(Region::Osaka).await;
    let reading = stage.cloud.front.inject(Scope::service("ssm").within(Region::Osaka), Fault::Refuse);
    let (kind, message) = failure(&follow, &json!({})).await;
    assert_eq!(kind, "ConfigurationUnreadable");
    stage.cloud.front.heal(reading);
    result(&follow, &json!({})).await;
    stage.lines_of(Region::Osaka, 1).await;
    let printed = stage.printed(Region::Osaka).await;
    let times = printed.iter().filter(|line| line.contains("GetParametersByPath")).count();
    assert_eq!((times, printed.len()), (1, 2), "{message}: {printed:#?}");
}
