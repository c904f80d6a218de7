//! What `failover` does about one database: the pass that every trigger runs; then, for an alarm that the database
//! names, the policy; then what the policy says and nothing else.

use crate::failover::survey::Survey;

use crate::answer::failover::{ActionKind, FailoverResult, Phases};
use crate::answer::result::Check;
use crate::config::FailoverMode;
use crate::failover::advice;
use crate::invocation::watch::watch_from;
use crate::judge::case::Case;
use crate::judge::permit::Authorized;
use crate::judge::policy::{Action, Judgement, judge};
use crate::pass::context::Pass;
use crate::pass::outcome::Outcome;
use crate::pass::reconcile::{Attention, reconcile};
use crate::ports::failover::FailoverPorts;
use crate::ports::{FailureKind, PortError};
use crate::words::names::Region;
use crate::words::notice::Notice;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::{AlarmChange, AlarmReading, AlarmState};
use crate::world::attempt::{Attempt, Journal, Started};
use crate::world::known::Known;
use crate::world::trigger::Trigger;

/// Runs one alarm's work for `database` in the Region `own`.
pub async fn respond<P: FailoverPorts>(pass: Pass<'_, P>, known: &mut Known) -> Outcome {
    let Pass { ports, database, own, trigger, .. } = pass;
    let mut outcome = reconcile(pass, known, Attention::Everything).await;
    let alarms: Vec<&AlarmChange> = trigger.alarms.iter().filter(|it| it.concerns(database)).collect();
    let mode = database.failover().mode;
    if outcome.reconfigured || alarms.is_empty() || mode == FailoverMode::Off {
        return outcome;
    }
    let survey = Survey::of(ports, database, own).await;
    let evidence = outcome.evidence.clone();
    let case = survey.case(database, own, &evidence, ports.now());
    let Judgement { checks, action } = judge(case);
    let mut response = Response::new(case, &alarms, &checks, &action);
    outcome = match action {
        Action::Off => outcome,
        Action::Refused | Action::Advised(_) => {
            response.advise(ports, matches!(action, Action::Advised(_))).await;
            outcome
        }
        Action::Start(authorized) => {
            let flight = Flight { pass, known };
            flight.start(&mut response, &authorized, outcome).await
        }
    };
    response.into_outcome(outcome, checks.clone())
}

/// What is done and said about one alarm.
struct Response<'a> {
    case: Case<'a>,
    checks: &'a [Check],
    /// Changes to ALARM that are still true and that nobody was told of: a message each, at most once.
    news: Vec<&'a AlarmChange>,
    journal: Journal,
    result: FailoverResult,
    /// What could not be done and has to be tried again: the invocation fails.
    undone: Vec<String>,
}

