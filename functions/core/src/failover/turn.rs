//! Who goes first of invocations that the alarms of one moment woke.

use std::time::Duration;

use crate::judge::case::Case;
use crate::words::timestamp::Timestamp;
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
    let since = |arn: &String| case.readings.get(arn).and_then(AlarmReading::status)?.since;
    after(alarms().take(own).filter_map(since), case.now)
}

/// A turn for each alarm that changed in this moment; clocks may differ, so it may be yet to come.
fn after(changes: impl Iterator<Item = Timestamp>, now: Timestamp) -> Duration {
    let new = changes.filter(|at| now.since_ms(*at).abs() <= ONE_MOMENT_MS).count();
    TURN * u32::try_from(new).unwrap_or(TURNS_MAX).min(TURNS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_waited_for_each_alarm_of_this_moment_and_for_no_more_than_four() {
        let waits = |ages_ms: &[i64]| {
            let now = Timestamp::from_ms(1_000_000);
            after(ages_ms.iter().map(|age| now.plus_ms(-age)), now).as_millis()
        };
        assert_eq!((waits(&[]), waits(&[0]), waits(&[0, 40])), (0, 300, 600));
        assert_eq!([5_000, 5_001, -5_000, -5_001].map(|age| waits(&[age])), [300, 0, 300, 0]);
        assert_eq!((waits(&[0, 1, 2, 3]), waits(&[0, 1, 2, 3, 4])), (1_200, 1_200));
    }
}
