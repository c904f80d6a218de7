//! The start of a failover, and what follows until it is published.

use futures_util::future::{join, join_all};

use crate::answer::failover::{ActionKind, Phases};
use crate::failover::advice;
use crate::failover::claim::{claim, stands, take_back};
use crate::failover::response::Response;
use crate::invocation::watch::{DEADLINE_MARGIN_MS, watch_from};
use crate::judge::permit::Authorized;
use crate::pass::context::Pass;
use crate::pass::outcome::Outcome;
use crate::ports::PortError;
use crate::ports::failover::FailoverPorts;
use crate::words::failure::FailureKind;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::attempt::{Attempt, Journal, Refusals, Started};
use crate::world::evidence::{Evidence, Seen};
use crate::world::known::Known;
use crate::world::limits::CALL_MS_MAX;
use crate::world::trigger::Trigger;

/// The start of a failover, by a function that knows this.
pub(super) struct Flight<'a> {
    pub(super) known: &'a mut Known,
}

impl Flight<'_> {
    pub(super) async fn start<P: FailoverPorts>(
        self,
        response: &mut Response<'_, P>,
        authorized: &Authorized,
        before: Outcome,
    ) -> Outcome {
        let mut phases = Phases::default();
        let alarm = response.pass.trigger.alarms.iter().filter_map(|alarm| alarm.at).min();
        if let Some(at) = alarm.filter(|at| *at <= response.case.now) {
            phases.note("alarm", at);
        }
        phases.note("decided", response.case.now);
        let earlier = response.journal.clone();
        let attempt = match ready(response, &earlier).await {
            Ok(attempt) => attempt,
            Err(why) => {
                response.result.action = ActionKind::Failed;
                response.result.reason = format!("nothing was started: {why}");
                return before;
            }
        };
        let called = response.pass.ports.start_failover(authorized).await;
        close(response, earlier, attempt, &called).await;
        response.result.phases = phases.as_slice().to_vec();
        if response.result.action == ActionKind::Failed {
            let text = advice::ended(
                response.pass.database,
                response.case.writer(),
                &before.result,
                &response.result,
                &phases,
                None,
            );
            response.tell(&text).await;
            return before;
        }
        phases.note("accepted", response.pass.ports.now());
        self.track(response, phases, before).await
    }

    /// Watches, publishes as soon as the new writer is ready, and says how it ended.
    async fn track<P: FailoverPorts>(
        self,
        response: &mut Response<'_, P>,
        mut phases: Phases,
        before: Outcome,
    ) -> Outcome {
        let begun = response.course(&phases, &before);
        let Pass { ports, own, database, .. } = response.pass;
        let page = ports.page(database, &begun.run.id);
        let from = response.case.writer();
        let text = advice::started(database, from, &response.result, response.checks, page.as_deref());
        response.tell(&text).await;
        // A watch goes on for the database that its trigger names. The schedule, which may have woken this one, names none.
        let subjects = database.members().get(own).map(|arn| arn.as_str().to_owned()).into_iter().collect();
        let trigger = Trigger { began_at: Some(ports.now()), subjects, ..response.pass.trigger.clone() };
        let pass = Pass { trigger: &trigger, ..response.pass };
        let mut look = |outcome: &Outcome| note_phases(&mut phases, own, outcome, ports.now());
        // A call without an answer may have started nothing: within a minute of answers it shows.
        let is_unknown = response.result.action == ActionKind::Unknown;
        let shows_by = ports.now().plus_ms(CALL_MS_MAX + DEADLINE_MARGIN_MS);
        let deadline = if is_unknown { pass.deadline.min(shows_by) } else { pass.deadline };
        let watched = watch_from(Pass { deadline, ..pass }, self.known, before, &mut look);
        // Nobody waits for the page: where it could not be kept now it is kept at the end, or that is said.
        let (mut outcome, _) = join(watched, ports.keep_page(&begun)).await;
        if outcome.watch && deadline < pass.deadline {
            outcome = watch_from(pass, self.known, outcome, &mut look).await;
        }
        if !outcome.watch && phases.at("published").is_some() {
            phases.note("settled", ports.now());
        }
        response.result.phases = phases.as_slice().to_vec();
        // Whoever asked again meanwhile says how that ended.
        if !is_unknown || !response.is_superseded().await {
            let text =
                advice::ended(database, from, &outcome.result, &response.result, &phases, page.as_deref());
            response.tell(&text).await;
        }
        if let Err(error) = ports.keep_page(&response.course(&phases, &outcome)).await {
            response.undone.push(format!("could not keep the page about it ({error})"));
        }
        outcome
    }
}

/// Claims the attempt and looks last of all at what forbids the call; or says why nothing is called.
async fn ready<P: FailoverPorts>(
    response: &mut Response<'_, P>,
    earlier: &Journal,
) -> Result<Attempt, String> {
    let attempt = claim(response).await?;
    let held = held(response.pass, response.case.evidence);
    let why = match join(held, stands(response, &attempt)).await {
        (Ok(None), true) => return Ok(attempt),
        (Ok(Some(reason)), _) => format!("the hold switch was set right before the call: {reason}"),
        (Err(error), _) => {
            response.again = true;
            format!("whether the hold switch is set could not be read right before the call ({error})")
        }
        (Ok(None), false) => {
            response.again = true;
            "the attempt did not stand there any more right before the call".to_owned()
        }
    };
    take_back(response, earlier.clone()).await;
    Err(why)
}

/// The reason of the hold switch, read once more, last of all: the own Region has to say that it is absent, and no other that
/// answers may say that it is set. A Region that was silent a moment ago is not waited for.
async fn held<P: FailoverPorts>(pass: Pass<'_, P>, evidence: &Evidence) -> Result<Option<String>, PortError> {
    let Pass { ports, database, own, .. } = pass;
    let silent = |region: &Region| evidence.parameters.get(region).is_some_and(Seen::is_silence);
    let asked = database.regions().filter(|region| *region == own || !silent(region));
    let reads = asked.map(|region| async move { (region, ports.read_parameters(database, region).await) });
    let mut reason = None;
    for (region, read) in join_all(reads).await {
        match read {
            Ok(read) => reason = reason.or(read.hold),
            Err(error) if region == own => return Err(error),
            Err(_) => {}
        }
    }
    Ok(reason)
}

/// Writes how the call ended. A refusal never closes an attempt that was accepted or whose end is unknown.
async fn close<P: FailoverPorts>(
    response: &mut Response<'_, P>,
    earlier: Journal,
    attempt: Attempt,
    called: &Result<(), PortError>,
) {
    let target = response.pass.own;
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
            format!("a failover to {target} was asked for, and nobody knows whether RDS took it: {error}"),
        ),
    };
    response.result.action = action;
    response.result.reason = reason;
    if started != Started::Accepted {
        response.undone.push(response.result.reason.clone());
    }
    if started == Started::Refused {
        let count = earlier.refusals.as_ref().map_or(0, |refusals| refusals.count).saturating_add(1);
        response.journal.attempt = earlier.attempt;
        response.journal.refusals = Some(Refusals { count, last: response.pass.ports.now() });
    } else {
        response.journal.attempt = Some(Attempt { started, ..attempt });
        response.journal.refusals = None;
        response.journal.overwritten = None;
    }
    response.save().await;
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
