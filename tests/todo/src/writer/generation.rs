//! One generation of connections: all of them made to one address, retired together.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use deadpool_postgres::{Client, Pool, PoolError, TimeoutType};
use tokio_util::sync::CancellationToken;

/// The most that asking for the timeline may take.
const TIMELINE_BUDGET: Duration = Duration::from_secs(1);

/// Why a generation of connections ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The writer's name or address is another one now.
    Moved,
    /// The server does not take writes.
    ReadOnly,
    /// A connection was refused, reset or closed.
    Broken,
    /// A connection or a statement got no answer in time.
    Hung,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Moved => "the writer moved",
            Self::ReadOnly => "the server takes no writes",
            Self::Broken => "connections are refused or break",
            Self::Hung => "the server does not answer",
        })
    }
}

impl Reason {
    /// Whether the connections that are open now are sessions on a server that is not the writer.
    pub(crate) fn is_stale(self) -> bool {
        matches!(self, Self::Moved | Self::ReadOnly)
    }
}

/// Why a generation ended, for those who only find that it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The reason.
    pub(crate) reason: Reason,
    /// The failure that gave it, with its causes, in words.
    pub(crate) cause: Option<Arc<str>>,
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(formatter)?;
        match &self.cause {
            Some(cause) => write!(formatter, ": {cause}"),
            None => Ok(()),
        }
    }
}

