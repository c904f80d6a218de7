//! Looks ahead: they read, remember in a parameter of their own and tell people, and call nothing else. Their calls are thrown by
//! dice of their own, so that a life goes as it would without them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use responder_core::answer::readiness::ReadinessKind;
use responder_core::words::names::Epoch;
use responder_core::world::readiness::Readiness;
use responder_fakes::{Call, Operation, World};

use super::Stage;
use crate::weather::Dice;

/// What a look ahead may call.
const MAY: [Operation; 10] = [
    Operation::View,
    Operation::ReadRecord,
    Operation::ReadParameters,
    Operation::Alarms,
    Operation::MuteRules,
    Operation::Lag,
    Operation::ReadJournal,
    Operation::ReadReadiness,
    Operation::PutReadiness,
    Operation::Publish,
];

/// The looks ahead of a run.
pub(super) struct Ahead {
    /// The invocations that look ahead now.
    under_way: RefCell<BTreeSet<u32>>,
    looked: Cell<u64>,
    dice: RefCell<Dice>,
}

impl Ahead {
    pub(super) fn new(seed: u64) -> Self {
        Self { under_way: RefCell::default(), looked: Cell::new(0), dice: RefCell::new(Dice::new(!seed)) }
    }

    pub(super) fn begins(&self, number: u32) {
        self.under_way.borrow_mut().insert(number);
    }

    pub(super) fn ends(&self, number: u32, found: bool) {
        self.under_way.borrow_mut().remove(&number);
        self.looked.set(self.looked.get() + u64::from(found));
    }

    pub(super) fn is_of(&self, call: &Call) -> bool {
        self.under_way.borrow().contains(&call.actor)
    }

    pub(super) fn looked(&self) -> u64 {
        self.looked.get()
    }
}

/// Each Region looked ahead long ago, so that its first calm tick does.
pub(super) fn judged_long_ago(world: &World) {
    let at = world.now().plus_ms(-86_400_000).whole_seconds();
    for place in 0..2 {
        let readiness = Readiness {
            at,
            epoch: Epoch(1),
            verdict: ReadinessKind::Writer,
            since: at,
            obstacles: Vec::new(),
            told: None,
        };
        world.site_at(place).readiness = Some(readiness.to_json());
    }
}

impl Stage {
    /// Whether it is a call of a look ahead; one that such a look may not make is a violation.
    pub(super) fn check_ahead(&self, call: &Call) -> bool {
        let is_ahead = self.ahead.is_of(call);
        if is_ahead && !MAY.contains(&call.operation) {
            let what = format!("{call} ({:?}) by a look ahead, which changes nothing", call.operation);
            self.audit.borrow_mut().violation.get_or_insert(what);
        }
        is_ahead
    }

    pub(super) fn dice(&self, call: &Call) -> &RefCell<Dice> {
        if self.ahead.is_of(call) { &self.ahead.dice } else { &self.dice }
    }
}
