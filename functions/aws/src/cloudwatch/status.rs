//! From CloudWatch's three kinds of alarms to the core's one. What an answer lacks is not known, and no reason to refuse
//! the rest of it.

use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::{
    ActionsSuppressedBy, CompositeAlarm, LogAlarm, MetricAlarm, MetricDataQuery, StateValue,
};
use aws_smithy_types::DateTime;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmReading, AlarmState, AlarmStatus};

use super::breach::{Limit, Reason};

/// What each alarm on a page says, by its ARN.
pub(super) fn all(page: &DescribeAlarmsOutput) -> impl Iterator<Item = (String, AlarmReading)> {
    let metric = page.metric_alarms().iter().filter_map(|it| Some((it.alarm_arn()?, metric(it)?)));
    let composite = page.composite_alarms().iter().filter_map(|it| Some((it.alarm_arn()?, composite(it)?)));
    let log = page.log_alarms().iter().filter_map(|it| Some((it.alarm_arn()?, log(it)?)));
    let alarms = metric.chain(composite).chain(log);
    alarms.map(|(arn, status)| (arn.to_owned(), AlarmReading::Known(status)))
}

fn metric(alarm: &MetricAlarm) -> Option<AlarmStatus> {
    let reason = Reason::of(alarm.state_reason_data());
    let limit = Limit {
        threshold: alarm.threshold(),
        operator: alarm.comparison_operator(),
        missing_breaches: missing_breaches(alarm.treat_missing_data()),
    };
    let period = alarm.period().or_else(|| alarm.metrics().iter().filter_map(period).max());
    Some(AlarmStatus {
        quieted: disabled(alarm.actions_enabled()),
        breaching_since: reason.breaching_since(limit),
        period_ms: period.map(|seconds| i64::from(seconds) * 1000).or_else(|| reason.period_ms()),
        evaluation_periods: alarm.evaluation_periods().map(i64::from),
        ..plain(
            alarm.state_value()?,
            alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp()),
        )
    })
}

fn composite(alarm: &CompositeAlarm) -> Option<AlarmStatus> {
    let suppressed = || alarm.actions_suppressed_by().map(|by| suppressed(by, alarm.actions_suppressor()));
    Some(AlarmStatus {
        quieted: disabled(alarm.actions_enabled()).or_else(suppressed),
        ..plain(
            alarm.state_value()?,
            alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp()),
        )
    })
}

fn log(alarm: &LogAlarm) -> Option<AlarmStatus> {
    let reason = Reason::of(alarm.state_reason_data());
    let limit = Limit {
        threshold: alarm.threshold(),
        operator: alarm.comparison_operator(),
        missing_breaches: missing_breaches(alarm.treat_missing_data()),
    };
    let schedule = alarm.scheduled_query_configuration().and_then(|it| it.schedule_configuration());
    let every = schedule.and_then(|it| it.schedule_expression()).and_then(every_ms);
    Some(AlarmStatus {
        quieted: disabled(alarm.actions_enabled()),
        breaching_since: reason.breaching_since(limit),
        period_ms: every.or_else(|| reason.period_ms()),
        evaluation_periods: alarm.query_results_to_evaluate().map(i64::from),
        ..plain(
            alarm.state_value()?,
            alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp()),
        )
    })
}

fn plain(state: &StateValue, since: Option<&DateTime>) -> AlarmStatus {
    let since = since.and_then(|since| since.to_millis().ok()).map(Timestamp::from_ms);
    AlarmStatus::plain(AlarmState::of(state.as_str()), since)
}

fn disabled(enabled: Option<bool>) -> Option<String> {
    (enabled == Some(false)).then(|| "its actions are disabled".to_owned())
}

fn suppressed(by: &ActionsSuppressedBy, suppressor: Option<&str>) -> String {
    let suppressor = suppressor.unwrap_or("another alarm");
    match by {
        ActionsSuppressedBy::Alarm => format!("its actions are suppressed by {suppressor}"),
        period => format!("its actions are suppressed by the {} for {suppressor}", period.as_str()),
    }
}

fn missing_breaches(treated: Option<&str>) -> bool {
    treated == Some("breaching")
}

/// The period of one of the queries of a metric-math alarm, in seconds.
fn period(query: &MetricDataQuery) -> Option<i32> {
    query.period().or_else(|| query.metric_stat()?.period())
}

/// How often a query runs, from `rate(5 minutes)`; a cron expression does not say.
fn every_ms(expression: &str) -> Option<i64> {
    let inside = expression.trim().strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = inside.trim().split_once(' ')?;
    let unit_ms = match unit.trim().trim_end_matches('s') {
        "second" => 1_000,
        "minute" => 60_000,
        "hour" => 3_600_000,
        "day" => 86_400_000,
        _ => return None,
    };
    count.parse::<i64>().ok()?.checked_mul(unit_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_says_how_often_and_nothing_else_does() {
        for (expression, ms) in [
            ("rate(1 minute)", Some(60_000)),
            ("rate(5 minutes)", Some(300_000)),
            ("rate(1 hour)", Some(3_600_000)),
            ("cron(0/5 * * * ? *)", None),
            ("rate(often)", None),
            ("rate(9223372036854775807 days)", None),
            ("", None),
        ] {
            assert_eq!(every_ms(expression), ms, "{expression}");
        }
    }
}
