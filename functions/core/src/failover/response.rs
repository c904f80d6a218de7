//! What is done and said about one database: its decision in words, what is remembered of it, and who hears it.

use crate::answer::failover::FailoverResult;
use crate::answer::result::{Check, CheckVerdict};
use crate::config::FailoverMode;
use crate::failover::advice;
use crate::failover::turn::turn;
use crate::invocation::tell::tell;
use crate::judge::case::Case;
use crate::judge::checks::names;
use crate::judge::policy::Action;
use crate::pass::context::Pass;
use crate::pass::outcome::Outcome;
use crate::ports::failover::FailoverPorts;
use crate::words::names::Region;
use crate::words::notice::Notice;
use crate::world::alarm::AlarmReading;
use crate::world::attempt::Journal;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How long one that told waits for another that had read before it wrote: longer than a read and a write of Parameter Store.
const INSISTS: Duration = Duration::from_secs(1);
/// How long one that wrote over another's words waits for it to insist: a message, that pause, a read and a write.
const SETTLES: Duration = Duration::from_secs(3);

/// What is done and said about one database.
pub(super) struct Response<'a, P> {
    pub(super) pass: Pass<'a, P>,
    pub(super) case: Case<'a>,
    pub(super) checks: &'a [Check],
    pub(super) journal: Journal,
    /// The version of what is remembered, as it was last read or written.
    pub(super) version: u64,
    pub(super) result: FailoverResult,
    /// One call right before the start got no answer, and nothing was started: the next look may.
    pub(super) again: bool,
    /// What could not be done and has to be tried again: the invocation fails.
    pub(super) undone: Vec<String>,
}

impl<'a, P: FailoverPorts> Response<'a, P> {
    pub(super) fn new(
        pass: Pass<'a, P>,
        case: Case<'a>,
        version: u64,
        checks: &'a [Check],
        action: &Action,
    ) -> Self {
        let journal = case.journal.got().cloned().unwrap_or_default();
        let failed: Vec<String> = checks.iter().filter(|it| !it.pass).map(|it| it.name.clone()).collect();
        let target = case.target().cloned();
        let result = FailoverResult {
            mode: case.database.failover().mode,
            action: action.kind(),
            reason: reason(case, action, target.as_ref(), checks),
            target,
            blocked_by: failed,
            messages: 0,
            phases: Vec::new(),
        };
        Self { pass, case, checks, journal, version, result, again: false, undone: Vec::new() }
    }

    /// Says what was decided, once for each change of it. Only the Region that would take over speaks, so that people hear
    /// it once; where those before it are silent or not ready the next one does, and one that does not know who would.
    pub(super) async fn advise(&mut self, would: bool) {
        if self.is_news() && self.speaks() {
            self.pass.ports.sleep(turn(self.case, self.pass.trigger)).await;
        }
        if !self.catch_up().await {
            return;
        }
        let said = self.in_short();
        if !self.speaks() || !self.is_news() || self.journal.said.as_deref() == Some(&said) {
            self.save_beside().await;
            return;
        }
        let before = (self.journal.said.replace(said), self.journal.said_by.take());
        self.journal.said_by = Some(self.name());
        // Written first: a message that is sent twice is worse at three in the morning than one that is sent late.
        let Some(alone) = self.save_beside().await else { return };
        if !alone && self.was_told_meanwhile().await {
            return;
        }
        let text = advice::advice(self.case, self.checks, &self.result.reason, would);
        if self.tell(&text).await {
            self.insist().await;
        } else {
            (self.journal.said, self.journal.said_by) = before;
            self.save().await;
        }
    }

    /// While a failover that this Region started is under way, the invocation that started it speaks.
    fn speaks(&self) -> bool {
        let is_under_way = self.journal.attempt.as_ref().is_some_and(|attempt| self.case.is_open(attempt));
        !is_under_way && (self.case.writer().is_none() || self.case.speaks())
    }

    /// The name of whoever speaks or acts in this invocation now.
    pub(super) fn name(&self) -> String {
        format!("{}@{}", self.pass.trigger.invocation, self.pass.ports.now().as_ms())
    }

    /// Several invocations may find the same at once. One that wrote over what another was about to say waits until that one
    /// has said it and insists. What cannot be read is said: twice is better than never.
    async fn was_told_meanwhile(&self) -> bool {
        self.pass.ports.sleep(SETTLES).await;
        let Ok(newest) = self.pass.ports.read_journal(self.pass.database).await else { return false };
        newest.journal.said == self.journal.said && newest.journal.said_by != self.journal.said_by
    }

    /// What was told is remembered, also where another invocation has written over it meanwhile: that one waits to see it.
    async fn insist(&mut self) {
        self.pass.ports.sleep(INSISTS).await;
        let Ok(newest) = self.pass.ports.read_journal(self.pass.database).await else { return };
        if newest.journal.said_by != self.journal.said_by {
            self.version = newest.version;
            let (said, said_by) = (self.journal.said.clone(), self.journal.said_by.clone());
            self.journal = Journal { said, said_by, ..newest.journal };
            self.save_beside().await;
        }
    }

