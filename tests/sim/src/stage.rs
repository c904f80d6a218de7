//! What the functions of a run share: the queue, the dice, the weather, the audit and the trace.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::pending;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use responder_core::config::Database;
use responder_core::ports::Connection;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_fakes::executor::Queue;
use responder_fakes::{Call, Conductor, Effect, Fate, Whim};

use crate::audit::Audit;
use crate::weather::{Dice, Weather};
use crate::whims::{Stuck, Whims};

/// A call that never arrives, in milliseconds.
pub(crate) const NEVER_MS: i64 = i64::MAX;

/// What happens in the world, beside the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// The writer moves to another Region.
    Transition,
    /// The Region at this place shows a later term.
    CatchUp(usize),
    /// The cluster at this place can take writes.
    Ready(usize),
    /// The status of the operation disappears from what this place shows.
    OperationEnds(usize),
    /// The function at this place is woken.
    Wake(usize),
    /// The schedule wakes the function at this place, and nothing goes wrong any more.
    Tick(usize),
    /// Two minutes of that are over.
    Converged,
    /// The function of this number at this place, which was put off, is woken.
    Late(usize, u32),
    /// This pass ends, wherever it is.
    Crash(u32),
    /// No call from the first place arrives at the second.
    Cut(usize, usize),
    /// It does again.
    Mend(usize, usize),
    /// Route 53 cannot be reached from this place.
    Route53Down(usize),
    /// It can again.
    Route53Back(usize),
    /// Two passes right behind each other, while nothing else happens: the second writes nothing.
    Twice(usize),
    /// A node is stuck.
    Stick(Stuck),
    /// It is not any more.
    Loosen,
    /// The cluster at this place and its instances have these statuses.
    Status(usize, &'static str, &'static str),
    /// The hold switch is set everywhere, or taken away.
    Hold(bool),
    /// Parameter Store refuses most reads, or no more.
    RefuseParameters(bool),
}

pub(crate) struct Stage {
    pub(crate) queue: Queue<Happening>,
    pub(crate) dice: RefCell<Dice>,
    pub(crate) weather: RefCell<Weather>,
    pub(crate) audit: RefCell<Audit>,
    pub(crate) database: Rc<Database>,
    pub(crate) regions: Rc<[Region]>,
    pub(crate) trace: Option<RefCell<Vec<String>>>,
    pub(crate) steps: Cell<u32>,
    pub(crate) whims: RefCell<Whims>,
    /// The place that has the writer.
    pub(crate) writer: Cell<usize>,
    /// Whether the Region that has the writer shows it.
    pub(crate) knows_of_its_promotion: Cell<bool>,
    /// The passes that were cut off: what they had sent lands, and nothing more leaves them.
    pub(crate) cut_off: RefCell<BTreeSet<u32>>,
    begin_ms: i64,
}

impl Stage {
    pub(crate) fn new(
        seed: u64,
        begin_ms: i64,
        database: Rc<Database>,
        regions: Rc<[Region]>,
        traced: bool,
    ) -> Self {
        Self {
            queue: Queue::new(begin_ms),
            dice: RefCell::new(Dice::new(seed)),
            weather: RefCell::default(),
            audit: RefCell::default(),
            database,
            regions,
            trace: traced.then(RefCell::default),
            steps: Cell::new(0),
            whims: RefCell::default(),
            writer: Cell::new(0),
            knows_of_its_promotion: Cell::new(true),
            cut_off: RefCell::default(),
            begin_ms,
        }
    }

    pub(crate) fn place(&self, region: &Region) -> usize {
        self.regions.iter().position(|other| other == region).unwrap_or_default()
    }

