//! Counters since the process started, served as `/metrics.json`.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Serialize, Serializer};

/// A counter that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Counts one.
    pub(crate) fn increment(&self) {
        self.add(1);
    }

    /// Counts `amount` at once.
    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    /// The count so far.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.get())
    }
}

/// Everything that the app counts.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Metrics {
    /// Write statements that the current writer confirmed.
    pub(crate) writes_confirmed: Counter,
    /// Writes given up that certainly were not applied.
    pub(crate) writes_not_applied: Counter,
    /// Writes given up of which nobody knows whether they were applied.
    pub(crate) writes_unknown: Counter,
    /// Reads given up.
    pub(crate) reads_failed: Counter,
    /// Attempts after the first one of a statement.
    pub(crate) retries: Counter,
    /// Confirmations that came from a retired connection and so were asked again.
    pub(crate) confirmations_discarded: Counter,
    /// Statements that got no answer in time.
    pub(crate) statement_timeouts: Counter,
    /// Open sessions found on an address that is no longer the writer's, or that said SQLSTATE 25006.
    pub(crate) stale_sessions: Counter,
    /// New connections refused because the server does not take writes.
    pub(crate) connections_not_writable: Counter,
    /// New connections that failed for another reason.
    pub(crate) connections_failed: Counter,
    /// Pools of connections made, one for each address and each failure of one.
    pub(crate) generations: Counter,
    /// Times that the writer's host name or address changed.
    pub(crate) moves: Counter,
    /// Answered DNS lookups.
    pub(crate) lookups: Counter,
    /// DNS lookups without a usable answer.
    pub(crate) lookup_failures: Counter,
    /// Answered reads of the writer parameter.
    pub(crate) parameter_reads: Counter,
    /// Reads of the writer parameter without a usable answer.
    pub(crate) parameter_failures: Counter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_written_as_plain_numbers() {
        let metrics = Metrics::default();
        metrics.stale_sessions.add(3);
        metrics.moves.increment();
        let json = serde_json::to_value(&metrics).unwrap();
        assert_eq!(json["stale_sessions"], 3);
        assert_eq!(json["moves"], 1);
        assert_eq!(json["writes_unknown"], 0);
    }
}
