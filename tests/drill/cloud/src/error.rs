//! What can go wrong while the emulated AWS is set up or asked.

use std::{error::Error, io, time::Duration};

use drill_emulator::EmulatorError;

/// An error of another library, kept as the source.
pub type Source = Box<dyn Error + Send + Sync>;

/// An operation of the emulated AWS that failed.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The emulator, the front or something of the operating system.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// The emulated AWS refused an operation or did not answer it.
    #[error("{operation} failed")]
    Aws {
        /// The operation and its subject.
        operation: String,
        /// The SDK's error.
        source: Source,
    },
    /// An answer lacks what the operation promises.
    #[error("the answer of {operation} has no {field}")]
    Incomplete {
        /// The operation and its subject.
        operation: String,
        /// What is missing.
        field: &'static str,
    },
    /// A host name could not be resolved.
    #[error("cannot resolve {host}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        source: Source,
    },
    /// A health check of a kind that the drill does not play.
    #[error("health check {id} is of type {kind}, which is not played")]
    HealthCheckType {
        /// Its id.
        id: String,
        /// Its type.
        kind: String,
    },
    /// A function's package could not be made.
    #[error("cannot pack the function")]
    Package {
        /// The archive library's error.
        source: Source,
    },
    /// A new function did not become active in time.
    #[error("function {function} is {state} after {waited:?}")]
    FunctionNotActive {
        /// The function's name and Region.
        function: String,
        /// The last state seen.
        state: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// Something in the emulated AWS has a feature that the drill does not imitate.
    #[error("the drill does not play {feature} of {subject}")]
    NotPlayed {
        /// What has it.
        subject: String,
        /// The feature, by its name in AWS's API.
        feature: &'static str,
    },
    /// A JSON document could not be written or read.
    #[error("cannot {operation}")]
    Json {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        source: serde_json::Error,
    },
}

impl CloudError {
    /// Wraps an operating system error with what was tried.
    pub(crate) fn io(operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Emulator(EmulatorError::Io { operation, source })
    }

    /// Wraps an SDK error with the operation and its subject.
    pub(crate) fn aws<E: Into<Source>>(operation: impl Into<String>) -> impl FnOnce(E) -> Self {
        let operation = operation.into();
        move |source| Self::Aws { operation, source: source.into() }
    }
}
