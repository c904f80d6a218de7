//! Counters since the process started, served as `/metrics.json`.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use writer_follower::{Follower, Watch};

/// A counter that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Counts one.
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
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

/// Everything that the app counts by itself.
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
    /// Who reads the writer parameter, if one is followed.
    #[serde(skip)]
    parameter: Option<Watch>,
}

impl Metrics {
    /// Counts, beside those of what reads the parameter.
    pub(crate) fn of(parameter: Option<Watch>) -> Self {
        Self { parameter, ..Self::default() }
    }

    /// All counts, with the follower's, by their names.
    pub(crate) fn all(&self, follower: &Follower) -> Value {
        let counted = follower.counters();
        let (lookups, lookup_failures) = follower.watch().reads();
        let (parameter_reads, parameter_failures) = self.parameter.as_ref().map_or((0, 0), Watch::reads);
        let mut all = json!({
            "stale_sessions": counted.stale_sessions,
            "connections_made": counted.connections_made,
            "connections_not_writable": counted.connections_not_writable,
            "connections_failed": counted.connections_failed,
            "connections_spoiled": counted.connections_spoiled,
            "generations": counted.generations,
            "moves": counted.moves,
            "lookups": lookups,
            "lookup_failures": lookup_failures,
            "parameter_reads": parameter_reads,
            "parameter_failures": parameter_failures,
        });
        if let (Some(all), Value::Object(own)) = (all.as_object_mut(), json!(self)) {
            all.extend(own);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_written_as_plain_numbers() {
        let metrics = Metrics::default();
        metrics.retries.increment();
        let json = serde_json::to_value(&metrics).unwrap();
        assert_eq!((&json["retries"], &json["writes_unknown"]), (&json!(1), &json!(0)));
        assert_eq!(json.get("parameter"), None);
    }
}
