//! What follows from a scenario: verdict, totals and the flat fields of the JSON. Nowhere else are they worked out.

use crate::{Phase, PhaseName, Progress, Report, Scenario, Verdict, Writes, writes::LOST_NUMBERS_KEPT};

/// What follows from a scenario's own contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whether every expectation was met; a scenario that expects nothing fails.
    pub verdict: Verdict,
    /// The phases of the first leg.
    pub phases: Vec<Phase>,
    /// The writes of all legs; none when no leg measured any.
    pub writes: Option<WriteTotals>,
}

/// The writes of all legs of a scenario: sums, except for the outage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteTotals {
    /// The longest outage of any leg, in milliseconds.
    pub outage_ms: u64,
    /// Writes that were acknowledged to a client.
    pub acknowledged: u64,
    /// Acknowledged writes that were not found afterwards.
    pub lost: u64,
    /// The numbers of the first lost writes.
    pub lost_numbers: Vec<u64>,
    /// Writes that were refused with a clear answer.
    pub rejected: u64,
    /// Writes whose answer never came.
    pub indeterminate: u64,
    /// Database sessions that still reached the demoted writer.
    pub stale_sessions: u64,
}

impl WriteTotals {
    pub(crate) fn and(mut self, leg: &Writes) -> Self {
        self.outage_ms = self.outage_ms.max(leg.outage_ms());
        self.acknowledged = self.acknowledged.saturating_add(leg.acknowledged);
        self.lost = self.lost.saturating_add(leg.lost);
        self.rejected = self.rejected.saturating_add(leg.rejected);
        self.indeterminate = self.indeterminate.saturating_add(leg.indeterminate);
        self.stale_sessions = self.stale_sessions.saturating_add(leg.stale_sessions);
        self.lost_numbers.extend(&leg.lost_numbers);
        self.lost_numbers.truncate(LOST_NUMBERS_KEPT);
        self
    }
}

impl Scenario {
    /// Whether every expectation was met. It follows from them alone; a scenario that expects nothing fails, unless it says
    /// that it was played without any.
    pub fn verdict(&self) -> Verdict {
        if self.unjudged && self.expectations.is_empty() {
            return Verdict::Unjudged;
        }
        Verdict::over(self.expectations.iter().map(|expectation| expectation.pass))
    }

    /// Whether it is told of while it goes on: nothing is missed yet.
    pub fn is_in_progress(&self) -> bool {
        self.by_hand.as_ref().is_some_and(|it| it.progress == Progress::InProgress)
    }

    /// Verdict, flat phases and totals.
    pub fn summary(&self) -> Summary {
        let mut measured = self.legs.iter().filter_map(|leg| leg.writes.as_ref()).peekable();
        let writes =
            measured.peek().is_some().then(|| measured.fold(WriteTotals::default(), WriteTotals::and));
        Summary {
            verdict: self.verdict(),
            phases: self.legs.first().map(|leg| leg.phases.clone()).unwrap_or_default(),
            writes,
        }
    }

    /// The longest time from one phase to another over all legs, in milliseconds; none when no leg has both.
    pub fn worst_between_ms(&self, first: &PhaseName, second: &PhaseName) -> Option<i64> {
        self.legs.iter().filter_map(|leg| leg.between_ms(first, second)).max()
    }
}

impl Report {
    /// Whether every scenario passed; a report without scenarios fails, and one that nobody judged says so.
    pub fn verdict(&self) -> Verdict {
        let unjudged = |scenario: &Scenario| scenario.verdict() == Verdict::Unjudged;
        if !self.scenarios.is_empty() && self.scenarios.iter().all(unjudged) {
            return Verdict::Unjudged;
        }
        Verdict::over(self.scenarios.iter().map(|scenario| scenario.verdict().is_pass()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Expectation, Interval, Leg};

    fn leg(name: &str, from_ms: u64, promoted_ms: u64, accepted_ms: u64, writes: Option<Writes>) -> Leg {
        let mut leg = Leg::new(name, Interval { from_ms, to_ms: from_ms + 10_000 });
        leg.phases = vec![
            Phase::new(PhaseName::Promoted, promoted_ms),
            Phase::new(PhaseName::RecordAccepted, accepted_ms),
        ];
        leg.writes = writes;
        leg
    }

    fn writes(acknowledged: u64, outage_ms: u64, lost: std::ops::Range<u64>) -> Writes {
        let outage = Some(Interval { from_ms: 1_000, to_ms: 1_000 + outage_ms });
        let mut writes = Writes { acknowledged, outage, rejected: 2, stale_sessions: 1, ..Writes::default() };
        writes.set_lost(lost);
        writes
    }

    #[test]
    fn totals_are_sums_and_the_worst_outage() {
        let scenario = Scenario {
            legs: vec![
                leg("there", 0, 2_000, 2_100, Some(writes(5_000, 640, 7..22))),
                leg("back", 10_000, 12_000, 12_400, Some(writes(123, 900, 50..62))),
            ],
            ..Scenario::default()
        };
        let summary = scenario.summary();
        assert_eq!(summary.phases, scenario.legs[0].phases);
        let totals = summary.writes.unwrap();
        assert_eq!((totals.outage_ms, totals.acknowledged, totals.lost), (900, 5_123, 27));
        assert_eq!((totals.rejected, totals.stale_sessions), (4, 2));
        assert_eq!(totals.lost_numbers.len(), LOST_NUMBERS_KEPT);
        assert_eq!(scenario.worst_between_ms(&PhaseName::Promoted, &PhaseName::RecordAccepted), Some(400));
        assert_eq!(scenario.worst_between_ms(&PhaseName::RecordAccepted, &PhaseName::Promoted), Some(-100));
    }

    #[test]
    fn what_no_leg_measured_has_no_totals() {
        let scenario = Scenario { legs: vec![leg("by hand", 0, 1, 2, None)], ..Scenario::default() };
        assert_eq!(scenario.summary().writes, None);
        assert_eq!(Scenario::default().summary().phases, []);
        assert_eq!(scenario.worst_between_ms(&PhaseName::Promoted, &PhaseName::FirstWrite), None);
    }

    #[test]
    fn the_verdict_follows_from_the_expectations_alone() {
        let mut scenario = Scenario::default();
        assert_eq!(scenario.verdict(), Verdict::Fail, "nothing expected proves nothing");
        scenario.expectations.push(Expectation::exactly("lost", 0, Some(0)));
        assert_eq!(scenario.verdict(), Verdict::Pass);
        scenario.expectations.push(Expectation::exactly("writer", "osaka", Some("seoul")));
        assert_eq!(scenario.verdict(), Verdict::Fail);
    }

    #[test]
    fn what_was_played_by_hand_is_neither_passed_nor_failed() {
        let mut scenario = Scenario { unjudged: true, ..Scenario::default() };
        assert_eq!(scenario.verdict(), Verdict::Unjudged);
        scenario.expectations.push(Expectation::exactly("lost", 0, Some(1)));
        assert_eq!(scenario.verdict(), Verdict::Fail, "what was expected all the same counts");
    }
}