impl<'a> Response<'a> {
    fn new(case: Case<'a>, alarms: &[&'a AlarmChange], checks: &'a [Check], action: &Action) -> Self {
        let journal = case.journal.got().cloned().unwrap_or_default();
        let failed: Vec<String> = checks.iter().filter(|it| !it.pass).map(|it| it.name.clone()).collect();
        let target = case.target().cloned();
        let result = FailoverResult {
            mode: case.database.failover().mode,
            action: action.kind(),
            reason: reason(action, target.as_ref(), &failed),
            target,
            blocked_by: failed,
            messages: 0,
            phases: Vec::new(),
        };
        let news = alarms.iter().copied().filter(|alarm| is_news(case, &journal, alarm)).collect();
        Self { case, checks, news, journal, result, undone: Vec::new() }
    }

    /// Says what was decided. Only the Region that would take over speaks, so that people hear it once; one that
    /// does not know who would does too.
    async fn advise<P: FailoverPorts>(&mut self, ports: &P, would: bool) {
        let speaks = self.result.target.as_ref().is_none_or(|target| target == self.case.candidate);
        if self.news.is_empty() || !speaks {
            return;
        }
        let before = self.journal.clone();
        self.mark_told();
        // Written first: a message that is sent twice is worse at three in the morning than one that is sent late.
        if !self.write_journal(ports).await {
            return;
        }
        let text = advice::advice(self.case, &self.news, self.checks, &self.result.reason, would);
        if !self.tell(ports, &text).await {
            self.journal = before;
            self.write_journal(ports).await;
        }
    }

    fn mark_told(&mut self) {
        let now = self.case.now;
        for arn in &self.case.database.failover().health_alarms {
            if let Some(alarm) = self.news.iter().find(|alarm| alarm.is_of(arn)) {
                let at = changed_at(self.case, arn, alarm).unwrap_or(now);
                self.journal.told.insert(arn.clone(), at);
            }
        }
    }

    async fn write_journal<P: FailoverPorts>(&mut self, ports: &P) -> bool {
        let written = ports.put_journal(self.case.database, &self.journal).await;
        written.map_err(|error| self.undone.push(format!("could not remember what it did ({error})"))).is_ok()
    }

    /// Publishes to the topic, if there is one.
    async fn tell<P: FailoverPorts>(&mut self, ports: &P, notice: &Notice) -> bool {
        let Some(topic) = &self.case.database.failover().topic_arn else { return true };
        match ports.publish(topic, notice).await {
            Ok(()) => {
                self.result.messages += 1;
                true
            }
            Err(error) => {
                self.undone.push(format!("could not tell people ({error})"));
                false
            }
        }
    }

    fn into_outcome(self, mut outcome: Outcome, checks: Vec<Check>) -> Outcome {
        outcome.result.checks.extend(checks);
        outcome.result.undone.extend(self.undone);
        outcome.result.failover = Some(self.result);
        outcome
    }
}

/// A change to ALARM that is not known to be over, and later than the last one that people were told of. One from before
/// the last publication speaks of the writer before: a Region that comes back gets such an event again and again.
fn is_news(case: Case<'_>, journal: &Journal, alarm: &AlarmChange) -> bool {
    let mut arns = case.database.failover().health_alarms.iter().filter(|arn| alarm.is_of(arn));
    alarm.state == AlarmState::Alarm
        && arns.any(|arn| {
            let over = matches!(case.readings.get(arn), Some(reading @ AlarmReading::Known { .. }) if !reading.is_alarm());
            let published = case.evidence.published().map(|it| it.at);
            let at = changed_at(case, arn, alarm);
            // A contributor's event is its alarm's transition, and no news where nobody knows when that was.
            let is_later = |than: Timestamp| {
                at.map_or(!alarm.is_contributor, |at| at.whole_seconds() > than.whole_seconds())
            };
            !over && journal.told.get(arn).copied().is_none_or(is_later) && published.is_none_or(is_later)
        })
}

/// When the alarm changed: by the event, else by the alarm itself.
fn changed_at(case: Case<'_>, arn: &str, alarm: &AlarmChange) -> Option<Timestamp> {
    alarm.at.or_else(|| match case.readings.get(arn) {
        Some(AlarmReading::Known { since, .. }) => *since,
        _ => None,
    })
}

fn reason(action: &Action, target: Option<&Region>, failed: &[String]) -> String {
    let target = target.map_or("another Region", Region::as_str);
    match action {
        Action::Off => "the mode is off".to_owned(),
        Action::Refused => format!("no failover is started: {} must pass first", failed.join(", ")),
        Action::Advised(_) => {
            format!(
                "every check passes: a failover to {target} can be started; the mode leaves it to a person"
            )
        }
        Action::Start(_) => format!("every check passes: a failover to {target} is started"),
    }
}

/// The start of a failover, and what follows until it is published.
struct Flight<'a, P> {
    pass: Pass<'a, P>,
    known: &'a mut Known,
}

