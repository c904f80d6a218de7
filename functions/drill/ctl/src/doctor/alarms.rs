//! The alarms of one database, read as `failover` reads them: whether they could ever be in ALARM together, and whether
//! something would follow.

use std::time::Duration;

use aws_config::SdkConfig;
use responder_aws::{AwsPorts, Budgets, Clients, Environment};
use responder_core::config::{Database, FailoverMode};
use responder_core::ports::{Clock, HealthAlarms, PortError};
use responder_core::words::failure::NoAnswer;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmReading, AlarmState, AlarmStatus, short_name};

use super::Finding;

/// An alarm that has been in ALARM for so long is no news to anybody, in milliseconds.
const LONG_MS: i64 = 86_400_000;
/// A person waits longer than a function that writes to a dead Region.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a rule has to say about an alarm.
type Muted<'a> = Option<&'a Result<Option<String>, PortError>>;

pub(super) async fn look(config: &SdkConfig, database: &Database) -> Vec<Finding> {
    let name = database.name().as_str();
    let failover = database.failover();
    let mut findings = Vec::new();
    if failover.health_alarms.is_empty() {
        let mend = "without one nothing advises a failover";
        findings.push(Finding::warn(name, "names no health alarm", mend));
    }
    let Some(region) = database.regions().next().cloned() else { return findings };
    let Ok(environment) = Environment::new(database.prefix(), region) else { return findings };
    let budgets = Budgets { alarms: PATIENCE, attempt: PATIENCE, connect: PATIENCE, ..Budgets::default() };
    let ports = AwsPorts::new(environment, Clients::new(config.clone(), budgets));
    let readings = ports.alarm_readings(database).await;
    let muted = ports.mute_rules(database).await;
    for arn in failover.health_alarms.iter().chain(&failover.writer_alarms) {
        findings.push(judge(database, arn, readings.get(arn), muted.get(arn), ports.now()));
    }
    findings
}

fn judge(
    database: &Database,
    arn: &str,
    reading: Option<&AlarmReading>,
    muted: Muted<'_>,
    now: Timestamp,
) -> Finding {
    let (database_name, alarm) = (database.name().as_str(), short_name(arn));
    match reading {
        None => Finding::fail(database_name, format!("{arn} is no alarm's ARN"), "mend the configuration"),
        Some(AlarmReading::Unknown(NoAnswer { why, kind })) => {
            let mend = if kind.is_retryable() {
                "look again when it answers"
            } else {
                "create it, mend the configuration, or allow cloudwatch:DescribeAlarms to whoever runs this"
            };
            Finding::fail(database_name, format!("{alarm}: {why}"), mend)
        }
        Some(AlarmReading::Known(status)) => known(database, &alarm, status, muted, now),
    }
}

fn known(
    database: &Database,
    alarm: &str,
    status: &AlarmStatus,
    muted: Muted<'_>,
    now: Timestamp,
) -> Finding {
    let name = database.name().as_str();
    let state = &status.state;
    if *state == AlarmState::InsufficientData {
        return Finding::fail(
            name,
            format!("{alarm} has {state}: it can never say that the writer is dead"),
            "mend its metric; missing data should count as breaching",
        );
    }
    let by_rule = muted.and_then(|muted| muted.as_ref().ok()?.as_ref());
    if let Some(why) = status.quieted.as_ref().or(by_rule) {
        let mend = "let its actions fire again when the work is done";
        return Finding::warn(name, format!("{alarm}: {why}, so nothing is started"), mend);
    }
    if let Some(Err(error)) = muted {
        return Finding::warn(
            name,
            format!("whether {alarm} is muted could not be read: {error}"),
            "allow cloudwatch:ListAlarmMuteRules; while that is not known nothing is started",
        );
    }
    if let Some(takes_ms) = takes_ms(status).filter(|ms| *ms >= cooldown_ms(database)) {
        let what = format!(
            "{alarm} takes {} s to be in ALARM, and the cooldown is {} s",
            takes_ms / 1000,
            database.failover().cooldown_seconds
        );
        return Finding::warn(name, what, "give it shorter or fewer periods, or a longer cooldown_seconds");
    }
    let since = status.since.filter(|since| now.since_ms(*since) >= LONG_MS);
    if let (AlarmState::Alarm, Some(since), true) = (state, since, is_used(database)) {
        let what = format!("{alarm} has been in ALARM since {since}: it does not tell of a new outage");
        return Finding::warn(name, what, "mend what it watches, or the alarm");
    }
    Finding::ok(name, format!("{alarm} is {state}"))
}

