//! How an attempt of a statement can fail, and what follows from it.
//!
//! | failure | applied? | connections | again? |
//! | --- | --- | --- | --- |
//! | no address, not connected, deadline before sending | no | by the connection's failure | yes |
//! | retired or closed before sending | no | closed: retire | yes |
//! | 25006 read-only transaction | no | retire | yes |
//! | 57P03 cannot connect now | no | retire | yes |
//! | 40001, 40P01, 55P03, 57014 rolled back | no | keep | yes |
//! | 42P01 no such table (not created yet) | no | keep | yes |
//! | 40003 completion unknown, 08… connection | perhaps | retire | yes |
//! | 57P01, 57P02, 57P05 terminated; reset; closed | perhaps | retire | yes |
//! | no answer in time | perhaps | retire | yes |
//! | confirmed by a retired connection | perhaps | are retired | yes |
//! | any other error of the server | no | keep | no |
//!
//! "Again" is safe after "perhaps" because every statement of this app is idempotent: an insert has its id
//! before the first attempt, an update sets a value, a delete names its row.

use tokio_postgres::error::Severity;

use crate::writer::{ConnectFailure, FollowError, Reason};

/// Whether a statement changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only reads.
    Read,
    /// It writes.
    Write,
}

/// What is known of a write that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It certainly was not applied.
    NotApplied,
    /// It may have been applied.
    Unknown,
}

impl Outcome {
    /// The word for it in an answer.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NotApplied => "not_applied",
            Self::Unknown => "unknown",
        }
    }
}

/// Why one attempt of a statement failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The writer's address is not known.
    #[error("the writer cannot be found")]
    NoWriter(#[source] FollowError),
    /// No connection was made.
    #[error("the writer cannot be reached")]
    NoConnection(#[source] ConnectFailure),
    /// The request's own time was up before anything was sent.
    #[error("the request's time was up before the statement was sent")]
    DeadlineBeforeSending,
    /// The connection was found closed before anything was sent.
    #[error("the connection was closed before the statement was sent")]
    ClosedBeforeSending,
    /// The connections were retired before anything was sent.
    #[error("the writer moved before the statement was sent")]
    RetiredBeforeSending,
    /// The statement was sent, and no answer came in time.
    #[error("no answer from the writer in time")]
    NoAnswer {
        /// Whether it was the server's time that was up, not only the request's.
        hung: bool,
    },
    /// The server, or the way there, failed the statement.
    #[error("the statement failed")]
    Statement(#[source] tokio_postgres::Error),
    /// The statement was confirmed, by a connection that was retired meanwhile.
    #[error("confirmed only by a server that is no longer the writer")]
    StaleConfirmation,
}

/// What follows from a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What is known of this attempt.
    pub(crate) outcome: Outcome,
    /// Why the connections of this generation should end, if they should.
    pub(crate) retire: Option<Reason>,
    /// Whether another attempt may succeed.
    pub(crate) again: bool,
}

const fn verdict(outcome: Outcome, retire: Option<Reason>) -> Verdict {
    Verdict { outcome, retire, again: true }
}

impl Failure {
    /// Whether the failure says what is wrong, rather than only that there was no time left to find out.
    pub(crate) fn is_telling(&self) -> bool {
        !matches!(self, Self::DeadlineBeforeSending | Self::RetiredBeforeSending)
    }

    /// Judges the failure by the table above.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::NoWriter(_) | Self::DeadlineBeforeSending | Self::RetiredBeforeSending => {
                verdict(Outcome::NotApplied, None)
            }
            Self::NoConnection(failure) => verdict(Outcome::NotApplied, failure.reason()),
            Self::ClosedBeforeSending => verdict(Outcome::NotApplied, Some(Reason::Broken)),
            Self::NoAnswer { hung } => verdict(Outcome::Unknown, hung.then_some(Reason::Hung)),
            Self::StaleConfirmation => verdict(Outcome::Unknown, None),
            Self::Statement(error) => match error.as_db_error() {
                Some(error) => {
                    let fatal = !matches!(error.parsed_severity(), Some(Severity::Error) | None);
                    of_sql_state(error.code().code(), fatal)
                }
                // The socket broke, or the library could not make sense of what came.
                None => verdict(Outcome::Unknown, Some(Reason::Broken)),
            },
        }
    }
}

