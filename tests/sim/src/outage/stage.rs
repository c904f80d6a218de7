//! What the functions of a run share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_fakes::executor::Queue;
use responder_fakes::{Call, Conductor, Effect, Fate};

use crate::outage::audit::Audit;
use crate::outage::terms::Happening;
use crate::weather::{Dice, Weather};

/// What the functions of a run share.
pub(super) struct Stage {
    pub(super) queue: Queue<Happening>,
    pub(super) dice: RefCell<Dice>,
    pub(super) weather: RefCell<Weather>,
    pub(super) audit: RefCell<Audit>,
    pub(super) regions: Rc<[Region]>,
    pub(super) trace: Option<RefCell<Vec<String>>>,
    pub(super) begin_ms: i64,
    pub(super) steps: Cell<u32>,
}

impl Stage {
    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let at_ms = self.queue.now_ms() - self.begin_ms;
            let line = format!("{:>8}.{:03} s  {}", at_ms / 1000, at_ms % 1000, what());
            trace.borrow_mut().push(line);
        }
    }

    pub(super) fn between(&self, from: i64, to: i64) -> i64 {
        self.dice.borrow_mut().between(from, to)
    }

    pub(super) fn percent(&self, percent: u32) -> bool {
        self.dice.borrow_mut().percent(percent)
    }

    pub(super) fn place(&self, region: &Region) -> usize {
        self.regions.iter().position(|other| other == region).unwrap_or_default()
    }
}

impl Conductor for Stage {
    fn fate(&self, call: &Call) -> Fate {
        self.steps.set(self.steps.get() + 1);
        let to = call.region.as_ref().map(|region| self.place(region));
        self.weather.borrow().fate(call, self.place(&call.own), to, &mut self.dice.borrow_mut())
    }

    fn pause(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        Box::pin(self.queue.pause(ms))
    }

    fn note(&self, call: &Call, effect: &Effect<'_>) {
        let Effect::FailoverAsked { target, taken } = effect else { return };
        self.tell(|| format!("invocation {} in {} asks for {target}: taken {taken}", call.actor, call.own));
        self.audit.borrow_mut().asked(call, target, *taken, Timestamp::from_ms(self.queue.now_ms()));
        if *taken {
            let place = self.place(target);
            let promotion_ms = self.between(200, 40_000);
            self.queue.after(promotion_ms, Happening::Promote(place));
            self.queue.after(promotion_ms + self.between(100, 20_000), Happening::OperationEnds);
        }
    }
}
