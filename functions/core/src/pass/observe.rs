//! Observe: ask for everything at once, in an order that keeps the rule safe, and stop listening as
//! soon as the decision is certain.
//!
//! The order: what is published comes first, then a Region's memory, and only then that Region's view.
//! A memory read after the view could be newer than it, and make an old claim look fresh.

use crate::pass::context::Pass;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::config::Database;
use crate::pass::ask::{ask, prospect};
use crate::pass::decide::{Decision, Verdict, decide};
use crate::pass::early::decide_early;
use crate::pass::hurry::hurry;
use crate::pass::sight::{Basis, Look, Seeing, Sight};
use crate::ports::{Connection, PortError, Ports};
use crate::words::failure::FailureKind;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::asked::{Answer, Asked};
use crate::world::claim::Claim;
use crate::world::evidence::{Base, Evidence, RegionParameters, Seen, Switch};
use crate::world::known::Known;
use crate::world::probe::Question;
use crate::world::record::{RecordSet, Standing};
use crate::world::state::Memory;
use crate::world::topology::RegionView;

enum Arrival {
    Record(Result<RecordSet, PortError>),
    Parameters(Region, Result<RegionParameters, PortError>),
    View(Region, u32, Result<RegionView, PortError>),
    /// The time for objections to a claim is over.
    NoObjection(Region),
    /// What SQL says of the cluster of a Region.
    Said(Region, Question, Answer),
}

struct Observer<'a, P> {
    ports: &'a P,
    database: &'a Database,
    own: &'a Region,
    look: Look<'a>,
    pending: FuturesUnordered<LocalBoxFuture<'a, Arrival>>,
    /// How many of them are questions to probes: a decision that is certain waits for none of those.
    asking: usize,
    evidence: Evidence,
    based: bool,
    /// How often each Region was asked for its view: an answer to an earlier question is no answer.
    asked: BTreeMap<Region, u32>,
    /// Regions that were silent at the last look: each gets a second, and no more.
    hurried: BTreeSet<Region>,
    /// Until when the published writer's Region may object to a fresh claim, once there is one.
    objection: Option<(Region, LocalBoxFuture<'a, ()>)>,
    failures: Vec<PortError>,
    silent: BTreeSet<Region>,
    /// When the observation began: nothing that it reads is older.
    began: Timestamp,
}

/// Looks at one database.
pub(crate) async fn observe<P: Ports>(pass: Pass<'_, P>, known: &Known, look: Look<'_>) -> Sight {
    let mut observer = Observer::new(pass, look);
    observer.evidence.switches.clone_from(&known.switches);
    observer.evidence.claims.clone_from(&known.claims);
    observer.hurried.clone_from(&known.silent);
    if look.basis == Basis::Known {
        observer.trust(known);
    }
    observer.ask_channels();
    loop {
        observer.fix_base();
        observer.ask_views();
        observer.ask_probes();
        if let Some(seeing) = observer.seeing() {
            return observer.finish(seeing);
        }
        let Some(arrival) = observer.next().await else {
            let decision = observer.decide();
            return observer.finish(Seeing::Decided(decision));
        };
        observer.note(arrival);
    }
}

impl<'a, P: Ports> Observer<'a, P> {
    fn new(pass: Pass<'a, P>, look: Look<'a>) -> Self {
        let Pass { ports, database, own, .. } = pass;
        let mut observer = Self {
            ports,
            database,
            own,
            look,
            pending: FuturesUnordered::new(),
            asking: 0,
            evidence: Evidence::default(),
            based: false,
            asked: BTreeMap::new(),
            hurried: BTreeSet::new(),
            objection: None,
            failures: Vec::new(),
            silent: BTreeSet::new(),
            began: ports.now(),
        };
        for region in look.silent {
            let silent = || "did not answer just now";
            observer.evidence.parameters.insert(region.clone(), Seen::silent(silent()));
            observer.evidence.views.insert(region.clone(), Seen::silent(silent()));
        }
        observer
    }

