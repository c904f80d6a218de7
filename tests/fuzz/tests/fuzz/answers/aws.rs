//! AWS where all is well, in each scene: one database of Seoul and Osaka.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use responder_core::words::timestamp::Timestamp;
use responder_core::world::probe::ProbeWord;
use serde_json::{Value, json};

use super::Scene;
use crate::cbor::{float, list, map, moment, number, text};
use crate::service::{Reply, Request};
use crate::texts;
use crate::world::{OSAKA_ARN, SEOUL_ARN};

mod snapshots;

/// What is called, by its target and by its name.
pub(super) const OPERATIONS: [(&str, &str); 19] = [
    ("cloudwatch-alarms", "DescribeAlarms"),
    ("cloudwatch-data", "GetMetricData"),
    ("cloudwatch-mute", "ListAlarmMuteRules"),
    ("lambda-invoke", "Invoke"),
    ("rds-clusters", "DescribeDBClusters"),
    ("rds-failover", "FailoverGlobalCluster"),
    ("rds-globals", "DescribeGlobalClusters"),
    ("rds-instances", "DescribeDBInstances"),
    ("rds-snapshot-copy", "CopyDBClusterSnapshot"),
    ("rds-snapshots", "DescribeDBClusterSnapshots"),
    ("rds-switchover", "SwitchoverGlobalCluster"),
    ("route53-change", "ChangeResourceRecordSets"),
    ("route53-list", "ListResourceRecordSets"),
    ("s3-put", "PutObject"),
    ("sns-publish", "Publish"),
    ("ssm-get", "GetParameter"),
    ("ssm-get-many", "GetParameters"),
    ("ssm-path", "GetParametersByPath"),
    ("ssm-put", "PutParameter"),
];

/// What a probe saw.
const COMMITTED: &str = "a heartbeat committed";
const RDS: &str = "http://rds.amazonaws.com/doc/2014-10-31/";
const ROUTE53: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// The errors that an operation may be answered with.
pub(super) fn errors(name: &str) -> Vec<Vec<u8>> {
    let xml = |namespace: &str, code: &str| {
        format!(
            "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>No.</Message></Error>\
             <RequestId>r</RequestId></ErrorResponse>"
        )
    };
    let words = [("__type", text("AccessDenied")), ("message", text("No."))];
    match name.split('-').next() {
        Some("cloudwatch") => vec![map(&words)],
        Some("lambda") => vec![json!({ "__type": "ResourceNotFoundException", "Message": "No." }).to_string().into()],
        Some("s3") => vec![b"<Error><Code>AccessDenied</Code><Message>No.</Message></Error>".to_vec()],
        Some("ssm") => vec![json!({ "__type": "AccessDeniedException", "message": "No." }).to_string().into()],
        Some("route53") => vec![
            xml(ROUTE53, "NoSuchHostedZone").into(),
            format!(
                "<?xml version=\"1.0\"?><InvalidChangeBatch xmlns=\"{ROUTE53}\"><Messages><Message>Tried to delete resource record set \
                 but it was not found</Message></Messages><RequestId>r</RequestId></InvalidChangeBatch>"
            )
            .into(),
        ],
        _ => codes(name).iter().map(|code| xml(RDS, code).into()).collect(),
    }
}

/// The codes of RDS that mean something.
fn codes(name: &str) -> &'static [&'static str] {
    match name {
        "rds-snapshots" => &["AccessDenied", "DBClusterNotFoundFault"],
        "rds-snapshot-copy" => &[
            "AccessDenied",
            "DBClusterSnapshotAlreadyExistsFault",
            "SnapshotQuotaExceeded",
            "KMSKeyNotAccessibleFault",
            "InvalidDBClusterSnapshotStateFault",
        ],
        _ => &["AccessDenied"],
    }
}

/// An answer; with the status of an error where it is one.
pub(super) fn reply(body: Vec<u8>) -> Reply {
    let is_error = [&b"<Error"[..], b"<InvalidChangeBatch", b"__type"];
    let is_error = is_error.iter().any(|word| body.windows(word.len()).any(|it| it == *word));
    Reply::Http(if is_error { 400 } else { 200 }, body)
}

