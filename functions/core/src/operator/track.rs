//! Tracking a transition that was called: a pass a second, which publishes the new writer as soon as it is ready, until
//! that was read back, the transition is over without one, or the invocation's deadline is near.

use std::collections::BTreeSet;

use crate::answer::result::{DatabaseResult, DecisionKind};
use crate::invocation::watch::{DEADLINE_MARGIN_MS, POLL};
use crate::operator::job::Job;
use crate::operator::rehearsal::desk::Desk;
use crate::pass::outcome::Outcome;
use crate::pass::reconcile::{Attention, reconcile};
use crate::ports::Clock;
use crate::ports::operator::DrillPorts;
use crate::words::timestamp::Timestamp;
use crate::world::attempt::Started;
use crate::world::course::{Course, Progress};
use crate::world::known::Known;
use crate::world::limits::BEGAN_MS_MAX;
use crate::world::limits::CALL_MS_MAX;
use crate::world::run::Run;

use crate::ports::operator::Runs;

/// Every which look also asks the Regions that did not answer before.
const ASK_AGAIN: u32 = 5;
/// How long no Region may show an operation that one has shown, before it counts as given up, in milliseconds.
const QUIET_MS_MAX: i64 = 60_000;

/// How following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The new writer is published and was read back.
    Done,
    /// The deadline is near.
    InProgress,
    /// It ended without a new writer.
    Failed,
    /// RDS never took it.
    NotTaken,
}

/// One run while it is followed.
#[derive(Debug)]
pub(super) struct Tracking<'a> {
    job: &'a Job<'a>,
    run: Run,
    resumed: bool,
    pub(super) failures: Vec<String>,
    published: Option<DatabaseResult>,
    last: Option<DatabaseResult>,
    /// Since when no Region shows the operation.
    quiet_since: Option<Timestamp>,
}

impl<'a> Tracking<'a> {
    pub(super) fn new(job: &'a Job<'a>, run: Run, resumed: bool) -> Self {
        Self { job, run, resumed, failures: Vec::new(), published: None, last: None, quiet_since: None }
    }

    /// Writes down how far it is. A run that could not be remembered is followed all the same.
    pub(super) async fn remember<P: DrillPorts>(&mut self, desk: &Desk<'_, P>) {
        if let Err(error) = desk.put_run(self.job.database, &self.run).await {
            self.fail(format!("could not remember how far the run is: {error}"));
        }
    }

    fn fail(&mut self, failure: String) {
        if !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    /// Follows it.
    pub(super) async fn track<P: DrillPorts>(mut self, desk: &Desk<'_, P>) -> (End, Course) {
        let (mut known, mut silent, nobody) = (Known::default(), BTreeSet::new(), BTreeSet::new());
        let mut looks = 0_u32;
        let end = loop {
            // Everything at first, and again once it is published, to read it back; in between only what may change.
            let whole = looks == 0 || self.run.at_ms("published").is_some();
            let asked = if looks.is_multiple_of(ASK_AGAIN) { &nobody } else { &silent };
            let attention = if whole { Attention::Everything } else { Attention::Transition(asked) };
            let pass = self.job.pass(desk);
            let outcome = reconcile(pass, &mut known, attention).await;
            let news = self.learn(desk, &outcome);
            if let Some(end) = self.end(&outcome, whole, desk.now()) {
                self.remember(desk).await;
                break end;
            }
            if news {
                self.remember(desk).await;
            }
            if outcome.reconfigured || desk.now().plus_ms(DEADLINE_MARGIN_MS) >= self.job.deadline {
                break End::InProgress;
            }
            silent.clone_from(&outcome.silent);
            // What is published is read back at once.
            if whole || self.run.at_ms("published").is_none() {
                desk.sleep(POLL).await;
            }
            looks = looks.wrapping_add(1);
        };
        let at = desk.now();
        (end, self.course(end, at))
    }

    /// What one look shows; true when it is worth remembering.
    fn learn<P: DrillPorts>(&mut self, desk: &Desk<'_, P>, outcome: &Outcome) -> bool {
        let before = self.run.phases.len();
        for (name, at) in desk.take_moments() {
            // What a pass repaired before the promotion is no part of it.
            let of_move = matches!(name, "decided" | "record_accepted" | "parameter_accepted");
            if !of_move || self.run.at_ms("promoted").is_some() {
                self.run.note(name, at);
            }
        }
        if self.is_published(outcome) {
            self.run.note("promoted", desk.now());
            self.run.note("published", desk.now());
        }
        for failure in &outcome.result.failures {
            self.fail(failure.clone());
        }
        if outcome.result.decision == DecisionKind::Publish {
            self.published = Some(outcome.result.clone());
        }
        self.last = Some(outcome.result.clone());
        self.run.phases.len() > before
    }

    fn is_published(&self, outcome: &Outcome) -> bool {
        let writer = outcome.result.writer.as_ref().map(|writer| &writer.region);
        writer == Some(&self.run.target) && outcome.result.epoch.is_some_and(|epoch| epoch > self.run.epoch)
    }

    /// Whether a Region shows the operation or its result.
    fn shows(&self, outcome: &Outcome) -> bool {
        let target = &self.run.target;
        let views = self.job.database.regions().filter_map(|region| outcome.evidence.view(region));
        let operation = views.into_iter().any(|view| view.failover_status().is_some());
        operation || outcome.evidence.view(target).is_some_and(|view| view.claims(target))
    }

    fn end(&mut self, outcome: &Outcome, whole: bool, now: Timestamp) -> Option<End> {
        let read_back = whole || outcome.result.decision == DecisionKind::Publish;
        if self.is_published(outcome) && read_back && outcome.result.unpublished.is_empty() {
            // Where another function published, this is when it was seen.
            self.run.note("record_accepted", now);
            self.run.note("parameter_accepted", now);
            self.run.note("verified", now);
            let why = format!("{} is the writer, and is published", self.run.target);
            self.run.end(now, true, why);
            return Some(End::Done);
        }
        if self.is_published(outcome) || self.shows(outcome) {
            self.quiet_since = None;
            return None;
        }
        let quiet_ms = now.since_ms(*self.quiet_since.get_or_insert(now));
        let called_ms = now.since_ms(self.run.began());
        let (end, why) = match self.run.called {
            Started::Calling | Started::Unknown if called_ms >= CALL_MS_MAX => {
                (End::NotTaken, "RDS never took the call: no Region shows the operation")
            }
            Started::Accepted if self.run.at_ms("under_way").is_some() && quiet_ms >= QUIET_MS_MAX => (
                End::Failed,
                "RDS gave the operation up: no Region shows it any more, and the writer did not move",
            ),
            Started::Accepted if called_ms >= BEGAN_MS_MAX => {
                (End::Failed, "RDS took the call, and no Region has shown the operation since")
            }
            _ => return None,
        };
        self.run.end(now, false, why);
        Some(end)
    }

    /// Its course so far, without a look.
    pub(super) fn unseen(self, at: Timestamp) -> Course {
        self.course(End::InProgress, at)
    }

    fn course(self, end: End, at: Timestamp) -> Course {
        let progress = match end {
            End::Done => Progress::Done,
            End::InProgress => Progress::InProgress,
            End::Failed | End::NotTaken => Progress::Failed,
        };
        let last = self.last.filter(|last| Some(last) != self.published.as_ref());
        Course {
            database: self.job.database.clone(),
            run: self.run,
            progress,
            resumed: self.resumed,
            results: self.published.into_iter().chain(last).collect(),
            failures: self.failures,
            by_itself: false,
            page: None,
            at,
        }
    }
}
