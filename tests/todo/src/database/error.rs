//! A statement that was given up, and what is known of it.

use writer_follower::{GivenUp, Outcome};

/// Why a statement was given up.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation}")]
pub(crate) struct DatabaseError {
    /// What was to be done, such as `add the todo`.
    pub(crate) operation: &'static str,
    /// What all attempts came to.
    #[source]
    pub(crate) given_up: GivenUp,
}

/// The word of an answer for what is known of a write.
pub(crate) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotSent | Outcome::NotCommitted => "not_applied",
        Outcome::Unknown => "unknown",
    }
}
