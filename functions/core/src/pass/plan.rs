//! The plan: the writes that a decision leads to. Apply executes them and decides nothing.

use std::collections::BTreeMap;

use crate::config::Database;
use crate::config::owned::Owned;
use crate::pass::decide::{Decision, Verdict};
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::evidence::{Evidence, RegionParameters, Seen};
use crate::world::publication::Published;
use crate::world::record::{Exchange, RecordSet, Standing};
use crate::world::state::{Memory, State};
use crate::world::topology::{RegionView, Word};

/// The writes of one pass over one database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The record's compare-and-swap.
    pub exchange: Option<Exchange>,
    /// The writes in each Region's Parameter Store.
    pub regions: BTreeMap<Region, RegionPlan>,
}

/// The writes in one Region's Parameter Store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegionPlan {
    /// The writer parameter's new value.
    pub writer: Option<String>,
    /// The state parameter's new value.
    pub state: Option<State>,
    /// The state that stands there was not read. It is written over only where Route 53 does not take the record.
    pub is_unread: bool,
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.exchange.is_none() && self.regions.is_empty()
    }

    /// Whether something that clients resolve is written, not only what a Region remembers.
    pub fn touches_channels(&self) -> bool {
        self.exchange.is_some() || self.regions.values().any(|region| region.writer.is_some())
    }

    /// Whether it writes nothing into a channel but parameters that `before` wrote alike.
    pub(crate) fn repeats(&self, before: &Self) -> bool {
        let alike = |(region, plan): (&Region, &RegionPlan)| {
            plan.writer.is_none() || before.regions.get(region).is_some_and(|it| it.writer == plan.writer)
        };
        self.exchange.is_none() && self.touches_channels() && self.regions.iter().all(alike)
    }
}

/// What `decision` writes at `now`, given what a function in the Region `own` saw.
pub fn plan(
    database: &Database,
    own: &Region,
    evidence: &Evidence,
    decision: &Decision,
    now: Timestamp,
) -> Plan {
    let allows_repair = match &decision.verdict {
        Verdict::Publish(published, _) => return publish(database, own, evidence, published),
        Verdict::Misconfigured(_) => return Plan::default(),
        Verdict::Unchanged(_) => true,
        Verdict::Hold(hold) => hold.allows_repair(),
    };
    let Some(published) = evidence.published() else { return Plan::default() };
    // The hold switch forbids repairs as well, and not to know of it is not to know that there is none.
    if allows_repair && evidence.is_hold_absent(now) {
        repair(database, own, evidence, published)
    } else {
        Plan { exchange: None, regions: memories_only(database, own, evidence, published) }
    }
}

/// Everything, everywhere: a Region that does not answer is tried all the same, beside the others.
/// No Region's memory is of this epoch yet: only what is seen after the publication may be remembered
/// at it, and that is what the pass after this one sees.
fn publish(database: &Database, own: &Region, evidence: &Evidence, published: &Published) -> Plan {
    let from = match &evidence.record {
        Seen::Got(records) => records.clone(),
        // Not read in this pass: it has to be exactly what was last published, or the fence refuses it.
        _ => evidence.published().map(|base| RecordSet::of(database, base)).unwrap_or_default(),
    };
    let to = RecordSet::of(database, published);
    let region_plan = |region: &Region| {
        let is_unread = evidence.parameters.get(region).is_none_or(Seen::is_not_yet);
        let (memory, old) = (evidence.memories.get(region).cloned(), evidence.state(region));
        let state = state(published, memory, owns(database, own, region, old), old);
        RegionPlan { writer: Some(published.endpoint.clone()), state: Some(state), is_unread }
    };
    Plan {
        exchange: Some(Exchange { from, to }),
        regions: database.regions().map(|region| (region.clone(), region_plan(region))).collect(),
    }
}

