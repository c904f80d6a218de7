//! Everything that a world holds.

use std::collections::BTreeMap;

use responder_core::config::Database;
use responder_core::ports::Connection;
use responder_core::words::names::Region;
use responder_core::words::notice::Notice;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::AlarmStatus;
use responder_core::world::course::Course;
use responder_core::world::evidence::RegionParameters;
use responder_core::world::record::{Exchange, RecordSet};
use responder_core::world::state::State;
use responder_core::world::topology::RegionView;

use crate::call::{Call, Fault, FaultRule, Operation};
use crate::conductor::Whim;
use crate::past::Past;
use crate::site::Site;
use crate::writes::Writes;
use crate::zone::Zone;

/// A Region whose RDS endpoint tells yesterday's news.
pub(crate) struct Backward {
    pub(crate) region: Region,
    /// How many terms ago.
    pub(crate) terms: usize,
    pub(crate) until_ms: i64,
    /// Whether only a node does so to which connections are kept.
    pub(crate) one_node: bool,
}

pub(crate) struct Cloud {
    pub(crate) now_ms: i64,
    /// The writer of each term, by its place among the Regions.
    pub(crate) history: Vec<usize>,
    pub(crate) sites: Vec<Site>,
    pub(crate) backward: Option<Backward>,
    pub(crate) zone: Zone,
    /// What Route 53 and Parameter Store held before, where somebody may read it still.
    pub(crate) past: Past,
    /// What the alarms say, by their ARNs.
    pub(crate) alarms: BTreeMap<String, AlarmStatus>,
    /// The alarms that a mute rule names, and why.
    pub(crate) muted: BTreeMap<String, String>,
    /// What people were told, in order, and by which topic.
    pub(crate) notices: Vec<(String, Notice)>,
    /// Where pages are kept, if anywhere.
    pub(crate) bucket: Option<String>,
    /// The pages that were kept, in order, each with where.
    pub(crate) pages: Vec<(String, Course)>,
    /// The time between two writes that a Parameter Store takes, in milliseconds.
    pub(crate) turn_ms: i64,
    /// The Regions to which a failover was started, in order.
    pub(crate) failovers: Vec<Region>,
    /// The Regions to which a switchover was started, in order.
    pub(crate) switchovers: Vec<Region>,
    /// How long a transition takes that was started, where it goes on by itself, in milliseconds.
    pub(crate) transition_ms: Option<i64>,
    /// The transitions that go on by themselves: where to, and when they are over.
    pub(crate) under_way: Option<(Region, i64)>,
    pub(crate) rules: Vec<FaultRule>,
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
            backward: None,
            zone: Zone::default(),
            past: Past::default(),
            alarms: BTreeMap::new(),
            muted: BTreeMap::new(),
            turn_ms: 0,
            notices: Vec::new(),
            bucket: None,
            pages: Vec::new(),
            failovers: Vec::new(),
            switchovers: Vec::new(),
            transition_ms: None,
            under_way: None,
            rules: Vec::new(),
            writes: Writes::default(),
            log: Vec::new(),
            actors: 0,
        }
    }

    pub(crate) fn at(&self, region: &Region) -> usize {
        let at = self.sites.iter().position(|site| site.region == *region);
        at.expect("a Region of this world")
    }

    /// The term that this Region's RDS endpoint shows on such a connection.
    pub(crate) fn shown(&self, region: &Region, connection: Connection) -> usize {
        let shown = self.sites[self.at(region)].shown;
        let is_backward = |it: &&Backward| {
            let reaches_it = !it.one_node || connection == Connection::Kept;
            it.region == *region && self.now_ms < it.until_ms && reaches_it
        };
        shown.saturating_sub(self.backward.as_ref().filter(is_backward).map_or(0, |it| it.terms))
    }

    pub(crate) fn writer_of(&self, term: usize) -> &Region {
        &self.sites[self.history[term]].region
    }

    pub(crate) fn view(
        &self,
        database: &Database,
        members: &[Region],
        region: &Region,
        term: usize,
        whim: Whim,
    ) -> RegionView {
        let site = &self.sites[self.at(region)];
        let by_node = |terms: usize| site.facts(members, Some(self.writer_of(term.saturating_sub(terms))));
        let mut facts = by_node(whim.global_terms);
        if whim.cluster_terms != whim.global_terms {
            facts.cluster = by_node(whim.cluster_terms).cluster;
        }
        whim.change(&mut facts);
        RegionView::new(database, region, &facts)
    }

    pub(crate) fn parameters(&self, region: &Region, age_ms: i64) -> RegionParameters {
        let site = self.site_of(region, age_ms);
        let parameters = RegionParameters::from_values(
            site.state.as_deref(),
            site.writer.clone(),
            site.hold.clone(),
            site.declared.as_deref(),
        );
        RegionParameters { configuration: site.configuration.clone(), ..parameters }
    }

    pub(crate) fn note_past(&mut self) {
        self.past.note(self.now_ms, &self.zone.records, &self.sites);
    }

    /// What stood at the record's names so long ago.
    pub(crate) fn records(&self, age_ms: i64) -> RecordSet {
        self.past.at(self.now_ms, age_ms).map_or(&self.zone.records, |stood| &stood.records).clone()
    }

    /// A Region as its Parameter Store was so long ago.
    pub(crate) fn site_of(&self, region: &Region, age_ms: i64) -> &Site {
        let sites = self.past.at(self.now_ms, age_ms).map_or(&self.sites, |stood| &stood.sites);
        &sites[self.at(region)]
    }

    pub(crate) fn state(&self, region: &Region) -> Option<State> {
        self.parameters(region, 0).state
    }

    /// The first fault that a rule has for this call.
    pub(crate) fn fault(&mut self, call: &Call) -> Option<Fault> {
        let now = Timestamp::from_ms(self.now_ms);
        self.rules.iter_mut().find_map(|rule| rule.strike(call, now))
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

    /// RDS takes a failover unless an operation is under way, or the target has the writer already. The operation
    /// shows in the target's own view from then on; a test or the simulation says how it goes on.
    pub(crate) fn start_failover(&mut self, target: &Region) -> bool {
        self.writes.failovers += 1;
        let at = self.at(target);
        let busy = self
            .sites
            .iter()
            .any(|site| site.failover_status.is_some() && site.shown == self.history.len() - 1);
        if busy || self.history.last() == Some(&at) {
            return false;
        }
        self.sites[at].failover_status = Some("failing-over".to_owned());
        self.failovers.push(target.clone());
        true
    }

    pub(crate) fn count(&mut self, operation: Operation) {
        match operation {
            Operation::PutWriter => self.writes.writer += 1,
            Operation::PutState => self.writes.state += 1,
            Operation::PutJournal => self.writes.journal += 1,
            Operation::PutReadiness => self.writes.readiness += 1,
            Operation::Publish => self.writes.notices += 1,
            Operation::PutHold | Operation::DeleteHold | Operation::PutDeclared => self.writes.switches += 1,
            Operation::PutRun => self.writes.runs += 1,
            Operation::CopySnapshot => self.writes.copies += 1,
            _ => {}
        }
    }
}