/// Why a generation gave no connection. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectFailure {
    /// The generation was retired meanwhile.
    #[error("{0}")]
    Retired(Ended),
    /// All connections are in use.
    #[error("all connections are in use")]
    Busy,
    /// The server did not finish the connection in time.
    #[error("the server does not answer")]
    TimedOut,
    /// The server takes no writes.
    #[error("the server does not take writes")]
    NotWritable(#[source] tokio_postgres::Error),
    /// The server, or the way there, refused the connection.
    #[error("cannot connect")]
    Refused(#[source] tokio_postgres::Error),
    /// The pool cannot work at all.
    #[error("the pool of connections failed")]
    Pool(#[source] Box<PoolError>),
}

impl ConnectFailure {
    /// Why the generation should end, when the failure says something of the address. A server that is
    /// full or does not know the user is still the same server: its open connections stay.
    pub(crate) fn reason(&self) -> Option<Reason> {
        match self {
            Self::NotWritable(_) => Some(Reason::ReadOnly),
            Self::TimedOut => Some(Reason::Hung),
            Self::Refused(error) if is_about_the_login(error) => None,
            Self::Refused(_) => Some(Reason::Broken),
            Self::Retired(_) | Self::Busy | Self::Pool(_) => None,
        }
    }
}

fn is_about_the_login(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|state| {
        matches!(state.code(), "53300" | "3D000" | "42501") || state.code().starts_with("28")
    })
}

/// Connections to one address.
#[derive(Debug)]
pub(crate) struct Generation {
    /// Counts from one.
    pub(crate) number: u64,
    /// The host name, as it was resolved and as TLS sees it.
    pub(crate) host: String,
    /// What the host name is an alias of, if of anything.
    pub(crate) canonical: Option<String>,
    /// The address of all connections.
    pub(crate) address: SocketAddr,
    /// When this address was first used after another one.
    pub(crate) since: SystemTime,
    pool: Pool,
    ended: OnceLock<Ended>,
    retired: CancellationToken,
    proven: AtomicBool,
    timeline: OnceLock<Option<u32>>,
}

impl Generation {
    /// A generation whose connections come from `pool`.
    pub(crate) fn new(
        number: u64,
        host: &str,
        canonical: Option<String>,
        address: SocketAddr,
        since: SystemTime,
        pool: Pool,
    ) -> Self {
        Self {
            number,
            host: host.to_owned(),
            canonical,
            address,
            since,
            pool,
            ended: OnceLock::new(),
            retired: CancellationToken::new(),
            proven: AtomicBool::new(false),
            timeline: OnceLock::new(),
        }
    }

    /// Whether the connections go where `host` is, now that it resolved to `addresses`.
    pub(crate) fn serves(&self, host: &str, addresses: &[IpAddr]) -> bool {
        self.host == host && addresses.contains(&self.address.ip())
    }

    /// Whether the generation has ended.
    pub(crate) fn is_retired(&self) -> bool {
        self.ended.get().is_some()
    }

    /// Whether a connection was made, and so the server answered as a writer.
    pub(crate) fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    /// Whether a connection is open and idle.
    pub(crate) fn has_idle(&self) -> bool {
        self.pool.status().available > 0
    }

    /// The server's timeline (it grows with each promotion), where the server can tell and was asked.
    pub(crate) fn timeline(&self) -> Option<u32> {
        self.timeline.get().copied().flatten()
    }

    /// Ends the generation: idle connections are closed, those in use when they are given back. Returns
    /// how many were open, or `None` when it had ended before.
    pub(crate) fn retire(&self, ended: Ended) -> Option<usize> {
        self.ended.set(ended).ok()?;
        // The dead ones are no sessions any more.
        self.pool.retain(|client, _| !client.is_closed());
        let open = self.pool.status().size;
        self.retired.cancel();
        self.pool.close();
        Some(open)
    }

    /// A connection, made when none is idle.
    pub(crate) async fn connect(&self) -> Result<Client, ConnectFailure> {
        let client = tokio::select! {
            biased;
            () = self.retired.cancelled() => return Err(self.retired_failure()),
            client = self.pool.get() => client.map_err(|error| self.connect_failure(error))?,
        };
        self.proven.store(true, Ordering::Relaxed);
        Ok(client)
    }

    fn retired_failure(&self) -> ConnectFailure {
        let moved = || Ended { reason: Reason::Moved, cause: None };
        ConnectFailure::Retired(self.ended.get().cloned().unwrap_or_else(moved))
    }

    fn connect_failure(&self, error: PoolError) -> ConnectFailure {
        match error {
            PoolError::Closed => self.retired_failure(),
            PoolError::Timeout(TimeoutType::Wait) => ConnectFailure::Busy,
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => ConnectFailure::TimedOut,
            PoolError::Backend(error) if refused_as_read_only(&error) => ConnectFailure::NotWritable(error),
            PoolError::Backend(error) => ConnectFailure::Refused(error),
            other => ConnectFailure::Pool(Box::new(other)),
        }
    }

    /// Asks the server for its timeline, once. Not every PostgreSQL can tell.
    pub(crate) async fn learn_timeline(&self, client: &Client) {
        const SQL: &str = "SELECT pg_walfile_name(pg_current_wal_lsn())";
        let Ok(answer) = tokio::time::timeout(TIMELINE_BUDGET, client.query_typed_one(SQL, &[])).await else {
            return;
        };
        let file = answer.ok().and_then(|row| row.try_get::<_, String>(0).ok());
        self.timeline.get_or_init(|| file.as_deref().and_then(timeline_of));
    }
}

/// The timeline in the name of a WAL file: its first eight hexadecimal digits.
fn timeline_of(file: &str) -> Option<u32> {
    u32::from_str_radix(file.get(..8)?, 16).ok()
}

/// The client library's own word for a server that is read-only; the operating system's
/// "permission denied" carries a number, this one does not.
fn refused_as_read_only(error: &tokio_postgres::Error) -> bool {
    use std::error::Error;
    error
        .source()
        .and_then(|source| source.downcast_ref::<std::io::Error>())
        .is_some_and(|io| io.kind() == std::io::ErrorKind::PermissionDenied && io.raw_os_error().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeline_is_the_first_part_of_the_file_name() {
        assert_eq!(timeline_of("0000000A0000000000000003"), Some(10));
        assert_eq!(timeline_of("short"), None);
        assert_eq!(timeline_of("zzzzzzzz"), None);
    }

    #[test]
    fn only_moved_and_read_only_sessions_are_stale() {
        let stale = [Reason::Moved, Reason::ReadOnly, Reason::Broken, Reason::Hung].map(Reason::is_stale);
        assert_eq!(stale, [true, true, false, false]);
    }
}
