//! The conductor of a world that has no other: each call takes a little time, a dead Region its caller's whole
//! budget, and what is asked at once is waited for at once.

use std::cell::Cell;

use futures_util::future::LocalBoxFuture;

use crate::call::{Call, Fault};
use crate::conductor::{Conductor, Effect, Fate};
use crate::executor::Queue;
use crate::world::World;

/// One way of a call, in milliseconds.
const TRAVEL_MS: i64 = 10;
/// Until a caller gives up, in milliseconds.
const BUDGET_MS: i64 = 2_000;

/// When a function dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Not at all.
    Never,
    /// When it is about to make its call of this number, counted from 0.
    BeforeCall(u32),
    /// This many milliseconds after it began: calls that are on their way take effect before, or never.
    AfterMs(i64),
}

pub(crate) struct Clockwork {
    world: World,
    queue: Queue<()>,
    calls: Cell<u32>,
    death: Cell<Death>,
    began_ms: i64,
}

impl Clockwork {
    pub(crate) fn new(world: World) -> Self {
        let began_ms = world.now().as_ms();
        let (calls, death) = (Cell::new(0), Cell::new(Death::Never));
        Self { world, queue: Queue::new(began_ms), calls, death, began_ms }
    }

    /// The function dies then.
    pub(crate) fn dies(&self, death: Death) {
        self.death.set(death);
    }

    /// Whether it has died.
    pub(crate) fn is_dead(&self) -> bool {
        match self.death.get() {
            Death::Never => false,
            Death::BeforeCall(number) => self.calls.get() > number,
            Death::AfterMs(ms) => self.world.now().as_ms() - self.began_ms >= ms,
        }
    }

    /// Goes on to when the next wait is over.
    pub(crate) fn pass_time(&self) {
        self.queue.next().expect("somebody waits for what never comes");
        let ms = self.queue.now_ms() - self.world.now().as_ms();
        self.world.advance_ms(ms.max(0));
    }
}

impl Conductor for Clockwork {
    fn fate(&self, call: &Call) -> Fate {
        self.calls.set(self.calls.get() + 1);
        let fault = self.world.cloud.borrow_mut().fault(call);
        let request_ms = match fault {
            Some(Fault::Unreachable) => BUDGET_MS,
            Some(Fault::Delay(ms)) => ms,
            _ => TRAVEL_MS,
        };
        let answer_ms = if fault == Some(Fault::LostAnswer) { BUDGET_MS } else { TRAVEL_MS };
        Fate { request_ms, answer_ms, fault }
    }

    fn pause(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        Box::pin(self.queue.pause(ms))
    }

    fn note(&self, _: &Call, _: &Effect<'_>) {}

    fn keeps_log(&self) -> bool {
        true
    }
}