/// Judges an error that the server sent; a `fatal` one ended the connection.
fn of_sql_state(state: &str, fatal: bool) -> Verdict {
    match state {
        "25006" => verdict(Outcome::NotApplied, Some(Reason::ReadOnly)),
        "57P03" => verdict(Outcome::NotApplied, Some(Reason::Broken)),
        "57P01" | "57P02" | "57P05" | "40003" => verdict(Outcome::Unknown, Some(Reason::Broken)),
        "40001" | "40P01" | "55P03" | "57014" | "42P01" => verdict(Outcome::NotApplied, None),
        state if fatal || state.starts_with("08") => verdict(Outcome::Unknown, Some(Reason::Broken)),
        _ => Verdict { outcome: Outcome::NotApplied, retire: None, again: false },
    }
}

/// Whether the table of todos was not there.
pub(crate) fn is_missing_table(failure: &Failure) -> bool {
    matches!(failure, Failure::Statement(error)
        if error.code() == Some(&tokio_postgres::error::SqlState::UNDEFINED_TABLE))
}

/// Why a statement was given up.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} (attempts: {attempts}, {elapsed_ms} ms)")]
pub(crate) struct DatabaseError {
    /// What was to be done, such as `add the todo`.
    pub(crate) operation: &'static str,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// How long it was tried, in milliseconds.
    pub(crate) elapsed_ms: u64,
    /// What is known of it, over all attempts.
    pub(crate) outcome: Outcome,
    /// Whether another attempt might have succeeded, had there been time.
    pub(crate) passing: bool,
    /// How the last attempt failed that can tell.
    #[source]
    pub(crate) failure: Failure,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Ended;

    const NO: Outcome = Outcome::NotApplied;
    const PERHAPS: Outcome = Outcome::Unknown;

    #[test]
    fn the_table_of_sql_states() {
        let broken = Some(Reason::Broken);
        let rows: [(&str, bool, Outcome, Option<Reason>, bool); 19] = [
            ("25006", false, NO, Some(Reason::ReadOnly), true),
            ("57P03", true, NO, broken, true),
            ("57P01", true, PERHAPS, broken, true),
            ("57P02", true, PERHAPS, broken, true),
            ("57P05", true, PERHAPS, broken, true),
            ("40003", false, PERHAPS, broken, true),
            ("40001", false, NO, None, true),
            ("40P01", false, NO, None, true),
            ("55P03", false, NO, None, true),
            ("57014", false, NO, None, true),
            ("42P01", false, NO, None, true),
            ("08006", true, PERHAPS, broken, true),
            ("08P01", false, PERHAPS, broken, true),
            ("XX000", true, PERHAPS, broken, true),
            ("XX000", false, NO, None, false),
            ("22001", false, NO, None, false),
            ("23505", false, NO, None, false),
            ("42501", false, NO, None, false),
            ("53100", false, NO, None, false),
        ];
        for (state, fatal, outcome, retire, again) in rows {
            let expected = Verdict { outcome, retire, again };
            assert_eq!(of_sql_state(state, fatal), expected, "{state} fatal={fatal}");
        }
    }

    #[test]
    fn the_table_of_other_failures() {
        let rows = [
            (Failure::NoWriter(FollowError::NoName), NO, None),
            (Failure::NoConnection(ConnectFailure::TimedOut), NO, Some(Reason::Hung)),
            (Failure::NoConnection(ConnectFailure::Busy), NO, None),
            (
                Failure::NoConnection(ConnectFailure::Retired(Ended { reason: Reason::Hung, cause: None })),
                NO,
                None,
            ),
            (Failure::DeadlineBeforeSending, NO, None),
            (Failure::RetiredBeforeSending, NO, None),
            (Failure::ClosedBeforeSending, NO, Some(Reason::Broken)),
            (Failure::NoAnswer { hung: true }, PERHAPS, Some(Reason::Hung)),
            (Failure::NoAnswer { hung: false }, PERHAPS, None),
            (Failure::StaleConfirmation, PERHAPS, None),
        ];
        for (failure, outcome, retire) in rows {
            let expected = Verdict { outcome, retire, again: true };
            assert_eq!(failure.verdict(), expected, "{failure:?}");
        }
    }
}
