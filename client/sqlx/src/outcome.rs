//! What an error of sqlx means for what was to be written, by the table of `writer-follower`.

use sqlx::Error;
use sqlx::postgres::{PgDatabaseError, PgSeverity};
use writer_follower::{Outcome, Phase, Reason, Verdict, of_sql_state};

/// Why a write was not confirmed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The writer moved before the answer came. Whatever the former writer confirms may be lost.
    #[error("the writer moved before it confirmed")]
    Moved,
    /// No answer came in time.
    #[error("no answer from the writer in time")]
    NoAnswer,
    /// sqlx said so.
    #[error("the statement failed")]
    Statement(#[source] Error),
}

impl Failure {
    /// What follows from it.
    pub fn verdict(&self, phase: Phase) -> Verdict {
        match self {
            Self::Moved => Verdict::lost(phase, Reason::Moved),
            Self::NoAnswer => Verdict::lost(phase, Reason::Hung),
            Self::Statement(error) => judge(error, phase),
        }
    }
}

/// Judges an error of sqlx.
///
/// An `Io` may be of a login, with nothing sent, or of a statement: it counts as the worse of the two. Where a pool is
/// asked for a connection first, and the statement sent on that, the two are told apart by who failed.
///
/// ```
/// use writer_follower_sqlx::judge;
/// use writer_follower_sqlx::writer_follower::{Outcome, Phase};
///
/// let verdict = judge(&sqlx::Error::PoolTimedOut, Phase::Commits);
/// assert_eq!((verdict.outcome, verdict.again), (Outcome::NotSent, true));
/// ```
pub fn judge(error: &Error, phase: Phase) -> Verdict {
    let verdict = |outcome, again| Verdict { outcome, give_up: None, again };
    match error {
        Error::Database(said) => {
            let said = said.try_downcast_ref::<PgDatabaseError>();
            let fatal =
                said.is_some_and(|said| matches!(said.severity(), PgSeverity::Fatal | PgSeverity::Panic));
            of_sql_state(said.map_or("", PgDatabaseError::code), fatal, phase)
        }
        Error::PoolTimedOut | Error::PoolClosed | Error::Tls(_) => verdict(Outcome::NotSent, true),
        Error::Io(_) | Error::Protocol(_) | Error::WorkerCrashed | Error::BeginFailed => {
            Verdict::lost(phase, Reason::Broken)
        }
        Error::Configuration(_)
        | Error::InvalidArgument(_)
        | Error::TypeNotFound { .. }
        | Error::Encode(_)
        | Error::InvalidSavePointStatement => verdict(Outcome::NotSent, false),
        // The server did what it was told, and its answer was not what was expected.
        _ => Verdict { give_up: None, again: false, ..Verdict::lost(phase, Reason::Broken) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_did_not_say_is_told_apart() {
        use Outcome::{NotCommitted, NotSent, Unknown};
        let io = || Error::Io(std::io::Error::other("reset"));
        let rows = [
            (Failure::Statement(Error::PoolTimedOut), NotSent, NotSent, None, true),
            (Failure::Statement(Error::Encode("".into())), NotSent, NotSent, None, false),
            (Failure::Statement(io()), Unknown, NotCommitted, Some(Reason::Broken), true),
            (Failure::Statement(Error::RowNotFound), Unknown, NotCommitted, None, false),
            (Failure::NoAnswer, Unknown, NotCommitted, Some(Reason::Hung), true),
            (Failure::Moved, Unknown, NotCommitted, Some(Reason::Moved), true),
        ];
        for (failure, commits, before, give_up, again) in rows {
            for (phase, outcome) in [(Phase::Commits, commits), (Phase::BeforeCommit, before)] {
                let expected = Verdict { outcome, give_up, again };
                assert_eq!(failure.verdict(phase), expected, "{failure:?} {phase:?}");
            }
        }
    }
}
