//! Every fault of a configuration, word for word, and each bound on both of its sides.

use serde_json::{Value, json};

use super::Database;
use crate::words::names::{Epoch, Region, is_host_name};
use crate::words::timestamp::Timestamp;
use crate::world::ownership::Ownership;

const SEOUL: &str = "ap-northeast-2";
const OSAKA: &str = "ap-northeast-3";
const TOKYO: &str = "ap-northeast-1";
const ALARM: &str = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo";
const NOBODY: &[&str] = &[];

type Change = fn(&mut Value);

fn arn(region: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:todo")
}

fn with_members(it: &mut Value, regions: &[&str]) {
    it["members"] = regions.iter().map(|region| ((*region).to_owned(), json!(arn(region)))).collect();
}

/// So many Regions, the own one among them.
fn many(it: &mut Value, count: usize) {
    let regions: Vec<String> = (1..=count).map(|at| format!("ap-northeast-{at}")).collect();
    with_members(it, &regions.iter().map(String::as_str).collect::<Vec<_>>());
}

fn parse(prefix: &str, own: &str, change: impl FnOnce(&mut Value)) -> Result<Database, Vec<String>> {
    let mut json = json!({
        "global_cluster": "todo",
        "members": { SEOUL: arn(SEOUL), OSAKA: arn(OSAKA) },
        "record": { "zone_id": "Z0123456789", "name": "writer.db.todo.internal", "ttl_seconds": 5 },
        "parameter": "/todo/database/writer",
        "failover": { "mode": "advise" },
    });
    change(&mut json);
    let parsed = Database::parse(prefix, &"todo".parse().unwrap(), &json.to_string(), &own.parse().unwrap());
    parsed.map_err(|error| error.faults.iter().map(ToString::to_string).collect())
}

fn said(change: impl FnOnce(&mut Value)) -> Vec<String> {
    parse("/failover-responder", OSAKA, change).err().unwrap_or_default()
}

fn all_say(cases: &[(Change, &[&str])]) {
    for (at, (change, expected)) in cases.iter().enumerate() {
        assert_eq!(said(change), *expected, "case {at}");
    }
}

#[test]
fn members_and_their_regions() {
    all_say(&[
        (|_| (), NOBODY),
        (|it| it["global_cluster"] = json!(""), &["global_cluster: is empty"]),
        (|it| with_members(it, &[OSAKA]), &["members: a global database has 2 to 11 members here"]),
        (|it| many(it, 11), NOBODY),
        (|it| many(it, 12), &["members: a global database has 2 to 11 members here"]),
        (
            |it| with_members(it, &[SEOUL, TOKYO]),
            &["members: this function runs in ap-northeast-3, which has no member"],
        ),
        (
            |it| it["members"][SEOUL] = json!(arn(TOKYO)),
            &[
                "members.ap-northeast-2: arn:aws:rds:ap-northeast-1:123456789012:cluster:todo is a cluster of ap-northeast-1, not of ap-northeast-2",
            ],
        ),
        (|it| it["settle_seconds"] = json!(9), NOBODY),
        (
            |it| {
                many(it, 3);
                it["settle_seconds"] = json!(10);
            },
            NOBODY,
        ),
        (
            |it| {
                many(it, 3);
                it["settle_seconds"] = json!(9);
            },
            &["settle_seconds: is less than 10, which three or more Regions need"],
        ),
    ]);
}

#[test]
fn the_record() {
    let zone = |zone: &str| said(|it| it["record"]["zone_id"] = json!(zone));
    for bad in ["", "Z-1", "Z 1", &"Z".repeat(33)] {
        assert_eq!(
            zone(bad),
            [format!("record.zone_id: {bad:?} is not a hosted zone's id such as Z0123456789")]
        );
    }
    assert_eq!((zone("Z"), zone(&"Z".repeat(32))), (Vec::new(), Vec::new()));
    let ttl = |seconds: u32| said(|it| it["record"]["ttl_seconds"] = json!(seconds));
    assert_eq!((ttl(1), ttl(86_400)), (Vec::new(), Vec::new()));
    for bad in [0, 86_401] {
        assert_eq!(ttl(bad), ["record.ttl_seconds: is not between 1 and 86400"]);
    }
    assert_eq!(
        said(|it| it["record"]["name"] = json!("writer")),
        ["record.name: \"writer\" is not a DNS name"]
    );
}

