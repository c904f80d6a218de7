//! `doctor` over whole installations: every question that it asks, and every finding.

use serde_json::{Value, json};

use crate::answers::{OSAKA, SEOUL, fine, run, troubled};
use crate::aws::{Asked, Reply};
use crate::{Terminal, held};

const BOTH: &str =
    r#"{"Principal":{"Service":["events.amazonaws.com","lambda.alarms.cloudwatch.amazonaws.com"]}}"#;
const FOLLOW: &str = r#"{"source":["aws.rds"],"detail-type":["RDS DB Cluster Event"]}"#;
const ALARMS: &str = r#"{"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm State Change"]}"#;

const DENIED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
    <Message>No.</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";

const ROOM: &str = "<GetHostedZoneLimitResponse><Limit><Type>MAX_RRSETS_BY_ZONE</Type><Value>10000</Value></Limit>\
    <Count>12</Count></GetHostedZoneLimitResponse>";
const FULL: &str = "<GetHostedZoneLimitResponse><Limit><Type>MAX_RRSETS_BY_ZONE</Type><Value>10000</Value></Limit>\
    <Count>9999</Count></GetHostedZoneLimitResponse>";

/// How an installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Fit,
    Unfit,
    /// Whoever runs it may look at nothing but the functions, and the configuration in Seoul.
    Denied,
}

pub(crate) fn configuration(state: State, region: &str) -> Value {
    let alarm = |region: &str, name: &str| format!("arn:aws:cloudwatch:{region}:123456789012:alarm:{name}");
    let alarms = match state {
        State::Fit | State::Denied => vec![alarm("us-east-1", "todo-app"), alarm(SEOUL, "todo-app")],
        State::Unfit => ["quiet", "long", "blind", "slow", "none"].map(|name| alarm(SEOUL, name)).to_vec(),
    };
    let ttl = match state {
        State::Unfit if region == SEOUL => 60,
        _ => 5,
    };
    let mode = if state == State::Unfit { "automatic" } else { "advise" };
    let topic = |region: &str| format!("arn:aws:sns:{region}:123456789012:todo");
    let topics = match state {
        State::Unfit => json!({}),
        State::Fit | State::Denied => json!({ SEOUL: topic(SEOUL) }),
    };
    json!({
        "global_cluster": "todo", "parameter": "/todo/database/writer",
        "members": {
            SEOUL: "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
            OSAKA: "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
        },
        "record": { "zone_id": "Z0123456789", "name": "writer.todo.internal", "ttl_seconds": ttl },
        "failover": {
            "mode": mode, "health_alarms": alarms,
            "topic_arn": topic(OSAKA), "topic_arns": topics
        }
    })
}

pub(crate) fn answer(state: State, asked: &Asked) -> Reply {
    let is_fit = state != State::Unfit;
    let denied = state == State::Denied;
    let kind = ["follow", "failover", "drill"].into_iter().find(|kind| asked.operation.ends_with(kind));
    let what = asked.operation.split(' ').next().unwrap_or_default();
    match what {
        "invocations" if is_fit => Reply::json(&json!({ "databases": [fine(&run("r", &[], Some("over")))] })),
        "invocations" => Reply::json(&json!({ "databases": [troubled()], "errors": ["shed: no JSON"] })),
        "configuration" => deployed(state, kind.unwrap(), &asked.region),
        "policy" if is_fit => Reply::json(&json!({ "Policy": BOTH })),
        "policy" => Reply::json(&json!({ "Policy": "{}" })),
        "event-invoke-config" if kind == Some("failover") => {
            let queue = "arn:aws:sqs:ap-northeast-3:123456789012:failed";
            Reply::json(&json!({ "DestinationConfig": { "OnFailure": { "Destination": queue } } }))
        }
        "account-settings" if !denied => {
            let unreserved = if is_fit { 1_000 } else { 10 };
            let limit =
                json!({ "ConcurrentExecutions": unreserved, "UnreservedConcurrentExecutions": unreserved });
            Reply::json(&json!({ "AccountLimit": limit }))
        }
        "GetServiceSetting" if !denied => {
            Reply::json(&json!({ "ServiceSetting": { "SettingValue": is_fit.to_string() } }))
        }
        "MAX_RRSETS_BY_ZONE" if denied => Reply::xml(403, DENIED),
        "MAX_RRSETS_BY_ZONE" => Reply::xml(200, if is_fit { ROOM } else { FULL }),
        "DescribeDBClusters"
        | "DescribeDBInstances"
        | "DescribePendingMaintenanceActions"
        | "DescribeBlueGreenDeployments"
        | "DescribeDBClusterParameters"
            if !denied =>
        {
            members(is_fit, what, &asked.region)
        }
        "GetParametersByPath" if !denied || asked.region == SEOUL => parameters(state, &asked.region),
        "SimulatePrincipalPolicy" | "DescribeDBClusters" if denied => Reply::xml(403, DENIED),
        "GetMetricData" | "DescribeAlarms" if denied => {
            let error = json!({ "__type": "AccessDeniedException", "message": "No." });
            Reply { status: 400, ..Reply::cbor(&error) }
        }
        _ if denied => Reply::refused("AccessDeniedException"),
        "ListRuleNamesByTarget" if asked.body.contains("follow") => {
            // The last page names itself.
            let name = if asked.field("NextToken") == "last" { "tick" } else { "rds" };
            Reply::json(&json!({ "RuleNames": [name], "NextToken": "last" }))
        }
        "ListRuleNamesByTarget" => Reply::json(&json!({ "RuleNames": ["alarms", "tick"] })),
        "DescribeRule" => rule(is_fit, &asked.field("Name")),
        "SimulatePrincipalPolicy" => simulated(is_fit, asked),
        "GetMetricData" => metric(is_fit, &asked.raw),
        "DescribeAlarms" => alarms(is_fit, &asked.region),
        "ListAlarmMuteRules" => Reply::cbor(&json!({ "AlarmMuteRuleSummaries": [] })),
        _ => Reply::refused("UnknownOperationException"),
    }
}

