//! Expectations in the scripts' own words.

use std::time::Instant;

use drill_report::Expectation;
use serde_json::Value;

use super::play::Play;

/// How long after the promotion the record may move, in milliseconds.
pub(crate) const RECORD_MS_MAX: u64 = 2_000;

impl Play {
    /// Expects something that the script judges.
    pub(crate) fn expect(&mut self, expectation: Expectation) {
        self.expectations.push(expectation);
    }

    /// Expects what the script judged: what was wanted, what was found, and whether that is as good.
    pub(crate) fn expect_that(
        &mut self,
        what: impl Into<String>,
        wanted: impl Into<String>,
        found: impl Into<String>,
        pass: bool,
    ) {
        self.expect(Expectation::judged(what, wanted, found, pass));
    }

    /// Expects that it is so.
    pub(crate) fn expect_yes(&mut self, what: impl Into<String>, is_so: bool) {
        self.expect_that(what, "yes", word(is_so), is_so);
    }

    /// Expects that it is not so.
    pub(crate) fn expect_no(&mut self, what: impl Into<String>, is_so: bool) {
        self.expect_that(what, "no", word(is_so), !is_so);
    }

    /// Expects exactly that many.
    pub(crate) fn expect_exactly(&mut self, what: impl Into<String>, wanted: usize, found: usize) {
        self.expect(Expectation::exactly(what, wanted, Some(found)));
    }

    /// Expects that many, or more.
    pub(crate) fn expect_at_least(&mut self, what: impl Into<String>, least: u64, found: usize) {
        self.expect(Expectation::at_least(what, least, Some(found as u64)));
    }

    /// Expects that `at` was at most so many milliseconds after `since`. What never was fails.
    pub(crate) fn expect_within(&mut self, what: &str, limit_ms: u64, since: Instant, at: Option<Instant>) {
        let took = at.map(|at| at.saturating_duration_since(since).as_millis());
        let took = took.map(|ms| u64::try_from(ms).unwrap_or(u64::MAX));
        self.expect(Expectation::within_ms(what, limit_ms, took));
    }

    /// Expects that the writer record was changed so many times since the scenario began.
    pub(crate) fn expect_record_changes(&mut self, wanted: usize) {
        self.expect_exactly("Changes of the record", wanted, self.record_changes(self.started));
    }
}

/// The decision of an answer: a hold by its name.
pub(crate) fn decision(payload: &Value) -> String {
    let result = payload.pointer("/results/0");
    let text = |key: &str| result.and_then(|it| it.get(key)).and_then(Value::as_str);
    text("hold").or_else(|| text("decision")).unwrap_or("failed").to_owned()
}

/// `yes` or `no`.
const fn word(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