#[test]
fn a_name_in_the_dns_has_room_for_the_ownership_records_label() {
    let label = |length| "x".repeat(length);
    let long = |length: usize| {
        let tail = format!("{}.{}.{}.", label(63), label(63), label(63));
        format!("{tail}{}", label(length - tail.len()))
    };
    for good in ["a.b", "A-1.b_c", "_x.y", &format!("{}.x", label(63)), &long(235)] {
        assert!(is_host_name(good), "{good}");
    }
    for bad in [
        "",
        "a",
        "a..b",
        ".a",
        "a.",
        "-a.b",
        "a-.b",
        "a b.c",
        "a.b/c",
        &format!("{}.x", label(64)),
        &long(236),
    ] {
        assert!(!is_host_name(bad), "{bad}");
    }
}

#[test]
fn the_ownership_text_never_becomes_longer_than_route_53_takes() {
    let (short, long) = ("us-east-1", SEOUL);
    for length in 60..140 {
        let prefix = format!("/{}", "x".repeat(length));
        let ownership = Ownership {
            owner: prefix.clone(),
            database: "todo".to_owned(),
            epoch: Epoch(u64::MAX),
            writer: long.parse().unwrap(),
            at: Timestamp::from_ms(1_795_386_600_000),
        };
        let text = ownership.to_string().len() - 2;
        let refused = parse(&prefix, short, |it| with_members(it, &[short, long])).err();
        let problem = format!(
            "record: the ownership record's text would have {text} characters with this installation's prefix and the database's name; Route 53 takes 255"
        );
        assert_eq!(refused, (text > 255).then(|| vec![problem]), "{text}");
    }
}

#[test]
fn the_parameter() {
    let parameter = |name: &str| said(|it| it["parameter"] = json!(name));
    let levels = |count| "/x".repeat(count);
    for good in ["writer", "x.y_z-1", "/writer", "/x/aws", &levels(15), &format!("/{}", "x".repeat(899))] {
        assert_eq!(parameter(good), NOBODY, "{good}");
    }
    let long = format!("/{}", "x".repeat(900));
    for (bad, problem) in [
        ("", "is not the name of an SSM parameter: letters, digits, '.', '_', '-' and '/' only"),
        ("/x y", "is not the name of an SSM parameter: letters, digits, '.', '_', '-' and '/' only"),
        ("/x:3", "is not the name of an SSM parameter: letters, digits, '.', '_', '-' and '/' only"),
        ("todo/writer", "has levels and does not begin with '/': Parameter Store refuses it"),
        ("/todo/", "has an empty level"),
        ("/todo//writer", "has an empty level"),
        (&levels(16), "is longer than Parameter Store takes: 15 levels, 900 characters"),
        (&long, "is longer than Parameter Store takes: 15 levels, 900 characters"),
        ("/aws/x", "begins with a word that AWS keeps for itself"),
        ("AwsWriter", "begins with a word that AWS keeps for itself"),
        ("/ssm.x", "begins with a word that AWS keeps for itself"),
    ] {
        assert_eq!(parameter(bad), [format!("parameter: {bad:?} {problem}")]);
    }
    let own = "parameter: lies below the installation's own prefix, where its configuration and state live";
    assert_eq!(parameter("/failover-responder/x"), [own]);
    assert_eq!(parameter("/failover-responder2/x"), NOBODY);
}

#[test]
fn the_failover_policy() {
    all_say(&[
        (
            |it| it["failover"]["health_alarms"] = json!([ALARM, "x"]),
            &["failover.health_alarms[1]: \"x\" is not the ARN of a CloudWatch alarm"],
        ),
        (
            |it| it["failover"]["writer_alarms"] = json!(["", ALARM]),
            &["failover.writer_alarms[0]: \"\" is not the ARN of a CloudWatch alarm"],
        ),
        (|it| it["failover"]["targets"] = json!([OSAKA, SEOUL]), NOBODY),
        (
            |it| it["failover"]["targets"] = json!([OSAKA, TOKYO]),
            &["failover.targets[1]: ap-northeast-1 has no member"],
        ),
        (
            |it| it["failover"]["targets"] = json!([OSAKA, SEOUL, OSAKA]),
            &["failover.targets[2]: ap-northeast-3 is named twice"],
        ),
        (|it| it["failover"]["cooldown_seconds"] = json!(60), NOBODY),
        (
            |it| it["failover"]["cooldown_seconds"] = json!(59),
            &["failover.cooldown_seconds: is less than 60"],
        ),
        (
            |it| it["failover"]["topic_arn"] = json!(ALARM),
            &[
                "failover.topic_arn: \"arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo\" is not the ARN of an SNS topic",
            ],
        ),
        (
            |it| it["failover"]["topic_arns"] = json!({ SEOUL: "arn:aws:sns:ap-northeast-2:123456789012:" }),
            &[
                "failover.topic_arns.ap-northeast-2: \"arn:aws:sns:ap-northeast-2:123456789012:\" is not the ARN of an SNS topic",
            ],
        ),
        (
            |it| {
                it["failover"]["health_alarms"] =
                    json!([format!("{ALARM}:with:colons"), ALARM.trim_end_matches("todo")]);
            },
            &[
                "failover.health_alarms[1]: \"arn:aws:cloudwatch:us-east-1:123456789012:alarm:\" is not the ARN of a CloudWatch alarm",
            ],
        ),
    ]);
}

