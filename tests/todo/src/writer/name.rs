//! Which host name the writer has now: always the record's, or what the parameter says.

use std::sync::Arc;

use tokio::sync::watch;

use super::parameter::ParameterWatch;

/// Where the writer's host name comes from.
pub(crate) enum WriterName {
    /// The writer record: the name never changes, what it stands for does.
    Record(Arc<str>),
    /// The writer parameter: the name itself changes.
    Parameter(Arc<ParameterWatch>),
}

impl WriterName {
    /// The host name to resolve, unless the parameter was never read.
    pub(crate) fn host(&self) -> Option<Arc<str>> {
        match self {
            Self::Record(host) => Some(Arc::clone(host)),
            Self::Parameter(watch) => watch.value(),
        }
    }

    /// What is followed, for a person: `record` or `parameter`, and its name.
    pub(crate) fn describe(&self) -> (&'static str, &str) {
        match self {
            Self::Record(host) => ("record", host),
            Self::Parameter(watch) => ("parameter", watch.name()),
        }
    }

    /// Says that the last known writer failed.
    pub(crate) fn doubt(&self) {
        if let Self::Parameter(watch) = self {
            watch.refresh_soon();
        }
    }

    /// Tells of every change of the name; a record has none.
    pub(crate) fn changes(&self) -> Option<watch::Receiver<Option<Arc<str>>>> {
        match self {
            Self::Record(_) => None,
            Self::Parameter(watch) => Some(watch.subscribe()),
        }
    }
}
