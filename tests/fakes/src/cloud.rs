//! Everything that a world holds.

use std::collections::VecDeque;

use responder_core::evidence::{Alarms, RegionParameters};
use responder_core::published::Exchange;
use responder_core::topology::RegionView;
use responder_core::{Database, Region, State, Timestamp};

use crate::call::{Call, Fault, FaultRule, Operation};
use crate::site::Site;
use crate::world::World;
use crate::writes::Writes;
use crate::zone::Zone;

/// What happens right before the next call of an operation.
pub(crate) type Interruption = Box<dyn FnOnce(&World)>;

pub(crate) struct Cloud {
    pub(crate) now_ms: i64,
    /// The writer of each term, by its place among the Regions.
    pub(crate) history: Vec<usize>,
    pub(crate) sites: Vec<Site>,
    pub(crate) zone: Zone,
    pub(crate) alarms: Alarms,
    pub(crate) rules: Vec<FaultRule>,
    pub(crate) interruptions: VecDeque<(Operation, Interruption)>,
    pub(crate) writes: Writes,
    pub(crate) log: Vec<(Timestamp, String)>,
    pub(crate) actors: u32,
}

impl Cloud {
    pub(crate) fn new(regions: &[Region], now_ms: i64) -> Self {
        Self {
            now_ms,
            history: vec![0],
            sites: regions.iter().map(Site::new).collect(),
            zone: Zone::default(),
            alarms: Alarms::Unknown,
            rules: Vec::new(),
            interruptions: VecDeque::new(),
            writes: Writes::default(),
            log: Vec::new(),
            actors: 0,
        }
    }

    pub(crate) fn at(&self, region: &Region) -> usize {
        let at = self.sites.iter().position(|site| site.region == *region);
        at.expect("a Region of this world")
    }

    pub(crate) fn writer_of(&self, term: usize) -> &Region {
        &self.sites[self.history[term]].region
    }

    pub(crate) fn view(&self, database: &Database, members: &[Region], region: &Region) -> RegionView {
        let site = &self.sites[self.at(region)];
        let facts = site.facts(members, Some(self.writer_of(site.shown)));
        RegionView::new(database, region, &facts)
    }

    pub(crate) fn parameters(&self, region: &Region) -> RegionParameters {
        let site = &self.sites[self.at(region)];
        let parameters = RegionParameters::from_values(
            site.state.as_deref(),
            site.writer.clone(),
            site.hold.clone(),
            site.declared.as_deref(),
        );
        RegionParameters { configuration: site.configuration.clone(), ..parameters }
    }

    pub(crate) fn state(&self, region: &Region) -> Option<State> {
        self.parameters(region).state
    }

    /// The first fault that a rule has for this call.
    pub(crate) fn fault(&mut self, call: &Call) -> Option<Fault> {
        self.rules.iter_mut().find_map(|rule| rule.strike(call))
    }

    /// The record's compare-and-swap.
    pub(crate) fn exchange(&mut self, exchange: &Exchange) -> bool {
        let accepted = self.zone.exchange(exchange);
        if accepted {
            self.writes.record += 1;
        } else {
            self.writes.refused += 1;
        }
        accepted
    }

    pub(crate) fn count(&mut self, operation: Operation) {
        match operation {
            Operation::PutWriter => self.writes.writer += 1,
            Operation::PutState => self.writes.state += 1,
            _ => {}
        }
    }
}
