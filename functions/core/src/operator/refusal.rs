//! Why a request was not performed: one sentence, and how far it came.

use crate::answer::result::Check;
use crate::operator::request::RequestError;
use crate::ports::PortError;
use crate::world::course::Course;

/// Why a request was not performed.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// A mistake in the request: nothing was changed.
    #[error("{0}. Nothing was changed")]
    Request(#[from] RequestError),
    /// A check does not pass: nothing was changed.
    #[error("{action} of {database} to {target} is refused, nothing was changed: {}", failed(checks))]
    Refused {
        /// The action.
        action: &'static str,
        /// The database.
        database: String,
        /// Where to.
        target: String,
        /// Every check.
        checks: Vec<Check>,
    },
    /// What there was to see does not allow the action: nothing was changed.
    #[error("{0}. Nothing was changed")]
    Impossible(String),
    /// The run could not be remembered before its call, so nothing was called.
    #[error("nothing was started: the run could not be remembered before the call ({0})")]
    Unremembered(#[source] PortError),
    /// RDS refused the call, or the transition ended without a new writer.
    #[error("{why}")]
    Ended {
        /// Why, in a sentence.
        why: String,
        /// All that was seen.
        course: Box<Course>,
    },
    /// No Region took a switch.
    #[error("nothing was changed: no Region's Parameter Store took it ({0})")]
    NoRegion(String),
}

/// The checks that did not pass, each with its value.
fn failed(checks: &[Check]) -> String {
    let failed = checks.iter().filter(|check| !check.pass);
    let texts: Vec<String> = failed.map(|check| format!("{} ({})", check.name, check.value)).collect();
    texts.join(", ")
}