/// What is called: its target and its name. Route 53 has no names on the wire, but methods.
pub(super) fn operation(request: &Request) -> (&'static str, &'static str) {
    let is = |operation: &str| match operation {
        "ListResourceRecordSets" => request.line.starts_with("GET ") && request.line.contains("/rrset"),
        "ChangeResourceRecordSets" => request.line.starts_with("POST ") && request.line.contains("/rrset"),
        "Invoke" => request.line.ends_with("/invocations"),
        "PutObject" => request.line.starts_with("PUT "),
        other => request.is(other),
    };
    let found = OPERATIONS.into_iter().find(|(_, operation)| is(operation));
    found.unwrap_or_else(|| panic!("nobody answers {request:?}"))
}

/// The right answer.
pub(super) fn right(scene: Scene, request: &Request) -> Reply {
    let in_seoul = request.line.contains("ap-northeast-2");
    if in_seoul && scene == Scene::Failover {
        return Reply::NoConnection;
    }
    let (_, operation) = operation(request);
    match operation {
        "DescribeGlobalClusters" => rds(operation, &globals(scene)),
        "DescribeDBClusters" => rds(operation, &clusters(in_seoul, scene)),
        "DescribeDBInstances" => rds(operation, &instances(in_seoul)),
        "DescribeDBClusterSnapshots" => rds(operation, &snapshots::all(in_seoul)),
        "CopyDBClusterSnapshot" => rds(operation, &snapshots::one(in_seoul, "salvage-", "copying", "")),
        "FailoverGlobalCluster" | "SwitchoverGlobalCluster" => rds(
            operation,
            "<GlobalCluster><GlobalClusterIdentifier>todo</GlobalClusterIdentifier></GlobalCluster>",
        ),
        "ListResourceRecordSets" => records(),
        "ChangeResourceRecordSets" => Reply::ok(format!(
            "<?xml version=\"1.0\"?>\n<ChangeResourceRecordSetsResponse xmlns=\"{ROUTE53}\"><ChangeInfo><Id>/change/C1</Id>\
             <Status>PENDING</Status><SubmittedAt>2026-11-22T22:31:04Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>"
        )),
        "GetParameters" => many(request),
        "GetParametersByPath" => path(),
        "GetParameter" => one(request),
        "PutObject" => Reply::ok(""),
        "PutParameter" => Reply::ok("{\"Tier\":\"Standard\",\"Version\":4}"),
        "DescribeAlarms" => alarms(),
        "GetMetricData" => samples(),
        "ListAlarmMuteRules" => mute_rules(),
        "Invoke" => Reply::ok(
            json!(ProbeWord { writable: Some(true), took_ms: 41, said: COMMITTED.to_owned() }).to_string(),
        ),
        _ => Reply::ok(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>1</MessageId></PublishResult>\
             <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>",
        ),
    }
}

fn rds(operation: &str, inner: &str) -> Reply {
    Reply::ok(format!(
        "<{operation}Response xmlns=\"{RDS}\"><{operation}Result>{inner}</{operation}Result><ResponseMetadata><RequestId>r</RequestId>\
         </ResponseMetadata></{operation}Response>"
    ))
}

fn globals(scene: Scene) -> String {
    let member = |arn: &str, is_writer: bool| {
        format!(
            "<GlobalClusterMember><DBClusterArn>{arn}</DBClusterArn><IsWriter>{is_writer}</IsWriter><Readers/>\
             <SynchronizationStatus>connected</SynchronizationStatus></GlobalClusterMember>"
        )
    };
    let is_osaka = scene == Scene::Follow;
    let state = if is_osaka {
        format!(
            "<FailoverState><Status>failing-over</Status><FromDbClusterArn>{SEOUL_ARN}</FromDbClusterArn><ToDbClusterArn>{OSAKA_ARN}\
             </ToDbClusterArn></FailoverState>"
        )
    } else {
        String::new()
    };
    format!(
        "<GlobalClusters><GlobalClusterMember><GlobalClusterIdentifier>todo</GlobalClusterIdentifier><Status>available</Status>\
         <EngineVersion>16.4</EngineVersion><GlobalClusterMembers>{}{}</GlobalClusterMembers>{state}</GlobalClusterMember></GlobalClusters>",
        member(SEOUL_ARN, !is_osaka),
        member(OSAKA_ARN, is_osaka)
    )
}

fn names(in_seoul: bool) -> (&'static str, &'static str, &'static str) {
    if in_seoul { ("seoul", "ap-northeast-2", SEOUL_ARN) } else { ("osaka", "ap-northeast-3", OSAKA_ARN) }
}

