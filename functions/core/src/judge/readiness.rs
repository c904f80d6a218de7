//! Would a failover start, were its alarms to fire now? Pure: the policy's own checks but the two that ask whether it burns,
//! with the lag of now; and what else would be in the way that this function may read.
//!
//! | check | passes when |
//! | --- | --- |
//! | the policy's | as in [`crate::judge::policy`], all but `alarms_in_alarm` and `writer_down` |
//! | `alarms_can_fire` | there is a health alarm, and each alarm can be read, has data, is not muted or disabled, and is not stuck in ALARM |
//! | `record_ours` | the writer record stands, is this installation's, and holds a member's endpoint: it can be moved |
//! | `people_hear` | in mode `advise` somebody can be told |
//!
//! A Region that holds the writer has nothing to take over, and where another comes first that one is judged.

use crate::answer::readiness::ReadinessKind;
use crate::answer::result::{Check, CheckVerdict};
use crate::config::FailoverMode;
use crate::judge::case::Case;
use crate::judge::checks::CHECKS;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::{AlarmReading, AlarmState, AlarmStatus, short_name};
use crate::world::evidence::Seen;
use crate::world::limits::{NO_DATA_MS_MAX, STUCK_ALARM_MS};
use crate::world::readiness::{Obstacle, Readiness};
use crate::world::record::Standing;

use CheckVerdict::{Fail, Pass, Unknown};

/// The checks that ask whether it burns.
const BURNING: [&str; 2] = ["alarms_in_alarm", "writer_down"];

/// What a look ahead found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The verdict.
    pub verdict: ReadinessKind,
    /// Every check; none where there is nothing to take over.
    pub checks: Vec<Check>,
}

/// Judges one database for the candidate's Region.
pub fn readiness(case: Case<'_>) -> Found {
    if let Some(verdict) = elsewhere(case) {
        return Found { verdict, checks: Vec::new() };
    }
    let policy = CHECKS.iter().filter(|(name, _)| !BURNING.contains(name)).map(|(_, check)| check(case));
    let checks: Vec<Check> =
        policy.chain([alarms_can_fire(case), record_ours(case), people_hear(case)]).collect();
    Found { verdict: verdict(&checks), checks }
}

impl Found {
    /// The same with one more check.
    #[must_use]
    pub fn and(mut self, check: Check) -> Self {
        self.checks.push(check);
        Self { verdict: verdict(&self.checks), ..self }
    }
}

/// What is remembered after it. What stands in the way keeps the time of its first sight; what people were told stays.
pub fn after(before: Option<&Readiness>, found: &Found, case: Case<'_>) -> Readiness {
    let obstacle = |check: &Check| {
        let known = before.into_iter().flat_map(|it| &it.obstacles);
        let known = known.into_iter().find(|it| it.check == check.name && it.verdict == check.verdict());
        Obstacle {
            check: check.name.clone(),
            value: check.value.clone(),
            verdict: check.verdict(),
            since: known.map_or_else(|| case.now.whole_seconds(), |it| it.since),
        }
    };
    let same = before.filter(|it| it.verdict == found.verdict);
    Readiness {
        at: case.now.whole_seconds(),
        epoch: case.evidence.epoch(),
        verdict: found.verdict,
        since: same.map_or_else(|| case.now.whole_seconds(), |it| it.since),
        obstacles: found.checks.iter().filter(|check| !check.pass).map(obstacle).collect(),
        told: before.and_then(|it| it.told.clone()),
    }
}

/// Whether an alarm is in ALARM that may tell of an outage: then the policy speaks, and nobody looks ahead.
pub fn burns<'a>(readings: impl IntoIterator<Item = &'a AlarmReading>, now: Timestamp) -> bool {
    let mut alarms = readings.into_iter().filter(|it| it.is_alarm()).filter_map(AlarmReading::status);
    alarms.any(|status| !is_stuck(status, now))
}

fn is_stuck(status: &AlarmStatus, now: Timestamp) -> bool {
    status.state == AlarmState::Alarm && status.since.is_some_and(|at| now.since_ms(at) >= STUCK_ALARM_MS)
}

