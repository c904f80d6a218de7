//! Why no connection was made. Nothing was sent, whatever the reason.

use std::io;

use crate::generation::{Ended, Generation, Reason};
use crate::source::writer_source::SourceError;

/// Why no connection was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectFailure {
    /// The source does not say where the writer is.
    #[error("the writer cannot be found")]
    NoWriter(#[source] SourceError),
    /// The generation ended meanwhile.
    #[error("{0}")]
    Retired(Ended),
    /// The server did not finish the connection in time.
    #[error("the server does not answer")]
    TimedOut,
    /// The server takes no writes.
    #[error("the server does not take writes")]
    NotWritable,
    /// There is no way to the server.
    #[error("cannot connect")]
    Unreachable(#[source] io::Error),
    /// The server refused the connection, or TLS did.
    #[error("cannot connect")]
    Refused(#[source] tokio_postgres::Error),
    /// There is no password or token.
    #[error("there is nothing to log in with")]
    NoSecret(#[source] SourceError),
    /// TLS cannot be made for this name.
    #[error("cannot make TLS for the writer's name")]
    NoTls(#[source] SourceError),
}

impl ConnectFailure {
    /// The failure of whoever waited for a connection of a generation that ended.
    pub(crate) fn retired(generation: &Generation) -> Self {
        let moved = || Ended { reason: Reason::Moved, cause: None };
        Self::Retired(generation.ended().cloned().unwrap_or_else(moved))
    }

    /// Why the generation should end, when the failure says something of the address. A server that is full or does not
    /// know the user is still the same server: its open connections stay.
    pub(crate) fn reason(&self) -> Option<Reason> {
        match self {
            Self::NotWritable => Some(Reason::ReadOnly),
            Self::TimedOut => Some(Reason::Hung),
            Self::Refused(error) if is_about_the_login(error) => None,
            Self::Unreachable(_) | Self::Refused(_) => Some(Reason::Broken),
            Self::NoWriter(_) | Self::Retired(_) | Self::NoSecret(_) | Self::NoTls(_) => None,
        }
    }

    /// Whether the password or token was refused.
    pub(crate) fn is_of_the_secret(&self) -> bool {
        matches!(self, Self::Refused(error) if error.code().is_some_and(|state| state.code().starts_with("28")))
    }
}

fn is_about_the_login(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|state| {
        matches!(state.code(), "53300" | "3D000" | "42501") || state.code().starts_with("28")
    })
}