fn clusters(in_seoul: bool, scene: Scene) -> String {
    let (name, region, arn) = names(in_seoul);
    let source = if in_seoul == (scene == Scene::Follow) { names(!in_seoul).2 } else { "" };
    let member = |number: u8| {
        format!(
            "<DBClusterMember><DBInstanceIdentifier>todo-{name}-{number}</DBInstanceIdentifier><IsClusterWriter>{}</IsClusterWriter>\
             <PromotionTier>1</PromotionTier></DBClusterMember>",
            number == 1
        )
    };
    format!(
        "<DBClusters><DBCluster><DBClusterIdentifier>todo-{name}</DBClusterIdentifier><DBClusterArn>{arn}</DBClusterArn><Status>available\
         </Status><Endpoint>todo-{name}.cluster-abc.{region}.rds.amazonaws.com</Endpoint><EngineVersion>16.4</EngineVersion>\
         <ReplicationSourceIdentifier>{source}</ReplicationSourceIdentifier><ServerlessV2ScalingConfiguration><MinCapacity>0.5</MinCapacity><MaxCapacity>16</MaxCapacity></ServerlessV2ScalingConfiguration>\
         <ClusterCreateTime>2026-01-01T00:00:00.000Z</ClusterCreateTime><DBClusterMembers>{}{}</DBClusterMembers></DBCluster></DBClusters>",
        member(1),
        member(2)
    )
}

fn instances(in_seoul: bool) -> String {
    let (name, ..) = names(in_seoul);
    let one = |number: u8| {
        format!(
            "<DBInstance><DBInstanceIdentifier>todo-{name}-{number}</DBInstanceIdentifier><DBInstanceStatus>available</DBInstanceStatus>\
             <DBInstanceClass>db.r6g.2xlarge</DBInstanceClass></DBInstance>"
        )
    };
    format!("<DBInstances>{}{}</DBInstances>", one(1), one(2))
}

fn records() -> Reply {
    let entry = |name: &str, kind: &str, value: &str| {
        format!(
            "<ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><TTL>5</TTL><ResourceRecords><ResourceRecord><Value>{value}</Value>\
             </ResourceRecord></ResourceRecords></ResourceRecordSet>"
        )
    };
    let owned = "&quot;heritage=failover-responder,owner=/failover-responder,database=todo,epoch=7,writer=ap-northeast-2,at=2026-11-22T22:31:04Z&quot;";
    Reply::ok(format!(
        "<?xml version=\"1.0\"?>\n<ListResourceRecordSetsResponse xmlns=\"{ROUTE53}\"><ResourceRecordSets>{}{}{}</ResourceRecordSets>\
         <IsTruncated>false</IsTruncated><MaxItems>10</MaxItems></ListResourceRecordSetsResponse>",
        entry("writer.todo.internal.", "CNAME", "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com"),
        entry("\\137failover-responder.writer.todo.internal.", "TXT", owned),
        entry("z.todo.internal.", "A", "127.0.0.1")
    ))
}

/// What stands in Parameter Store; no run and no journal, so that something begins.
fn value(name: &str) -> Option<String> {
    let name = name.strip_prefix("/failover-responder/").unwrap_or(name);
    match name {
        "databases/todo" => Some(configuration()),
        "state/todo" => {
            let mut state: Value = serde_json::from_str(&texts::state()).unwrap_or_default();
            state["record_pending"] = json!(false);
            Some(state.to_string())
        }
        "/todo/database/writer" => Some("todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com".to_owned()),
        _ => None,
    }
}

/// The whole of a configuration but for names of its own for the endpoints.
fn configuration() -> String {
    let mut configuration: Value = serde_json::from_str(&texts::full()).unwrap_or_default();
    configuration["endpoints"] = json!({});
    configuration["failover"]["health_alarms"] = json!([HEALTH]);
    configuration.to_string()
}

fn parameter(name: &str, value: &str) -> Value {
    json!({
        "Name": name, "Type": "String", "Value": value, "Version": 3, "LastModifiedDate": 1_795_386_664.123,
        "ARN": format!("arn:aws:ssm:ap-northeast-3:123456789012:parameter{name}"), "DataType": "text",
    })
}