fn deployed(state: State, kind: &str, region: &str) -> Reply {
    let name = format!("failover-responder-{kind}");
    let (broken, missing) = (kind == "failover", kind == "drill");
    if state == State::Unfit && missing {
        return Reply::refused("ResourceNotFoundException");
    }
    let is_broken = state == State::Unfit && broken;
    let queue = json!({ "TargetArn": "arn:aws:sqs:ap-northeast-3:123456789012:dead" });
    Reply::json(&json!({
        "FunctionName": name, "Role": format!("arn:aws:iam::123456789012:role/{kind}-{region}"),
        "FunctionArn": format!("arn:aws:lambda:{region}:123456789012:function:{name}"),
        "State": if is_broken { "Failed" } else { "Active" },
        "StateReason": if is_broken { Some("the image is gone") } else { None },
        "DeadLetterConfig": if kind == "follow" && state != State::Unfit { queue } else { Value::Null }
    }))
}

/// One database; where nothing is right, another one whose configuration is no JSON.
fn parameters(state: State, region: &str) -> Reply {
    let value = configuration(state, region).to_string();
    let one = |name: &str, value: &str| json!({ "Name": format!("/failover-responder/databases/{name}"), "Value": value });
    let mut found = vec![one("todo", &value)];
    if state == State::Unfit {
        found.push(one("shed", "{"));
    }
    Reply::json(&json!({ "Parameters": found }))
}

/// What RDS says of one member: alike, or Osaka's smaller, with a bound, a deployment, and an update of Seoul's alone.
fn members(is_fit: bool, operation: &str, region: &str) -> Reply {
    let osaka = !is_fit && region == OSAKA;
    let class = if osaka { "db.r6g.large" } else { "db.r6g.2xlarge" };
    let body = match operation {
        "DescribeDBClusters" => "<DBClusters><DBCluster><DBClusterIdentifier>todo</DBClusterIdentifier>\
            <DBClusterParameterGroup>todo</DBClusterParameterGroup></DBCluster></DBClusters>".to_owned(),
        "DescribeDBInstances" => format!(
            "<DBInstances><DBInstance><DBInstanceClass>{class}</DBInstanceClass></DBInstance></DBInstances>"
        ),
        "DescribePendingMaintenanceActions" if !is_fit && !osaka => {
            "<PendingMaintenanceActions><ResourcePendingMaintenanceActions><PendingMaintenanceActionDetails>\
             <PendingMaintenanceAction><Action>system-update</Action>\
             <AutoAppliedAfterDate>2026-12-01T00:00:00Z</AutoAppliedAfterDate></PendingMaintenanceAction>\
             </PendingMaintenanceActionDetails></ResourcePendingMaintenanceActions></PendingMaintenanceActions>".to_owned()
        }
        "DescribeBlueGreenDeployments" if osaka => {
            let member = |name: &str, status: &str| format!(
                "<member><BlueGreenDeploymentName>{name}</BlueGreenDeploymentName><Status>{status}</Status></member>"
            );
            let all = member("upgrade", "AVAILABLE") + &member("old", "SWITCHOVER_COMPLETED");
            format!("<BlueGreenDeployments>{all}</BlueGreenDeployments>")
        }
        "DescribeDBClusterParameters" if osaka => "<Parameters><Parameter><ParameterName>rds.global_db_rpo</ParameterName>\
            <ParameterValue>60</ParameterValue></Parameter></Parameters>".to_owned(),
        _ => String::new(),
    };
    Reply::xml(
        200,
        &format!(
            "<{operation}Response xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><{operation}Result>{body}</{operation}Result></{operation}Response>"
        ),
    )
}

