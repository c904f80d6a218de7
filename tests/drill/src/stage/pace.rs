//! How quick AWS is played: at a tenth of the times of its health checks and alarms, or at its own.

use std::time::Duration;

use clap::ValueEnum;
use drill_cloud::AuroraSettings;
use drill_cloud::app_failover::{
    ALARM_PERIOD_SECONDS, ALARM_PERIODS, CHECK_INTERVAL_SECONDS, FAILURE_THRESHOLD, TTL_SECONDS,
};

/// What the checkers and the users' resolvers take to notice: the checks that must fail and the one that was just made.
const NOTICED_SECONDS: u32 = CHECK_INTERVAL_SECONDS * (FAILURE_THRESHOLD + 1);
/// How often a probe looks, and how long an invocation of it goes on, as the module `probe` has it.
const PROBE_SECONDS: (u64, u64) = (5, 75);
/// What the probes' times are divided by at the quick pace: a look needs some of its pace on a busy machine, and whole seconds.
const QUICK_PROBE_DIVISOR: u32 = 5;
/// How often a probe looks, and how long it goes on, at the quick pace.
const QUICK_PROBE_SECONDS: (u64, u64) = (2, 15);
/// How long an invocation of the probe may take, beside the time that it goes on.
const PROBE_SPARE_SECONDS: u64 = 15;
/// How long after a function printed a line CloudWatch has its datapoints, in AWS's seconds. An assumption: CloudWatch's documents
/// promise nothing but that embedded metrics are extracted asynchronously, and nobody measured it in an account.
const EMBEDDED_METRIC_LATE_SECONDS: u32 = 5;
/// From the kill of the writer to the last of the writer alarms, in AWS's seconds.
const LONGEST_ALARM_SECONDS: u32 = 45;
/// How late a sample of the lag comes, in AWS's seconds.
const LAG_LATE_SECONDS: u32 = 120;
/// The schedule's period, in AWS's seconds.
const SCHEDULE_SECONDS: u32 = 60;
/// How late a datapoint of a health check comes to its alarm. The documentation says that "several minutes might elapse"
/// between a check that fails and the alarm's message.
const DATAPOINT_LATE: Duration = Duration::from_mins(1);
/// How long a failover promotes. The documentation says minutes.
const PROMOTION: Duration = Duration::from_mins(1);
/// The pause between two steps of a transition; a switchover has two, and is to take less than 30 s.
const STEP: Duration = Duration::from_secs(8);
/// How long a change of a record takes to become visible: "within 60 seconds under normal conditions".
const PROPAGATION: Duration = Duration::from_mins(1);
/// The same at the quick pace.
pub(crate) const QUICK_PROPAGATION: Duration = Duration::from_millis(200);
/// How long an invocation of `follow` may take, as the module `responder` has it.
const FOLLOW_TIMEOUT: Duration = Duration::from_mins(3);
/// The same at the quick pace, at which no transition takes minutes.
const QUICK_FOLLOW_TIMEOUT: Duration = Duration::from_secs(30);

/// How quick AWS is played. What it bounds is no quicker here: timeouts stay, and so does what this machine takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Pace {
    /// Health checks, alarms and answers for names ten times as fast as AWS's, promotions in milliseconds
    #[default]
    Quick,
    /// AWS's own times, for the scenarios that have them: eleven minutes each
    Real,
}

impl Pace {
    /// What the times of Route 53 and of CloudWatch are divided by. A drill is usually not worth the minutes that they take.
    pub(crate) const fn divisor(self) -> u32 {
        match self {
            Self::Quick => 10,
            Self::Real => 1,
        }
    }

    /// The first at the quick pace, the second at AWS's own.
    const fn either(self, quick: Duration, real: Duration) -> Duration {
        match self {
            Self::Quick => quick,
            Self::Real => real,
        }
    }

    /// So many of AWS's seconds.
    pub(crate) const fn seconds(self, seconds: u32) -> Duration {
        Duration::from_millis(seconds as u64 * 1_000 / self.divisor() as u64)
    }

    /// The period of the functions' schedule.
    pub(crate) const fn schedule(self) -> Duration {
        self.seconds(SCHEDULE_SECONDS)
    }

    /// How late a sample of the lag comes.
    pub(crate) const fn lag_late(self) -> Duration {
        self.seconds(LAG_LATE_SECONDS)
    }

    /// How often the lag has a sample. Aurora's own metric has one a minute.
    pub(crate) const fn lag_period(self) -> Duration {
        self.either(Duration::from_millis(500), Duration::from_mins(1))
    }

    /// How late a datapoint of a health check comes to its alarm.
    pub(crate) const fn datapoint_late(self) -> Duration {
        self.either(Duration::ZERO, DATAPOINT_LATE)
    }

