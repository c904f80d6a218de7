//! The writer record's two names in Route 53.

use responder_core::world::record::{Exchange, RecordSet};

/// All that stands at the two names. A batch is all or nothing, and a DELETE must match exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// What stands there.
    pub records: RecordSet,
    /// A broken Route 53, which never looks at what a batch deletes: for the proof that the tests notice.
    pub is_fence_broken: bool,
}

impl Zone {
    /// Performs the batch, or nothing of it; whether it did.
    pub(crate) fn exchange(&mut self, exchange: &Exchange) -> bool {
        let stands = self.records == exchange.from || self.is_fence_broken;
        if stands {
            self.records = exchange.to.clone();
        }
        stands
    }
}
