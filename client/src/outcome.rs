//! What a failure means for what was to be written.
//!
//! | failure | autocommit | before the commit | connection | may succeed again |
//! | --- | --- | --- | --- | --- |
//! | no writer known, no connection, no time before sending | not sent | not sent | by its own failure | yes |
//! | closed or retired before sending | not sent | not sent | given up | yes |
//! | 25006 read-only transaction | not committed | not committed | given up | yes |
//! | 57P03 cannot connect now | not committed | not committed | given up | yes |
//! | 40001, 40P01, 55P03, 57014: rolled back | not committed | not committed | kept | yes |
//! | 40003 completion unknown, 08… connection | unknown | not committed | given up | yes |
//! | 57P01, 57P02, 57P05 terminated; reset; closed | unknown | not committed | given up | yes |
//! | no answer in time | unknown | not committed | given up | yes |
//! | confirmed, by a generation that was retired meanwhile | unknown | not committed | given up | yes |
//! | any other error of the server | not committed | not committed | kept | no |
//!
//! "Before the commit" is a statement inside a transaction whose `COMMIT` was not sent: when its session ends, the server
//! rolls it back. "Unknown" is nobody's fault and stays so until somebody looks: only a write that may be applied twice
//! without harm may be sent again.

use tokio_postgres::Error;
use tokio_postgres::error::Severity;

use crate::connect::failure::ConnectFailure;
use crate::generation::Reason;

/// What is known of a write that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It never left.
    NotSent,
    /// It was sent, and certainly is not committed.
    NotCommitted,
    /// It may have been committed.
    Unknown,
}

/// Where in a transaction a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It commits by itself, or it is the commit.
    Commits,
    /// The commit was not sent yet.
    BeforeCommit,
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What is known of the write.
    pub outcome: Outcome,
    /// Why the connection must not be used again, if it must not.
    pub give_up: Option<Reason>,
    /// Whether another attempt may succeed. Whether it is safe as well, the outcome says.
    pub again: bool,
}

/// Why one attempt failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection was made.
    #[error("the writer cannot be reached")]
    NoConnection(#[source] ConnectFailure),
    /// All connections of the pool are in use, or it has been closed.
    #[error("the pool gives no connection")]
    Busy,
    /// The time for all attempts was up before anything was sent.
    #[error("the time was up before the statement was sent")]
    TooLate,
    /// The connection was found closed, or given up, before anything was sent.
    #[error("the connection was closed before the statement was sent")]
    Closed,
    /// The writer moved before anything was sent.
    #[error("the writer moved before the statement was sent")]
    Moved,
    /// Something was sent, and no answer came in time.
    #[error("no answer from the writer in time")]
    NoAnswer {
        /// Where in its transaction it was.
        phase: Phase,
        /// Whether it was the statement's time that was up, not only that for all attempts.
        hung: bool,
    },
    /// The server, or the way there, failed the statement.
    #[error("the statement failed")]
    Statement {
        /// Where in its transaction it was.
        phase: Phase,
        /// What was said.
        #[source]
        source: Error,
    },
    /// It was confirmed, by a generation that was retired meanwhile.
    #[error("confirmed only by a server that is no longer the writer")]
    Stale {
        /// Where in its transaction it was.
        phase: Phase,
    },
}

impl From<Error> for Failure {
    fn from(source: Error) -> Self {
        Self::Statement { phase: Phase::Commits, source }
    }
}

impl From<ConnectFailure> for Failure {
    fn from(failure: ConnectFailure) -> Self {
        Self::NoConnection(failure)
    }
}

impl Failure {
    /// Whether the failure says what is wrong, rather than only that there was no time left to find out.
    pub fn is_telling(&self) -> bool {
        !matches!(self, Self::TooLate | Self::Moved)
    }

    /// The server's SQLSTATE, where it was the server that spoke.
    pub fn sql_state(&self) -> Option<&str> {
        match self {
            Self::Statement { source, .. } => source.code().map(tokio_postgres::error::SqlState::code),
            _ => None,
        }
    }

    /// Judges the failure by the table above.
    pub fn verdict(&self) -> Verdict {
        let unsent = |give_up| Verdict { outcome: Outcome::NotSent, give_up, again: true };
        match self {
            Self::NoConnection(failure) => unsent(failure.reason()),
            Self::Busy | Self::TooLate => unsent(None),
            Self::Closed => unsent(Some(Reason::Broken)),
            Self::Moved => unsent(Some(Reason::Moved)),
            Self::NoAnswer { phase, .. } => Verdict::lost(*phase, Reason::Hung),
            Self::Stale { phase } => Verdict::lost(*phase, Reason::Moved),
            Self::Statement { phase, source } => judge(source, *phase),
        }
    }
}

