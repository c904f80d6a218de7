//! What is wrong with the network and the services now, and how long calls take.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use responder_fakes::{Call, Fate, Fault, Operation};

/// How long a caller waits for an answer, in milliseconds.
const BUDGET_MS: i64 = 2_000;

/// Random numbers of one seed.
pub(crate) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// From `from` up to but without `to`.
    pub(crate) fn between(&mut self, from: i64, to: i64) -> i64 {
        if from >= to { from } else { self.0.random_range(from..to) }
    }

    /// One of `count` places.
    pub(crate) fn place(&mut self, count: usize) -> usize {
        self.0.random_range(0..count)
    }

    /// True this often in a hundred.
    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }
}

/// What is wrong now.
#[derive(Debug, Default)]
pub(crate) struct Weather {
    /// How many calls in a hundred fail in some way.
    pub(crate) faults_percent: u32,
    /// How many calls in a hundred take very long.
    pub(crate) slow_percent: u32,
    /// The longest that such a call takes, in milliseconds.
    pub(crate) slow_ms: i64,
    /// Pairs of places: no call from the first arrives at the second.
    pub(crate) cut: Vec<(usize, usize)>,
    /// Places from which Route 53 cannot be reached.
    pub(crate) no_route53: Vec<usize>,
    /// The place one of whose nodes tells the news of so many terms ago, to whoever keeps a connection to it.
    pub(crate) stuck: Option<(usize, usize)>,
}

impl Weather {
    /// The fate of a call from the place `own` to the place `to`.
    pub(crate) fn fate(&self, call: &Call, own: usize, to: Option<usize>, dice: &mut Dice) -> Fate {
        let is_route53 = matches!(call.operation, Operation::Exchange | Operation::ReadRecord);
        let is_cut = to.is_some_and(|to| self.cut.contains(&(own, to)))
            || (is_route53 && self.no_route53.contains(&own));
        let fault = if is_cut {
            Some(Fault::Unreachable)
        } else if self.faults_percent > 0 && dice.percent(self.faults_percent) {
            Some([Fault::Unreachable, Fault::Fails, Fault::Throttled, Fault::LostAnswer][dice.place(4)])
        } else {
            None
        };
        Fate {
            request_ms: if fault == Some(Fault::Unreachable) { BUDGET_MS } else { self.travel_ms(dice) },
            answer_ms: if fault == Some(Fault::LostAnswer) { BUDGET_MS } else { self.travel_ms(dice) },
            fault,
        }
    }

    /// The same call, with this fault.
    pub(crate) fn fate_of(fault: Fault, fate: Fate) -> Fate {
        Fate {
            request_ms: if fault == Fault::Unreachable { BUDGET_MS } else { fate.request_ms },
            answer_ms: if fault == Fault::LostAnswer { BUDGET_MS } else { fate.answer_ms },
            fault: Some(fault),
        }
    }

    fn travel_ms(&self, dice: &mut Dice) -> i64 {
        if self.slow_percent > 0 && dice.percent(self.slow_percent) {
            dice.between(100, self.slow_ms)
        } else {
            dice.between(1, 40)
        }
    }

    /// Everything works again.
    pub(crate) fn clear(&mut self) {
        self.faults_percent = 0;
        self.slow_percent = 0;
        self.cut.clear();
        self.no_route53.clear();
        self.stuck = None;
    }
}