/// How long it takes to be in ALARM at least.
fn takes_ms(status: &AlarmStatus) -> Option<i64> {
    status.period_ms?.checked_mul(status.evaluation_periods?)
}

fn cooldown_ms(database: &Database) -> i64 {
    i64::from(database.failover().cooldown_seconds) * 1000
}

fn is_used(database: &Database) -> bool {
    database.failover().mode != FailoverMode::Off
}

#[cfg(test)]
mod tests {
    use responder_core::words::failure::FailureKind;

    use super::super::Level;
    use super::super::policy::tests::{DAY, configured};
    use super::*;

    const ARN: &str = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:todo-app";
    const NOW: Timestamp = Timestamp::from_ms(10 * DAY);

    fn judged(reading: Option<&AlarmReading>, muted: Muted<'_>) -> (Level, String) {
        let database = configured(r#"{"mode": "advise", "cooldown_seconds": 600}"#);
        let finding = judge(&database, ARN, reading, muted, NOW);
        assert!(finding.level == Level::Ok || !finding.mend.is_empty(), "{finding:?}");
        (finding.level, finding.what)
    }

    fn unknown(kind: FailureKind) -> AlarmReading {
        AlarmReading::Unknown(NoAnswer { why: "because".to_owned(), kind })
    }

    #[test]
    fn an_alarm_is_judged_by_whether_something_would_follow_from_it() {
        let plain = |state, age_ms: i64| AlarmStatus::plain(state, Some(NOW.plus_ms(-age_ms)));
        let quiet = || Some("its actions are disabled".to_owned());
        let slow = |periods| AlarmStatus {
            period_ms: Some(60_000),
            evaluation_periods: Some(periods),
            ..plain(AlarmState::Ok, 0)
        };
        for (status, level, word) in [
            (plain(AlarmState::Ok, 2 * DAY), Level::Ok, "todo-app in us-east-1 is OK"),
            (plain(AlarmState::Alarm, DAY - 1), Level::Ok, "is ALARM"),
            (plain(AlarmState::Alarm, DAY), Level::Warn, "has been in ALARM since"),
            (plain(AlarmState::InsufficientData, 0), Level::Fail, "INSUFFICIENT_DATA"),
            (AlarmStatus { quieted: quiet(), ..plain(AlarmState::Ok, 0) }, Level::Warn, "are disabled"),
            (slow(9), Level::Ok, "is OK"),
            (slow(10), Level::Warn, "takes 600 s to be in ALARM, and the cooldown is 600 s"),
        ] {
            let (found, what) = judged(Some(&AlarmReading::Known(status)), Some(&Ok(None)));
            assert!(found == level && what.contains(word), "{what}");
        }
    }

    #[test]
    fn a_muted_alarm_and_one_that_cannot_be_read_are_said() {
        let ok = AlarmReading::known(AlarmState::Ok, None);
        let rule = Ok(Some("its actions are muted by the rule night".to_owned()));
        let denied = Err(PortError::new("cloudwatch:ListAlarmMuteRules", FailureKind::Refused));
        for (reading, muted, level, word) in [
            (Some(&ok), Some(&rule), Level::Warn, "muted by the rule night"),
            (Some(&ok), Some(&denied), Level::Warn, "could not be read"),
            (Some(&ok), None, Level::Ok, "is OK"),
            (Some(&unknown(FailureKind::Refused)), None, Level::Fail, "because"),
            (Some(&unknown(FailureKind::Unreachable)), None, Level::Fail, "because"),
            (None, None, Level::Fail, "is no alarm's ARN"),
        ] {
            let (found, what) = judged(reading, muted);
            assert!(found == level && what.contains(word), "{what}");
        }
    }
}
