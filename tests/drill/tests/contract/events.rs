//! Whatever comes as an event leads to the same pass, and never to a failed invocation.

use drill_cloud::Region;
use serde_json::{Value, json};

use crate::stage::{Stage, result};

fn rds(detail: &Value) -> Value {
    json!({
        "version": "0", "id": "a", "detail-type": "RDS DB Cluster Event", "source": "aws.rds",
        "account": "123456789012", "time": "2026-11-22T22:31:04Z", "region": "ap-northeast-3",
        "resources": ["arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"], "detail": detail,
    })
}

fn events() -> Vec<Value> {
    let arn = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka";
    vec![
        json!({}),
        Value::Null,
        json!([]),
        json!("x"),
        json!(1),
        json!(true),
        json!({ "source": "com.example.unknown", "detail-type": "Something", "detail": { "a": [1, null] } }),
        json!({ "source": 1, "detail-type": [], "resources": {}, "detail": "x", "time": 7 }),
        rds(&json!({ "EventCategories": ["global-failover"], "SourceType": "CLUSTER", "SourceArn": arn,
            "SourceIdentifier": "todo-osaka", "EventID": "RDS-EVENT-0238" })),
        rds(&json!({ "EventID": null, "SourceIdentifier": "todo-osaka" })),
        rds(&json!({ "SourceIdentifier": "rds:todo-osaka", "EventCategories": ["empty"] })),
        rds(&json!({ "EventID": "RDS-EVENT-9999", "EventCategories": ["empty"], "SourceType": "CLUSTER" })),
        rds(&json!(null)),
        rds(&json!([])),
        json!({ "source": "aws.rds", "detail-type": "RDS DB Instance Event", "detail": {
            "SourceType": "DB_INSTANCE", "SourceIdentifier": "todo-osaka-1", "EventID": "RDS-EVENT-0391",
            "SourceArn": "arn:aws:rds:ap-northeast-3:123456789012:db:todo-osaka-1" } }),
        json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {},
            "resources": ["arn:aws:events:ap-northeast-3:123456789012:rule/follow"] }),
        json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}" }),
        json!({ "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": {
            "alarmName": "todo-writer-unreachable", "state": { "value": "ALARM" },
            "configuration": { "metrics": [{ "id": "e1", "expression": "m1 / m2" }] } } }),
        json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": "{\"Event ID\": \"x\"}" } }] }),
        rds(&json!({ "EventID": "RDS-EVENT-0184", "Message": "x".repeat(200_000) })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_fails_an_invocation() {
    let stage = Stage::published().await;
    let follow = stage.follow(Region::Osaka).await;
    for event in events() {
        let shown: String = event.to_string().chars().take(200).collect();
        let result = result(&follow, &event).await;
        assert_eq!(result["decision"], "unchanged", "{shown}");
    }
    let cold = result(&stage.follow(Region::Seoul).await, &Value::Null).await;
    assert_eq!(cold["decision"], "unchanged");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_misleads_moves_nothing() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let since = std::time::Instant::now();
    for id in ["RDS-EVENT-0184", "RDS-EVENT-0185", "RDS-EVENT-0238", "RDS-EVENT-0228", "RDS-EVENT-0071"] {
        let event = rds(&json!({ "EventID": id, "SourceIdentifier": "todo-osaka" }));
        assert_eq!(result(&follow, &event).await["decision"], "unchanged");
    }
    assert_eq!(stage.writes(since), Vec::<String>::new());
}

/// "Began" without an end in sight: the function watches, and sees the move that comes with no event.
#[tokio::test(flavor = "multi_thread")]
async fn a_transition_that_began_is_watched_until_it_is_published() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let mut events = stage.cloud.aurora.events();
    stage.cloud.aurora.switchover(Region::Osaka).unwrap();
    let began = events.recv().await.unwrap();
    assert_eq!(began.id, "RDS-EVENT-0181");
    let moved = result(&follow, &began.event).await;
    assert_eq!(moved["decision"], "publish", "{moved:#}");
    stage.settled().await;
}