    fn trust(&mut self, known: &Known) {
        if let Some(published) = &known.published {
            self.evidence.base = Base::Known(published.clone());
            self.evidence.memories.clone_from(&known.memories);
            self.based = true;
        }
    }

    /// The record and the parameters; in a watch only what the views wait for, and the own Region's
    /// parameters, where the hold switch is.
    fn ask_channels(&mut self) {
        let (ports, database) = (self.ports, self.database);
        if self.look.all_channels || !self.based {
            self.pending.push(Box::pin(async move { Arrival::Record(ports.read_record(database).await) }));
        }
        for region in database.regions().filter(|region| !self.look.silent.contains(*region)) {
            let needed =
                region == self.own || !self.evidence.memories.contains_key(region) || !self.is_hold_read();
            if self.look.all_channels || !self.based || needed {
                let region = region.clone();
                self.evidence.parameters.insert(region.clone(), Seen::NotYet);
                let hurried = self.hurried.contains(&region);
                self.pending.push(Box::pin(async move {
                    let read = ports.read_parameters(database, &region);
                    let answer = hurry(ports, hurried, "ssm:GetParameters", &region, read).await;
                    Arrival::Parameters(region, answer)
                }));
            }
        }
    }

    /// Whether the own Region has said lately that the hold switch is absent, or set; where it does not, the others are asked.
    fn is_hold_read(&self) -> bool {
        let own = self.evidence.switches.get(self.own);
        own.is_some_and(|switch| self.began.since_ms(switch.read_at) <= SWITCH_TRUSTED_MS_MAX)
    }

    /// The base is known once the record was read as ours and the own Region's parameters came; where
    /// the record tells nothing, every channel has to answer or fail first.
    fn fix_base(&mut self) {
        if self.based {
            return;
        }
        let came = |region| self.evidence.parameters.get(region).is_some_and(|seen| !seen.is_not_yet());
        let owned = matches!(self.evidence.standing(self.database), Some(Standing::Owned(_)));
        let by_record = self.look.basis == Basis::Record && owned && came(self.own);
        let all = !self.evidence.record.is_not_yet() && self.database.regions().all(came);
        if !by_record && !all {
            return;
        }
        self.based = true;
        let nothing = self.evidence.record.got().is_some();
        self.evidence.base = match self.evidence.newest(self.database) {
            Some(published) => Base::Known(published),
            None if nothing => Base::Nothing,
            None => Base::Unknown,
        };
    }

    /// Asks each Region for its view whose memory is known, or will not be; once more, on a new connection, the one whose
    /// claim has to be corroborated.
    fn ask_views(&mut self) {
        if !self.based {
            return;
        }
        for region in self.database.regions() {
            // Whether a claim is fresh is asked of the others alone.
            let remembered = self.is_published(region)
                || self.evidence.memories.contains_key(region)
                || self.evidence.parameters.get(region).is_none_or(|seen| !seen.is_not_yet());
            if self.evidence.views.contains_key(region) || !remembered {
                continue;
            }
            self.evidence.views.insert(region.clone(), Seen::NotYet);
            self.ask_view(region);
        }
    }

    /// Asks for a view; on a new connection while somebody's claim is looked at again and again.
    fn ask_view(&mut self, region: &Region) {
        let connection = if self.evidence.claims.is_empty() { Connection::Kept } else { Connection::New };
        let asked = self.asked.entry(region.clone()).or_default();
        *asked += 1;
        let (ports, database) = (self.ports, self.database);
        let (region, asked, hurried) = (region.clone(), *asked, self.hurried.contains(region));
        self.pending.push(Box::pin(async move {
            let view = ports.view(database, &region, connection);
            let answer = hurry(ports, hurried, "rds:DescribeGlobalClusters", &region, view).await;
            Arrival::View(region, asked, answer)
        }));
    }

