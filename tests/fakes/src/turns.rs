//! Turns of writes to a Parameter Store that takes only so many a second.

use std::time::Duration;

use responder_core::ports::{PortError, Turn};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;

use crate::actor::Actor;
use crate::world::World;

impl World {
    /// From now on each Region's Parameter Store takes one write in so many milliseconds, and whoever comes sooner waits.
    pub fn writes_take_turns_ms(&self, ms: i64) {
        self.cloud.borrow_mut().turn_ms = ms;
    }
}

impl Actor {
    pub(crate) async fn turn_in(&self, region: &Region) -> Result<Turn, PortError> {
        let now_ms = self.world.now().as_ms();
        let at_ms = {
            let mut cloud = self.world.cloud.borrow_mut();
            let (turn_ms, at) = (cloud.turn_ms, cloud.at(region));
            let next = &mut cloud.sites[at].next_turn_ms;
            let at_ms = now_ms.max(*next);
            if turn_ms > 0 {
                *next = at_ms + turn_ms;
            }
            at_ms
        };
        if let Some(end) = self.turns_end.get().filter(|end| Timestamp::from_ms(at_ms) > *end) {
            self.pause(end.since_ms(self.world.now())).await;
            return Err(PortError::new(format!("a turn in {region}"), FailureKind::Throttled));
        }
        self.pause(at_ms - now_ms).await;
        let waited = Duration::from_millis(u64::try_from(at_ms - now_ms).unwrap_or_default());
        Ok(Turn { waited, guard: None })
    }
}
