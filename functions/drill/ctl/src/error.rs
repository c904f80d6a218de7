//! Why a command ends otherwise than it was meant to, and the exit status that says so to a script.

use std::path::PathBuf;

use responder_aws::EnvironmentError;
use serde_json::Value;

/// How a command ended that came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As it was meant to.
    Good,
    /// It was done, and an objective was missed or a finding has to be mended.
    Missed,
    /// The plan says that it would be refused.
    WouldBeRefused,
    /// What was seen has to be mended before anything can be done.
    Blocked,
    /// It is not over: the same command again goes on with it.
    Waits,
}

impl Verdict {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Missed => 1,
            Self::WouldBeRefused => 3,
            Self::Blocked => 4,
            Self::Waits => 7,
        }
    }
}

/// Why a command did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CtlError {
    /// The function refused the request.
    #[error("{sentence}")]
    Refused {
        /// Its sentence.
        sentence: String,
    },
    /// The transition ended without a new writer.
    #[error("{sentence}")]
    Failed {
        /// The function's sentence.
        sentence: String,
        /// The whole answer.
        answer: Option<Value>,
    },
    /// No Region's function answers.
    #[error("no function answers: {}", .0.join("; "))]
    NoAnswer(Vec<String>),
    /// Every Region is there, and Lambda has no slot for the function in any of them.
    #[error("busy, nothing was changed; the same command again in a minute: {}", .0.join("; "))]
    Busy(Vec<String>),
    /// No Region is known to ask in.
    #[error("no Region to ask in: give --region, set AWS_REGION, or configure one in the profile")]
    NoRegion,
    /// There are no credentials, or no such profile.
    #[error("{0}")]
    Credentials(String),
    /// The environment is of no use.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// An argument that is none.
    #[error("{0}")]
    Usage(String),
    /// The person did not confirm.
    #[error("not confirmed, nothing was changed: {0}")]
    NotConfirmed(String),
    /// It goes on, longer than this command was willing to wait.
    #[error("the run {0} is still in progress: the same command again goes on with it")]
    InProgress(String),
    /// The function's answer did not come back, after it had been asked for a change.
    #[error(
        "nobody knows what came of it ({0}): what was started goes on; the same command again goes on with it, or starts it"
    )]
    Unknown(String),
    /// A file could not be read or written.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// An answer that is none.
    #[error("the function's answer was not understood: {0}")]
    Answer(String),
}

impl CtlError {
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::NoRegion | Self::Credentials(_) | Self::Environment(_) | Self::Usage(_) => 2,
            Self::Refused { .. } => 3,
            Self::Failed { .. } => 4,
            Self::NoAnswer(_) | Self::Answer(_) => 5,
            Self::NotConfirmed(_) => 6,
            Self::InProgress(_) | Self::Unknown(_) => 7,
            Self::File { .. } => 8,
            Self::Busy(_) => 9,
        }
    }
}
