//! What can go wrong with the matrix itself; a cell that ends otherwise than it has to is not among it.

use std::error::Error;
use std::path::PathBuf;

use drill_cloud::CloudError;

/// The matrix, or a cell of it, could not be played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChaosError {
    /// The emulated AWS failed.
    #[error("emulated AWS: {}", with_causes(.0))]
    Cloud(#[from] CloudError),
    /// The emulated Aurora did not do what it was told.
    #[error("the emulated Aurora did not {0}")]
    Aurora(&'static str),
    /// A program is missing.
    #[error("{} is not there: run `make chaos`", .0.display())]
    NotThere(PathBuf),
    /// No cell has that name.
    #[error("no cell is named {0}; a name is {{move}}/{{call}}/{{fault}}, as the report has them")]
    NoCell(String),
    /// A date that is none.
    #[error("{0} is no date: today, or such as 2026-11-27")]
    NoDate(String),
    /// The report could not be written.
    #[error("the report {}: {source}", .path.display())]
    Report { path: PathBuf, source: std::io::Error },
    /// Interrupted by the operator.
    #[error("interrupted; everything that was started has been stopped")]
    Interrupted,
}

/// An error of the emulated AWS says what was tried; its causes say why it failed.
fn with_causes(error: &CloudError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
