//! What a rehearsal's calls would have changed. The live code reads through it, and so runs to its end.

use std::collections::BTreeMap;

use crate::words::names::Region;
use crate::world::attempt::{Journal, Kept};
use crate::world::evidence::RegionParameters;
use crate::world::record::RecordSet;
use crate::world::run::Run;
use crate::world::state::State;
use crate::world::topology::RegionView;

/// The writes of one Region's Parameter Store that were not made.
#[derive(Debug, Default)]
struct Unwritten {
    writer: Option<String>,
    state: Option<State>,
}

/// The calls that were not made, as what they would have led to.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    /// Where the writer would be.
    moved_to: Option<Region>,
    records: Option<RecordSet>,
    regions: BTreeMap<Region, Unwritten>,
    pub(super) journal: Option<Kept>,
    pub(super) run: Option<Run>,
    /// For how long it would have waited, in milliseconds.
    pub(super) waited_ms: i64,
}

impl Overlay {
    pub(super) fn move_to(&mut self, writer: Region) {
        self.moved_to = Some(writer);
    }

    pub(super) fn exchange(&mut self, to: RecordSet) {
        self.records = Some(to);
    }

    pub(super) fn put_writer(&mut self, region: &Region, endpoint: &str) {
        self.at(region).writer = Some(endpoint.to_owned());
    }

    pub(super) fn put_state(&mut self, region: &Region, state: &State) {
        self.at(region).state = Some(state.clone());
    }

    /// The version that the write would have made.
    pub(super) fn put_journal(&mut self, journal: &Journal) -> u64 {
        let version = self.journal.as_ref().map_or(0, |kept| kept.version).saturating_add(1);
        self.journal = Some(Kept { journal: journal.clone(), version });
        version
    }

    fn at(&mut self, region: &Region) -> &mut Unwritten {
        self.regions.entry(region.clone()).or_default()
    }

    pub(super) fn view(&self, region: &Region, view: RegionView) -> RegionView {
        match &self.moved_to {
            Some(writer) => view.after_move(region, writer),
            None => view,
        }
    }

    pub(super) fn record(&self, read: RecordSet) -> RecordSet {
        self.records.clone().unwrap_or(read)
    }

    pub(super) fn parameters(&self, region: &Region, read: RegionParameters) -> RegionParameters {
        let Some(unwritten) = self.regions.get(region) else { return read };
        RegionParameters {
            writer: unwritten.writer.clone().or(read.writer),
            state: unwritten.state.clone().or(read.state),
            ..read
        }
    }
}
