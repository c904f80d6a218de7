//! Every refusal of a configuration, and its defaults.

use super::*;

const GOOD: &str = r#"{
  "global_cluster": "todo",
  "members": {
    "ap-northeast-2": "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
    "ap-northeast-3": "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
  },
  "record": { "zone_id": "Z0123456789", "name": "Writer.db.todo.internal.", "ttl_seconds": 5 },
  "parameter": "/todo/database/writer"
}"#;

fn parse(json: &str) -> Result<Database, ConfigError> {
    Database::parse("/failover-responder", &"todo".parse().unwrap(), json, &"ap-northeast-3".parse().unwrap())
}

#[test]
fn what_may_be_left_out_has_its_default() {
    let database = parse(GOOD).unwrap();
    assert_eq!(database.settle_ms(), 60_000);
    assert!(!database.adopt());
    assert_eq!(database.priority(), 0);
    assert_eq!(database.failover().mode, FailoverMode::Off);
    assert_eq!(database.ownership_name(), "_failover-responder.writer.db.todo.internal");
    assert_eq!(database.state_parameter(), "/failover-responder/state/todo");
}

/// Replaces `from` in the good configuration and expects a refusal of `field`.
fn refused(from: &str, to: &str, field: &str) {
    assert!(GOOD.contains(from), "{from}");
    let error = parse(&GOOD.replace(from, to)).unwrap_err();
    assert_eq!(
        (error.parameter.as_str(), error.faults[0].field.as_str()),
        ("/failover-responder/databases/todo", field),
        "{error}"
    );
}

#[test]
fn every_refusal_names_the_parameter_and_the_field() {
    refused("\"global_cluster\": \"todo\",", "", "the document");
    refused("\"parameter\":", "\"surprise\": 1, \"parameter\":", "surprise");
    refused("\"ttl_seconds\": 5", "\"ttl_seconds\": \"5\"", "record.ttl_seconds");
    refused("\"ttl_seconds\": 5", "\"ttl_seconds\": 0", "record.ttl_seconds");
    refused("\"ttl_seconds\": 5", "\"ttl_seconds\": 5, \"x\": 1", "record.x");
    refused("cluster:todo-osaka", "db:todo-osaka", "members.ap-northeast-3");
    refused("arn:aws:rds:ap-northeast-3", "arn:aws:rds:ap-northeast-1", "members.ap-northeast-3");
    refused(
        "\"ap-northeast-3\": \"arn:aws:rds:ap-northeast-3",
        "\"us-east-1\": \"arn:aws:rds:us-east-1",
        "members",
    );
    refused("Writer.db.todo.internal.", "writer db", "record.name");
    refused("/todo/database/writer", "/failover-responder/state/todo", "parameter");
    refused("\"parameter\":", "\"failover\": {\"mode\": \"maybe\"}, \"parameter\":", "failover.mode");
    refused(
        "\"parameter\":",
        "\"failover\": {\"health_alarms\": [\"x\"]}, \"parameter\":",
        "failover.health_alarms[0]",
    );
    assert_eq!(parse("[").unwrap_err().faults[0].field, "the document");
    assert_eq!(parse(&format!("{GOOD} x")).unwrap_err().faults[0].field, "the document");
}

#[test]
fn a_missing_field_is_named_in_the_sentence() {
    let error = parse(&GOOD.replace("\"zone_id\": \"Z0123456789\",", "")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "configuration parameter /failover-responder/databases/todo: record: missing field `zone_id`"
    );
}
