//! What a function carries from one pass to the next.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Database;
use crate::config::installation::Installation;
use crate::words::names::{DatabaseName, Region};
use crate::words::timestamp::Timestamp;
use crate::world::attempt::Journal;
use crate::world::claim::Claim;
use crate::world::evidence::{Evidence, Switch};
use crate::world::publication::Published;
use crate::world::readiness::KeptReadiness;
use crate::world::state::{Memory, State};

/// What a function knows of one database from its last pass. Out of date is harmless: the fence
/// refuses a move that was based on it, and then the pass starts again from the record itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// What is published.
    pub published: Option<Published>,
    /// What each Region remembers.
    pub memories: BTreeMap<Region, Memory>,
    /// The hold switch as each Region last showed it: it goes on holding while that Region does not answer.
    pub switches: BTreeMap<Region, Switch>,
    /// How long each Region that claims the writer has done so, look after look.
    pub claims: BTreeMap<Region, Claim>,
    /// Regions that were silent at the last look: they get a second the next time, and no more.
    pub silent: BTreeSet<Region>,
    /// What the own Region found when it last looked ahead, as it was last read or written: another may have looked since.
    /// `None` where it was not read.
    pub readiness: Option<KeptReadiness>,
}

impl Known {
    /// What a cold function in the Region `own` takes for known: what that Region's state remembers, which Region its
    /// `failover` function last saw silent, and the hold switch as it was listed at `read_at`.
    pub fn of_listing(own: &Region, listed: &Listed, read_at: Timestamp) -> Self {
        let switch = Switch { reason: listed.hold.clone(), read_at };
        let mut known = Self { switches: BTreeMap::from([(own.clone(), switch)]), ..Self::default() };
        if let Some(state) = &listed.state {
            let is_silent = listed.journal.as_ref().is_some_and(|journal| journal.silence.is_some());
            known.silent.extend((is_silent && state.writer != *own).then(|| state.writer.clone()));
            known.memories.extend(state.memory.clone().map(|memory| (own.clone(), memory)));
            known.published = Some(state.published());
        }
        known
    }

    pub(crate) fn learn(&mut self, database: &Database, evidence: &Evidence) {
        self.published = evidence.newest(database);
        self.memories.clone_from(&evidence.memories);
        self.switches.clone_from(&evidence.switches);
        self.claims.clone_from(&evidence.claims);
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
    /// What else was listed of each, of which a cold function starts.
    pub listed: BTreeMap<DatabaseName, Listed>,
}

impl OwnRegion {
    /// From the parameters below the prefix in the Region `own`, as (name, value). What cannot be read counts as absent, as
    /// it does in a pass.
    pub fn from_parameters<'a>(
        prefix: &str,
        own: &Region,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let values: BTreeMap<&str, &str> = parameters.into_iter().collect();
        let value = |name: String| values.get(name.as_str()).copied();
        let state = |name: String| -> Option<State> { serde_json::from_str(value(name)?).ok() };
        let all = values.iter().map(|(name, value)| (*name, *value));
        let mut installation = Installation::from_parameters(prefix, own, all);
        installation.refuse_shared(|name| state(format!("{prefix}/state/{name}"))?.owns);
        let listed = installation.databases.iter().map(|database| {
            let listed = Listed {
                state: state(database.state_parameter()),
                journal: value(database.attempt_parameter()).and_then(|json| Journal::of_json(json).ok()),
                hold: value(database.hold_parameter()).map(str::to_owned),
            };
            (database.name().clone(), listed)
        });
        let listed = listed.collect();
        Self { installation, listed }
    }
}

/// What a Region's own Parameter Store holds of one database beside its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// The state; `None` where there is none that can be read.
    pub state: Option<State>,
    /// What this Region's `failover` function remembers; `None` where there is nothing that can be read.
    pub journal: Option<Journal>,
    /// The hold switch's reason, where it is set.
    pub hold: Option<String>,
}
