//! What CloudWatch's alarms come to, field by field.

use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::{
    ActionsSuppressedBy, ComparisonOperator, CompositeAlarm, Metric, MetricAlarm, MetricDataQuery,
    MetricStat, StateValue,
};
use responder_core::world::alarm::{AlarmReading, AlarmStatus};

const ARN: &str = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo";

fn metric(
    change: impl FnOnce(
        aws_sdk_cloudwatch::types::builders::MetricAlarmBuilder,
    ) -> aws_sdk_cloudwatch::types::builders::MetricAlarmBuilder,
) -> AlarmStatus {
    let alarm = MetricAlarm::builder().alarm_arn(ARN).state_value(StateValue::Alarm);
    only(&DescribeAlarmsOutput::builder().metric_alarms(change(alarm).build()).build())
}

fn only(page: &DescribeAlarmsOutput) -> AlarmStatus {
    let read: Vec<_> = super::status::all(page).collect();
    let [(arn, AlarmReading::Known(status))] = read.as_slice() else { panic!("{read:?}") };
    assert_eq!(arn, ARN);
    status.clone()
}

#[test]
fn a_datapoint_without_a_value_breaches_where_the_alarm_says_so() {
    let reason = r#"{"period": 60, "evaluatedDatapoints": [{"timestamp": "2026-11-22T22:30:00.000+0000"}]}"#;
    let since = |treated: Option<&str>| {
        let status = metric(|it| {
            let it = it.threshold(1.0).comparison_operator(ComparisonOperator::LessThanThreshold);
            it.state_reason_data(reason).set_treat_missing_data(treated.map(str::to_owned))
        });
        status.breaching_since.map(|it| it.to_string())
    };
    assert_eq!(since(Some("breaching")).as_deref(), Some("2026-11-22T22:30:00Z"));
    for other in [Some("notBreaching"), Some("missing"), Some("ignore"), None] {
        assert_eq!(since(other), None, "{other:?}");
    }
}

#[test]
fn a_period_is_the_alarms_own_its_longest_querys_or_its_reasons() {
    let reason = r#"{"period": 30}"#;
    let query = |seconds| MetricDataQuery::builder().id("m").period(seconds).build();
    let stat = |seconds| {
        let stat =
            MetricStat::builder().metric(Metric::builder().build()).period(seconds).stat("Sum").build();
        MetricDataQuery::builder().id("m").metric_stat(stat).build()
    };
    for (period, queries, expected) in [
        (Some(60), vec![query(300)], Some(60_000)),
        (None, vec![query(10), query(300), stat(60)], Some(300_000)),
        (None, vec![stat(60)], Some(60_000)),
        (None, vec![], Some(30_000)),
    ] {
        let status = metric(|it| it.set_period(period).set_metrics(Some(queries)).state_reason_data(reason));
        assert_eq!(status.period_ms, expected);
    }
    let status = metric(|it| it.evaluation_periods(3));
    assert_eq!((status.period_ms, status.evaluation_periods), (None, Some(3)));
}

#[test]
fn an_alarm_whose_actions_do_not_fire_says_why() {
    for (enabled, expected) in
        [(None, None), (Some(true), None), (Some(false), Some("its actions are disabled"))]
    {
        let status = metric(|it| it.set_actions_enabled(enabled));
        assert_eq!(status.quieted.as_deref(), expected);
    }
    let composite = |by: Option<ActionsSuppressedBy>, suppressor: Option<&str>, enabled| {
        let alarm =
            CompositeAlarm::builder().alarm_arn(ARN).state_value(StateValue::Alarm).actions_enabled(enabled);
        let alarm =
            alarm.set_actions_suppressed_by(by).set_actions_suppressor(suppressor.map(str::to_owned)).build();
        only(&DescribeAlarmsOutput::builder().composite_alarms(alarm).build()).quieted
    };
    let alarm = Some(ActionsSuppressedBy::Alarm);
    assert_eq!(composite(None, Some("x"), true), None);
    assert_eq!(composite(alarm.clone(), Some("x"), true).as_deref(), Some("its actions are suppressed by x"));
    assert_eq!(
        composite(alarm.clone(), None, true).as_deref(),
        Some("its actions are suppressed by another alarm")
    );
    let waits = Some(ActionsSuppressedBy::WaitPeriod);
    assert_eq!(
        composite(waits, Some("x"), true).as_deref(),
        Some("its actions are suppressed by the WaitPeriod for x")
    );
    assert_eq!(composite(alarm, Some("x"), false).as_deref(), Some("its actions are disabled"));
}
