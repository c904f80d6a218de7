//! Who goes first of invocations that the alarms of one moment woke.

use std::time::Duration;

use crate::judge::case::Case;
use crate::world::alarm::AlarmReading;
use crate::world::trigger::Trigger;

/// How long it takes until others see an attempt: a few reads and a write of Parameter Store.
const TURN: Duration = Duration::from_millis(300);
/// How many turns one waits at most.
const TURNS_MAX: u32 = 4;
/// Alarms that changed so long ago at most, in milliseconds, may just have woken another invocation.
const ONE_MOMENT_MS: i64 = 5_000;

/// How long this one lets others go first. Alarms that come in one moment wake an invocation each: that of the first of them in
/// the configuration goes at once, and each of the others finds its attempt.
pub(super) fn turn(case: Case<'_>, trigger: &Trigger) -> Duration {
    let config = case.database.failover();
    let alarms = || config.health_alarms.iter().chain(&config.writer_alarms);
    let of_trigger = |arn: &String| trigger.alarms.iter().any(|change| change.is_of(arn));
    let own = alarms().position(of_trigger).unwrap_or(usize::MAX);
    let is_new = |arn: &&String| {
        let status = case.readings.get(*arn).and_then(AlarmReading::status);
        let since = status.and_then(|status| status.since);
        since.is_some_and(|since| case.now.since_ms(since).abs() <= ONE_MOMENT_MS)
    };
    TURN * u32::try_from(alarms().take(own).filter(is_new).count()).unwrap_or(TURNS_MAX).min(TURNS_MAX)
}