    /// An alarm that changed before the last publication speaks of the writer before: it is no news.
    fn is_news(&self) -> bool {
        let published = self.case.evidence.published().map(|it| it.at.whole_seconds());
        let alarms = self.case.database.failover().health_alarms.iter();
        let changed =
            alarms.filter_map(|arn| self.case.readings.get(arn)).filter(|reading| reading.is_alarm());
        let mut since = changed.filter_map(AlarmReading::status).map(|status| status.since);
        since.any(|since| {
            since.zip(published).is_none_or(|(since, published)| since.whole_seconds() > published)
        })
    }

    /// What people hear, in short: what is done, what stands in the way, and which alarms since when.
    fn in_short(&self) -> String {
        let mut hasher = DefaultHasher::new();
        format!("{:?}", self.result.action).hash(&mut hasher);
        names(self.checks, &[CheckVerdict::Fail, CheckVerdict::Unknown]).hash(&mut hasher);
        for arn in &self.case.database.failover().health_alarms {
            let status = self.case.readings.get(arn).filter(|reading| reading.is_alarm());
            status.and_then(AlarmReading::status).map(|status| (arn, status.since)).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }

    /// Reads what is remembered once more, right before it is written: another invocation may have made an attempt or told
    /// people since, and neither must be forgotten. False where it cannot be read, and then nothing is written over it.
    pub(super) async fn catch_up(&mut self) -> bool {
        let Some(before) = self.case.journal.got() else { return false };
        let newest = match self.pass.ports.read_journal(self.pass.database).await {
            Ok(newest) => newest,
            Err(error) => {
                self.undone.push(format!("could not read again what it remembers ({error})"));
                return false;
            }
        };
        self.version = newest.version;
        if !before.has_same_attempt(&newest.journal) {
            self.journal.attempt = newest.journal.attempt;
            self.journal.refusals = newest.journal.refusals;
        }
        self.journal.overwritten = newest.journal.overwritten;
        if before.said != newest.journal.said {
            self.journal.said = newest.journal.said;
            self.journal.said_by = newest.journal.said_by;
        }
        true
    }

    /// Writes what is remembered while another invocation may be writing its attempt. Where one wrote in between nobody knows
    /// what that was: it is said, and nothing is started before an attempt would have shown. Answers whether this one wrote
    /// alone; nothing where it could not write.
    async fn save_beside(&mut self) -> Option<bool> {
        let read = self.version;
        if !self.save().await {
            return None;
        }
        let alone = self.version == read.saturating_add(1);
        if !alone {
            self.journal.overwritten = Some(self.pass.ports.now());
            return self.save().await.then_some(false);
        }
        Some(true)
    }

    /// Whether another invocation has made an attempt since. What cannot be read says no.
    pub(super) async fn is_superseded(&self) -> bool {
        let newest = self.pass.ports.read_journal(self.pass.database).await;
        newest.is_ok_and(|newest| !newest.journal.has_same_attempt(&self.journal))
    }

    /// Writes what is remembered. Nothing is written over what could not be read.
    pub(super) async fn save(&mut self) -> bool {
        if self.case.journal.got().is_none() {
            return false;
        }
        match self.pass.ports.put_journal(self.pass.database, &self.journal).await {
            Ok(version) => {
                self.version = version;
                true
            }
            Err(error) => {
                self.undone.push(format!("could not remember what it did ({error})"));
                false
            }
        }
    }

    /// Tells people, if there is a topic.
    pub(super) async fn tell(&mut self, notice: &Notice) -> bool {
        match tell(self.pass, notice).await {
            Ok(told) => {
                self.result.messages += u32::from(told);
                true
            }
            Err(error) => {
                self.undone.push(format!("could not tell people ({error})"));
                false
            }
        }
    }

    pub(super) fn into_outcome(self, mut outcome: Outcome) -> Outcome {
        outcome.result.checks.extend(self.checks.iter().cloned());
        outcome.result.undone.extend(self.undone);
        outcome.result.failover = Some(self.result);
        outcome
    }
}

fn reason(case: Case<'_>, action: &Action, target: Option<&Region>, checks: &[Check]) -> String {
    let target = target.map_or("another Region", Region::as_str);
    match action {
        Action::Off => "the mode is off".to_owned(),
        Action::Refused => {
            let failed: Vec<&str> = names(checks, &[CheckVerdict::Fail]).into_iter().collect();
            let unknown: Vec<&str> = names(checks, &[CheckVerdict::Unknown]).into_iter().collect();
            let (failed_words, unknown_words) = (failed.join(", "), unknown.join(", "));
            let wanted = match (failed.is_empty(), unknown.is_empty()) {
                (false, true) => format!("{failed_words} must pass first"),
                (true, _) => format!("{unknown_words} must be known first"),
                (false, false) => {
                    format!("{failed_words} must pass first, and {unknown_words} must be known")
                }
            };
            let mut reason = format!("no failover is started: {wanted}");
            if failed.contains(&"writer_down") && case.all_in_alarm() {
                reason.push_str(". The applications are broken and the database is not: a failover would lose data and mend nothing");
            }
            reason
        }
        Action::Advised(_) => {
            let mode = if case.database.failover().mode == FailoverMode::Advise {
                "the mode leaves it to a person"
            } else {
                "a person decides"
            };
            format!("every check passes: a failover to {target} can be started; {mode}")
        }
        Action::Start(_) => format!("every check passes: a failover to {target} is started"),
    }
}
