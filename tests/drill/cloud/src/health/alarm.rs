//! What a CloudWatch alarm on the metric `HealthCheckStatus` makes of a health check's status over time.
//!
//! The metric is 1 while the health check is healthy and 0 while it is not, once a minute. The alarm takes the minimum
//! of each period and goes off when as many whole periods in a row as it evaluates were below 1. A period's datapoint may be
//! there only some time after its end.

use std::time::Duration;

use crate::alarms::AlarmState;

/// How the alarm looks at the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evaluation {
    /// The length of a period.
    pub period: Duration,
    /// How many whole periods in a row it evaluates.
    pub periods: u32,
    /// How long after a period's end its datapoint is there.
    pub late: Duration,
}

impl Evaluation {
    /// The alarm's state at `now`. Times are since the metric began, when the status was healthy; `changes` are the
    /// status' changes in order.
    pub fn state(self, changes: &[(Duration, bool)], now: Duration) -> AlarmState {
        let whole = self.whole(now);
        let Some(first) = whole.checked_sub(self.periods) else { return AlarmState::Ok };
        let is_bad = |index: u32| !self.minimum(changes, index);
        if (first..whole).all(is_bad) { AlarmState::Alarm } else { AlarmState::Ok }
    }

    /// Of how many whole periods there are datapoints at `now`.
    pub fn whole(self, now: Duration) -> u32 {
        let told = now.saturating_sub(self.late).as_nanos();
        u32::try_from(told / self.period.as_nanos().max(1)).unwrap_or(u32::MAX)
    }

    /// Whether the status was healthy all through that period.
    fn minimum(self, changes: &[(Duration, bool)], index: u32) -> bool {
        let (from, to) = (self.period * index, self.period * (index + 1));
        let at_first = changes.iter().rev().find(|(at, _)| *at <= from).is_none_or(|(_, healthy)| *healthy);
        at_first && changes.iter().filter(|(at, _)| *at > from && *at < to).all(|(_, healthy)| *healthy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_MINUTES: Evaluation =
        Evaluation { period: Duration::from_mins(1), periods: 2, late: Duration::ZERO };

    fn of(evaluation: Evaluation, seconds: u64, changes: &[(u64, bool)]) -> AlarmState {
        let changes: Vec<_> =
            changes.iter().map(|(at, healthy)| (Duration::from_secs(*at), *healthy)).collect();
        evaluation.state(&changes, Duration::from_secs(seconds))
    }

    fn at(seconds: u64, changes: &[(u64, bool)]) -> AlarmState {
        of(TWO_MINUTES, seconds, changes)
    }

    #[test]
    fn it_goes_off_after_two_whole_periods_that_have_an_unhealthy_moment() {
        let died = [(30, false)];
        assert_eq!(at(119, &died), AlarmState::Ok);
        assert_eq!(at(120, &died), AlarmState::Alarm);
        assert_eq!(at(1_000, &died), AlarmState::Alarm);
        assert_eq!(at(1_000, &[]), AlarmState::Ok);
    }

    #[test]
    fn it_is_over_after_the_first_whole_healthy_period() {
        let back = [(30, false), (130, true)];
        assert_eq!(at(239, &back), AlarmState::Alarm, "the third minute began unhealthy");
        assert_eq!(at(240, &back), AlarmState::Ok);
    }

    #[test]
    fn datapoints_that_are_late_delay_it_both_ways() {
        let late = Evaluation { late: Duration::from_mins(1), ..TWO_MINUTES };
        let back = [(30, false), (130, true)];
        assert_eq!([179, 180].map(|now| of(late, now, &back)), [AlarmState::Ok, AlarmState::Alarm]);
        assert_eq!([299, 300].map(|now| of(late, now, &back)), [AlarmState::Alarm, AlarmState::Ok]);
        assert_eq!([59, 119, 120].map(|now| late.whole(Duration::from_secs(now))), [0, 0, 1]);
    }

    #[test]
    fn one_bad_period_is_not_enough() {
        assert_eq!(at(240, &[(70, false), (80, true)]), AlarmState::Ok);
        assert_eq!(at(30, &[(1, false)]), AlarmState::Ok, "not one whole period yet");
    }
}
