//! What stood in Route 53 and in Parameter Store a while ago: neither promises that a read shows the last write.

use std::collections::VecDeque;

use responder_core::words::names::Region;
use responder_core::world::facts::Facts;
use responder_core::world::record::RecordSet;

use crate::cloud::Cloud;
use crate::conductor::{Listing, Whim};
use crate::site::Site;
use crate::world::World;

/// The oldest that anybody reads, in milliseconds.
const AGE_MS_MAX: i64 = 10_000;

/// What was written over lately; nothing, unless somebody reads it.
#[derive(Default)]
pub(crate) struct Past {
    is_kept: bool,
    /// When each stood last, and what it was.
    before: VecDeque<(i64, RecordSet, Vec<Site>)>,
}

impl World {
    /// From now on reads may be older than the last write.
    pub fn keep_past(&self) {
        self.cloud.borrow_mut().past.is_kept = true;
    }

    /// What stands now is about to be written over by hand.
    pub fn note_past(&self) {
        self.cloud.borrow_mut().note_past();
    }
}

impl Cloud {
    pub(crate) fn note_past(&mut self) {
        if !self.past.is_kept {
            return;
        }
        let now_ms = self.now_ms;
        self.past.before.retain(|(until_ms, ..)| now_ms - until_ms <= AGE_MS_MAX);
        self.past.before.push_back((now_ms, self.zone.records.clone(), self.sites.clone()));
    }

    fn before(&self, age_ms: i64) -> Option<&(i64, RecordSet, Vec<Site>)> {
        let at_ms = self.now_ms - age_ms;
        self.past.before.iter().find(|(until_ms, ..)| *until_ms > at_ms).filter(|_| age_ms > 0)
    }

    /// What stood at the record's names so long ago.
    pub(crate) fn records(&self, age_ms: i64) -> RecordSet {
        self.before(age_ms).map_or(&self.zone.records, |(_, records, _)| records).clone()
    }

    /// A Region as its Parameter Store was so long ago.
    pub(crate) fn site_of(&self, region: &Region, age_ms: i64) -> &Site {
        let sites = self.before(age_ms).map_or(&self.sites, |(.., sites)| sites);
        &sites[self.at(region)]
    }
}

impl Whim {
    pub(crate) fn change(self, facts: &mut Facts) {
        match self.left_out {
            Some(Listing::GlobalClusters) => facts.global = None,
            Some(Listing::Clusters) => facts.cluster = None,
            Some(Listing::Instances) | None => {}
        }
        let Some(cluster) = &mut facts.cluster else { return };
        if self.left_out == Some(Listing::Instances) {
            cluster.instances.clear();
        }
        for instance in &mut cluster.instances {
            if let Some(status) = self.instances {
                status.clone_into(&mut instance.status);
            }
        }
    }
}
