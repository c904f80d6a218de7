//! All databases of one installation: each on its own, none waiting for another.
//!
//! A warm function starts on what it knows at once and reads its configuration beside that; a database
//! that is new or was configured anew starts as soon as its configuration is there.
//!
//! A write that still waits for its turn when the invocation ends is not made. The answer says so, and the next invocation
//! makes it. Databases whose writes took long are verified together, after all others are done.

use crate::pass::context::Pass;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::answer::result::{Answer, DatabaseResult};
use crate::config::Database;
use crate::config::installation::Installation;
use crate::invocation::watch::{DEADLINE_MARGIN_MS, merge};
use crate::invocation::work::Work;
use crate::pass::outcome::Outcome;
use crate::ports::{Configurations, PortError, Ports};
use crate::words::names::{DatabaseName, Region};
use crate::words::timestamp::Timestamp;
use crate::world::known::{Known, Listed};
use crate::world::trigger::{Trigger, TriggerKind};

/// How old a configuration may be before it is read again beside the work, in milliseconds. A change is
/// noticed earlier all the same: each pass compares the one text that it acts on.
pub const CONFIGURATION_AGE_MS_MAX: i64 = 60_000;

/// The databases that one function looks after, kept from one invocation to the next.
#[derive(Debug)]
pub struct Fleet {
    own: Region,
    installation: Installation,
    known: BTreeMap<DatabaseName, Known>,
    read_at: Option<Timestamp>,
}

/// What an invocation came to.
#[derive(Debug)]
pub struct FleetOutcome {
    /// The answer.
    pub answer: Answer,
    /// Why the configuration could not be read anew, when it could not; the last one was used.
    pub stale_configuration: Option<PortError>,
}

enum Done {
    Read(Result<Installation, PortError>),
    Worked(Box<(Database, Known, Outcome)>),
    Finished(Box<(Database, Known, DatabaseResult)>),
}

impl Fleet {
    /// The fleet of a function in the Region `own`.
    pub fn new(own: Region) -> Self {
        Self { own, installation: Installation::default(), known: BTreeMap::new(), read_at: None }
    }

    /// Does `work` for every database, the one that the event names first, each on its own until `deadline` is near.
    /// Fails only when it has no configuration at all.
    pub async fn run<P: Ports + Configurations, W: Work<P>>(
        &mut self,
        ports: &P,
        work: &W,
        trigger: &Trigger,
        deadline: Timestamp,
    ) -> Result<FleetOutcome, PortError> {
        let cold = self.read_at.is_none();
        if cold {
            let began = ports.now();
            let read = ports.read_own_region().await?;
            let known = |listed: &Listed| Known::of_listing(&self.own, listed, began);
            self.known = read.listed.iter().map(|(name, listed)| (name.clone(), known(listed))).collect();
            self.take(read.installation, began);
        }
        ports.no_turns_after(deadline.plus_ms(-DEADLINE_MARGIN_MS));
        let mut shift = Shift::new(ports, work, self.own.clone(), trigger, deadline);
        if !cold && self.wants_reading(trigger, ports.now()) {
            shift.read();
        }
        self.start(&mut shift);
        while let Some(done) = self.next(&mut shift).await {
            match done {
                Done::Read(Ok(read)) => {
                    self.take(read, ports.now());
                    self.start(&mut shift);
                }
                Done::Read(Err(error)) => shift.stale_configuration = Some(error),
                Done::Worked(worked) => {
                    let (database, known, outcome) = *worked;
                    self.known.insert(database.name().clone(), known);
                    shift.note(&database, outcome);
                }
                Done::Finished(finished) => {
                    let (database, known, result) = *finished;
                    self.known.insert(database.name().clone(), known);
                    shift.results.insert(database.name().clone(), result);
                }
            }
        }
        Ok(self.finish(shift.results, shift.stale_configuration, trigger))
    }

    /// What is done next; when nothing is left, what was written slowly is looked at once more, all of it together, and then
    /// comes what nobody waits for.
    async fn next<P: Ports + Configurations, W: Work<P>>(&self, shift: &mut Shift<'_, P, W>) -> Option<Done> {
        if shift.running.is_empty() && shift.has_time() {
            for database in std::mem::take(&mut shift.unverified) {
                let known = self.known.get(database.name()).cloned().unwrap_or_default();
                shift.begin(database, known);
            }
        }
        if shift.running.is_empty() && shift.has_time() && !std::mem::replace(&mut shift.rests, true) {
            for database in &self.installation.databases {
                let known = self.known.get(database.name()).cloned().unwrap_or_default();
                shift.finish(database.clone(), known);
            }
        }
        shift.running.next().await
    }

    fn wants_reading(&self, trigger: &Trigger, now: Timestamp) -> bool {
        let old = self.read_at.is_none_or(|at| now.since_ms(at) >= CONFIGURATION_AGE_MS_MAX);
        old || trigger.kind != TriggerKind::RdsEvent
    }

