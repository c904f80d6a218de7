//! What stood in Route 53 and in Parameter Store a while ago: neither promises that a read shows the last write.

use std::collections::VecDeque;

use responder_core::world::record::RecordSet;

use crate::site::Site;

/// The oldest that anybody reads, in milliseconds.
const AGE_MS_MAX: i64 = 10_000;

/// What was written over lately; nothing, unless somebody reads it.
#[derive(Default)]
pub(crate) struct Past {
    pub(crate) is_kept: bool,
    before: VecDeque<Stood>,
}

/// What stood until some moment.
pub(crate) struct Stood {
    until_ms: i64,
    pub(crate) records: RecordSet,
    pub(crate) sites: Vec<Site>,
}

impl Past {
    /// This is about to be written over.
    pub(crate) fn note(&mut self, now_ms: i64, records: &RecordSet, sites: &[Site]) {
        if self.is_kept {
            self.before.retain(|stood| now_ms - stood.until_ms <= AGE_MS_MAX);
            let (records, sites) = (records.clone(), sites.to_vec());
            self.before.push_back(Stood { until_ms: now_ms, records, sites });
        }
    }

    /// What stood so long ago, where something else stands now.
    pub(crate) fn at(&self, now_ms: i64, age_ms: i64) -> Option<&Stood> {
        self.before.iter().find(|stood| stood.until_ms > now_ms - age_ms).filter(|_| age_ms > 0)
    }
}
