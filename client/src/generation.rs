//! One generation of connections: all of them made to one address, ended together.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use crate::counters::Tally;
use crate::writer::Writer;

/// Why a connection, or a generation of them, ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
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
    /// Whether connections that are open are on a server that is not the writer.
    pub fn is_stale(self) -> bool {
        matches!(self, Self::Moved | Self::ReadOnly)
    }
}

/// Why a generation ended, for those who only find that it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The reason.
    pub reason: Reason,
    /// The failure that gave it, with its causes, in words.
    pub cause: Option<Arc<str>>,
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

/// Connections to one address.
#[derive(Debug)]
pub struct Generation {
    /// Counts from one.
    pub number: u64,
    /// The writer that it was made for.
    pub writer: Writer,
    /// The address of all its connections.
    pub address: SocketAddr,
    /// When this address was first used after another one.
    pub since: SystemTime,
    pub(crate) tally: Arc<Tally>,
    /// Told when the generation ended or is suspected.
    wake: Arc<Notify>,
    ended: OnceLock<Ended>,
    retired: CancellationToken,
    proven: AtomicBool,
    /// Grows with each reason to doubt the server: who was checked before has to be checked again.
    suspicion: AtomicU64,
    /// Whether nobody has made a connection since the last suspicion.
    suspected: AtomicBool,
    /// Held by whoever tries the server.
    pub(crate) proving: Mutex<()>,
    open: AtomicUsize,
    begun: AtomicUsize,
    timeline: OnceLock<u32>,
}

impl Generation {
    pub(crate) fn new(
        number: u64,
        writer: Writer,
        address: SocketAddr,
        since: SystemTime,
        tally: Arc<Tally>,
        wake: Arc<Notify>,
    ) -> Self {
        Self {
            number,
            writer,
            address,
            since,
            tally,
            wake,
            ended: OnceLock::new(),
            retired: CancellationToken::new(),
            proven: AtomicBool::new(false),
            suspicion: AtomicU64::new(0),
            suspected: AtomicBool::new(false),
            proving: Mutex::default(),
            open: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            timeline: OnceLock::new(),
        }
    }

    /// Whether the connections go to where `writer` is.
    pub(crate) fn serves(&self, writer: &Writer) -> bool {
        self.writer.host == writer.host && writer.addresses.contains(&self.address.ip())
    }

    /// Why the generation ended, if it did.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.get()
    }

    /// Whether the generation has ended.
    pub fn is_retired(&self) -> bool {
        self.ended.get().is_some()
    }

    /// Waits until the generation ends.
    pub async fn retired(&self) {
        self.retired.cancelled().await;
    }

    /// Whether a connection was made, and so the server answered as a writer.
    pub fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    /// Whether there is reason to doubt that the server is still the writer, and no proof yet that it is.
    pub fn is_suspected(&self) -> bool {
        self.suspected.load(Ordering::Relaxed)
    }

    /// How many of its connections are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// The server's timeline (it grows with each promotion), where the server can tell.
    pub fn timeline(&self) -> Option<u32> {
        self.timeline.get().copied()
    }

    pub(crate) fn set_timeline(&self, timeline: u32) {
        self.timeline.get_or_init(|| timeline);
    }

    /// Notes a new connection that was checked.
    pub(crate) fn prove(&self) {
        self.proven.store(true, Ordering::Relaxed);
        self.suspected.store(false, Ordering::Relaxed);
    }

    pub(crate) fn suspicion(&self) -> u64 {
        self.suspicion.load(Ordering::Acquire)
    }

    /// Gives reason to doubt the server: its other connections are checked before they are used again, and a new one is
    /// made to see whether it still takes writes.
    pub fn suspect(&self, reason: Reason) {
        self.suspicion.fetch_add(1, Ordering::AcqRel);
        if !self.is_retired() && !self.suspected.swap(true, Ordering::Relaxed) {
            tracing::debug!(number = self.number, %reason, "the writer is doubted");
        }
        self.wake.notify_one();
    }

    /// Ends the generation, once.
    pub fn retire(&self, ended: Ended) {
        let reason = ended.reason;
        if self.ended.set(ended).is_err() {
            return;
        }
        let (number, address, open) = (self.number, self.address, self.open());
        if reason.is_stale() {
            self.tally.stale.add(u64::try_from(open).unwrap_or(u64::MAX));
        }
        if self.is_proven() {
            tracing::warn!(number, %address, %reason, open, "connections retired");
        } else {
            // While a server is away this happens about once a second.
            tracing::debug!(number, %address, %reason, "no connection was made");
        }
        self.retired.cancel();
        self.wake.notify_one();
    }

    /// The place of a new connection in the order in which they are begun.
    pub(crate) fn begin(&self) -> usize {
        self.begun.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn opened(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }
}

/// Counts a connection for as long as it is open.
#[derive(Debug)]
pub(crate) struct Open(Arc<Generation>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_moved_and_read_only_connections_are_stale() {
        let stale = [Reason::Moved, Reason::ReadOnly, Reason::Broken, Reason::Hung].map(Reason::is_stale);
        assert_eq!(stale, [true, true, false, false]);
    }
}
