//! What can go wrong with the drill itself; a scenario that fails its expectations is not among it.

use std::path::PathBuf;
use std::time::Duration;

use drill_cloud::{CloudError, aurora::Refusal};
use drill_postgres::PostgresError;

/// The drill could not be played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DrillError {
    /// The emulated AWS failed.
    #[error("emulated AWS: {0}")]
    Cloud(#[from] CloudError),
    /// PostgreSQL failed.
    #[error("PostgreSQL: {0}")]
    Postgres(#[from] PostgresError),
    /// The emulated Aurora refused an operation.
    #[error("the emulated Aurora refused to {operation}: {refusal:?}")]
    Refused { operation: &'static str, refusal: Refusal },
    /// A file or a process failed.
    #[error("{operation}: {source}")]
    Io { operation: String, source: std::io::Error },
    /// The todo app failed.
    #[error("the todo app in {region}: {problem}")]
    App { region: &'static str, problem: String },
    /// A query of the drill's own failed.
    #[error("{operation}: {source}")]
    Query { operation: &'static str, source: tokio_postgres::Error },
    /// An HTTP request of the drill's own failed.
    #[error("{operation}: {source}")]
    Http { operation: &'static str, source: reqwest::Error },
    /// A step of the command that runs Terraform failed.
    #[error("Terraform, step {step}: {problem}")]
    Terraform { step: String, problem: String },
    /// Something that had to happen did not.
    #[error("{what} did not happen within {} s", .within.as_secs())]
    Waited { what: String, within: Duration },
    /// The report could not be written or read.
    #[error("the report {}: {source}", .path.display())]
    Report { path: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
    /// A report that does not show what it has to.
    #[error("{0}")]
    Unproven(String),
    /// Interrupted by the operator.
    #[error("interrupted; everything that was started has been stopped")]
    Interrupted,
}

impl DrillError {
    /// For `map_err`: an I/O failure of `operation`.
    pub(crate) fn io(operation: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let operation = operation.into();
        move |source| Self::Io { operation, source }
    }

    /// For `map_err`: a refusal of `operation`.
    pub(crate) fn refused(operation: &'static str) -> impl FnOnce(Refusal) -> Self {
        move |refusal| Self::Refused { operation, refusal }
    }
}
