//! What each alarm says, of whichever kind.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use responder_core::config::Database;
use responder_core::ports::HealthAlarms;
use responder_core::words::failure::FailureKind;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmReading, AlarmState, AlarmStatus};

use crate::cbor::{boolean, error, float, list, map, moment, number, text};
use crate::service::{Reply, Service};
use crate::world::{PREFIX, configuration, database_with_alarms, osaka, ports};

pub(crate) const LAG: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo: lag";
pub(crate) const DEAD: &str = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-dead";

type Fields<'a> = Vec<(&'a str, Vec<u8>)>;

fn alarm(arn: &str, state: &str, more: Fields<'_>) -> Vec<u8> {
    let mut fields = vec![("AlarmArn", text(arn)), ("StateValue", text(state))];
    fields.extend(more);
    map(&fields)
}

/// An answer with these metric, composite and log alarms.
fn answer(metric: &[Vec<u8>], composite: &[Vec<u8>], log: &[Vec<u8>]) -> Reply {
    let kinds =
        [("MetricAlarms", list(metric)), ("CompositeAlarms", list(composite)), ("LogAlarms", list(log))];
    Reply::ok(map(&kinds))
}

async fn read(service: &Service, alarms: &[&str]) -> BTreeMap<String, AlarmReading> {
    ports(service).alarm_readings(&database_with_alarms("todo", alarms)).await
}

/// What one alarm says that is answered so.
async fn status(reply: Reply) -> AlarmStatus {
    let readings = read(&Service::scripted(vec![reply]), &[LAG]).await;
    readings[LAG].status().unwrap().clone()
}

async fn kind(reply: Reply) -> FailureKind {
    match &read(&Service::scripted(vec![reply]), &[LAG]).await[LAG] {
        AlarmReading::Unknown(why) => why.kind,
        known @ AlarmReading::Known(_) => unreachable!("{known}"),
    }
}