impl<P: FailoverPorts> Flight<'_, P> {
    async fn start(self, response: &mut Response<'_>, authorized: &Authorized, before: Outcome) -> Outcome {
        let mut phases = Phases::default();
        let alarm = self.pass.trigger.alarms.iter().filter_map(|alarm| alarm.at).min();
        if let Some(at) = alarm.filter(|at| *at <= response.case.now) {
            phases.note("alarm", at);
        }
        phases.note("decided", response.case.now);
        let Some(attempt) = self.open(response).await else { return before };
        let called = self.pass.ports.start_failover(authorized).await;
        self.close(response, attempt, &called).await;
        response.result.phases = phases.as_slice().to_vec();
        if response.result.action == ActionKind::Failed {
            let text = advice::ended(self.pass.database, &before.result, &response.result, &phases);
            response.tell(self.pass.ports, &text).await;
            return before;
        }
        phases.note("accepted", self.pass.ports.now());
        self.track(response, phases, before).await
    }

    /// Writes the attempt before the call; without that nothing is called.
    async fn open(&self, response: &mut Response<'_>) -> Option<Attempt> {
        let epoch = response.case.evidence.published()?.epoch;
        let attempt = Attempt {
            at: self.pass.ports.now(),
            target: self.pass.own.clone(),
            epoch,
            started: Started::Calling,
        };
        response.mark_told();
        response.journal.attempt = Some(attempt.clone());
        if response.write_journal(self.pass.ports).await {
            return Some(attempt);
        }
        response.result.action = ActionKind::Failed;
        "nothing was started: the attempt could not be written before the call"
            .clone_into(&mut response.result.reason);
        None
    }

    /// Writes how the call ended.
    async fn close(&self, response: &mut Response<'_>, attempt: Attempt, called: &Result<(), PortError>) {
        let target = self.pass.own;
        let (started, action, reason) = match called {
            Ok(()) => (
                Started::Accepted,
                ActionKind::Started,
                format!("every check passes: a failover to {target} was started"),
            ),
            Err(error) if error.kind == FailureKind::Refused => {
                (Started::Refused, ActionKind::Failed, format!("nothing was started: {error}"))
            }
            Err(error) => (
                Started::Unknown,
                ActionKind::Unknown,
                format!(
                    "a failover to {target} was asked for, and nobody knows whether RDS took it: {error}"
                ),
            ),
        };
        response.result.action = action;
        response.result.reason = reason;
        if started != Started::Accepted {
            response.undone.push(response.result.reason.clone());
        }
        response.journal.attempt = Some(Attempt { started, ..attempt });
        response.write_journal(self.pass.ports).await;
    }

    /// Watches, publishes as soon as the new writer is ready, and says how it ended.
    async fn track(self, response: &mut Response<'_>, mut phases: Phases, before: Outcome) -> Outcome {
        let begun = advice::started(self.pass.database, &response.result, response.checks);
        response.tell(self.pass.ports, &begun).await;
        let trigger = Trigger { began_at: Some(self.pass.ports.now()), ..self.pass.trigger.clone() };
        let Pass { ports, own, .. } = self.pass;
        let pass = Pass { trigger: &trigger, ..self.pass };
        let outcome = watch_from(pass, self.known, before, &mut |outcome| {
            note_phases(&mut phases, own, outcome, ports.now());
        })
        .await;
        if !outcome.watch && phases.at("published").is_some() {
            phases.note("settled", self.pass.ports.now());
        }
        response.result.phases = phases.as_slice().to_vec();
        let text = advice::ended(self.pass.database, &outcome.result, &response.result, &phases);
        response.tell(self.pass.ports, &text).await;
        outcome
    }
}

/// What one look shows of the failover's course.
fn note_phases(phases: &mut Phases, own: &Region, outcome: &Outcome, now: Timestamp) {
    let claims = outcome.evidence.view(own).is_some_and(|view| view.claims(own));
    if claims {
        phases.note("promoted", now);
    }
    if outcome.result.writer.as_ref().is_some_and(|writer| writer.region == *own) {
        phases.note("promoted", now);
        phases.note("published", now);
    }
}
