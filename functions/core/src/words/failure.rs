//! What kind of failure a call met, and the absence of an answer that it leaves.

use std::error::Error;
use std::fmt;

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No answer within the budget, or no connection.
    Unreachable,
    /// The service answered that there are too many calls just now: it is there, and nothing was done.
    Throttled,
    /// The service answered that it is broken now (5xx).
    Busy,
    /// The service refused the call: trying the same again will not help.
    Refused,
    /// The answer could not be understood.
    Malformed,
}

impl FailureKind {
    /// Whether trying again can help.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Unreachable | Self::Throttled | Self::Busy)
    }

    /// Whether a service that fails so is silent: it says nothing, or only that it is broken. One that throttles or
    /// refuses is there.
    pub const fn is_silence(self) -> bool {
        matches!(self, Self::Unreachable | Self::Busy)
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "no answer",
            Self::Throttled => "too many calls just now; trying again can help",
            Self::Busy => "the service is broken now; trying again can help",
            Self::Refused => "refused; trying again will not help",
            Self::Malformed => "the answer could not be understood",
        })
    }
}

/// A text from outside, fit for a log and a terminal: control characters as their escapes.
pub fn visible(text: &str) -> String {
    let shown = |it: char| if it.is_control() { it.escape_default().to_string() } else { it.to_string() };
    text.chars().map(shown).collect()
}

/// An error with its causes, as one sentence for people.
pub fn sentence(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        sentence = format!("{sentence}: {next}");
        cause = next.source();
    }
    visible(&sentence)
}

/// An answer that did not come: why, as a sentence, and what kind of failure it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// In a sentence.
    pub why: String,
    /// The kind.
    pub kind: FailureKind,
}

impl NoAnswer {
    /// Nobody answered at all.
    pub fn silent(why: impl Into<String>) -> Self {
        Self { why: why.into(), kind: FailureKind::Unreachable }
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_a_terminals_cursor_is_shown_and_the_rest_stays() {
        assert_eq!(visible("a\u{1b}[2J\n\0 \u{9b} 서울 \"x\""), "a\\u{1b}[2J\\n\\u{0} \\u{9b} 서울 \"x\"");
        let error = serde_json::from_str::<bool>("\u{1b}").unwrap_err();
        assert_eq!(sentence(&error), visible(&error.to_string()));
    }
}
