//! The moves that are played.

use std::time::Duration;

use drill_cloud::Region;

/// A move of the writer from Seoul to Osaka.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scene {
    /// Somebody switched over; RDS's event wakes a warm `follow` in both Regions.
    Switchover,
    /// Seoul is dead and Osaka was promoted; RDS's event wakes a cold `follow` in Osaka.
    RegionDeath,
    /// Seoul is dead, the alarms go off, and a cold `failover` in Osaka starts the failover and publishes.
    Outage,
    /// Somebody switched over; a warm `follow` in Seoul asks the new writer's probe, and its own where that one does not know.
    Recovery,
    /// The outage once more, with a probe in Osaka, which stops knowing.
    ProbedOutage,
}

impl Scene {
    pub(crate) const ALL: [Self; 5] =
        [Self::Switchover, Self::RegionDeath, Self::Outage, Self::Recovery, Self::ProbedOutage];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Switchover => "switchover",
            Self::RegionDeath => "region-death",
            Self::Outage => "outage",
            Self::Recovery => "recovery",
            Self::ProbedOutage => "probed-outage",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Switchover => "follow, after a switchover",
            Self::RegionDeath => "follow, when the writer's Region is dead and the other was promoted",
            Self::Outage => "failover, in an outage of the writer's Region",
            Self::Recovery => "follow, while the new writer is still in recovery by two probes' word",
            Self::ProbedOutage => {
                "failover, in an outage, with one probe that says no and then does not know"
            }
        }
    }

    pub(crate) const fn story(self) -> &'static str {
        match self {
            Self::Switchover => {
                "A switchover to Osaka has ended. Its event wakes follow in both Regions, which has run before and knows what was \
                 published. New is Osaka, old is Seoul."
            }
            Self::RegionDeath => {
                "No service of Seoul answers, and somebody has failed over to Osaka. Its event wakes follow in Osaka, which starts \
                 cold. After the move Seoul comes back."
            }
            Self::Outage => {
                "No service of Seoul answers, and the alarms in Osaka and Tokyo go off; they watch the database itself. Alarm and \
                 schedule wake failover in Osaka, in mode automatic, which starts cold. RDS's events are all lost; after the move \
                 Seoul comes back."
            }
            Self::Recovery => {
                "A switchover to Osaka has ended, and RDS says that the writer is available. The probes of both Regions say three times \
                 that it takes no writes, and then that it does. The event wakes follow in Seoul, which is warm. It asks Osaka's probe, and \
                 Seoul's where that one does not know: whichever call to the first one fails, nothing is published before a yes. Its \
                 other calls are those of the switchover."
            }
            Self::ProbedOutage => {
                "The outage, with a probe in Osaka. It says twice that the new writer takes no writes, and then that it cannot connect: \
                 from then on RDS's word counts, as it does where the probe is silent. The other calls are those of the outage."
            }
        }
    }

    /// Whether Seoul is dead.
    pub(crate) const fn is_dark(self) -> bool {
        !self.is_warm()
    }

    /// Whether the functions have run before; then the writer is switched over, and Seoul lives.
    pub(crate) const fn is_warm(self) -> bool {
        matches!(self, Self::Switchover | Self::Recovery)
    }

    /// Whether `failover` is there, and alarms wake it.
    pub(crate) const fn has_alarms(self) -> bool {
        matches!(self, Self::Outage | Self::ProbedOutage)
    }

    /// What the probes say of the new writer, question by question, the last word for ever; nothing where none is configured.
    pub(crate) const fn words(self) -> &'static [Option<bool>] {
        match self {
            Self::Switchover | Self::RegionDeath | Self::Outage => &[],
            Self::Recovery => &[Some(false), Some(false), Some(false), Some(true)],
            Self::ProbedOutage => &[Some(false), Some(false), None],
        }
    }

    /// Whether a probe is asked where the first one does not know: then nothing is published without a yes.
    pub(crate) const fn has_second_probe(self) -> bool {
        matches!(self, Self::Recovery)
    }

    /// The move whose rows have the calls that this one makes as well.
    pub(crate) const fn like(self) -> Self {
        match self {
            Self::Recovery => Self::Switchover,
            Self::ProbedOutage => Self::Outage,
            itself => itself,
        }
    }

    /// Where `follow` runs.
    pub(crate) const fn followers(self) -> &'static [Region] {
        match self {
            Self::Switchover => &Region::ALL,
            Self::RegionDeath | Self::Outage | Self::ProbedOutage => &[Region::Osaka],
            Self::Recovery => &[Region::Seoul],
        }
    }

    /// How long it may take until it is published, whichever call fails: the second tick of the schedule, at its latest, and what
    /// follows from it; for a failover the two minutes from the last alarm, and what the schedule's phase and a call's own
    /// budget add.
    pub(crate) const fn limit(self) -> Duration {
        match self {
            Self::Switchover | Self::RegionDeath | Self::Recovery => Duration::from_secs(75),
            Self::Outage | Self::ProbedOutage => Duration::from_secs(150),
        }
    }
}
