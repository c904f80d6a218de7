//! What is wrong with the network and the services now, and how long calls take.

use std::collections::BTreeMap;

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
    /// Whether Parameter Store refuses most reads.
    pub(crate) refuses_parameters: bool,
    /// What the token buckets hold, where services have any.
    pub(crate) buckets: Option<Buckets>,
}

/// A bucket for each service of each place, which all of the account draw from.
#[derive(Debug, Default)]
pub(crate) struct Buckets(BTreeMap<(Option<usize>, &'static str), (f64, i64)>);

impl Buckets {
    /// Takes a token; whether there was one. Now and then somebody else has taken all of them.
    fn take(&mut self, call: &Call, to: Option<usize>, now_ms: i64, dice: &mut Dice) -> bool {
        let name = call.operation.aws_name();
        let service = name.split_once(':').map_or(name, |(service, _)| service);
        let (burst, each_second) = match (service, call.operation.is_write()) {
            ("ssm", true) => (3.0, 3.0),
            ("ssm", false) => (20.0, 10.0),
            ("route53", _) => (5.0, 2.0),
            _ => (6.0, 2.0),
        };
        let key = (to, if service == "ssm" { name } else { service });
        let (tokens, last_ms) = self.0.entry(key).or_insert((burst, now_ms));
        #[allow(clippy::cast_precision_loss, reason = "a few milliseconds")]
        let refilled = (*tokens + each_second * (now_ms - *last_ms) as f64 / 1000.0).min(burst);
        let held = if dice.percent(5) { 0.0 } else { refilled };
        (*tokens, *last_ms) = ((held - 1.0).max(0.0), now_ms);
        held >= 1.0
    }
}

impl Weather {
    /// The fate of a call from the place `own` to the place `to`.
    pub(crate) fn fate(
        &mut self,
        call: &Call,
        own: usize,
        to: Option<usize>,
        now_ms: i64,
        dice: &mut Dice,
    ) -> Fate {
        let is_refused = self.refuses_parameters && call.operation == Operation::ReadParameters;
        let is_route53 = matches!(call.operation, Operation::Exchange | Operation::ReadRecord);
        let is_cut = to.is_some_and(|to| self.cut.contains(&(own, to)))
            || (is_route53 && self.no_route53.contains(&own));
        let fault = if is_cut {
            Some(Fault::Unreachable)
        } else if is_refused && dice.percent(80) {
            Some([Fault::Throttled, Fault::Refused][dice.place(2)])
        } else if self.buckets.as_mut().is_some_and(|buckets| !buckets.take(call, to, now_ms, dice)) {
            Some(Fault::Throttled)
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
        self.refuses_parameters = false;
        self.buckets = None;
    }
}
