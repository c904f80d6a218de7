//! Which alarms are muted by a rule, and whether a Region's CloudWatch answers at all.

use futures_util::future::join_all;
use responder_core::ports::HealthAlarms;
use responder_core::words::failure::FailureKind;

use crate::alarms::{DEAD, LAG};
use crate::cbor::{error, list, map, text};
use crate::service::{Reply, Service};
use crate::world::{database_with_alarms, osaka, ports, seoul};

fn rule(name: &str, status: &str) -> Vec<u8> {
    let arn = format!("arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm-mute-rule:{name}");
    map(&[("AlarmMuteRuleArn", text(&arn)), ("Status", text(status))])
}

fn rules(rules: &[Vec<u8>], next: Option<&str>) -> Reply {
    let mut entries = vec![("AlarmMuteRuleSummaries", list(rules))];
    entries.extend(next.map(|next| ("NextToken", text(next))));
    Reply::ok(map(&entries))
}

/// What is known of each alarm: the sentence, nothing, or the kind of failure.
async fn muted(service: &Service, alarms: &[&str]) -> Vec<Result<Option<String>, FailureKind>> {
    let database = database_with_alarms("todo", alarms);
    let muted = ports(service).mute_rules(&database).await;
    alarms.iter().map(|arn| muted[*arn].as_ref().map(Clone::clone).map_err(|error| error.kind)).collect()
}

#[tokio::test(start_paused = true)]
async fn no_active_rule_is_one_call_a_region_whatever_the_number_of_alarms() {
    let service = Service::scripted(vec![rules(&[], None)]);
    let ports = ports(&service);
    let all: Vec<_> = (0..50).map(|at| database_with_alarms(&format!("todo{at}"), &[LAG, DEAD])).collect();
    for muted in join_all(all.iter().map(|database| ports.mute_rules(database))).await {
        assert!(muted.len() == 2 && muted.values().all(|it| matches!(it, Ok(None))), "{muted:?}");
    }
    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|request| request.is("ListAlarmMuteRules") && request.has("ACTIVE")));
}

#[tokio::test(start_paused = true)]
async fn where_a_rule_is_active_each_alarm_is_asked_for_by_its_name_on_all_pages() {
    let service = Service::new(|request| match request {
        _ if request.line.contains("ap-northeast-2") => rules(&[], None),
        _ if request.has("todo: lag") && !request.has("next") => {
            rules(&[rule("over", "EXPIRED"), rule("later", "SCHEDULED")], Some("next"))
        }
        _ if request.has("todo: lag") => rules(&[rule("night: work", "ACTIVE")], None),
        _ if request.has("AlarmName") => rules(&[], None),
        _ => rules(&[rule("night: work", "ACTIVE")], None),
    });
    let other = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:other";
    let why = "its actions are muted by the rule night: work".to_owned();
    assert_eq!(muted(&service, &[LAG, other, DEAD]).await, [Ok(Some(why)), Ok(None), Ok(None)]);
    assert_eq!(service.asked().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_is_an_error_and_never_unmuted() {
    for (reply, kind) in [
        (error(400, "UnknownOperationException"), FailureKind::Refused),
        (error(400, "InvalidAction"), FailureKind::Refused),
        (error(403, "AccessDenied"), FailureKind::Refused),
        (error(400, "ThrottlingException"), FailureKind::Throttled),
        (error(503, "ServiceUnavailable"), FailureKind::Busy),
        (Reply::ok("<html>"), FailureKind::Malformed),
        (Reply::ok(""), FailureKind::Malformed),
        (Reply::Never, FailureKind::Unreachable),
    ] {
        let start = tokio::time::Instant::now();
        assert_eq!(muted(&Service::scripted(vec![reply.clone()]), &[LAG]).await, [Err(kind)], "{reply:?}");
        assert!(start.elapsed().as_millis() <= 2_001, "{reply:?}");
    }
    let mut first = true;
    let service = Service::scripted(vec![rules(&[rule("night", "ACTIVE")], None), Reply::Never]);
    for muted in muted(&service, &[LAG]).await {
        assert!(std::mem::take(&mut first) && muted.is_err(), "{muted:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_cheapest_question_tells_whether_cloudwatch_answers() {
    let service = Service::scripted(vec![Reply::ok(map(&[("MetricAlarms", list(&[]))]))]);
    let (ports_of, region) = (ports(&service), seoul());
    for answer in join_all((0..20).map(|_| ports_of.cloudwatch_answers(&region))).await {
        answer.unwrap();
    }
    let asked = service.asked();
    assert!(asked.len() == 1 && asked[0].is("DescribeAlarms"), "{asked:?}");
    assert!(asked[0].line.contains("ap-northeast-2") && asked[0].has("MaxRecords"));
    for (reply, kind, silent) in [
        (Reply::Never, FailureKind::Unreachable, true),
        (Reply::NoConnection, FailureKind::Unreachable, true),
        (error(500, "InternalServiceFault"), FailureKind::Busy, true),
        (error(400, "ThrottlingException"), FailureKind::Throttled, false),
        (error(503, "ThrottlingException"), FailureKind::Throttled, false),
        (error(403, "AccessDenied"), FailureKind::Refused, false),
    ] {
        let start = tokio::time::Instant::now();
        let failed = ports(&Service::scripted(vec![reply.clone()])).cloudwatch_answers(&osaka()).await;
        let failed = failed.unwrap_err();
        assert_eq!((failed.kind, failed.kind.is_silence()), (kind, silent), "{reply:?}: {failed}");
        assert!(start.elapsed().as_millis() <= 2_001, "{reply:?}");
    }
}
