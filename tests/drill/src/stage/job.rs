//! The functions that events wake.

/// A kind of function; each is deployed in both Regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Job {
    /// Woken by RDS events and the schedule.
    Follow,
    /// Woken by alarms and the schedule.
    Failover,
}

impl Job {
    /// The function's name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Failover => "failover",
        }
    }
}
