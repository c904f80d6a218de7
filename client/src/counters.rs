//! What is counted, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count that only grows.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn one(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) made: Count,
    pub(crate) failed: Count,
    pub(crate) not_writable: Count,
    pub(crate) generations: Count,
    pub(crate) moves: Count,
    pub(crate) stale: Count,
    pub(crate) spoiled: Count,
}

/// Counts since the follower was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Connections that were made.
    pub connections_made: u64,
    /// New connections that failed, except for the next kind.
    pub connections_failed: u64,
    /// New connections that were refused because the server takes no writes.
    pub connections_not_writable: u64,
    /// Connections that were given up: they said 25006 or 57P01, broke, or gave no answer.
    pub connections_spoiled: u64,
    /// Generations of connections: one for each address, and for each time that an address failed.
    pub generations: u64,
    /// Times that the writer's host name or address changed.
    pub moves: u64,
    /// Open connections that were found on a server that is no longer the writer.
    pub stale_sessions: u64,
}

impl Tally {
    pub(crate) fn counters(&self) -> Counters {
        Counters {
            connections_made: self.made.get(),
            connections_failed: self.failed.get(),
            connections_not_writable: self.not_writable.get(),
            connections_spoiled: self.spoiled.get(),
            generations: self.generations.get(),
            moves: self.moves.get(),
            stale_sessions: self.stale.get(),
        }
    }
}
