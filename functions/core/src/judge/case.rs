//! All that the checks look at, for one Region that would take over.

use std::collections::BTreeMap;

use crate::answer::result::Check;
use crate::config::Database;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::AlarmReading;
use crate::world::attempt::Journal;
use crate::world::evidence::{Evidence, Seen};
use crate::world::lag::Lag;

/// All that the policy looks at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The database.
    pub database: &'a Database,
    /// The Region whose cluster would take over: the policy asks about its own, a person about any.
    pub candidate: &'a Region,
    /// What the pass right before saw.
    pub evidence: &'a Evidence,
    /// Each health alarm, read again now in its own Region.
    pub readings: &'a BTreeMap<String, AlarmReading>,
    /// The own cluster's replication lag.
    pub lag: &'a Seen<Option<Lag>>,
    /// What this Region's function remembers of its own doing.
    pub journal: &'a Seen<Journal>,
    /// Now.
    pub now: Timestamp,
}

impl Case<'_> {
    /// The Region that would take over: the first other one by name, so that of several only one can start it.
    pub fn target(&self) -> Option<&Region> {
        let writer = &self.evidence.published()?.writer;
        self.database.regions().find(|region| *region != writer)
    }
}

/// One check of the policy.
pub(crate) type CheckOf = fn(Case<'_>) -> Check;
