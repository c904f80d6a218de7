//! Why something was not done, in a sentence.

use crate::stage::error::DrillError;

/// Something that was not done, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denied {
    /// An HTTP status.
    pub(crate) status: u16,
    pub(crate) sentence: String,
}

impl Denied {
    /// With that status and sentence.
    pub(crate) fn new(status: u16, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    /// It does not go together with how things are.
    pub(crate) fn conflict(sentence: impl Into<String>) -> Self {
        Self::new(409, sentence)
    }
}

impl From<DrillError> for Denied {
    fn from(error: DrillError) -> Self {
        match &error {
            DrillError::Refused { operation, refusal } => {
                Self::conflict(format!("The emulated Aurora refused to {operation}: {}", refusal.message))
            }
            DrillError::Waited { .. } => Self::new(
                504,
                format!("Not over yet: {error}. What was begun goes on; status shows how far it is."),
            ),
            other => Self::new(500, format!("It failed: {other}.")),
        }
    }
}
