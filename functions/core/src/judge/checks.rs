//! The policy's checks, each with its value, its limit and its verdict. What is unknown does not pass.

use crate::answer::result::Check;
use crate::judge::case::{Case, CheckOf};
use crate::world::alarm::{AlarmReading, short_name};
use crate::world::attempt::{Attempt, Started};
use crate::world::evidence::Seen;
use crate::world::limits::LAG_AGE_MS_MAX;
use crate::world::publication::Published;
use crate::world::topology::{RegionView, Standby, Word};

/// All checks by name, in the order in which people read them.
pub(crate) const CHECKS: [(&str, CheckOf); 9] = [
    ("alarms_in_alarm", alarms_in_alarm),
    ("no_hold", no_hold),
    ("no_transition", no_transition),
    ("region_is_target", region_is_target),
    ("target_ready", target_ready),
    ("versions_equal", versions_equal),
    ("replication_lag", replication_lag),
    ("cooldown", cooldown),
    ("single_flight", single_flight),
];

fn check(name: &str, value: impl Into<String>, limit: impl Into<String>, pass: bool) -> Check {
    Check { name: name.to_owned(), value: value.into(), limit: Some(limit.into()), pass }
}

fn alarms_in_alarm(case: Case<'_>) -> Check {
    let alarms = &case.database.failover().health_alarms;
    let unread = AlarmReading::Unknown("not read".to_owned());
    let readings: Vec<(&str, &AlarmReading)> =
        alarms.iter().map(|arn| (arn.as_str(), case.readings.get(arn).unwrap_or(&unread))).collect();
    let value = if readings.is_empty() {
        "no health alarm is configured".to_owned()
    } else {
        let said = readings.iter().map(|(arn, reading)| format!("{}: {reading}", short_name(arn)));
        said.collect::<Vec<_>>().join("; ")
    };
    let all = !readings.is_empty() && readings.iter().all(|(_, reading)| reading.is_alarm());
    check("alarms_in_alarm", value, format!("all {} in ALARM when read again now", readings.len()), all)
}

pub(crate) fn no_hold(case: Case<'_>) -> Check {
    let read = matches!(case.evidence.parameters.get(case.candidate), Some(Seen::Got(_)));
    let (value, pass) = match (&case.evidence.hold, read) {
        (Some(reason), _) => (format!("set: {reason}"), false),
        (None, true) => ("not set".to_owned(), true),
        (None, false) => {
            (format!("unknown: the Parameter Store of {} does not answer", case.candidate), false)
        }
    };
    check("no_hold", value, "no hold switch", pass)
}

pub(crate) fn no_transition(case: Case<'_>) -> Check {
    let operations: Vec<String> = case
        .evidence
        .views
        .iter()
        .filter_map(|(region, seen)| Some(format!("{} in {region}", seen.got()?.failover_status()?)))
        .collect();
    let own = case.evidence.view(case.candidate).is_some();
    let (value, pass) = match (operations.is_empty(), own) {
        (false, _) => (operations.join("; "), false),
        (true, true) => ("none under way".to_owned(), true),
        (true, false) => (format!("unknown: {}'s RDS endpoint does not answer", case.candidate), false),
    };
    check("no_transition", value, "no operation under way", pass)
}

fn region_is_target(case: Case<'_>) -> Check {
    let (value, pass) = target_words(case);
    check("region_is_target", value, format!("this function's Region, {}, takes over", case.candidate), pass)
}

fn target_words(case: Case<'_>) -> (String, bool) {
    let Some(published) = case.evidence.published() else {
        return ("unknown: nothing is known to be published".to_owned(), false);
    };
    let writer = &published.writer;
    if writer == case.candidate {
        return (format!("{writer} is the published writer itself"), false);
    }
    match case.target() {
        Some(target) if target != case.candidate => (format!("{target} takes over from {writer}"), false),
        _ => match case.evidence.view(case.candidate).map(RegionView::word) {
            Some(Word::Writer(named)) if named == writer => {
                (format!("{} takes over from {writer}", case.candidate), true)
            }
            Some(_) => {
                (format!("{} itself does not name {writer} as the writer any more", case.candidate), false)
            }
            None => (format!("unknown: {}'s RDS endpoint does not answer", case.candidate), false),
        },
    }
}

