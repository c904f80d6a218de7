//! When an outage began: before the first breaching datapoint of its alarms. What was acknowledged before says how much a
//! failover loses; in the outage itself the lag grows with the clock, or is not reported any more.

use crate::judge::case::Case;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::{AlarmReading, AlarmStatus};
use crate::world::limits::{CHANGES_APART_MS_MAX, ONSET_MS_MIN, OUTAGE_MS_MAX};

/// How many more periods than it evaluates an alarm may take until it changes: a datapoint comes one to three minutes late.
const LATE_PERIODS: i64 = 3;

/// When the outage began, as far as its alarms tell: by the writer alarms where there are any, else by the health alarms.
/// `None` when no alarm is in ALARM by a change that is of this outage.
pub(crate) fn by_alarms(case: Case<'_>) -> Option<Timestamp> {
    let failover = case.database.failover();
    let arns =
        if failover.writer_alarms.is_empty() { &failover.health_alarms } else { &failover.writer_alarms };
    let published = case.evidence.published()?.at;
    let alarms = arns.iter().filter_map(|arn| case.readings.get(arn)).filter(|reading| reading.is_alarm());
    let changes: Vec<(Timestamp, &AlarmStatus)> = alarms
        .filter_map(AlarmReading::status)
        .filter_map(|status| Some((status.since?, status)))
        .filter(|(since, _)| *since >= published)
        .collect();
    let latest = changes.iter().map(|(since, _)| *since).max()?;
    let of_this_outage =
        changes.into_iter().filter(|(since, _)| latest.since_ms(*since) <= CHANGES_APART_MS_MAX);
    of_this_outage.map(|(since, status)| of_alarm(since, status)).min()
}

/// When the outage began: as it was remembered, and earlier if the alarms now say so. It never moves later, because an alarm
/// that stays in ALARM forgets its first datapoints.
pub(crate) fn onset(case: Case<'_>) -> Option<Timestamp> {
    let remembered = remembered(case);
    match (by_alarms(case), remembered) {
        (Some(now), Some(before)) => Some(now.min(before)),
        (now, before) => now.or(before),
    }
}

/// The earliest of what any of these alarms tells, whatever outage it is of: to know from when on to ask for samples.
pub fn earliest<'a>(readings: impl Iterator<Item = &'a AlarmReading>) -> Option<Timestamp> {
    let alarms = readings.filter(|reading| reading.is_alarm()).filter_map(AlarmReading::status);
    alarms.filter_map(|status| Some(of_alarm(status.since?, status))).min()
}

/// What is remembered, if it is of this publication and not too old.
fn remembered(case: Case<'_>) -> Option<Timestamp> {
    let outage = case.journal.got()?.outage.as_ref()?;
    let epoch = case.evidence.published()?.epoch;
    let is_young = (0..OUTAGE_MS_MAX).contains(&case.now.since_ms(outage.noted));
    (outage.epoch == epoch && is_young).then_some(outage.onset)
}

/// By the oldest datapoint that breached, less one period. Without it, or where the alarm has looked at later ones since it
/// changed, as long before the change as it may have taken.
fn of_alarm(since: Timestamp, status: &AlarmStatus) -> Timestamp {
    let period_ms = status.period_ms.unwrap_or_default();
    let long_way = {
        let periods = status.evaluation_periods.unwrap_or_default() + LATE_PERIODS;
        since.plus_ms(-(periods.saturating_mul(period_ms)).max(ONSET_MS_MIN))
    };
    match status.breaching_since {
        Some(breach) if breach <= since && period_ms > 0 => breach.plus_ms(-period_ms),
        _ => long_way,
    }
}
