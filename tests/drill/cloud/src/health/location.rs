//! One health checker: what one location thinks of one endpoint.

/// The state of one location for one health check. No clock and no network: it is told what each check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    threshold: u32,
    verdict: Option<bool>,
    /// The latest result, and how often it came in a row.
    run: Option<(bool, u32)>,
}

impl Location {
    /// A location that has seen nothing yet. `threshold` is "the number of consecutive health checks that an endpoint
    /// must pass or fail" to change the status; fewer than one is none.
    pub(super) fn new(threshold: u32) -> Self {
        Self { threshold: threshold.max(1), verdict: None, run: None }
    }

    /// Takes the result of one check in.
    pub(super) fn saw(&mut self, passed: bool) {
        let before = self.run.filter(|(last, _)| *last == passed).map_or(0, |(_, count)| count);
        let count = before.saturating_add(1);
        self.run = Some((passed, count));
        if count >= self.threshold {
            self.verdict = Some(passed);
        }
    }

    /// What it reports; `None` until it has seen enough.
    pub(super) const fn verdict(&self) -> Option<bool> {
        self.verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(results: &[bool]) -> Option<bool> {
        let mut location = Location::new(3);
        for passed in results {
            location.saw(*passed);
        }
        location.verdict()
    }

    #[test]
    fn the_verdict_takes_three_in_a_row_both_ways() {
        assert_eq!(after(&[]), None);
        assert_eq!(after(&[false, false]), None, "not enough data");
        assert_eq!(after(&[false, false, false]), Some(false));
        assert_eq!(after(&[true, true, true, false, false]), Some(true));
        assert_eq!(after(&[true, true, true, false, false, false]), Some(false));
        assert_eq!(after(&[false, false, false, true, true]), Some(false));
        assert_eq!(after(&[false, false, false, true, true, true]), Some(true));
    }

    #[test]
    fn a_success_between_starts_the_count_anew() {
        assert_eq!(after(&[true, true, true, false, false, true, false, false]), Some(true));
    }

    #[test]
    fn a_threshold_of_one_follows_every_check() {
        let mut location = Location::new(1);
        for passed in [true, false, true] {
            location.saw(passed);
            assert_eq!(location.verdict(), Some(passed));
        }
    }
}