    /// How quick the emulated Aurora is.
    pub(crate) fn aurora(self) -> AuroraSettings {
        match self {
            Self::Quick => AuroraSettings::default(),
            Self::Real => AuroraSettings { step: STEP, promotion: PROMOTION, ..AuroraSettings::default() },
        }
    }

    /// How long a changed record takes to become visible.
    pub(crate) const fn propagation(self) -> Duration {
        self.either(QUICK_PROPAGATION, PROPAGATION)
    }

    /// How often a probe looks, in seconds.
    pub(crate) const fn probe_every_seconds(self) -> u64 {
        self.probe_seconds().0
    }

    /// How long an invocation of the probe goes on, in seconds.
    pub(crate) const fn probe_for_seconds(self) -> u64 {
        self.probe_seconds().1
    }

    const fn probe_seconds(self) -> (u64, u64) {
        match self {
            Self::Quick => QUICK_PROBE_SECONDS,
            Self::Real => PROBE_SECONDS,
        }
    }

    /// How long an invocation of the probe may take.
    pub(crate) const fn probe_timeout(self) -> Duration {
        Duration::from_secs(self.probe_for_seconds() + PROBE_SPARE_SECONDS)
    }

    /// So many of AWS's seconds of a probe, its schedule and its alarms.
    pub(crate) fn probe_time(self, seconds: u32) -> Duration {
        let divisor = if self == Self::Quick { QUICK_PROBE_DIVISOR } else { 1 };
        Duration::from_secs(seconds.into()) / divisor
    }

    /// The period of a probe's schedule.
    pub(crate) fn probe_schedule(self) -> Duration {
        self.probe_time(SCHEDULE_SECONDS)
    }

    /// How long after a function printed a line CloudWatch has its datapoints.
    pub(crate) fn embedded_metric_late(self) -> Duration {
        self.probe_time(EMBEDDED_METRIC_LATE_SECONDS)
    }

    /// The most from the kill of the writer to the last of the writer alarms; at the quick pace a look in more than the least
    /// may be late.
    pub(crate) fn longest_alarm(self) -> Duration {
        self.probe_time(LONGEST_ALARM_SECONDS) + self.either(Duration::from_secs(2), Duration::ZERO)
    }

    /// How long an invocation of `follow` may take.
    pub(crate) const fn follow_timeout(self) -> Duration {
        self.either(QUICK_FOLLOW_TIMEOUT, FOLLOW_TIMEOUT)
    }

    /// How long anything that has to happen may take before the drill gives up on it: `failover` alone stays for 55 s where it
    /// waits for what nobody can answer yet.
    pub(crate) const fn patience(self) -> Duration {
        self.either(Duration::from_mins(2), Duration::from_mins(6))
    }

    /// The most that the users may be without an answer when one app dies and the other works: until the checkers notice, the
    /// time to live of the answer that they keep, and two seconds for this machine.
    pub(crate) const fn longest_reroute(self) -> Duration {
        self.seconds(NOTICED_SECONDS + TTL_SECONDS).saturating_add(Duration::from_secs(2))
    }

    /// The most that the users may be out when the database fails over on the alarms: until the checkers notice, the alarms'
    /// whole periods and the delay of their datapoints, the promotion and the record's way to the resolvers, and twelve
    /// seconds for the functions, the databases and the apps on this machine.
    pub(crate) fn longest_failover(self) -> Duration {
        let alarms = self.seconds(NOTICED_SECONDS + ALARM_PERIOD_SECONDS * ALARM_PERIODS);
        let aurora = self.aurora();
        let quick = QUICK_PROPAGATION + AuroraSettings::default().step;
        let moves = (aurora.step + aurora.promotion + self.propagation()).saturating_sub(quick);
        alarms + self.datapoint_late() + moves + Duration::from_secs(12)
    }

    /// How it is called where figures are shown.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "alarms played ten times as fast",
            Self::Real => "played at AWS's own pace",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_follow_the_pace() {
        let of = |pace: Pace| [pace.longest_reroute(), pace.longest_failover()].map(|it| it.as_secs());
        assert_eq!(of(Pace::Quick), [9, 28]);
        assert_eq!(of(Pace::Real), [72, 359]);
    }

    #[test]
    fn aws_is_played_in_minutes_at_its_own_pace_and_in_seconds_else() {
        let of = |pace: Pace| [pace.schedule(), pace.lag_late(), pace.seconds(10)].map(|it| it.as_secs());
        assert_eq!(of(Pace::Quick), [6, 12, 1]);
        assert_eq!(of(Pace::Real), [60, 120, 10]);
        assert_eq!(Pace::Quick.aurora().promotion, Duration::ZERO);
        let switchover = Pace::Real.aurora().step * 2;
        assert!(
            switchover < Duration::from_secs(30) && Pace::Real.aurora().promotion >= Duration::from_mins(1)
        );
    }
}