fn rule(is_fit: bool, name: &str) -> Reply {
    let (pattern, schedule) = match name {
        "rds" => (Some(FOLLOW), None),
        "alarms" => (Some(ALARMS), None),
        _ => (None, Some("rate(1 minute)")),
    };
    let state = if is_fit || name == "rds" { "ENABLED" } else { "DISABLED" };
    Reply::json(&json!({
        "Name": name, "EventPattern": pattern, "ScheduleExpression": schedule, "State": state
    }))
}

/// Everything is allowed but what must never be; the other way round where nothing is fit.
pub(crate) fn simulated(is_fit: bool, asked: &Asked) -> Reply {
    let action = asked.members("ActionNames")[0];
    let never = action == "rds:FailoverGlobalCluster" && asked.body.contains("role/follow");
    let decision = if never == is_fit { "implicitDeny" } else { "allowed" };
    let one = |resource: &&str| {
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName><EvalDecision>{decision}</EvalDecision></member>"
        )
    };
    let results = asked.members("ResourceArns").iter().map(one).collect::<Vec<_>>().concat();
    let body = format!(
        "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><SimulatePrincipalPolicyResult><EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    );
    Reply::xml(200, &body)
}

/// Only to the right question there is an answer.
fn metric(is_fit: bool, query: &str) -> Reply {
    let asks = |words: &[&str]| words.iter().all(|word| query.contains(word));
    // A minute in CBOR.
    let is_minutely = asks(&["Period\u{18}\u{3c}"]);
    let passes = is_minutely && asks(&["FailoverResponder", "PassDuration", "SampleCount"]);
    let letters =
        is_minutely && asks(&["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "Maximum"]);
    let values: &[f64] = match is_fit {
        true if passes => &[1.0, 3.0, 2.0],
        true if letters && query.contains("dead") => &[0.0],
        false if letters => &[1.0, 3.0, 2.0],
        _ => &[],
    };
    Reply::cbor(&json!({ "MetricDataResults": [{ "Id": "m", "Values": values }] }))
}

fn alarms(is_fit: bool, region: &str) -> Reply {
    let alarm = |name: &str, state: &str, enabled: bool, periods: u32| {
        json!({
            "AlarmName": name, "AlarmArn": format!("arn:aws:cloudwatch:{region}:123456789012:alarm:{name}"),
            "StateValue": state, "ActionsEnabled": enabled, "Period": 60, "EvaluationPeriods": periods,
            "StateTransitionedTimestamp": 1_700_000_000
        })
    };
    let found = if is_fit {
        vec![alarm("todo-app", "OK", true, 2)]
    } else {
        vec![
            alarm("quiet", "OK", false, 2),
            alarm("long", "ALARM", true, 2),
            alarm("blind", "INSUFFICIENT_DATA", true, 2),
            alarm("slow", "OK", true, 100),
        ]
    };
    Reply::cbor(&json!({ "MetricAlarms": found }))
}

/// What it says, and what it asks.
fn told(state: State, line: &str) -> String {
    let terminal = Terminal::new(move |asked| answer(state, asked));
    terminal.all(&[(line, None)])
}

#[test]
fn an_installation_that_is_fit_is_told_so() {
    held("fit", &told(State::Fit, "doctor"));
}

#[test]
fn every_question_is_asked_of_whom_it_concerns() {
    let terminal = Terminal::new(|asked| answer(State::Fit, asked));
    let output = terminal.command().args(["doctor", "--json"]).output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let asked = terminal.aws.asked();
    let mut asked: Vec<_> =
        asked.iter().map(|it| format!("{} {}\n{}\n", it.region, it.operation, it.body)).collect();
    // Alarms of several Regions are read at a time.
    asked.sort();
    held("questions", &asked.concat());
    held("found", &serde_json::to_string_pretty(&found).unwrap());
}

#[test]
fn whatever_is_not_fit_is_found_with_how_to_mend_it() {
    held("unfit", &told(State::Unfit, "doctor"));
    held("denied", &told(State::Denied, "doctor"));
    held("alone", &told(State::Fit, "doctor --peer-region ap-northeast-2"));
    let nobody = Terminal::new(|_| Reply::failed("Sandbox.Timedout", "Task timed out"));
    held("nobody", &nobody.all(&[("doctor", None)]));
}

/// With `follow` alone nothing is missing; with a failover that somebody counts on the same two are.
#[test]
fn follow_alone_is_an_installation_and_not_a_broken_one() {
    for (mode, fails) in [("off", 0), ("advise", 1)] {
        let terminal = Terminal::new(move |asked| {
            let is_there = asked.operation.ends_with("follow");
            match asked.operation.split(' ').next().unwrap_or_default() {
                "configuration" | "policy" | "invocations" if !is_there => {
                    Reply::refused("ResourceNotFoundException")
                }
                "GetParametersByPath" => {
                    let mut todo = configuration(State::Fit, &asked.region);
                    todo["failover"] =
                        json!({ "mode": mode, "health_alarms": todo["failover"]["health_alarms"] });
                    let name = "/failover-responder/databases/todo";
                    Reply::json(&json!({ "Parameters": [{ "Name": name, "Value": todo.to_string() }] }))
                }
                _ => answer(State::Fit, asked),
            }
        });
        let output = terminal.command().args(["doctor", "--json"]).output().unwrap();
        let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let of = |level: &str| found.iter().filter(|it| it["level"] == level).collect::<Vec<_>>();
        assert_eq!(usize::from(!of("fail").is_empty()), fails, "{mode}: {:#?}", of("fail"));
        let said = of("warn").iter().any(|it| it["what"].as_str().unwrap().contains("follow alone"));
        assert_eq!(said, fails == 0, "{mode}: {:#?}", of("warn"));
    }
}

/// Nothing burns without what `salvage` needs: it is said with what is lacking, and the verdict stays good.
#[test]
fn a_role_that_may_not_keep_what_was_lost_is_a_warning() {
    const OF_SNAPSHOTS: [&str; 3] =
        ["rds:DescribeDBClusterSnapshots", "rds:CopyDBClusterSnapshot", "rds:AddTagsToResource"];
    let terminal = Terminal::new(|asked| match asked.operation.as_str() {
        "SimulatePrincipalPolicy" => {
            simulated(!OF_SNAPSHOTS.contains(&asked.members("ActionNames")[0]), asked)
        }
        _ => answer(State::Fit, asked),
    });
    let output = terminal.command().args(["doctor", "--json"]).output().unwrap();
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let wrong: Vec<_> = found.iter().filter(|it| it["level"] != "ok").collect();
    assert!(wrong.iter().all(|it| it["level"] == "warn"), "{wrong:#?}");
    assert_eq!((output.status.code(), wrong.len()), (Some(0), 8), "{wrong:#?}");
    for (place, call) in
        [SEOUL, OSAKA].iter().flat_map(|region| OF_SNAPSHOTS.map(|it| (format!("drill {region}"), it)))
    {
        let is_said = wrong.iter().any(|it| {
            let what = it["what"].as_str().unwrap();
            it["place"] == place && what.contains(call) && what.contains("failoverctl salvage")
        });
        assert!(is_said, "{place} {call}: {wrong:#?}");
    }
}

/// A member that RDS does not list has nothing that waits for it only because nobody knows.
#[test]
fn a_cluster_that_is_not_listed_is_no_good_sign() {
    let terminal = Terminal::new(|asked| match asked.operation.as_str() {
        "DescribeDBClusters" => Reply::xml(
            200,
            "<DescribeDBClustersResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><DescribeDBClustersResult/></DescribeDBClustersResponse>",
        ),
        _ => answer(State::Fit, asked),
    });
    let told = terminal.all(&[("doctor --json", None)]);
    assert!(
        told.contains("RDS lists no such cluster") && !told.contains("nothing waits for its members"),
        "{told}"
    );
}