    fn take(&mut self, installation: Installation, read_at: Timestamp) {
        self.installation = installation;
        self.read_at = Some(read_at);
    }

    /// Starts every database that is not done or under way with its configuration of now.
    fn start<P: Ports + Configurations, W: Work<P>>(&self, shift: &mut Shift<'_, P, W>) {
        // Named first, then the most important; among equals the order of their names stays.
        let named = |database: &&Database| (!shift.trigger.names(database), Reverse(database.priority()));
        let mut databases: Vec<&Database> = self.installation.databases.iter().collect();
        databases.sort_by_key(named);
        for database in databases {
            if shift.started.insert((database.name().clone(), database.text().to_owned())) {
                let known = self.known.get(database.name()).cloned().unwrap_or_default();
                shift.begin(database.clone(), known);
            }
        }
    }

    fn finish(
        &self,
        mut results: BTreeMap<DatabaseName, DatabaseResult>,
        stale_configuration: Option<PortError>,
        trigger: &Trigger,
    ) -> FleetOutcome {
        let refused = &self.installation.refused;
        let errors = refused.iter().map(|(name, error)| DatabaseResult::of_error(name, error));
        let (first, others): (Vec<&Database>, Vec<&Database>) =
            self.installation.databases.iter().partition(|database| trigger.names(database));
        let ordered = first.into_iter().chain(others).filter_map(|database| results.remove(database.name()));
        let answer = Answer { results: ordered.chain(errors).collect() };
        FleetOutcome { answer, stale_configuration }
    }
}

/// One invocation's work.
struct Shift<'a, P, W> {
    ports: &'a P,
    work: &'a W,
    own: Region,
    trigger: &'a Trigger,
    deadline: Timestamp,
    running: FuturesUnordered<LocalBoxFuture<'a, Done>>,
    started: BTreeSet<(DatabaseName, String)>,
    results: BTreeMap<DatabaseName, DatabaseResult>,
    /// Written so slowly that it was not read back yet, and how that went.
    unverified: Vec<Database>,
    slow: BTreeMap<DatabaseName, Outcome>,
    stale_configuration: Option<PortError>,
    reading: bool,
    /// Whether what nobody waits for has begun, or there is nothing of it.
    rests: bool,
}

impl<'a, P: Ports + Configurations, W: Work<P>> Shift<'a, P, W> {
    fn new(ports: &'a P, work: &'a W, own: Region, trigger: &'a Trigger, deadline: Timestamp) -> Self {
        Self {
            ports,
            work,
            own,
            trigger,
            deadline,
            running: FuturesUnordered::new(),
            started: BTreeSet::new(),
            results: BTreeMap::new(),
            unverified: Vec::new(),
            slow: BTreeMap::new(),
            stale_configuration: None,
            reading: false,
            rests: !work.has_more(trigger),
        }
    }

    fn read(&mut self) {
        self.reading = true;
        let ports = self.ports;
        self.running.push(Box::pin(async move { Done::Read(ports.read_databases().await) }));
    }

    fn begin(&mut self, database: Database, mut known: Known) {
        let (ports, work, own) = (self.ports, self.work, self.own.clone());
        let (trigger, deadline) = (self.trigger, self.deadline);
        self.running.push(Box::pin(async move {
            let pass = Pass { ports, database: &database, own: &own, trigger, deadline };
            let outcome = work.run(pass, &mut known).await;
            Done::Worked(Box::new((database, known, outcome)))
        }));
    }

    fn finish(&mut self, database: Database, mut known: Known) {
        let Some(mut result) = self.results.get(database.name()).cloned() else { return };
        let (ports, work, own) = (self.ports, self.work, self.own.clone());
        let (trigger, deadline) = (self.trigger, self.deadline);
        self.running.push(Box::pin(async move {
            let pass = Pass { ports, database: &database, own: &own, trigger, deadline };
            work.afterwards(pass, &mut known, &mut result).await;
            Done::Finished(Box::new((database, known, result)))
        }));
    }

    fn note(&mut self, database: &Database, outcome: Outcome) {
        if outcome.reconfigured && !self.reading {
            self.read();
        }
        let outcome = match self.slow.remove(database.name()) {
            Some(before) => merge(before, outcome),
            None => outcome,
        };
        self.results.insert(database.name().clone(), outcome.result.clone());
        if outcome.unverified {
            self.unverified.push(database.clone());
            self.slow.insert(database.name().clone(), outcome);
        }
    }

    /// Whether another pass fits into the invocation.
    fn has_time(&self) -> bool {
        self.ports.now().plus_ms(2 * DEADLINE_MARGIN_MS) < self.deadline
    }
}

#[cfg(test)]
mod tests;
