//! The world, and the sentences by which a test changes it.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::VecDeque;
use std::rc::Rc;

use responder_core::config::Database;
use responder_core::config::owned::Owned;
use responder_core::words::names::{Epoch, Region};
use responder_core::words::notice::Notice;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::attempt::Journal;
use responder_core::world::course::Course;
use responder_core::world::known::{Known, Listed};
use responder_core::world::publication::Published;
use responder_core::world::readiness::Readiness;
use responder_core::world::record::RecordSet;
use responder_core::world::state::State;
use responder_core::world::state::{Memory, Notes};

use crate::call::{Fault, FaultRule, Operation};
use crate::cloud::{Backward, Cloud};
use crate::conductor::Conductor;
use crate::configuration::{OSAKA, SEOUL, Settings, TOKYO, database, endpoint, region};
use crate::lag::LagCourse;
use crate::site::Site;
use crate::writes::Writes;
use crate::zone::Zone;

/// 2026-11-22T22:30:00Z, in milliseconds since 1970.
const BEGINNING_MS: i64 = 1_795_386_600_000;

/// What happens right before the next call of an operation.
type Interruption = Box<dyn FnOnce(&World)>;

/// All that the loop can see and change. A clone is another handle on the same world.
#[derive(Clone)]
pub struct World {
    pub(crate) database: Rc<Database>,
    pub(crate) regions: Rc<[Region]>,
    pub(crate) cloud: Rc<RefCell<Cloud>>,
    pub(crate) conductor: Option<Rc<dyn Conductor>>,
    interruptions: Rc<RefCell<VecDeque<(Operation, Interruption)>>>,
}

impl World {
    /// Seoul and Osaka; Seoul has the writer, nothing is published yet.
    pub fn two_regions() -> Self {
        Self::with(&[SEOUL, OSAKA], Settings::default())
    }

    /// Seoul, Osaka and Tokyo; Seoul has the writer, nothing is published yet.
    pub fn three_regions() -> Self {
        Self::with(&[SEOUL, OSAKA, TOKYO], Settings::default())
    }

    /// These Regions, of which the first has the writer, and these settings.
    pub fn with(names: &[&str], settings: Settings) -> Self {
        let regions: Vec<Region> = names.iter().map(|name| region(name)).collect();
        let database = Rc::new(database(&regions, settings));
        Self::of(database, regions.into())
    }

    /// This database, whose first Region of `regions` has the writer.
    pub fn of(database: Rc<Database>, regions: Rc<[Region]>) -> Self {
        let cloud = Cloud::new(&regions, BEGINNING_MS);
        Self {
            database,
            regions,
            cloud: Rc::new(RefCell::new(cloud)),
            conductor: None,
            interruptions: Rc::default(),
        }
    }

    /// The same world, with every call under `conductor`.
    #[must_use]
    pub fn conducted_by(mut self, conductor: Rc<dyn Conductor>) -> Self {
        self.conductor = Some(conductor);
        self
    }

