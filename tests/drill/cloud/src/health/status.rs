//! From what the locations report to the status of a health check, by the rules of AWS's documentation.
//!
//! "How Amazon Route 53 determines whether a health check is healthy"
//! (<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html>):
//!
//! - If more than 18% of the health checkers report that an endpoint is healthy, it is healthy; at 18% or fewer it is not.
//! - A new health check is considered healthy until there is enough data; an inverted one unhealthy.
//!
//! And of `Disabled` (<https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html>): the status of
//! a disabled health check is always healthy; who wants to stop traffic inverts it.

use std::collections::BTreeMap;

/// Healthy is what more than this share of the checkers call healthy, in percent.
pub const HEALTHY_PERCENT: usize = 18;

/// How many of the health checkers of one health check call its endpoint healthy. One without enough data counts as
/// such, which is what makes a new health check healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reports {
    /// So many say healthy, or nothing yet.
    pub healthy: usize,
    /// Of so many.
    pub of: usize,
}

impl Reports {
    /// Counts the verdicts of all locations.
    pub(super) fn count(verdicts: impl IntoIterator<Item = Option<bool>>) -> Self {
        verdicts.into_iter().fold(Self { healthy: 0, of: 0 }, |counted, verdict| Self {
            healthy: counted.healthy + usize::from(verdict != Some(false)),
            of: counted.of + 1,
        })
    }

    /// The status of a health check with these reports.
    pub(super) const fn status(self, disabled: bool, inverted: bool) -> bool {
        let healthy = disabled || self.healthy * 100 > HEALTHY_PERCENT * self.of;
        healthy != inverted
    }
}

/// The status of every health check, by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statuses(BTreeMap<String, bool>);

impl Statuses {
    /// Of these health checks.
    pub fn of<'a>(statuses: impl IntoIterator<Item = (&'a str, bool)>) -> Self {
        Self(statuses.into_iter().map(|(id, healthy)| (id.to_owned(), healthy)).collect())
    }

    /// Whether the health check is healthy. One that nothing is known of is as good as new. (Of one that was deleted while
    /// a record still names it, AWS says that its status cannot be predicted.)
    pub fn is_healthy(&self, id: &str) -> bool {
        self.0.get(id).copied().unwrap_or(true)
    }

    /// Notes a status; whether it is another one than before.
    pub(super) fn set(&mut self, id: &str, healthy: bool) -> bool {
        let before = self.is_healthy(id);
        self.0.insert(id.to_owned(), healthy);
        before != healthy
    }

    /// Forgets a health check that is gone.
    pub(super) fn remove(&mut self, id: &str) {
        self.0.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(healthy: usize, of: usize) -> bool {
        let verdicts = (0..of).map(|index| Some(index < healthy));
        Reports::count(verdicts).status(false, false)
    }

    #[test]
    fn more_than_eighteen_percent_are_enough() {
        assert!(!status(0, 8) && !status(1, 8), "12.5%");
        assert!(status(2, 8) && status(8, 8), "25%");
        assert!(!status(9, 50), "exactly 18%");
        assert!(status(10, 50), "20%");
    }

    #[test]
    fn a_new_health_check_is_healthy_until_there_is_enough_data() {
        assert!(Reports::count([None, None, None]).status(false, false));
        assert!(!Reports::count([None, None, None]).status(false, true), "inverted");
    }

    #[test]
    fn a_disabled_one_is_healthy_unless_it_is_inverted() {
        let dead = Reports::count([Some(false); 8]);
        assert!(!dead.status(false, false));
        assert!(dead.status(true, false));
        assert!(!dead.status(true, true));
        assert!(dead.status(false, true), "inverted, and so the other way round");
    }

    #[test]
    fn a_status_is_told_when_it_changes() {
        let mut statuses = Statuses::default();
        assert!(!statuses.set("a", true), "healthy it was before anything was known");
        assert!(statuses.set("a", false) && !statuses.set("a", false));
        statuses.remove("a");
        assert!(statuses.is_healthy("a"));
    }
}
