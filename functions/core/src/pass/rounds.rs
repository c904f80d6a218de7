//! What one reconcile gathers over its rounds, and the answer that comes of it.

use crate::pass::hold::Hold;
use std::collections::{BTreeMap, BTreeSet};

use crate::answer::result::{Channel, Channels, Check, DatabaseResult, Writer};
use crate::config::{ConfigError, Database};
use crate::pass::apply::Applied;
use crate::pass::decide::{Decision, Verdict};
use crate::pass::explain::checks;
use crate::pass::outcome::Outcome;
use crate::pass::plan::Plan;
use crate::pass::sight::{Seeing, Sight};
use crate::ports::{PortError, Ports};
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::evidence::{Evidence, Seen};
use crate::world::publication::Published;

/// Most rounds of one reconcile: the first, its verification, and some lost fences.
pub const ROUNDS_MAX: usize = 6;
/// How long one publication may take to reach every channel, in milliseconds: more than the budgets of the
/// record's and the parameters' writes, and the fraction of a second that the publication's date lacks.
const MOVE_MS_MAX: i64 = 10_000;

/// What to do after an observation.
pub(crate) enum Step {
    Decided(Decision),
    Again,
    Stop,
}

/// What one reconcile gathers over its rounds.
pub(crate) struct Rounds<'a> {
    database: &'a Database,
    own: &'a Region,
    pub(crate) evidence: Evidence,
    /// The decision that is reported: the move, if there was one, else the last.
    reported: Option<(Decision, Vec<Check>)>,
    moved: bool,
    published: Option<Published>,
    channels: BTreeMap<Option<Region>, Channel>,
    pub(crate) silent: BTreeSet<Region>,
    failures: Vec<String>,
    unpublished: Vec<String>,
    drift: bool,
    watch: bool,
    end: End,
}

/// How the rounds ended so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The fence was lost, or what is published changed: another round is needed.
    Open,
    /// The last round came to a decision.
    Decided,
    /// The configuration was changed meanwhile.
    Reconfigured,
}

impl<'a> Rounds<'a> {
    pub(crate) fn new(database: &'a Database, own: &'a Region) -> Self {
        Self {
            database,
            own,
            evidence: Evidence::default(),
            reported: None,
            moved: false,
            published: None,
            channels: BTreeMap::new(),
            silent: BTreeSet::new(),
            failures: Vec::new(),
            unpublished: Vec::new(),
            drift: false,
            watch: false,
            end: End::Open,
        }
    }

    pub(crate) fn note(&mut self, sight: Sight) -> Step {
        self.evidence = sight.evidence;
        self.silent.extend(sight.silent.into_iter().filter(|region| region != self.own));
        sight.failures.iter().for_each(|failure| self.fail(&failure.to_string()));
        self.fail_unreadable();
        match sight.seeing {
            Seeing::Decided(decision) => Step::Decided(decision),
            Seeing::Superseded => {
                self.end = End::Open;
                Step::Again
            }
            Seeing::Reconfigured => {
                self.end = End::Reconfigured;
                Step::Stop
            }
        }
    }

    fn fail(&mut self, failure: &str) {
        if !self.failures.iter().any(|known| known == failure) {
            self.failures.push(failure.to_owned());
        }
    }

    /// What stands in Parameter Store and cannot be read.
    fn fail_unreadable(&mut self) {
        let read = self.evidence.parameters.iter().filter_map(|(region, seen)| Some((region, seen.got()?)));
        let faults =
            read.flat_map(|(region, read)| read.unreadable.iter().map(move |it| format!("{region}: {it}")));
        for fault in faults.collect::<Vec<_>>() {
            self.fail(&fault);
        }
    }

    pub(crate) fn explain<P: Ports>(&mut self, decision: &Decision, ports: &P) {
        self.end = End::Decided;
        self.watch = decision.watch;
        self.published = self.evidence.published().cloned();
        self.note_channels();
        if !self.moved {
            let checks = checks(self.database, &self.evidence, decision, ports.now());
            self.reported = Some((decision.clone(), checks));
        }
        if let (true, Seen::Unreachable(why)) = (self.is_record_pending(), &self.evidence.record) {
            self.unpublished.push(format!("the record, which Route 53 has not accepted yet ({why})"));
        }
    }

    /// Whether Route 53 has not accepted yet what the parameters were published with: that is no drift.
    fn is_record_pending(&self) -> bool {
        self.evidence.state(self.own).is_some_and(|state| state.record_pending)
    }

    /// Whether channels may differ because a move is being published, here or by another function, or waits
    /// for Route 53: that is no drift.
    fn is_move_under_way(&self, now: Timestamp) -> bool {
        let recent = |published: &Published| now.since_ms(published.at) < MOVE_MS_MAX;
        self.moved || self.is_record_pending() || self.published.as_ref().is_some_and(recent)
    }

    /// What was read of each channel, where nothing better is known.
    fn note_channels(&mut self) {
        let mut seen = BTreeMap::from([(None, of_seen(&self.evidence.record))]);
        for region in self.database.regions() {
            let parameters = self.evidence.parameters.get(region).map_or(Channel::Unchanged, of_seen);
            seen.insert(Some(region.clone()), parameters);
        }
        for (channel, seen) in seen {
            let noted = self.channels.entry(channel).or_insert(seen);
            if *noted == Channel::Unchanged {
                *noted = seen;
            }
        }
    }

