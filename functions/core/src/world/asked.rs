//! What SQL says of an endpoint just before it is published: a question to a probe, and what came of it.

use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::probe::Question;

/// How old the question may be whose yes outweighs what RDS lists, in milliseconds: an answer takes a second at most.
pub const YES_MS_MAX: i64 = 2_000;

/// A question about one Region's cluster. It is of one look at the database: the next look asks anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What was asked.
    pub question: Question,
    /// When. Nothing that the answer says is older.
    pub at: Timestamp,
    /// What came of it; `None` while nothing has.
    pub answer: Option<Answer>,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A probe knows.
    Said {
        /// Whether the endpoint takes writes.
        writable: bool,
        /// The Region whose probe says so.
        by: Region,
        /// What it saw.
        words: String,
    },
    /// No probe knows, or none answered in time; why.
    Unknown(String),
}

impl Asked {
    /// Whether the answer may still come.
    pub const fn is_pending(&self) -> bool {
        self.answer.is_none()
    }

    /// The no of a probe, in a sentence. It holds for the look that it is of, however long that takes: nothing is published by
    /// a word that came after it.
    pub fn refusal(&self) -> Option<String> {
        match &self.answer {
            Some(Answer::Said { writable: false, by, words }) => {
                Some(format!("the probe in {by} says that it takes no writes: {words}"))
            }
            _ => None,
        }
    }

    /// Whether a probe said just before `now` that it takes writes.
    pub fn takes_writes(&self, now: Timestamp) -> bool {
        // What was asked later than now was asked by a clock that was wrong.
        let is_recent = (0..=YES_MS_MAX).contains(&now.since_ms(self.at));
        is_recent && matches!(self.answer, Some(Answer::Said { writable: true, .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(answer: Option<Answer>) -> Asked {
        let question = Question { endpoint: "todo.example.com".to_owned(), port: 5432 };
        Asked { question, at: Timestamp::from_ms(1_000_000), answer }
    }

    fn said(writable: bool) -> Option<Answer> {
        let by = "ap-northeast-3".parse().unwrap();
        Some(Answer::Said { writable, by, words: "in recovery".to_owned() })
    }

    #[test]
    fn a_yes_is_good_for_two_seconds_and_not_by_a_clock_that_was_ahead() {
        let takes = |age_ms: i64| asked(said(true)).takes_writes(Timestamp::from_ms(1_000_000 + age_ms));
        assert_eq!([0, 2_000, 2_001, -1].map(takes), [true, true, false, false]);
        for answer in [None, said(false), Some(Answer::Unknown(String::new()))] {
            assert!(!asked(answer).takes_writes(Timestamp::from_ms(1_000_000)));
        }
    }

    #[test]
    fn only_a_no_refuses_and_only_what_has_not_come_is_pending() {
        let sentence = "the probe in ap-northeast-3 says that it takes no writes: in recovery";
        assert_eq!(asked(said(false)).refusal().as_deref(), Some(sentence));
        for answer in [None, said(true), Some(Answer::Unknown(String::new()))] {
            assert_eq!(asked(answer.clone()).refusal(), None);
            assert_eq!(asked(answer.clone()).is_pending(), answer.is_none());
        }
    }
}
