//! When the next look is, and when to stop.
//!
//! A schedule wakes the probe each minute, to the minute and not to the second, and each invocation goes on for longer than
//! a minute: two overlap, so that no look is missed between them.

use crate::words::timestamp::Timestamp;

/// The longest budget of one look, in milliseconds: eight round trips to the other side of the world, and something more.
const LOOK_MS_MAX: u64 = 2_500;
/// What is left of the pace when a look took all of its budget, in milliseconds.
const LOOK_MARGIN_MS: u64 = 200;
/// What an invocation keeps for its answer, in milliseconds.
const ANSWER_MS: u64 = 500;

/// How often, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From one look's begin to the next one's, in milliseconds.
    pub every_ms: u64,
    /// How long one invocation goes on, in milliseconds.
    pub for_ms: u64,
}

impl Pace {
    /// The most that one look may take, in milliseconds: less than the pace, so that no look delays the next one.
    pub fn budget_ms(self) -> u64 {
        self.every_ms.saturating_sub(LOOK_MARGIN_MS).min(LOOK_MS_MAX)
    }

    /// When the next look begins, after one that is over at `now`; none where the invocation is to end. A look that took
    /// too long costs the looks that it ran over, and moves none of the later ones.
    pub fn next(self, began: Timestamp, now: Timestamp, deadline: Timestamp) -> Option<Timestamp> {
        let every = i64::try_from(self.every_ms).unwrap_or(i64::MAX).max(1);
        let passed = now.since_ms(began).max(0);
        let next = began.plus_ms((passed / every).saturating_add(1).saturating_mul(every));
        let needed = i64::try_from(self.budget_ms() + ANSWER_MS).unwrap_or(i64::MAX);
        let end = began.plus_ms(i64::try_from(self.for_ms).unwrap_or(i64::MAX));
        (next < end && next.plus_ms(needed) <= deadline).then_some(next)
    }
}