    /// Asks by SQL about the cluster that is about to be published, as soon as that is likely: beside the second look at its
    /// claim, the time for objections and what is still to be read.
    fn ask_probes(&mut self) {
        let (ports, database, own, at) = (self.ports, self.database, self.own, self.ports.now());
        let Some((region, question)) = prospect(database, own, &self.evidence, at) else { return };
        if self.evidence.asked.get(&region).is_some_and(|asked| asked.question == question) {
            return;
        }
        let asked = Asked { question: question.clone(), at, answer: None };
        self.evidence.asked.insert(region.clone(), asked);
        self.asking += 1;
        self.pending.push(Box::pin(async move {
            let answer = ask(ports, database, own, &region, &question).await;
            Arrival::Said(region, question, answer)
        }));
    }

    fn note(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Record(answer) => self.evidence.record = self.keep(answer, None),
            Arrival::View(region, asked, _) if self.asked.get(&region) != Some(&asked) => {}
            Arrival::View(region, _, answer) => self.note_view(region, answer),
            Arrival::NoObjection(region) => self.give_up(&region),
            Arrival::Said(region, question, answer) => {
                self.asking -= 1;
                let asked = self.evidence.asked.get_mut(&region);
                if let Some(asked) = asked.filter(|asked| asked.question == question) {
                    asked.answer = Some(answer);
                }
            }
            Arrival::Parameters(region, answer) => {
                let seen = self.keep(answer, Some(&region));
                if let Seen::Got(parameters) = &seen {
                    self.note_parameters(&region, parameters);
                }
                self.evidence.parameters.insert(region, seen);
            }
        }
    }

    /// What a Region says now, and for how long it has claimed. A second look that failed takes back nothing: the claim is
    /// looked at again in the next pass.
    fn note_view(&mut self, region: Region, answer: Result<RegionView, PortError>) {
        let is_second = self.evidence.view(&region).is_some();
        let seen = self.keep(answer, Some(&region));
        let Some(view) = seen.got() else {
            if !is_second {
                self.evidence.views.insert(region, seen);
            }
            return;
        };
        if !view.claims(&region) || self.is_published(&region) {
            self.evidence.claims.remove(&region);
            self.evidence.views.insert(region, seen);
            return;
        }
        let before = self.evidence.claims.get(&region);
        let row = Claim::seen_again(before, self.evidence.epoch(), view.is_replica(), self.ports.now());
        self.evidence.claims.insert(region.clone(), row);
        self.evidence.views.insert(region.clone(), seen);
        self.corroborate(&region);
    }

    fn is_published(&self, region: &Region) -> bool {
        self.evidence.published().is_some_and(|published| published.writer == *region)
    }

    /// A fresh claim of another Region than the published writer's is looked at once more, and that Region may object.
    fn corroborate(&mut self, claimant: &Region) {
        let Some(published) = self.evidence.published() else { return };
        let memory = self.evidence.memories.get(claimant);
        let is_fresh = memory.is_some_and(|memory| memory.makes_fresh(claimant, published.epoch));
        let writer = published.writer.clone();
        if !is_fresh {
            return;
        }
        if self.evidence.claim(claimant).is_some_and(|row| row.missing_ms(false).is_some()) {
            self.ask_view(claimant);
        }
        if self.evidence.views.get(&writer).is_none_or(Seen::is_not_yet) && self.objection.is_none() {
            let time = if self.hurried.contains(&writer) { Duration::ZERO } else { OBJECTION };
            self.objection = Some((writer, Box::pin(self.ports.sleep(time))));
        }
    }

    /// Whoever has not answered by now is silent.
    fn give_up(&mut self, region: &Region) {
        if self.evidence.views.get(region).is_none_or(Seen::is_not_yet) {
            *self.asked.entry(region.clone()).or_default() += 1;
            let operation = format!("rds:DescribeGlobalClusters in {region}");
            self.note_view(region.clone(), Err(PortError::new(operation, FailureKind::Unreachable)));
        }
    }

    /// What comes next: an answer, or the end of the time for objections; `None` when nothing is asked any more.
    async fn next(&mut self) -> Option<Arrival> {
        let Some((region, time)) = &mut self.objection else { return self.pending.next().await };
        match select(self.pending.next(), time).await {
            Either::Left((arrival, _)) => arrival,
            Either::Right(_) => {
                let over = Arrival::NoObjection(region.clone());
                self.objection = None;
                Some(over)
            }
        }
    }

    fn note_parameters(&mut self, region: &Region, parameters: &RegionParameters) {
        let memory = parameters.state.as_ref().and_then(|state| state.memory.clone());
        if let Some(memory) = memory {
            self.remember(region, memory);
        }
        let switch = Switch { reason: parameters.hold.clone(), read_at: self.began };
        self.evidence.switches.insert(region.clone(), switch);
        // A Region that was down may still hold an old declaration.
        let declared = [self.evidence.declared.take(), parameters.declared.clone()];
        self.evidence.declared = declared.into_iter().flatten().max_by_key(|one| one.epoch);
    }

    /// A memory is not in time for a view that was asked for already: see the order above. Where it would
    /// make the Region's claim fresh, and what a warm function remembered would not, the Region is asked again.
    fn remember(&mut self, region: &Region, memory: Memory) {
        let is_fresh = |memory: &Memory| {
            self.evidence.published().is_some_and(|base| memory.makes_fresh(region, base.epoch))
        };
        let is_late = self.evidence.views.contains_key(region) || self.is_published(region);
        if is_late && (!is_fresh(&memory) || self.evidence.memories.get(region).is_some_and(is_fresh)) {
            return;
        }
        self.evidence.memories.insert(region.clone(), memory);
        self.evidence.views.remove(region);
    }

    fn keep<T>(&mut self, answer: Result<T, PortError>, region: Option<&Region>) -> Seen<T> {
        match answer {
            Ok(answer) => Seen::Got(answer),
            Err(error) => {
                self.silent.extend(region.filter(|_| error.kind.is_silence()).cloned());
                let seen = Seen::Unreachable(error.no_answer());
                self.failures.push(error);
                seen
            }
        }
    }

    /// Whether enough was seen.
    fn seeing(&mut self) -> Option<Seeing> {
        let own = self.evidence.parameters.get(self.own);
        if !self.based || own.is_some_and(Seen::is_not_yet) {
            return None; // The hold switch is looked at before anything moves.
        }
        let configuration =
            own.and_then(Seen::got).and_then(|parameters| parameters.configuration.as_deref());
        if configuration.is_some_and(|text| text != self.database.text()) {
            return Some(Seeing::Reconfigured);
        }
        if self.is_superseded() {
            return Some(Seeing::Superseded);
        }
        let decision = decide_early(self.database, &self.evidence, self.ports.now())?;
        // A move waits for nothing more: the fence refuses it if a channel would have said otherwise.
        let certain = matches!(decision.verdict, Verdict::Publish(..)) || self.pending.len() == self.asking;
        certain.then_some(Seeing::Decided(decision))
    }

    /// Whether a channel holds a publication that is newer than the base, or another one of the same epoch:
    /// while Route 53 is no fence two functions can publish at one epoch, and then the record counts.
    fn is_superseded(&self) -> bool {
        let Some(newest) = self.evidence.newest(self.database) else {
            return false;
        };
        self.evidence.published().is_none_or(|base| {
            let is_other = (&newest.writer, newest.at) != (&base.writer, base.at);
            newest.epoch > base.epoch || (newest.epoch == base.epoch && is_other)
        })
    }

    fn decide(&self) -> Decision {
        decide(self.database, &self.evidence, self.ports.now())
    }

    fn finish(self, seeing: Seeing) -> Sight {
        Sight { evidence: self.evidence, seeing, failures: self.failures, silent: self.silent }
    }
}

/// How old the own Region's reading of the hold switch may be, in milliseconds, before the other Regions are read as well.
const SWITCH_TRUSTED_MS_MAX: i64 = 30_000;
/// How long the published writer's Region may take to object to a fresh claim.
const OBJECTION: Duration = Duration::from_millis(500);