    /// Notes how a plan ended; true when a part of it could not be published and looking again now is of no use.
    pub(crate) fn applied(
        &mut self,
        decision: &Decision,
        plan: &Plan,
        applied: Applied,
        now: Timestamp,
    ) -> bool {
        if applied.fence_lost() {
            self.end = End::Open;
            return false;
        }
        if let Verdict::Publish(published, _) = &decision.verdict {
            self.moved = true;
            self.published = Some(published.clone());
        } else {
            self.drift |= plan.touches_channels() && !decision.watch && !self.is_move_under_way(now);
        }
        let record = applied.record.is_some_and(|outcome| self.written(None, [outcome.map(|_| ())]));
        let mut own = false;
        for (region, outcome) in applied.regions {
            // Only the writer parameter is a channel: a state that was written alone does not show.
            let state_only = outcome.writer.is_none();
            let before = self.channels.get(&Some(region.clone())).copied();
            let failed = self.written(Some(&region), [outcome.writer, outcome.state].into_iter().flatten());
            if let (true, false, Some(before)) = (state_only, failed, before) {
                self.channels.insert(Some(region.clone()), before);
            }
            own |= failed && region == *self.own;
        }
        record || own
    }

    /// Notes the writes of one channel, which is as good as the worst of them. True when one failed.
    fn written(
        &mut self,
        channel: Option<&Region>,
        outcomes: impl IntoIterator<Item = Result<(), PortError>>,
    ) -> bool {
        let failures: Vec<PortError> = outcomes.into_iter().filter_map(Result::err).collect();
        let reached = match failures.first() {
            None => Channel::Updated,
            Some(_) if failures.iter().all(PortError::is_retryable) => Channel::Unreachable,
            Some(_) => Channel::Failed,
        };
        self.channels.insert(channel.cloned(), reached);
        for failure in &failures {
            self.fail(&failure.to_string());
            match channel {
                None => self.unpublished.push(format!("the record ({failure})")),
                Some(region) if region == self.own => {
                    self.unpublished.push(format!("{region}'s own parameter ({failure})"));
                }
                Some(region) => {
                    self.silent.insert(region.clone());
                }
            }
        }
        !failures.is_empty()
    }

    /// What is wrong with the configuration, as it is said of one that cannot be read.
    fn refusal(&self, verdict: &Verdict) -> Option<String> {
        let Verdict::Misconfigured(fault) = verdict else { return None };
        let parameter = self.database.configuration_parameter();
        Some(ConfigError { parameter, faults: vec![fault.clone()] }.to_string())
    }

    pub(crate) fn outcome(mut self, elapsed_ms: i64) -> Outcome {
        if self.end == End::Open {
            let text = format!(
                "the record: the fence was lost or what is published changed {ROUNDS_MAX} times in one pass"
            );
            self.unpublished.push(text);
        }
        if self.end == End::Reconfigured {
            let text = "the configuration was changed while it was acted on".to_owned();
            let result = DatabaseResult::refused(self.database.name().as_str(), text);
            return Outcome {
                result,
                watch: false,
                published_at: None,
                silent: self.silent,
                reconfigured: true,
                unverified: false,
                evidence: self.evidence,
            };
        }
        let published_at = self.published.as_ref().map(|published| published.at);
        let writer = self.published.as_ref().map(|published| &published.writer);
        let standby = writer.and_then(|writer| self.evidence.has_standby(self.database, writer));
        let (decision, checks) = self.reported.take().unzip();
        let verdict = decision.as_ref().map(|decision| &decision.verdict);
        let result = DatabaseResult {
            database: self.database.name().to_string(),
            decision: verdict.map_or(crate::answer::result::DecisionKind::Hold, Verdict::kind),
            hold: verdict.and_then(Verdict::hold).map(Hold::kind),
            reason: verdict.map(Verdict::reason).unwrap_or_default(),
            error: verdict.and_then(|verdict| self.refusal(verdict)),
            epoch: self.published.as_ref().map(|published| published.epoch),
            writer: self
                .published
                .filter(|published| !published.endpoint.is_empty())
                .map(|published| Writer { region: published.writer, endpoint: published.endpoint }),
            channels: Some(Channels {
                record: self.channels.get(&None).copied().unwrap_or(Channel::Unchanged),
                parameter: parameters(&self.channels),
            }),
            checks: checks.unwrap_or_default(),
            failures: self.failures,
            drift: self.drift,
            unpublished: self.unpublished,
            undone: Vec::new(),
            standby,
            is_unfenced: false,
            failover: None,
            readiness: None,
            warnings: self.database.warnings().to_vec(),
            idle: false,
            elapsed_ms,
        };
        Outcome {
            result,
            watch: self.watch,
            published_at,
            silent: self.silent,
            reconfigured: false,
            unverified: false,
            evidence: self.evidence,
        }
    }
}

fn parameters(channels: &BTreeMap<Option<Region>, Channel>) -> BTreeMap<Region, Channel> {
    channels.iter().filter_map(|(region, channel)| Some((region.clone()?, *channel))).collect()
}

const fn of_seen<T>(seen: &Seen<T>) -> Channel {
    match seen {
        Seen::Unreachable(_) => Channel::Unreachable,
        Seen::Got(_) | Seen::NotYet => Channel::Unchanged,
    }
}
