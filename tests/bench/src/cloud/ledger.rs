//! What was asked, and which records were accepted when.

use std::collections::BTreeMap;
use std::time::Instant;

/// A record that Route 53 accepted.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    /// When the answer that said so was sent.
    pub(crate) at: Instant,
}

/// The counts of one measurement.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    /// Calls by kind, those that were refused for their quota included.
    pub(crate) calls: BTreeMap<String, u64>,
    /// Of these, how many were refused for their quota.
    pub(crate) throttled: BTreeMap<String, u64>,
    /// The records in the order in which they were accepted.
    pub(crate) accepted: Vec<Accepted>,
}

impl Ledger {
    pub(super) fn count(&mut self, name: &str, throttled: bool) {
        *self.calls.entry(name.to_owned()).or_default() += 1;
        if throttled {
            *self.throttled.entry(name.to_owned()).or_default() += 1;
        }
    }

    pub(super) fn accept(&mut self, records: usize) {
        let at = Instant::now();
        self.accepted.extend(std::iter::repeat_n(Accepted { at }, records));
    }
}
