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
}

impl Scene {
    pub(crate) const ALL: [Self; 3] = [Self::Switchover, Self::RegionDeath, Self::Outage];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Switchover => "switchover",
            Self::RegionDeath => "region-death",
            Self::Outage => "outage",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Switchover => "follow, after a switchover",
            Self::RegionDeath => "follow, when the writer's Region is dead and the other was promoted",
            Self::Outage => "failover, in an outage of the writer's Region",
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
        }
    }

    /// Whether Seoul is dead.
    pub(crate) const fn is_dark(self) -> bool {
        !matches!(self, Self::Switchover)
    }

    /// Where `follow` runs.
    pub(crate) const fn followers(self) -> &'static [Region] {
        match self {
            Self::Switchover => &Region::ALL,
            Self::RegionDeath | Self::Outage => &[Region::Osaka],
        }
    }

    /// How long it may take until it is published, whichever call fails: the second tick of the schedule, at its latest, and what
    /// follows from it; for a failover the two minutes from the last alarm, and what the schedule's phase and a call's own
    /// budget add.
    pub(crate) const fn limit(self) -> Duration {
        match self {
            Self::Switchover | Self::RegionDeath => Duration::from_secs(75),
            Self::Outage => Duration::from_secs(150),
        }
    }
}
