//! What can go wrong when a report is read or written.

use std::path::PathBuf;

/// Why a document could not be read as a report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The document is not JSON, or has no `format`.
    #[error("reading the report: it is not a JSON object with a `format`")]
    NotAReport(#[source] serde_json::Error),
    /// The document is of a format that this version does not know.
    #[error("reading the report: format {found} is unknown, this version reads format {known}")]
    UnknownFormat {
        /// The format that the document states.
        found: String,
        /// The format that this version reads.
        known: u64,
    },
    /// A field is missing, of another type, or contradicts the rest of the document.
    #[error("reading the report: at `{path}`")]
    Field {
        /// Where in the document, as `scenarios[0].legs[1].name`.
        path: String,
        /// What is wrong there.
        #[source]
        source: serde_json::Error,
    },
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The report could not be put into JSON.
    #[error("writing the report as JSON")]
    Json(#[source] serde_json::Error),
    /// A file could not be created, filled or put in its place.
    #[error("writing the report to {path}: {step}", path = path.display())]
    File {
        /// The file that was to be written.
        path: PathBuf,
        /// Which step failed.
        step: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