fn elsewhere(case: Case<'_>) -> Option<ReadinessKind> {
    match (case.writer(), case.target()) {
        (Some(writer), _) if writer == case.candidate => Some(ReadinessKind::Writer),
        (_, Some(target)) if target != case.candidate => Some(ReadinessKind::NotFirst),
        _ => None,
    }
}

fn verdict(checks: &[Check]) -> ReadinessKind {
    match checks.iter().map(Check::verdict).max() {
        Some(Fail) => ReadinessKind::NotReady,
        Some(Unknown) => ReadinessKind::Unknown,
        Some(Pass) | None => ReadinessKind::Ready,
    }
}

fn alarms_can_fire(case: Case<'_>) -> Check {
    let failover = case.database.failover();
    let limit = "every health and writer alarm can be read, has data, is neither muted nor disabled, and is not stuck in ALARM";
    if failover.health_alarms.is_empty() {
        let value = "no health alarm is configured: nothing would wake a failover";
        return Check::new("alarms_can_fire", value, Some(limit), Fail);
    }
    let judged = failover.health_alarms.iter().chain(&failover.writer_alarms).map(|arn| {
        let (said, verdict) = can_fire(case.readings.get(arn), case.now);
        (format!("{}: {said}", short_name(arn)), verdict)
    });
    let (said, verdicts): (Vec<String>, Vec<CheckVerdict>) = judged.unzip();
    let verdict = verdicts.into_iter().fold(Pass, CheckVerdict::and);
    Check::new("alarms_can_fire", said.join("; "), Some(limit), verdict)
}

fn can_fire(reading: Option<&AlarmReading>, now: Timestamp) -> (String, CheckVerdict) {
    let Some(reading) = reading else { return ("not read".to_owned(), Unknown) };
    let said = reading.to_string();
    let Some(status) = reading.status() else { return (said, Unknown) };
    if status.quieted.is_some() {
        return (said, Fail);
    }
    match &status.state {
        AlarmState::Alarm if is_stuck(status, now) => (format!("{said}: it tells of no new outage"), Fail),
        AlarmState::Ok | AlarmState::Alarm => (said, Pass),
        AlarmState::InsufficientData => {
            let is_new = status.since.is_some_and(|at| now.since_ms(at) < NO_DATA_MS_MAX);
            (format!("{said}: it cannot fire"), if is_new { Unknown } else { Fail })
        }
        AlarmState::Other(_) => (said, Unknown),
    }
}

fn record_ours(case: Case<'_>) -> Check {
    let (value, verdict) = match (&case.evidence.record, case.evidence.standing(case.database)) {
        (Seen::Unreachable(why), _) => (format!("unknown: {why}"), Unknown),
        (_, None) => ("unknown: not read".to_owned(), Unknown),
        (_, Some(Standing::Owned(owned))) => (format!("{} at epoch {}", owned.endpoint, owned.epoch), Pass),
        (_, Some(Standing::Drifted(owned))) => {
            (format!("changed by somebody; ours at epoch {}", owned.epoch), Fail)
        }
        (_, Some(Standing::Unrecognized(owned))) => {
            (format!("{}, no known member's endpoint", owned.endpoint), Fail)
        }
        (_, Some(Standing::Unowned(value))) => (format!("{value}, without an owner"), Fail),
        (_, Some(Standing::Foreign(why))) => (format!("not ours: {why}"), Fail),
        (_, Some(Standing::Absent)) => ("does not exist".to_owned(), Fail),
    };
    Check::new("record_ours", value, Some("ours, with a member's endpoint: it can be moved"), verdict)
}

fn people_hear(case: Case<'_>) -> Check {
    let is_silent = case.database.topics(case.own).is_empty();
    let (value, verdict) = match (is_silent, case.database.failover().mode) {
        (false, _) => ("by a topic", Pass),
        (true, FailoverMode::Advise) => ("no topic is configured: nobody hears the advice", Fail),
        (true, _) => ("no topic is configured, and none is needed to start", Pass),
    };
    Check::new("people_hear", value, Some("a topic, where a person decides"), verdict)
}