#[test]
fn the_objectives_of_a_drill() {
    let objective = |field: &str, seconds: u32| said(|it| it[field] = json!(seconds));
    for good in [("rto_seconds", 1), ("rto_seconds", 86_400), ("rpo_seconds", 0), ("rpo_seconds", 86_400)] {
        assert_eq!(objective(good.0, good.1), NOBODY, "{good:?}");
    }
    for (field, seconds, least) in
        [("rto_seconds", 0, 1), ("rto_seconds", 86_401, 1), ("rpo_seconds", 86_401, 0)]
    {
        assert_eq!(objective(field, seconds), [format!("{field}: is not between {least} and 86400")]);
    }
    assert_eq!(said(|it| it["home_region"] = json!(TOKYO)), ["home_region: ap-northeast-1 has no member"]);
}

#[test]
fn all_faults_are_told_at_once() {
    let faults = said(|it| {
        it["global_cluster"] = json!("");
        it["record"]["ttl_seconds"] = json!(0);
        it["parameter"] = json!("");
        it["endpoints"] = json!({ SEOUL: "a.example" });
        it["failover"]["cooldown_seconds"] = json!(1);
        it["rto_seconds"] = json!(0);
        it["surprise"] = json!(1);
    });
    let fields: Vec<&str> = faults.iter().map(|it| it.split(": ").next().unwrap()).collect();
    let expected = [
        "global_cluster",
        "record.ttl_seconds",
        "parameter",
        "endpoints",
        "failover.cooldown_seconds",
        "rto_seconds",
        "surprise",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn what_is_configured_is_answered() {
    let topic = |region: &str| format!("arn:aws:sns:{region}:123456789012:todo");
    let database = parse("/p", OSAKA, |it| {
        it["settle_seconds"] = json!(7);
        it["priority"] = json!(3);
        it["adopt"] = json!(true);
        it["min_capacity"] = json!(8);
        it["endpoints"] = json!({ SEOUL: "a.example", OSAKA: "b.example" });
        it["failover"] = json!({
            "targets": [OSAKA, SEOUL],
            "topic_arn": topic("us-east-1"),
            "topic_arns": { SEOUL: topic(SEOUL), OSAKA: topic(OSAKA) },
        });
    })
    .unwrap();
    let (seoul, osaka): (Region, Region) = (SEOUL.parse().unwrap(), OSAKA.parse().unwrap());
    assert_eq!((database.settle_ms(), database.priority(), database.adopt()), (7_000, 3, true));
    assert_eq!((database.min_capacity(), database.endpoint_of(&osaka)), (Some(8), Some("b.example")));
    assert_eq!(database.targets(), [&osaka, &seoul]);
    assert_eq!(database.topics(&osaka), [topic(OSAKA), topic(SEOUL), topic("us-east-1")]);
    assert_eq!(database.topics(&seoul), [topic(SEOUL), topic(OSAKA), topic("us-east-1")]);
    let names = [
        database.configuration_parameter(),
        database.state_parameter(),
        database.hold_parameter(),
        database.attempt_parameter(),
        database.declared_parameter(),
        database.run_parameter(),
        database.ownership_name(),
    ];
    let expected = [
        "/p/databases/todo",
        "/p/state/todo",
        "/p/hold/todo",
        "/p/attempt/todo",
        "/p/declared/todo",
        "/p/run/todo",
        "_failover-responder.writer.db.todo.internal",
    ];
    assert_eq!(names, expected);
    let one = parse("/p", OSAKA, |it| {
        it["failover"] = json!({ "topic_arn": topic(SEOUL), "topic_arns": { SEOUL: topic(SEOUL) } });
    });
    assert_eq!(one.unwrap().topics(&osaka), [topic(SEOUL)], "a topic is tried once");
}