/// Judges an error of tokio-postgres by the same table, for whoever has no [`Failure`].
pub fn judge(error: &Error, phase: Phase) -> Verdict {
    match error.as_db_error() {
        Some(said) => {
            let fatal = !matches!(said.parsed_severity(), Some(Severity::Error) | None);
            of_sql_state(said.code().code(), fatal, phase)
        }
        // The socket broke, or the library could not make sense of what came.
        None => Verdict::lost(phase, Reason::Broken),
    }
}

/// Judges an error that the server sent, such as one of another driver; a `fatal` one ended the connection.
pub fn of_sql_state(state: &str, fatal: bool, phase: Phase) -> Verdict {
    let not_committed = |give_up, again| Verdict { outcome: Outcome::NotCommitted, give_up, again };
    match state {
        "25006" => not_committed(Some(Reason::ReadOnly), true),
        "57P03" => not_committed(Some(Reason::Broken), true),
        "57P01" | "57P02" | "57P05" | "40003" => Verdict::lost(phase, Reason::Broken),
        "40001" | "40P01" | "55P03" | "57014" => not_committed(None, true),
        state if fatal || state.starts_with("08") => Verdict::lost(phase, Reason::Broken),
        _ => not_committed(None, false),
    }
}

impl Verdict {
    /// The session ended, or its word does not count: what was not yet committed never will be.
    pub fn lost(phase: Phase, reason: Reason) -> Self {
        let outcome = match phase {
            Phase::Commits => Outcome::Unknown,
            Phase::BeforeCommit => Outcome::NotCommitted,
        };
        Self { outcome, give_up: Some(reason), again: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generation::Ended;

    #[test]
    fn the_table_of_sql_states() {
        use Outcome::{NotCommitted, Unknown};
        let broken = Some(Reason::Broken);
        let rows = [
            ("25006", false, NotCommitted, Some(Reason::ReadOnly), true),
            ("57P03", true, NotCommitted, broken, true),
            ("57P01", true, Unknown, broken, true),
            ("57P02", true, Unknown, broken, true),
            ("57P05", true, Unknown, broken, true),
            ("40003", false, Unknown, broken, true),
            ("40001", false, NotCommitted, None, true),
            ("40P01", false, NotCommitted, None, true),
            ("55P03", false, NotCommitted, None, true),
            ("57014", false, NotCommitted, None, true),
            ("08006", true, Unknown, broken, true),
            ("08P01", false, Unknown, broken, true),
            ("XX000", true, Unknown, broken, true),
            ("XX000", false, NotCommitted, None, false),
            ("22001", false, NotCommitted, None, false),
            ("23505", false, NotCommitted, None, false),
            ("42501", false, NotCommitted, None, false),
            ("42P01", false, NotCommitted, None, false),
            ("53100", false, NotCommitted, None, false),
        ];
        for (state, fatal, outcome, give_up, again) in rows {
            let verdict = of_sql_state(state, fatal, Phase::Commits);
            assert_eq!(verdict, Verdict { outcome, give_up, again }, "{state} fatal={fatal}");
            let before = of_sql_state(state, fatal, Phase::BeforeCommit);
            assert_eq!(
                before,
                Verdict { outcome: NotCommitted, give_up, again },
                "{state} before the commit"
            );
        }
    }

    #[test]
    fn the_table_of_other_failures() {
        use Outcome::{NotCommitted, NotSent, Unknown};
        let (commits, before) = (Phase::Commits, Phase::BeforeCommit);
        let ended = Ended { reason: Reason::Hung, cause: None };
        let rows = [
            (Failure::NoConnection(ConnectFailure::TimedOut), NotSent, Some(Reason::Hung)),
            (Failure::NoConnection(ConnectFailure::NotWritable), NotSent, Some(Reason::ReadOnly)),
            (Failure::NoConnection(ConnectFailure::Retired(ended)), NotSent, None),
            (Failure::Busy, NotSent, None),
            (Failure::TooLate, NotSent, None),
            (Failure::Closed, NotSent, Some(Reason::Broken)),
            (Failure::Moved, NotSent, Some(Reason::Moved)),
            (Failure::NoAnswer { phase: commits, hung: true }, Unknown, Some(Reason::Hung)),
            (Failure::NoAnswer { phase: before, hung: true }, NotCommitted, Some(Reason::Hung)),
            (Failure::Stale { phase: commits }, Unknown, Some(Reason::Moved)),
            (Failure::Stale { phase: before }, NotCommitted, Some(Reason::Moved)),
        ];
        for (failure, outcome, give_up) in rows {
            let expected = Verdict { outcome, give_up, again: true };
            assert_eq!(failure.verdict(), expected, "{failure:?}");
        }
    }
}