    /// Notes what happened, where somebody wants to read it.
    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let at_ms = self.queue.now_ms() - self.begin_ms;
            let line = format!("{:>8}.{:03} s  {}", at_ms / 1000, at_ms % 1000, what());
            trace.borrow_mut().push(line);
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.queue.now_ms())
    }

    pub(crate) fn between(&self, from: i64, to: i64) -> i64 {
        self.dice.borrow_mut().between(from, to)
    }

    pub(crate) fn percent(&self, percent: u32) -> bool {
        self.dice.borrow_mut().percent(percent)
    }

    pub(crate) fn after(&self, ms: i64, happening: Happening) {
        self.queue.after(ms, happening);
    }
}

impl Conductor for Stage {
    /// Only a Region that has come to the latest term has a node that is stuck, and the promoted Region knows of its promotion
    /// by then, as in the model.
    fn whim(&self, call: &Call, connection: Connection, shown: usize, now: usize) -> Whim {
        let Some(place) = call.region.as_ref().map(|region| self.place(region)) else {
            return Whim::default();
        };
        let state = (shown == now && self.knows_of_its_promotion.get(), place == self.writer.get());
        self.whims.borrow().of_view(place, connection, state, &mut self.dice.borrow_mut())
    }

    fn age_ms(&self, _: &Call) -> i64 {
        self.whims.borrow().age_ms(&mut self.dice.borrow_mut())
    }

    fn fate(&self, call: &Call) -> Fate {
        self.audit.borrow_mut().called(call);
        self.steps.set(self.steps.get() + 1);
        let to = call.region.as_ref().map(|region| self.place(region));
        let own = self.place(&call.own);
        if self.cut_off.borrow().contains(&call.actor) {
            return Fate { request_ms: NEVER_MS, ..Fate::default() };
        }
        let now_ms = self.queue.now_ms();
        self.weather.borrow_mut().fate(call, own, to, now_ms, &mut self.dice.borrow_mut())
    }

    fn pause(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        if ms == NEVER_MS { Box::pin(pending()) } else { Box::pin(self.queue.pause(ms)) }
    }

    fn note(&self, call: &Call, effect: &Effect<'_>) {
        self.tell(|| format!("pass {:>2} in {}: {}", call.actor, call.own, words(effect)));
        self.audit.borrow_mut().note(call, effect, &self.database, self.now());
    }
}

/// Conducts calls that take no time and never fail.
pub(crate) struct AtOnce(pub(crate) Rc<Stage>);

impl Conductor for AtOnce {
    fn whim(&self, call: &Call, connection: Connection, shown: usize, now: usize) -> Whim {
        self.0.whim(call, connection, shown, now)
    }

    fn fate(&self, call: &Call) -> Fate {
        self.0.audit.borrow_mut().called(call);
        Fate::default()
    }

    fn pause(&self, _: i64) -> LocalBoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn note(&self, call: &Call, effect: &Effect<'_>) {
        self.0.note(call, effect);
    }
}

fn words(effect: &Effect<'_>) -> String {
    match effect {
        Effect::Viewed { region, term, named } => match named {
            Some(named) => format!("{region} names {named} (it shows term {term})"),
            None => format!("{region} names nobody (it shows term {term})"),
        },
        Effect::Exchanged { exchange, accepted } => {
            let value = |records: &responder_core::world::record::RecordSet| {
                let txt = records.txt.as_ref().and_then(|txt| txt.values.first().cloned());
                txt.unwrap_or_else(|| "nothing".to_owned())
            };
            let end = if *accepted { "accepted" } else { "THE FENCE IS LOST" };
            format!("exchange {} by {}: {end}", value(&exchange.from), value(&exchange.to))
        }
        Effect::Probed { region, writable } => format!("SQL says of {region}: {writable:?}"),
        Effect::FailoverAsked { target, taken } => {
            format!("failover to {target}: {}", if *taken { "taken" } else { "refused" })
        }
        Effect::WriterPut { region, endpoint } => format!("writer parameter in {region} = {endpoint}"),
        Effect::StatePut { region, state } => format!("state in {region} = {}", state.to_json()),
    }
}
