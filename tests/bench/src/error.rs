//! What can go wrong in a measurement.

use std::io;
use std::time::Duration;

/// A measurement that could not be made; one sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// Something of the operating system.
    #[error("could not {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A function ended, or said nothing for too long.
    #[error("{subject} did not {what} within {waited:?}; its log: {log}")]
    Silent {
        /// Whose process.
        subject: String,
        /// What was waited for.
        what: &'static str,
        /// For how long.
        waited: Duration,
        /// The end of its log.
        log: String,
    },
    /// A function failed, or did not do what it is measured at.
    #[error("{subject} {what}: {detail}")]
    Wrong {
        /// Whose process.
        subject: String,
        /// What it did.
        what: &'static str,
        /// What it said.
        detail: String,
    },
    /// A database that is to be measured is not configured as the functions want it.
    #[error("the fleet: {name}: {detail}")]
    Fleet {
        /// Its name, or what it is in.
        name: String,
        /// What is wrong.
        detail: String,
    },
    /// The emulated AWS could not be started.
    #[error(transparent)]
    Emulator(#[from] drill_emulator::EmulatorError),
    /// The emulator did not take what a measurement needs.
    #[error("the emulator: {0}")]
    Seed(String),
    /// A report that could not be written.
    #[error("the report: {0}")]
    Report(#[from] serde_json::Error),
}

impl BenchError {
    /// Names what could not be parsed.
    pub(crate) fn fleet(name: &str, error: &dyn std::fmt::Display) -> Self {
        Self::Fleet { name: name.to_owned(), detail: error.to_string() }
    }

    /// Names what was tried.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
