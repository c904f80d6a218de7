//! The attempt, written before the call: of several invocations at once only one calls.
//!
//! Parameter Store has no compare-and-swap, but each write answers with the version that it made, and versions are
//! consecutive. So the first who writes after a version knows that it was the first, and every later one who had read that
//! version knows that it was not. The first goes on; where another has written over its attempt, it writes that anew.

use std::time::Duration;

use crate::failover::response::Response;
use crate::failover::turn::turn;
use crate::ports::failover::FailoverPorts;
use crate::world::attempt::{Attempt, Journal, Started};
use crate::world::limits::{OVERWRITTEN_APART_MS_MAX, OVERWRITTEN_MS_MAX};

/// How long one that was not the first leaves what it wrote: longer than the first needs to find that and to write anew.
const YIELDS: Duration = Duration::from_secs(1);
/// How long after it the first still writes its attempt anew, in milliseconds. Nobody else may start one for so long.
const ANEW_MS_MAX: i64 = OVERWRITTEN_MS_MAX / 3;
/// How often at most it looks whether its attempt stands.
const LOOKS_MAX: u32 = 4;

/// Writes the attempt, or says why nothing is called: it cannot be written, or another invocation was the first.
pub(super) async fn claim<P: FailoverPorts>(response: &mut Response<'_, P>) -> Result<Attempt, &'static str> {
    let before = response.journal.clone();
    response.pass.ports.sleep(turn(response.case, response.pass.trigger)).await;
    let Some(epoch) = response.case.evidence.published().map(|published| published.epoch) else {
        return Err("nothing is published");
    };
    if !response.catch_up().await {
        response.again = true;
        return Err("what is remembered could not be read before the call");
    }
    if !before.has_same_attempt(&response.journal) {
        return Err("another invocation has made an attempt since this one looked");
    }
    let now = response.pass.ports.now();
    let pause = OVERWRITTEN_MS_MAX + apart_ms(&response.pass.trigger.invocation);
    if response.journal.overwritten.is_some_and(|at| now.since_ms(at) < pause) {
        response.again = true;
        return Err("an attempt of another invocation may just have been written over");
    }
    let target = response.pass.own.clone();
    let by = Some(response.name());
    let attempt = Attempt { at: now, target, epoch, started: Started::Calling, quiet: None, by };
    let read = response.version;
    response.journal.attempt = Some(attempt.clone());
    if !response.save().await {
        response.again = true;
        take_back(response, before).await;
        return Err("the attempt could not be written before the call");
    }
    if response.version != read.saturating_add(1) {
        response.again = true;
        // That one may be calling now, and writes how it ended; this one will not call.
        response.journal.overwritten = Some(response.pass.ports.now());
        response.pass.ports.sleep(YIELDS).await;
        take_back(response, before).await;
        return Err("another invocation wrote its attempt at the same time");
    }
    Ok(attempt)
}

/// Whether the attempt stands, right before its call; where one wrote over it, it is written anew.
///
/// Who writes the very next version without this attempt in it had read an earlier one, so that one does not call. Whatever
/// else stands there may be the attempt of somebody who does.
pub(super) async fn stands<P: FailoverPorts>(response: &mut Response<'_, P>, attempt: &Attempt) -> bool {
    for _ in 0..LOOKS_MAX {
        let Ok(newest) = response.pass.ports.read_journal(response.pass.database).await else { return false };
        if newest.journal.has_same_attempt(&response.journal) {
            return true;
        }
        // Parameter Store promises no fresh reads.
        if newest.version < response.version {
            continue;
        }
        let is_late = response.pass.ports.now().since_ms(attempt.at) > ANEW_MS_MAX;
        let is_next = |version: u64| version == response.version.saturating_add(1);
        if is_late || !is_next(newest.version) {
            return false;
        }
        response.journal.said = newest.journal.said;
        response.journal.said_by = newest.journal.said_by;
        if !response.save().await || response.version != newest.version.saturating_add(1) {
            return false;
        }
    }
    false
}

/// Nothing is called after all, so the attempt must not keep the next look away. A write that got no answer may have been made
/// all the same, and where another had written before it, over the attempt of that one.
pub(super) async fn take_back<P: FailoverPorts>(response: &mut Response<'_, P>, before: Journal) {
    let Ok(newest) = response.pass.ports.read_journal(response.pass.database).await else { return };
    if newest.journal.has_same_attempt(&response.journal) {
        if newest.version > response.version.saturating_add(1) {
            response.journal.overwritten = Some(response.pass.ports.now());
        }
        response.journal.attempt = before.attempt;
        response.save().await;
    }
}

/// How much longer than others this invocation waits, in milliseconds. Two that wrote over each other both look every five
/// seconds from the same moment on; what tells them apart is their names, which Lambda draws.
fn apart_ms(invocation: &str) -> i64 {
    const STEPS: u32 = 4;
    let drawn = invocation.bytes().fold(0u32, |sum, it| sum.wrapping_mul(31).wrapping_add(it.into()));
    i64::from(drawn % STEPS) * OVERWRITTEN_APART_MS_MAX / i64::from(STEPS - 1)
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