fn many(request: &Request) -> Reply {
    let asked = request.json();
    let names = asked["Names"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let (found, absent): (Vec<&str>, Vec<&str>) = names.partition(|name| value(name).is_some());
    let found: Vec<Value> = found.iter().filter_map(|name| Some(parameter(name, &value(name)?))).collect();
    Reply::ok(json!({ "Parameters": found, "InvalidParameters": absent }).to_string())
}

fn path() -> Reply {
    let below = |name: &str| Some(parameter(&format!("/failover-responder/{name}"), &value(name)?));
    let all: Vec<Value> = ["databases/todo", "state/todo"].into_iter().filter_map(below).collect();
    Reply::ok(json!({ "Parameters": all, "NextToken": null }).to_string())
}

/// The journal as it was written, for whoever reads it again before the call.
pub(super) fn attempted(request: &Request, written: &Mutex<Option<String>>) -> Option<Reply> {
    let mut written = written.lock().unwrap();
    if !request.has("/attempt/") {
        return None;
    }
    if request.is("PutParameter") {
        *written = request.json()["Value"].as_str().map(str::to_owned);
        return None;
    }
    let mut parameter = parameter("/failover-responder/attempt/todo", written.as_deref()?);
    parameter["Version"] = json!(4);
    Some(Reply::ok(json!({ "Parameter": parameter }).to_string()))
}

/// A run and a journal are there; those of the scenes that begin something are of another database.
fn one(request: &Request) -> Reply {
    let (run, journal) = (request.has("/run/"), request.has("/attempt/"));
    let value = if run {
        past(&texts::run())
    } else if journal {
        "{}".to_owned()
    } else {
        String::new()
    };
    if value.is_empty() {
        return Reply::json_error(400, "ParameterNotFound");
    }
    Reply::ok(json!({ "Parameter": parameter("/failover-responder/x/todo", &value) }).to_string())
}

/// A run that was over before the last publication.
fn past(run: &str) -> String {
    run.replace("\"epoch\":7", "\"epoch\":6")
}

#[allow(clippy::cast_possible_truncation, reason = "a moment of today")]
fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

/// Seconds since 1970, before now.
fn ago(seconds: f64) -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64()) - seconds
}

const HEALTH: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo";
const WRITER: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:writer";

fn alarms() -> Reply {
    let onset = millis(ago(120.0));
    let data = json!({
        "version": "1.0", "queryDate": "2026-11-22T22:31:04.000+0000", "period": 60, "threshold": 1.0,
        "evaluatedDatapoints": [{ "timestamp": Timestamp::from_ms(onset).to_string(), "sampleCount": 6.0, "value": 0.0 }],
    });
    let one = |arn: &str, more: Vec<(&str, Vec<u8>)>| {
        let plain = vec![
            ("AlarmArn", text(arn)),
            ("StateValue", text("ALARM")),
            ("StateUpdatedTimestamp", moment(ago(60.0))),
            ("StateTransitionedTimestamp", moment(ago(60.0))),
            ("StateReasonData", text(&data.to_string())),
        ];
        map(&plain.into_iter().chain(more).collect::<Vec<_>>())
    };
    let metric = |arn| {
        one(
            arn,
            vec![
                ("Threshold", float(1.0)),
                ("ComparisonOperator", text("LessThanThreshold")),
                ("Period", number(60)),
                ("EvaluationPeriods", number(3)),
            ],
        )
    };
    let composite = one(
        "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:night",
        vec![("ActionsSuppressor", text("night"))],
    );
    let log = one(
        "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:log",
        vec![("QueryResultsToEvaluate", number(3))],
    );
    let kinds = [
        ("MetricAlarms", list(&[metric(WRITER), metric(HEALTH)])),
        ("CompositeAlarms", list(&[composite])),
        ("LogAlarms", list(&[log])),
    ];
    Reply::ok(map(&kinds))
}

fn samples() -> Reply {
    let at: Vec<Vec<u8>> = [240.0, 300.0, 360.0].map(|seconds| moment(ago(seconds))).to_vec();
    let values: Vec<Vec<u8>> = [80.2, 90.0, 100.0].map(float).to_vec();
    let series = |id: &str| {
        map(&[
            ("Id", text(id)),
            ("Timestamps", list(&at)),
            ("Values", list(&values)),
            ("StatusCode", text("Complete")),
        ])
    };
    Reply::ok(map(&[("MetricDataResults", list(&["m0", "a0", "h0"].map(series)))]))
}

fn mute_rules() -> Reply {
    let rule = |name: &str, status: &str| {
        let arn = format!("arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm-mute-rule:{name}");
        map(&[("AlarmMuteRuleArn", text(&arn)), ("Status", text(status))])
    };
    Reply::ok(map(&[("AlarmMuteRuleSummaries", list(&[rule("over", "EXPIRED")]))]))
}
