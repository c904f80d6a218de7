//! What can go wrong while the emulated AWS is started.

use std::{io, path::PathBuf, time::Duration};

/// The emulated AWS could not be started.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The emulator's program is not there.
    #[error("no AWS emulator at {}: run `make setup`", program.display())]
    NoEmulator {
        /// Where it was looked for.
        program: PathBuf,
    },
    /// The emulator was started and never said that it is ready.
    #[error("the AWS emulator was not ready after {waited:?}; the end of its log: {log}")]
    EmulatorNotReady {
        /// How long it was waited for.
        waited: Duration,
        /// The last lines that it wrote.
        log: String,
    },
    /// The operating system refused something.
    #[error("cannot {operation}")]
    Io {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The front's certificate is of no use.
    #[error("no certificate for the front: {0}")]
    Tls(String),
}

impl EmulatorError {
    /// Wraps an operating system error with what was tried.
    pub fn io(operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { operation, source }
    }
}
