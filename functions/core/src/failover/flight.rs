//! The start of a failover, and what follows until it is published.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};

use crate::answer::failover::{ActionKind, Phases};
use crate::failover::advice;
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
use crate::world::evidence::{RegionParameters, Seen};
use crate::world::known::Known;
use crate::world::limits::{CALL_MS_MAX, OVERWRITTEN_APART_MS_MAX, OVERWRITTEN_MS_MAX};
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
        let Some(attempt) = open(response).await else { return before };
        let (held, stands) = join(held(response), response.attempt_stands()).await;
        if let Some(why) = held.why {
            response.again |= held.again;
            withdraw(response, earlier, why).await;
            return before;
        }
        if !stands {
            response.again = true;
            fail(
                response,
                "nothing was started: the attempt did not stand there any more right before the call",
            );
            take_back(response, earlier).await;
            return before;
        }
        let called = response.pass.ports.start_failover(authorized).await;
        close(response, earlier, attempt, &called).await;
        response.result.phases = phases.as_slice().to_vec();
        if response.result.action == ActionKind::Failed {
            let text = advice::ended(response.pass.database, &before.result, &response.result, &phases);
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
        let begun = advice::started(response.pass.database, &response.result, response.checks);
        response.tell(&begun).await;
        let Pass { ports, own, .. } = response.pass;
        let trigger = Trigger { began_at: Some(ports.now()), ..response.pass.trigger.clone() };
        let pass = Pass { trigger: &trigger, ..response.pass };
        let mut look = |outcome: &Outcome| note_phases(&mut phases, own, outcome, ports.now());
        // A call without an answer may have started nothing: within a minute of answers it shows.
        let is_unknown = response.result.action == ActionKind::Unknown;
        let shows_by = ports.now().plus_ms(CALL_MS_MAX + DEADLINE_MARGIN_MS);
        let deadline = if is_unknown { pass.deadline.min(shows_by) } else { pass.deadline };
        let mut outcome = watch_from(Pass { deadline, ..pass }, self.known, before, &mut look).await;
        if outcome.watch && deadline < pass.deadline {
            outcome = watch_from(pass, self.known, outcome, &mut look).await;
        }
        if !outcome.watch && phases.at("published").is_some() {
            phases.note("settled", ports.now());
        }
        response.result.phases = phases.as_slice().to_vec();
        // Whoever asked again meanwhile says how that ended.
        if !is_unknown || !response.is_superseded().await {
            let text = advice::ended(response.pass.database, &outcome.result, &response.result, &phases);
            response.tell(&text).await;
        }
        outcome
    }
}

/// Writes the attempt before the call. Without that nothing is called; nor where somebody else wrote since this one read:
/// of two invocations at once only one calls.
async fn open<P: FailoverPorts>(response: &mut Response<'_, P>) -> Option<Attempt> {
    let epoch = response.case.evidence.published()?.epoch;
    let before = response.journal.clone();
    if !response.catch_up().await {
        response.again = true;
        fail(response, "nothing was started: what is remembered could not be read before the call");
        return None;
    }
    if !before.has_same_attempt(&response.journal) {
        fail(response, "nothing was started: another invocation has made an attempt since this one looked");
        return None;
    }
    let now = response.pass.ports.now();
    let pause = OVERWRITTEN_MS_MAX + apart_ms(&response.pass.trigger.invocation);
    if response.journal.overwritten.is_some_and(|at| now.since_ms(at) < pause) {
        response.again = true;
        fail(
            response,
            "nothing was started: an attempt of another invocation may just have been written over",
        );
        return None;
    }
    let (at, target) = (now, response.pass.own.clone());
    let by = Some(response.name());
    let attempt = Attempt { at, target, epoch, started: Started::Calling, quiet: None, by };
    let read = response.version;
    response.journal.attempt = Some(attempt.clone());
    if !response.save().await {
        response.again = true;
        fail(response, "nothing was started: the attempt could not be written before the call");
        take_back(response, before).await;
        return None;
    }
    if response.version != read.saturating_add(1) {
        response.again = true;
        fail(response, "nothing was started: another invocation wrote its attempt at the same time");
        // That one may be calling now, and writes how it ended; this one will not call.
        response.journal.overwritten = Some(response.pass.ports.now());
        take_back(response, before).await;
        return None;
    }
    Some(attempt)
}

/// How much longer than others this invocation waits, in milliseconds. Two that wrote over each other both look every five
/// seconds from the same moment on; what tells them apart is their names, which Lambda draws.
fn apart_ms(invocation: &str) -> i64 {
    const STEPS: u32 = 4;
    let drawn = invocation.bytes().fold(0u32, |sum, it| sum.wrapping_mul(31).wrapping_add(it.into()));
    i64::from(drawn % STEPS) * OVERWRITTEN_APART_MS_MAX / i64::from(STEPS - 1)
}

/// Nothing is called after all, so the attempt must not keep the next look away. A write that got no answer may have been made
/// all the same.
async fn take_back<P: FailoverPorts>(response: &mut Response<'_, P>, before: Journal) {
    let Pass { ports, database, .. } = response.pass;
    let Ok(newest) = ports.read_journal(database).await else { return };
    if newest.journal.has_same_attempt(&response.journal) {
        response.journal.attempt = before.attempt;
        response.save().await;
    }
}

fn fail<P>(response: &mut Response<'_, P>, reason: &str) {
    response.result.action = ActionKind::Failed;
    reason.clone_into(&mut response.result.reason);
}

/// The hold switch, read once more, last of all: the own Region has to say that it is absent, and no other that answers may
/// say that it is set. A Region that was silent a moment ago is not waited for.
async fn held<P: FailoverPorts>(response: &Response<'_, P>) -> Held {
    let Pass { ports, database, own, .. } = response.pass;
    let silent =
        |region: &Region| response.case.evidence.parameters.get(region).is_some_and(Seen::is_silence);
    let asked = database.regions().filter(|region| *region == own || !silent(region));
    let reads = asked.map(|region| async move { (region, ports.read_parameters(database, region).await) });
    let read: BTreeMap<&Region, Result<RegionParameters, PortError>> =
        join_all(reads).await.into_iter().collect();
    if let Some(Err(error)) = read.get(own) {
        let why = format!("whether the hold switch is set could not be read right before the call ({error})");
        return Held { why: Some(why), again: true };
    }
    let set = read.values().find_map(|read| read.as_ref().ok()?.hold.clone());
    let why = set.map(|reason| format!("the hold switch was set right before the call: {reason}"));
    Held { why, again: false }
}

/// Why the hold switch forbids the call, and whether to look again at once.
struct Held {
    why: Option<String>,
    again: bool,
}

/// Nothing was called: the attempt is taken back.
async fn withdraw<P: FailoverPorts>(response: &mut Response<'_, P>, earlier: Journal, why: String) {
    response.journal.attempt = earlier.attempt;
    response.save().await;
    fail(response, &format!("nothing was started: {why}"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invocations_that_wrote_over_each_other_wait_for_unlike_times() {
        let waits: std::collections::BTreeSet<i64> =
            ["a", "b", "c", "d", "e", "f"].into_iter().map(apart_ms).collect();
        assert_eq!(waits.into_iter().collect::<Vec<_>>(), [0, 6_000, 12_000, 18_000]);
        assert_eq!(apart_ms(""), 0);
    }
}