pub(crate) fn target_ready(case: Case<'_>) -> Check {
    let (value, pass) = match case.evidence.view(case.candidate).map(RegionView::standby) {
        Some(Standby::Ready { instances: 1 }) => ("available, 1 instance".to_owned(), true),
        Some(Standby::Ready { instances }) => (format!("available, {instances} instances"), true),
        Some(Standby::NotReady(why)) => (why.to_string(), false),
        None => ("unknown: the RDS endpoint does not answer".to_owned(), false),
    };
    check("target_ready", value, "an available replica with an available instance", pass)
}

pub(crate) fn versions_equal(case: Case<'_>) -> Check {
    let versions = case.evidence.view(case.candidate).map(RegionView::versions);
    let both = versions.and_then(|it| it.global.as_deref().zip(it.cluster.as_deref()));
    let (value, pass) = match both {
        Some((global, cluster)) if global == cluster => (cluster.to_owned(), true),
        Some((global, cluster)) => (format!("the target runs {cluster}, the global cluster {global}"), false),
        None => ("unknown".to_owned(), false),
    };
    check("versions_equal", value, "the target runs the global cluster's engine version", pass)
}

pub(crate) fn replication_lag(case: Case<'_>) -> Check {
    let max_s = case.database.failover().max_lag_seconds;
    let limit = format!("at most {max_s} s, measured at most {} s ago", LAG_AGE_MS_MAX / 1000);
    let (value, pass) = match case.lag {
        Seen::Got(Some(lag)) => {
            let age_ms = case.now.since_ms(lag.at);
            let recent = (-LAG_AGE_MS_MAX..=LAG_AGE_MS_MAX).contains(&age_ms);
            let word = if recent { "" } else { "unknown now: " };
            let value = format!("{word}{} ms, measured {} s ago", lag.lag_ms, age_ms.div_euclid(1000));
            (value, recent && lag.lag_ms <= u64::from(max_s) * 1000)
        }
        Seen::Got(None) => ("unknown: CloudWatch has no recent sample".to_owned(), false),
        Seen::Unreachable(why) => (format!("unknown: {why}"), false),
        Seen::NotYet => ("unknown: not read".to_owned(), false),
    };
    check("replication_lag", value, limit, pass)
}

fn cooldown(case: Case<'_>) -> Check {
    let cooldown_s = i64::from(case.database.failover().cooldown_seconds);
    let limit = format!("at least {cooldown_s} s since the last transition");
    let Some(last) = last_transition(case) else {
        return check("cooldown", "unknown: nothing is known to be published", limit, false);
    };
    let age_ms = case.now.since_ms(last);
    let value = format!("the last was {} s ago, {last}", age_ms.div_euclid(1000));
    check("cooldown", value, limit, age_ms >= cooldown_s * 1000)
}

/// The last publication or the last attempt that RDS took, whichever is later.
fn last_transition(case: Case<'_>) -> Option<crate::words::timestamp::Timestamp> {
    let Published { at, .. } = case.evidence.published()?;
    let attempt = case.journal.got().and_then(|journal| journal.attempt.as_ref());
    let taken = attempt.filter(|attempt| attempt.started == Started::Accepted).map(|attempt| attempt.at);
    Some(taken.map_or(*at, |taken| taken.max(*at)))
}

pub(crate) fn single_flight(case: Case<'_>) -> Check {
    let (value, pass) = match case.journal {
        Seen::Unreachable(why) => (format!("unknown: {why}"), false),
        Seen::NotYet => ("unknown: not read".to_owned(), false),
        Seen::Got(journal) => match &journal.attempt {
            None => ("no attempt before".to_owned(), true),
            Some(attempt) => flight(case, attempt),
        },
    };
    check("single_flight", value, "no attempt of this Region is open", pass)
}

fn flight(case: Case<'_>, attempt: &Attempt) -> (String, bool) {
    let cooldown_ms = i64::from(case.database.failover().cooldown_seconds) * 1000;
    let epoch = case.evidence.published().map(|published| published.epoch);
    let open = epoch.is_none_or(|epoch| attempt.is_open(epoch, case.now, cooldown_ms));
    let end = match attempt.started {
        Started::Calling => "whose end was not written",
        Started::Accepted => "which RDS took",
        Started::Refused => "which RDS refused",
        Started::Unknown => "which RDS did not answer",
    };
    let word = if open { "still open" } else { "over" };
    (format!("an attempt at {} at epoch {}, {end}: {word}", attempt.at, attempt.epoch), !open)
}
