//! Verdicts, and what they follow from.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::format::{count, duration};

const NOT_MEASURED: &str = "not measured";

/// Whether what was promised held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every expectation was met.
    Pass,
    /// At least one was not, or nothing was expected at all.
    Fail,
    /// Nobody expected anything, and nobody wanted to: it was played by hand.
    Unjudged,
}

impl Verdict {
    /// The verdict over a set of results: one failure fails all, and so does an empty set, which proves nothing.
    pub fn over(results: impl IntoIterator<Item = bool>) -> Self {
        let mut results = results.into_iter();
        match results.next() {
            Some(first) if first && results.all(|pass| pass) => Self::Pass,
            _ => Self::Fail,
        }
    }

    /// Whether it is [`Verdict::Pass`].
    pub fn is_pass(self) -> bool {
        self == Self::Pass
    }

    /// The word that the JSON has: `pass`, `fail` or `unjudged`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unjudged => "unjudged",
        }
    }
}

/// Something that a scenario promised, and what was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// What is promised, such as "No acknowledged write is lost".
    pub name: String,
    /// The value that was promised, as text with its unit.
    pub expected: String,
    /// The value that was measured, as text with its unit.
    pub measured: String,
    /// Whether the promise was kept.
    pub pass: bool,
}

impl Expectation {
    /// An expectation that the caller judged.
    pub fn judged(
        name: impl Into<String>,
        expected: impl Into<String>,
        measured: impl Into<String>,
        pass: bool,
    ) -> Self {
        Self { name: name.into(), expected: expected.into(), measured: measured.into(), pass }
    }

    /// A time that must not exceed `limit_ms` milliseconds. One that was not measured fails.
    pub fn within_ms(name: impl Into<String>, limit_ms: u64, measured_ms: Option<u64>) -> Self {
        let measured = measured_ms.map_or_else(|| NOT_MEASURED.to_owned(), duration);
        let pass = measured_ms.is_some_and(|ms| ms <= limit_ms);
        Self::judged(name, format!("at most {}", duration(limit_ms)), measured, pass)
    }

    /// A count that must reach `least`. One that was not measured fails.
    pub fn at_least(name: impl Into<String>, least: u64, measured: Option<u64>) -> Self {
        let text = measured.map_or_else(|| NOT_MEASURED.to_owned(), count);
        let pass = measured.is_some_and(|value| value >= least);
        Self::judged(name, format!("at least {}", count(least)), text, pass)
    }

    /// A value that must be exactly `expected`. One that was not measured fails.
    #[expect(clippy::needless_pass_by_value, reason = "callers name values: numbers and words")]
    pub fn exactly<T: PartialEq + fmt::Display>(
        name: impl Into<String>,
        expected: T,
        measured: Option<T>,
    ) -> Self {
        let pass = measured.as_ref() == Some(&expected);
        let text = measured.map_or_else(|| NOT_MEASURED.to_owned(), |value| value.to_string());
        Self::judged(name, expected.to_string(), text, pass)
    }
}

/// A check that a function or the drill made, with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked, such as `writer_ready`.
    pub name: String,
    /// What was found.
    pub value: String,
    /// Whether that is as it must be.
    pub pass: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_fails_all_and_nothing_proves_nothing() {
        assert_eq!(Verdict::over([true, true]), Verdict::Pass);
        assert_eq!(Verdict::over([true, false, true]), Verdict::Fail);
        assert_eq!(Verdict::over([false]), Verdict::Fail);
        assert_eq!(Verdict::over([]), Verdict::Fail);
    }

    #[test]
    fn what_was_not_measured_fails() {
        assert!(!Expectation::within_ms("outage", 2_000, None).pass);
        assert!(!Expectation::at_least("lost", 1, None).pass);
        assert!(!Expectation::exactly("writer", "osaka", None).pass);
    }

    #[test]
    fn limits_are_inclusive_and_carry_units() {
        let outage = Expectation::within_ms("outage", 2_000, Some(2_000));
        assert!(outage.pass);
        assert_eq!((outage.expected.as_str(), outage.measured.as_str()), ("at most 2.00 s", "2.00 s"));
        assert!(!Expectation::within_ms("outage", 2_000, Some(2_001)).pass);
        assert!(Expectation::at_least("lost", 1, Some(1)).pass);
        assert!(!Expectation::exactly("lost", 0, Some(3)).pass);
    }
}