    /// The same world with other settings.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.database = Rc::new(database(&self.regions, settings));
        self
    }

    /// The same world, where `writer` was published at `epoch` an hour ago, every channel agrees, and
    /// every Region has seen it.
    #[must_use]
    pub fn published(self, writer: &str, epoch: u64) -> Self {
        let published = self.publication(writer, epoch);
        {
            let mut cloud = self.cloud.borrow_mut();
            cloud.zone.records = RecordSet::of(&self.database, &published);
            for site in &mut cloud.sites {
                site.writer = Some(published.endpoint.clone());
                site.state = Some(state(&self.database, &published).to_json());
            }
        }
        self
    }

    /// A publication of `writer` at `epoch`, an hour before now.
    pub fn publication(&self, writer: &str, epoch: u64) -> Published {
        let writer = region(writer);
        Published {
            epoch: Epoch(epoch),
            endpoint: endpoint(&writer),
            writer,
            at: self.now().plus_ms(-3_600_000).whole_seconds(),
        }
    }

    pub(crate) fn keeps_log(&self) -> bool {
        self.conductor.as_ref().is_none_or(|conductor| conductor.keeps_log())
    }

    /// The writer moves; every Region shows it at once.
    pub fn transition_to(&self, name: &str) {
        self.begin_term(name);
        for region in self.regions.iter() {
            self.catch_up(region.as_str());
        }
    }

    /// The writer moves; no Region shows it yet.
    pub fn begin_term(&self, name: &str) {
        let mut cloud = self.cloud.borrow_mut();
        let at = cloud.at(&region(name));
        cloud.history.push(at);
    }

    /// A Region shows what is true.
    pub fn catch_up(&self, name: &str) {
        let term = self.term();
        self.site(name).shown = term;
    }

    /// The term: how often the writer has moved.
    pub fn term(&self) -> usize {
        self.cloud.borrow().history.len() - 1
    }

    /// The true writer.
    pub fn writer(&self) -> Region {
        self.cloud.borrow().writer_of(self.term()).clone()
    }

    /// The Region, to be changed as a test likes.
    pub fn site(&self, name: &str) -> RefMut<'_, Site> {
        let region = region(name);
        RefMut::map(self.cloud.borrow_mut(), |cloud| {
            let at = cloud.at(&region);
            &mut cloud.sites[at]
        })
    }

    /// The Region by its place.
    pub fn site_at(&self, at: usize) -> RefMut<'_, Site> {
        RefMut::map(self.cloud.borrow_mut(), |cloud| &mut cloud.sites[at])
    }

    /// The record's place in Route 53.
    pub fn zone(&self) -> RefMut<'_, Zone> {
        RefMut::map(self.cloud.borrow_mut(), |cloud| &mut cloud.zone)
    }

    /// What stands in Route 53.
    pub fn records(&self) -> Ref<'_, RecordSet> {
        Ref::map(self.cloud.borrow(), |cloud| &cloud.zone.records)
    }

    /// What a Region's state parameter holds.
    pub fn state(&self, region: &Region) -> Option<State> {
        self.cloud.borrow().state(region)
    }

    /// What a Region's writer parameter holds.
    pub fn writer_parameter(&self, region: &Region) -> Option<String> {
        self.cloud.borrow().parameters(region, 0).writer
    }

    /// This Region's RDS endpoint tells the news of so many terms ago, for so many milliseconds; with `one_node` only a node
    /// does to which connections are kept.
    pub fn run_backwards(&self, name: &str, terms: usize, ms: i64, one_node: bool) {
        let until_ms = self.now().as_ms() + ms;
        self.cloud.borrow_mut().backward = Some(Backward { region: region(name), terms, until_ms, one_node });
    }

    /// From now on reads may be older than the last write.
    pub fn keep_past(&self) {
        self.cloud.borrow_mut().past.is_kept = true;
    }

    /// What stands now is about to be written over by hand.
    pub fn note_past(&self) {
        self.cloud.borrow_mut().note_past();
    }

    /// No call to this Region arrives, from anywhere.
    pub fn make_unreachable(&self, name: &str) {
        self.break_by(FaultRule::of_region(&region(name), Fault::Unreachable));
    }

    /// Calls to this Region arrive again.
    pub fn make_reachable(&self, name: &str) {
        let region = Some(region(name));
        let mut cloud = self.cloud.borrow_mut();
        cloud.rules.retain(|rule| rule.region != region);
    }

    /// Route 53's control plane does not answer.
    pub fn take_route53_down(&self) {
        for operation in [Operation::ReadRecord, Operation::Exchange] {
            self.break_by(FaultRule::of_operation(operation, Fault::Unreachable));
        }
    }

    /// Route 53's control plane answers again.
    pub fn bring_route53_back(&self) {
        let is_route53 =
            |rule: &FaultRule| matches!(rule.operation, Some(Operation::ReadRecord | Operation::Exchange));
        self.cloud.borrow_mut().rules.retain(|rule| !is_route53(rule));
    }

    /// These calls go wrong.
    pub fn break_by(&self, rule: FaultRule) {
        self.cloud.borrow_mut().rules.push(rule);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.cloud.borrow_mut().rules.clear();
    }

    /// Right before the next such call takes effect, this happens.
    pub fn interrupt(&self, before: Operation, happening: impl FnOnce(&Self) + 'static) {
        self.interruptions.borrow_mut().push_back((before, Box::new(happening)));
    }

    /// Lets happen what a test wanted to happen right before this call.
    pub(crate) fn happens_before(&self, operation: Operation) {
        let mut waiting = self.interruptions.borrow_mut();
        let is_next = waiting.front().is_some_and(|(before, _)| *before == operation);
        let happening = if is_next { waiting.pop_front() } else { None };
        drop(waiting);
        if let Some((_, happening)) = happening {
            happening(&Self { conductor: None, ..self.clone() });
        }
    }

    /// From now on the lag of a Region's cluster goes on so.
    pub fn lag_goes_on(&self, name: &str, course: LagCourse) {
        let now = self.now();
        self.site(name).lag.goes_on(now, course);
    }

    /// What people were told since the last time that somebody asked.
    pub fn take_notices(&self) -> Vec<Notice> {
        self.take_told().into_iter().map(|(_, notice)| notice).collect()
    }

    /// The same, each with the topic that it was published to.
    pub fn take_told(&self) -> Vec<(String, Notice)> {
        std::mem::take(&mut self.cloud.borrow_mut().notices)
    }

    /// From now on pages are kept in a bucket of this name.
    pub fn keeps_pages_in(&self, bucket: &str) {
        self.cloud.borrow_mut().bucket = Some(bucket.to_owned());
    }

    /// The pages that were kept since the last time that somebody asked, in order, each with where.
    pub fn take_pages(&self) -> Vec<(String, Course)> {
        std::mem::take(&mut self.cloud.borrow_mut().pages)
    }

    /// The Regions to which a failover was started since the last time that somebody asked.
    pub fn take_failovers(&self) -> Vec<Region> {
        std::mem::take(&mut self.cloud.borrow_mut().failovers)
    }

    /// What the journal of a Region's `failover` function says.
    pub fn journal(&self, name: &str) -> Option<Journal> {
        let json = self.site(name).journal.clone()?;
        Journal::of_json(&json).ok()
    }

    /// What a Region's `failover` function found when it last looked ahead.
    pub fn readiness(&self, name: &str) -> Option<Readiness> {
        Readiness::of_json(self.site(name).readiness.as_ref()?)
    }

    /// What a cold function in this Region starts from: its own Region's state and journal.
    pub fn known(&self, name: &str) -> Known {
        let own = region(name);
        let listed = Listed {
            state: self.state(&own),
            journal: self.journal(name),
            hold: self.site(name).hold.clone(),
        };
        Known::of_listing(&own, &listed, self.now())
    }

    /// Writes a journal as its function would.
    pub fn put_journal(&self, name: &str, journal: &Journal) {
        let mut site = self.site(name);
        site.journal = Some(journal.to_json());
        site.journal_version += 1;
    }

    /// Time passes.
    pub fn advance_ms(&self, ms: i64) {
        self.cloud.borrow_mut().now_ms += ms;
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.cloud.borrow().now_ms)
    }

    /// The writes since the last time that somebody asked.
    pub fn take_writes(&self) -> Writes {
        std::mem::take(&mut self.cloud.borrow_mut().writes)
    }

    /// The write calls since the last time that somebody asked, with the time at which they ended, in words.
    pub fn take_log(&self) -> Vec<(Timestamp, String)> {
        std::mem::take(&mut self.cloud.borrow_mut().log)
    }

    /// The database.
    pub fn database(&self) -> &Rc<Database> {
        &self.database
    }

    /// The Regions, in the order in which the world was made.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }
}

/// The state of a Region that has seen this publication.
fn state(database: &Database, published: &Published) -> State {
    State {
        epoch: published.epoch,
        writer: published.writer.clone(),
        endpoint: published.endpoint.clone(),
        at: published.at,
        memory: Some(Memory { writer: published.writer.clone(), epoch: published.epoch }),
        owns: Some(Owned::of(database)),
        record_pending: false,
        notes: Notes::default(),
    }
}
