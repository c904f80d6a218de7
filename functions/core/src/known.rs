//! What a function carries from one pass to the next.

use std::collections::BTreeMap;

use crate::apply::Applied;
use crate::config::Database;
use crate::evidence::Evidence;
use crate::names::Region;
use crate::plan::Plan;
use crate::published::{Memory, Published, State};

/// What a function knows of one database from its last pass. Out of date is harmless: the fence
/// refuses a move that was based on it, and then the pass starts again from the record itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// What is published.
    pub published: Option<Published>,
    /// What each Region remembers.
    pub memories: BTreeMap<Region, Memory>,
    /// The hold switch as it was last read in the own Region: it goes on holding while that Region's
    /// Parameter Store does not answer.
    pub hold: Option<String>,
}

impl Known {
    pub(crate) fn learn(&mut self, database: &Database, evidence: &Evidence) {
        self.published = evidence.newest(database);
        self.memories.clone_from(&evidence.memories);
        self.hold.clone_from(&evidence.hold);
        for region in database.regions() {
            if let Some(memory) = evidence.state(region).and_then(|state| state.memory.clone()) {
                self.memories.insert(region.clone(), memory);
            }
        }
    }

    /// What was written is known, where at least one channel took it.
    pub(crate) fn note(&mut self, plan: &Plan, applied: &Applied) {
        if applied.fence_lost() {
            *self = Self { hold: self.hold.take(), ..Self::default() };
            return;
        }
        for (region, outcome) in &applied.regions {
            let state = plan.regions.get(region).and_then(|plan| plan.state.as_ref());
            if let (Some(state), Some(Ok(()))) = (state, &outcome.state) {
                self.published = Some(state.published());
                self.remember(region, state.memory.clone());
            }
        }
        if matches!(applied.record, Some(Ok(_))) {
            let states = plan.regions.values().filter_map(|plan| plan.state.as_ref());
            self.published = states.map(State::published).next().or(self.published.take());
        }
    }

    fn remember(&mut self, region: &Region, memory: Option<Memory>) {
        if let Some(memory) = memory {
            self.memories.insert(region.clone(), memory);
        }
    }
}
