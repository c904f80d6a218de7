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

/// The sentences about the good configuration with these replacements, of a function in `own`.
fn sentences(own: &str, replaced: &[(&str, &str)]) -> Vec<String> {
    let json = replaced.iter().fold(GOOD.to_owned(), |json, (from, to)| json.replace(from, to));
    let parsed =
        Database::parse("/failover-responder", &"todo".parse().unwrap(), &json, &own.parse().unwrap());
    parsed.map_or_else(|error| error.faults.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

#[test]
fn regions_of_every_partition_are_taken_and_never_two_of_them_together() {
    for (partition, one, other) in [
        ("aws-cn", "cn-north-1", "cn-northwest-1"),
        ("aws-us-gov", "us-gov-east-1", "us-gov-west-1"),
        ("aws-eusc", "eusc-de-east-1", "eusc-de-east-2"),
        ("aws-iso", "us-iso-east-1", "us-iso-west-1"),
    ] {
        let arn = format!("arn:{partition}:rds");
        let alarms = format!(
            "\"failover\": {{\"health_alarms\": [\"arn:{partition}:cloudwatch:{one}:123456789012:alarm:x\"],
              \"topic_arn\": \"arn:{partition}:sns:{one}:123456789012:x\"}}, \"parameter\":"
        );
        let there = [
            ("arn:aws:rds", arn.as_str()),
            ("ap-northeast-2", one),
            ("ap-northeast-3", other),
            ("\"parameter\":", alarms.as_str()),
        ];
        assert_eq!(sentences(one, &there), Vec::<String>::new(), "{partition}");
    }
    let china = [("ap-northeast-2", "cn-north-1"), ("arn:aws:rds:cn-", "arn:aws-cn:rds:cn-")];
    assert_eq!(
        sentences("ap-northeast-3", &china),
        [
            "members.cn-north-1: cn-north-1 is in the partition aws-cn, and ap-northeast-3, where this function runs, in aws"
        ]
    );
}

#[test]
fn an_arn_whose_partition_is_not_its_regions_is_refused() {
    assert_eq!(
        sentences("ap-northeast-3", &[("arn:aws:rds:ap-northeast-2", "arn:aws-cn:rds:ap-northeast-2")]),
        [
            "members.ap-northeast-2: \"arn:aws-cn:rds:ap-northeast-2:123456789012:cluster:todo-seoul\" names the partition aws-cn, and ap-northeast-2 is in aws"
        ]
    );
    for (field, arn) in [
        ("health_alarms[0]", "arn:aws-cn:cloudwatch:us-east-1:123456789012:alarm:x"),
        ("health_alarms[0]", "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:x"),
        ("topic_arn", "arn:aws-us-gov:sns:us-east-1:123456789012:x"),
        ("topic_arn", "arn:aws-us-gov:sns:us-gov-east-1:123456789012:x"),
    ] {
        let value = if field == "topic_arn" { format!("\"{arn}\"") } else { format!("[\"{arn}\"]") };
        let name = field.trim_end_matches("[0]");
        let with = format!("\"failover\": {{\"{name}\": {value}}}, \"parameter\":");
        let told = sentences("ap-northeast-3", &[("\"parameter\":", &with)]);
        assert!(told.len() == 1 && told[0].starts_with(&format!("failover.{field}: ")), "{told:?}");
        assert!(told[0].contains("partition aws-"), "{told:?}");
    }
}

#[test]
fn a_member_in_upper_case_is_the_cluster_that_rds_keeps_in_lower_case() {
    let database = parse(&GOOD.replace("cluster:todo-seoul", "cluster:Todo-SEOUL")).unwrap();
    let seoul = "ap-northeast-2".parse().unwrap();
    assert_eq!(database.members()[&seoul].identifier(), "todo-seoul");
    assert_eq!(
        database.region_of("arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul"),
        Some(&seoul)
    );
}

#[test]
fn endpoints_cover_every_member_with_names_of_their_own() {
    let (seoul, osaka) = ("ap-northeast-2", "ap-northeast-3");
    for (endpoints, problem) in [
        (
            format!(r#"{{"{seoul}": "a.example"}}"#),
            "endpoints: has to name every member's Region, and no other",
        ),
        (
            format!(r#"{{"{seoul}": "a.example", "{osaka}": "A.example"}}"#),
            "endpoints: two Regions have the same name: nobody could tell them apart",
        ),
        (
            format!(r#"{{"{seoul}": "a.example", "{osaka}": "not a name"}}"#),
            r#"endpoints.ap-northeast-3: "not a name" is not a DNS name"#,
        ),
    ] {
        let with = format!("\"endpoints\": {endpoints}, \"parameter\":");
        assert_eq!(sentences(osaka, &[("\"parameter\":", &with)]), [problem]);
    }
    let with = "\"probe\": {\"ap-northeast-1\": \"probe\"}, \"parameter\":";
    assert_eq!(sentences(osaka, &[("\"parameter\":", with)]), ["probe.ap-northeast-1: has no member"]);
    let long = "x".repeat(65);
    for (name, is_good) in
        [("probe-1_x", true), ("", false), ("a b", false), ("f:live", false), (&long, false)]
    {
        let with = format!("\"probe\": {{\"{osaka}\": \"{name}\"}}, \"parameter\":");
        let problem = format!("probe.{osaka}: {name:?} is not the name of a Lambda function");
        let expected = if is_good { Vec::new() } else { vec![problem] };
        assert_eq!(sentences(osaka, &[("\"parameter\":", &with)]), expected);
    }
}

#[test]
fn the_new_writers_own_probe_is_asked_first_and_each_once() {
    let osaka = "ap-northeast-3".parse().unwrap();
    let seoul = "ap-northeast-2".parse().unwrap();
    let with = r#""probe": {"ap-northeast-2": "s", "ap-northeast-3": "o"}, "parameter":"#;
    let database = parse(&GOOD.replacen("\"parameter\":", with, 1)).unwrap();
    let about = |region, own| database.probes_about(region, own).into_iter().map(|(_, name)| name).collect();
    let all: [Vec<&str>; 3] = [about(&osaka, &seoul), about(&osaka, &osaka), about(&seoul, &osaka)];
    assert_eq!(all, [vec!["o", "s"], vec!["o"], vec!["s", "o"]]);
    let with = r#""probe": {"ap-northeast-2": "s"}, "parameter":"#;
    let one = parse(&GOOD.replacen("\"parameter\":", with, 1)).unwrap();
    assert_eq!(one.probes_about(&osaka, &seoul), [(&seoul, "s")]);
    assert_eq!(one.probes_about(&osaka, &osaka), []);
    assert_eq!(parse(GOOD).unwrap().probes_about(&osaka, &seoul), []);
}
