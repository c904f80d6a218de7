//! What a function carries from one pass to the next.

use crate::world::attempt::Journal;
use std::collections::{BTreeMap, BTreeSet};

use crate::config::Database;
use crate::config::installation::Installation;
use crate::words::names::{DatabaseName, Region};
use crate::world::evidence::Evidence;
use crate::world::publication::Published;
use crate::world::state::{Memory, State};

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
    /// Regions that were silent at the last look: they get a second the next time, and no more.
    pub silent: BTreeSet<Region>,
}

impl Known {
    /// What a cold function in the Region `own` takes for known: what that Region's state remembers, and which Region its
    /// `failover` function last saw silent.
    pub fn of_state(own: &Region, state: State, journal: Option<&Journal>) -> Self {
        let is_silent = journal.is_some_and(|journal| journal.silence.is_some()) && state.writer != *own;
        Self {
            silent: is_silent.then(|| state.writer.clone()).into_iter().collect(),
            published: Some(state.published()),
            memories: state.memory.map(|memory| (own.clone(), memory)).into_iter().collect(),
            hold: None, // Read again in every pass.
        }
    }

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
}

/// What a Region's own Parameter Store holds of an installation, read in one go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnRegion {
    /// The databases.
    pub installation: Installation,
    /// This Region's state parameters, of which a cold function starts; one that cannot be read is not among them.
    pub states: BTreeMap<DatabaseName, State>,
    /// What this Region's `failover` function remembers of each; one that cannot be read is not among them.
    pub journals: BTreeMap<DatabaseName, Journal>,
}
