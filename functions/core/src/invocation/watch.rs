//! Watch: while a transition is under way the function stays and looks again, until it settles or the deadline is near. It
//! does not wait for the next event, which may never come.

use crate::pass::context::Pass;
use crate::world::limits::BEGAN_MS_MAX;
use std::collections::BTreeSet;
use std::time::Duration;

use crate::answer::result::{Channel, DecisionKind};
use crate::config::Database;
use crate::pass::outcome::Outcome;
use crate::pass::reconcile::{Attention, reconcile};
use crate::ports::Ports;
use crate::words::timestamp::Timestamp;
use crate::world::known::Known;
use crate::world::trigger::Trigger;

/// How long to wait between two looks while something has changed lately.
pub const POLL: Duration = Duration::from_secs(1);
/// How long to wait between two looks when nothing has changed for a while.
const SLOW_POLL: Duration = Duration::from_secs(3);
/// For how long a change is late, in milliseconds.
const LATELY_MS: i64 = 60_000;
/// The longest pause, however often a service said that there are too many calls.
const POLL_MAX: Duration = Duration::from_secs(12);
/// Every which look also asks the Regions that did not answer before.
const ASK_AGAIN: u32 = 5;
/// How much of an invocation is kept for one whole last pass with every service at its budget, in milliseconds.
pub const DEADLINE_MARGIN_MS: i64 = 8_000;

/// Reconciles `database`, and goes on while there is something to wait for and time to do it.
pub async fn watch<P: Ports>(pass: Pass<'_, P>, known: &mut Known) -> Outcome {
    let started = pass.ports.now();
    let first = reconcile(pass, known, Attention::Everything).await;
    let mut outcome = watch_from(pass, known, first, &mut |_| ()).await;
    outcome.result.elapsed_ms = pass.ports.now().since_ms(started);
    outcome
}

/// Goes on from a `first` reconcile while there is something to wait for and time to do it; `look` sees each.
pub async fn watch_from<P: Ports>(
    pass: Pass<'_, P>,
    known: &mut Known,
    first: Outcome,
    look: &mut dyn FnMut(&Outcome),
) -> Outcome {
    let Pass { ports, database, trigger, deadline, .. } = pass;
    let started = ports.now();
    let mut outcome = first;
    let nobody = BTreeSet::new();
    look(&outcome);
    let mut looks = 0_u32;
    let mut pace = Pace { changed_at: started, throttled: 0 };
    while !outcome.reconfigured && is_awaited(&outcome, database, trigger, ports.now()) {
        if ports.now().plus_ms(DEADLINE_MARGIN_MS) >= deadline {
            break;
        }
        ports.sleep(pace.pause(ports.now())).await;
        looks = looks.wrapping_add(1);
        // Waiting for a dead Region each time would make a look every second one every five.
        let silent = if looks.is_multiple_of(ASK_AGAIN) { &nobody } else { &outcome.silent };
        let next = reconcile(pass, known, Attention::Transition(silent)).await;
        pace.note(&outcome, &next, ports.now());
        outcome = merge(outcome, next);
        look(&outcome);
    }
    outcome.result.elapsed_ms = ports.now().since_ms(started);
    outcome
}

/// How often to look: a watch spares the API.
struct Pace {
    changed_at: Timestamp,
    /// How many looks a service has found to be too many.
    throttled: u32,
}

impl Pace {
    fn note(&mut self, before: &Outcome, next: &Outcome, now: Timestamp) {
        let what = |outcome: &Outcome| (outcome.result.decision, outcome.result.hold, outcome.result.epoch);
        if what(before) != what(next) {
            self.changed_at = now;
        }
        self.throttled += u32::from(next.evidence.is_throttled());
    }

    /// Twice as long after each look that was throttled.
    fn pause(&self, now: Timestamp) -> Duration {
        let pause = if now.since_ms(self.changed_at) < LATELY_MS { POLL } else { SLOW_POLL };
        pause.saturating_mul(2_u32.saturating_pow(self.throttled)).min(POLL_MAX)
    }
}

/// Whether a transition is seen, or was announced and has not been published since.
fn is_awaited(outcome: &Outcome, database: &Database, trigger: &Trigger, now: Timestamp) -> bool {
    if outcome.watch {
        return true;
    }
    let Some(began_at) = trigger.began_at.filter(|_| trigger.names(database)) else { return false };
    let quiet = outcome.result.decision == DecisionKind::Unchanged;
    let recent = now.since_ms(began_at) < BEGAN_MS_MAX;
    let published_since = outcome.published_at.is_some_and(|at| at >= began_at.whole_seconds());
    quiet && recent && !published_since
}

/// The answer of several passes: the move if there was one, and the latest of everything else.
pub(crate) fn merge(before: Outcome, next: Outcome) -> Outcome {
    let moved_before = before.result.decision == DecisionKind::Publish;
    let keeps = moved_before && next.result.decision == DecisionKind::Unchanged;
    let mut result = if keeps { before.result.clone() } else { next.result.clone() };
    result.drift = before.result.drift || next.result.drift;
    if let (Some(channels), Some(earlier)) = (&mut result.channels, &before.result.channels) {
        // What an earlier look of this invocation wrote was written by this invocation.
        channels.record = best(channels.record, earlier.record);
        for (region, channel) in &mut channels.parameter {
            *channel = best(*channel, earlier.parameter.get(region).copied().unwrap_or(*channel));
        }
    }
    for failure in before.result.failures {
        if !result.failures.contains(&failure) {
            result.failures.push(failure);
        }
    }
    if result.unpublished.is_empty() && !keeps {
        result.unpublished = before.result.unpublished;
    }
    Outcome { result, ..next }
}

const fn best(now: Channel, earlier: Channel) -> Channel {
    match (now, earlier) {
        (Channel::Unchanged, earlier) => earlier,
        (now, _) => now,
    }
}

#[cfg(test)]
mod tests;