#[tokio::test(start_paused = true)]
async fn alarms_of_all_kinds_are_read_each_in_its_own_region() {
    let query = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:query";
    let service = Service::new(move |request| {
        if request.line.contains("ap-northeast-3") {
            answer(&[alarm(LAG, "ALARM", vec![])], &[], &[alarm(query, "ALARM", vec![])])
        } else {
            answer(&[], &[alarm(DEAD, "OK", vec![])], &[])
        }
    });
    let readings = read(&service, &[LAG, DEAD, query]).await;
    assert!(readings[LAG].is_alarm() && readings[query].is_alarm() && readings[DEAD].is_over());
    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    for (region, name) in [("ap-northeast-2", "todo-dead"), ("ap-northeast-3", "todo: lag")] {
        let place = format!(
            "POST https://monitoring.{region}.amazonaws.com/service/GraniteServiceVersion20100801/operation/DescribeAlarms"
        );
        let request = asked.iter().find(|request| request.line == place).unwrap();
        for word in [name, "MetricAlarm", "CompositeAlarm", "LogAlarm"] {
            assert!(request.has(word), "{word}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_metric_alarm_says_since_when_and_how_it_is_evaluated() {
    let data = r#"{"version":"1.0","queryDate":"2026-11-22T22:31:04.000+0000","period":60,"threshold":1.0,"evaluatedDatapoints":[{"timestamp":"2026-11-22T22:30:00.000+0000","sampleCount":6.0,"value":0.0},{"timestamp":"2026-11-22T22:29:00.000+0000","sampleCount":6.0,"value":0.5},{"timestamp":"2026-11-22T22:28:00.000+0000","sampleCount":6.0,"value":1.0}]}"#;
    let found = status(answer(
        &[alarm(
            LAG,
            "ALARM",
            vec![
                ("StateUpdatedTimestamp", moment(2_000.0)),
                ("StateTransitionedTimestamp", moment(1_000.5)),
                ("StateReasonData", text(data)),
                ("Threshold", float(1.0)),
                ("ComparisonOperator", text("LessThanThreshold")),
                ("ActionsEnabled", boolean(true)),
                ("Period", number(60)),
                ("EvaluationPeriods", number(3)),
            ],
        )],
        &[],
        &[],
    ))
    .await;
    let expected = AlarmStatus {
        state: AlarmState::Alarm,
        since: Some(Timestamp::from_ms(1_000_500)),
        quieted: None,
        breaching_since: Some("2026-11-22T22:29:00Z".parse().unwrap()),
        period_ms: Some(60_000),
        evaluation_periods: Some(3),
    };
    assert_eq!(found, expected);
    let updated = vec![("StateUpdatedTimestamp", moment(2_000.0))];
    let found = status(answer(&[alarm(LAG, "ALARM", updated)], &[], &[])).await;
    assert_eq!(found, AlarmStatus::plain(AlarmState::Alarm, Some(Timestamp::from_ms(2_000_000))));
}

#[tokio::test(start_paused = true)]
async fn a_metric_math_and_a_log_alarm_have_a_period_of_their_own() {
    let query = |seconds| map(&[("Id", text("m")), ("MetricStat", map(&[("Period", number(seconds))]))]);
    let math = vec![("Metrics", list(&[query(60), query(300)]))];
    let found = status(answer(&[alarm(LAG, "ALARM", math)], &[], &[])).await;
    assert_eq!(found.period_ms, Some(300_000));
    let schedule = map(&[("ScheduleExpression", text("rate(5 minutes)"))]);
    let log = vec![
        ("ActionsEnabled", boolean(false)),
        ("QueryResultsToEvaluate", number(2)),
        ("ScheduledQueryConfiguration", map(&[("ScheduleConfiguration", schedule)])),
    ];
    let found = status(answer(&[], &[], &[alarm(LAG, "ALARM", log)])).await;
    assert_eq!((found.period_ms, found.evaluation_periods), (Some(300_000), Some(2)));
    assert_eq!(found.quieted.as_deref(), Some("its actions are disabled"));
}

#[tokio::test(start_paused = true)]
async fn disabled_and_suppressed_actions_are_a_persons_word() {
    let disabled = || vec![("ActionsEnabled", boolean(false))];
    let suppressed =
        |by: &str| vec![("ActionsSuppressedBy", text(by)), ("ActionsSuppressor", text("maintenance"))];
    for (reply, why) in [
        (answer(&[alarm(LAG, "ALARM", disabled())], &[], &[]), Some("its actions are disabled")),
        (answer(&[], &[alarm(LAG, "ALARM", disabled())], &[]), Some("its actions are disabled")),
        (
            answer(&[], &[alarm(LAG, "ALARM", suppressed("Alarm"))], &[]),
            Some("its actions are suppressed by maintenance"),
        ),
        (
            answer(&[], &[alarm(LAG, "ALARM", suppressed("WaitPeriod"))], &[]),
            Some("its actions are suppressed by the WaitPeriod for maintenance"),
        ),
        (answer(&[], &[alarm(LAG, "ALARM", vec![("ActionsSuppressor", text("maintenance"))])], &[]), None),
        (answer(&[alarm(LAG, "ALARM", vec![])], &[], &[]), None),
    ] {
        assert_eq!(status(reply).await.quieted.as_deref(), why);
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_is_known_to_be_in_alarm_counts_as_such() {
    for state in ["OK", "INSUFFICIENT_DATA", "ALARM", "SOMETHING_NEW"] {
        let service = Service::new(move |request| {
            if request.line.contains("ap-northeast-3") {
                answer(&[alarm(LAG, state, vec![])], &[], &[])
            } else {
                Reply::Never
            }
        });
        let start = tokio::time::Instant::now();
        let readings = read(&service, &[LAG, DEAD]).await;
        assert_eq!((readings[LAG].is_alarm(), readings[LAG].is_over()), (state == "ALARM", state != "ALARM"));
        assert!(!readings[DEAD].is_alarm() && !readings[DEAD].is_over());
        assert!(start.elapsed().as_millis() <= 2_001);
    }
    for (reply, expected) in [
        (answer(&[], &[], &[]), FailureKind::Refused),
        (Reply::ok("<html>"), FailureKind::Malformed),
        (Reply::ok(""), FailureKind::Malformed),
        (Reply::Http(403, b"no".to_vec()), FailureKind::Malformed),
        (Reply::NoConnection, FailureKind::Unreachable),
        (error(400, "ThrottlingException"), FailureKind::Throttled),
        (error(503, "ThrottlingException"), FailureKind::Throttled),
        (error(503, "ServiceUnavailable"), FailureKind::Busy),
    ] {
        assert_eq!(kind(reply.clone()).await, expected, "{reply:?}");
    }
    let untouched = Service::scripted(vec![Reply::Never]);
    assert!(read(&untouched, &[]).await.is_empty() && untouched.asked().is_empty());
}

fn with_writer_alarm(name: &str, health: &str, writer: &str) -> Database {
    let mut json: serde_json::Value = serde_json::from_str(&configuration(name, &[health])).unwrap();
    json["failover"]["writer_alarms"] = vec![writer].into();
    Database::parse(PREFIX, &name.parse().unwrap(), &json.to_string(), &osaka()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn all_databases_that_ask_together_share_a_call_for_each_hundred_alarms() {
    let arn = |kind: &str, at: usize| format!("{DEAD}-{kind}-{at:03}");
    let all: Vec<Database> = (0..120)
        .map(|at| with_writer_alarm(&format!("todo{at:03}"), &arn("app", at / 2), &arn("writer", at)))
        .collect();
    let service = Service::new(move |request| {
        let listed = |kind: &'static str| (0..120).map(move |at| arn(kind, at));
        let asked = listed("app").chain(listed("writer"));
        let asked = asked.filter(|arn| request.has(arn.rsplit(':').next().unwrap()));
        answer(&asked.map(|arn| alarm(&arn, "ALARM", vec![])).collect::<Vec<_>>(), &[], &[])
    });
    let ports = ports(&service);
    for readings in join_all(all.iter().map(|database| ports.alarm_readings(database))).await {
        assert!(readings.len() == 2 && readings.values().all(AlarmReading::is_alarm), "{readings:?}");
    }
    assert_eq!(service.asked().len(), 2, "60 health alarms and 120 writer alarms");
}

#[tokio::test(start_paused = true)]
async fn a_dead_region_costs_a_thousand_alarms_one_budget_and_few_calls() {
    let service = Service::scripted(vec![Reply::Never]);
    let ports = ports(&service);
    let arns: Vec<String> = (0..1_000).map(|at| format!("{DEAD}-{at}")).collect();
    let all: Vec<_> = arns.iter().map(|arn| database_with_alarms("todo", &[arn])).collect();
    let start = tokio::time::Instant::now();
    for readings in join_all(all.iter().map(|database| ports.alarm_readings(database))).await {
        assert!(readings.values().all(|it| it.status().is_none()), "{readings:?}");
    }
    assert!(start.elapsed().as_millis() <= 2_001, "{:?}", start.elapsed());
    assert!(service.asked().len() <= 16, "{}", service.asked().len());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_no_alarm_can_have_blinds_no_other_database() {
    let long = format!("{DEAD}{}", "x".repeat(300));
    let service = Service::scripted(vec![answer(&[alarm(DEAD, "ALARM", vec![])], &[], &[])]);
    let readings = read(&service, &[&long, DEAD]).await;
    assert!(readings[DEAD].is_alarm() && !readings.contains_key(&long));
    assert!(service.asked().iter().all(|request| !request.has("xxx")));
}