/// Only what was read and differs.
fn repair(database: &Database, own: &Region, evidence: &Evidence, published: &Published) -> Plan {
    // Nobody knows the endpoint now, or nobody has adopted the record yet: decide publishes both when it can.
    if published.endpoint.is_empty() || published.epoch == Epoch(0) {
        return Plan::default();
    }
    let to = RecordSet::of(database, published);
    let from = evidence.record.got().filter(|records| **records != to && is_repairable(database, evidence));
    let regions = database.regions().filter_map(|region| {
        let parameters = evidence.parameters.get(region).and_then(Seen::got)?;
        let owns = owns(database, own, region, parameters.state.as_ref());
        let plan = repair_region(evidence, region, parameters, published, owns);
        (plan != RegionPlan::default()).then(|| (region.clone(), plan))
    });
    Plan { exchange: from.map(|from| Exchange { from: from.clone(), to }), regions: regions.collect() }
}

/// A record that is not ours is never repaired; `adopt` makes an unowned one ours.
fn is_repairable(database: &Database, evidence: &Evidence) -> bool {
    match evidence.standing(database) {
        Some(Standing::Absent | Standing::Owned(_) | Standing::Drifted(_)) => true,
        Some(Standing::Unowned(_) | Standing::Unrecognized(_)) => database.adopt(),
        Some(Standing::Foreign(_)) | None => false,
    }
}

fn repair_region(
    evidence: &Evidence,
    region: &Region,
    parameters: &RegionParameters,
    published: &Published,
    owns: Option<Owned>,
) -> RegionPlan {
    let writer = (parameters.writer.as_deref() != Some(published.endpoint.as_str()))
        .then(|| published.endpoint.clone());
    let old = parameters.state.as_ref();
    let memory = new_memory(evidence, region, old, published);
    let memory = memory.or_else(|| old.and_then(|state| state.memory.clone()));
    let mut wanted = state(published, memory, owns, old);
    // Whether Route 53 has accepted this publication is only known when the record was read.
    wanted.record_pending = evidence.record.got().is_none() && old.is_some_and(|old| old.record_pending);
    RegionPlan { writer, state: (old != Some(&wanted)).then_some(wanted), is_unread: false }
}

/// Under a hold that repairs nothing, a Region may still be remembered; its state stays as it is otherwise.
fn memories_only(
    database: &Database,
    own: &Region,
    evidence: &Evidence,
    published: &Published,
) -> BTreeMap<Region, RegionPlan> {
    let remember = |region: &Region| {
        let old = evidence.state(region).filter(|old| old.published() == *published)?;
        let memory = new_memory(evidence, region, Some(old), published)?;
        let owns = owns(database, own, region, Some(old));
        let state = State { memory: Some(memory), owns, ..old.clone() };
        Some((region.clone(), RegionPlan { writer: None, state: Some(state), is_unread: false }))
    };
    database.regions().filter_map(remember).collect()
}

/// What `region` has to remember anew, from a view that was taken while `published` was known.
fn new_memory(
    evidence: &Evidence,
    region: &Region,
    old: Option<&State>,
    published: &Published,
) -> Option<Memory> {
    match evidence.view(region).map(RegionView::word)? {
        Word::Writer(named) => {
            Memory::updated(old.and_then(|old| old.memory.as_ref()), region, named, published.epoch)
        }
        _ => None,
    }
}

/// What the state of `region` says that the database owns. A function says so of its own Region, and elsewhere only where
/// nothing is said yet: two Regions that are configured differently would write over each other for ever.
fn owns(database: &Database, own: &Region, region: &Region, old: Option<&State>) -> Option<Owned> {
    let said = old.and_then(|old| old.owns.clone()).filter(|_| region != own);
    said.or_else(|| Some(Owned::of(database)))
}

/// What people have to be told outlives a publication.
fn state(published: &Published, memory: Option<Memory>, owns: Option<Owned>, old: Option<&State>) -> State {
    let Published { epoch, writer, endpoint, at } = published.clone();
    let notes = old.map(|old| old.notes.clone()).unwrap_or_default();
    State { epoch, writer, endpoint, at, memory, owns, record_pending: false, notes }
}
