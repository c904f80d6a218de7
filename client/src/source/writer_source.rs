//! The trait of all sources.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::pace::Pace;
use crate::writer::Reading;

/// A future in a box.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a source could not say where the writer is. Whoever waited for the same answer gets the same error.
#[derive(Debug, Clone)]
pub struct SourceError(Arc<dyn Error + Send + Sync>);

impl SourceError {
    /// An error, or a sentence.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Error for SourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Knows, or can be asked, where the writer is now.
///
/// A source may fail and may be slow; it need not remember anything. [`Watch`](crate::Watch) asks it again and again, keeps
/// what it said last, and says how old that is.
pub trait WriterSource: Send + Sync + 'static {
    /// Asks where the writer is now.
    fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>>;

    /// What is asked, for a person: such as `record writer.db.todo.internal`.
    fn describe(&self) -> String;

    /// How often it should be asked; every five seconds unless it says otherwise.
    fn pace(&self) -> Pace {
        Pace::every(Duration::from_secs(5))
    }

    /// Says that the last known writer failed, so that a source that remembers something looks again.
    fn doubt(&self) {}

    /// Ends when there is something new to read. Most sources are only asked.
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}
