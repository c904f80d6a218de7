//! Seeded runs of outages: two `failover` functions and two `follow` functions in two Regions, alarms that fire, flap, lie
//! and are delivered late, twice or never, calls that fail or whose answers get lost, functions that die anywhere.
//!
//! What must hold, whatever happens:
//!
//! * at most one failover is taken for one outage, and at most one call for it reaches RDS unless an earlier one was
//!   refused or left no trace for a minute;
//! * no failover is asked for from the failing Region, nor by anything but the target's own function;
//! * a look ahead reads, remembers and tells people, and changes nothing;
//! * no failover is asked for while a check cannot pass: what has been wrong since before the function woke stops it.
//!
//! And in the lives that are not wild, in which at most one call, event or tick is lost:
//!
//! * an outage in which the checks hold in truth starts exactly one failover within two minutes of its last alarm;
//! * without an outage of the database, none is asked for: a bad release included.

mod ahead;
mod audit;
mod happenings;
mod life;
mod script;
mod terms;

use responder_core::pass::context::Pass;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::rc::Rc;
use std::task::Poll;

use futures_util::future::LocalBoxFuture;
use responder_core::config::Database;
use responder_core::config::FailoverMode;
use responder_core::failover::work::Failover;
use responder_core::invocation::work::Follow;
use responder_core::invocation::work::Work;
use responder_core::pass::outcome::Outcome;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::known::Known;
use responder_core::world::trigger::{Trigger, TriggerKind};
use responder_fakes::executor::{Due, Queue};
use responder_fakes::{
    Actor, Call, Conductor, Effect, Fate, OSAKA, SEOUL, Settings, Unkind, World, database, region,
};

use crate::run::terms::Violation;
use crate::stage::NEVER_MS;
use crate::weather::{Dice, Weather};
use crate::whims::Whims;
use ahead::Ahead;
use audit::Audit;
use life::{ALARMS, Life, Lost};
pub use terms::{Count, Lie};
pub(crate) use terms::{Happening, Spoil};

/// How long an invocation may take, in milliseconds.
const INVOCATION_MS: i64 = 120_000;
/// How long Lambda keeps an event that waits, in milliseconds.
const WAIT_MS_MAX: i64 = 60_000;
/// The cooldown of the simulated database, in seconds.
const COOLDOWN_SECONDS: u32 = 600;

/// What the functions of a run share.
pub(crate) struct Stage {
    queue: Queue<Happening>,
    dice: RefCell<Dice>,
    weather: RefCell<Weather>,
    audit: RefCell<Audit>,
    life: Life,
    regions: Rc<[Region]>,
    trace: Option<RefCell<Vec<String>>>,
    begin_ms: i64,
    steps: Cell<u32>,
    whims: RefCell<Whims>,
    /// The invocations that were cut off: what they had sent lands, and nothing more leaves them.
    cut_off: RefCell<BTreeSet<u32>>,
    /// Whether the outage has begun.
    has_begun: Cell<bool>,
    /// The looks ahead.
    ahead: Ahead,
}

impl Stage {
    fn tell(&self, what: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let at_ms = self.queue.now_ms() - self.begin_ms;
            let line = format!("{:>8}.{:03} s  {}", at_ms / 1000, at_ms % 1000, what());
            trace.borrow_mut().push(line);
        }
    }

    fn between(&self, from: i64, to: i64) -> i64 {
        self.dice.borrow_mut().between(from, to)
    }

    fn percent(&self, percent: u32) -> bool {
        self.dice.borrow_mut().percent(percent)
    }

    fn place(&self, region: &Region) -> usize {
        self.regions.iter().position(|other| other == region).unwrap_or(self.regions.len())
    }
}

impl Conductor for Stage {
    fn age_ms(&self, call: &Call) -> i64 {
        self.whims.borrow().age_ms(&mut self.dice(call).borrow_mut())
    }

    fn fate(&self, call: &Call) -> Fate {
        self.steps.set(self.steps.get() + 1);
        if self.cut_off.borrow().contains(&call.actor) {
            return Fate { request_ms: NEVER_MS, ..Fate::default() };
        }
        let to = call.region.as_ref().map(|region| self.place(region));
        let is_ahead = self.check_ahead(call);
        let mut dice = self.dice(call).borrow_mut();
        let now_ms = self.queue.now_ms();
        let fate = self.weather.borrow_mut().fate(call, self.place(&call.own), to, now_ms, &mut dice);
        // Nothing is lost in a call that cannot arrive anyhow.
        let lost = match fate.fault {
            None if self.has_begun.get() && !is_ahead => self.life.strike(call),
            _ => None,
        };
        lost.map_or(fate, |fault| Weather::fate_of(fault, fate))
    }

    fn pause(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        if ms == NEVER_MS { Box::pin(pending()) } else { Box::pin(self.queue.pause(ms)) }
    }

    fn note(&self, call: &Call, effect: &Effect<'_>) {
        let Effect::FailoverAsked { target, taken } = effect else { return };
        self.tell(|| format!("invocation {} in {} asks for {target}: taken {taken}", call.actor, call.own));
        let now = Timestamp::from_ms(self.queue.now_ms());
        self.audit.borrow_mut().asked(&self.life, call, target, *taken, now);
        if *taken {
            let place = self.place(target);
            let longest_ms = if self.life.has(Unkind::Statuses) { 150_000 } else { 40_000 };
            let promotion_ms = self.between(200, longest_ms);
            self.queue.after(promotion_ms, Happening::Promote(place));
            self.queue.after(promotion_ms + self.between(100, 20_000), Happening::OperationEnds);
        }
    }
}

struct Task {
    place: usize,
    is_failover: bool,
    future: LocalBoxFuture<'static, (Outcome, Known)>,
}

/// One run.
struct Run {
    stage: Rc<Stage>,
    world: World,
    tasks: BTreeMap<u32, Task>,
    /// What waits for the one `failover` of each place, where its reserved concurrency is one, and since when.
    waiting: [Vec<(Timestamp, Trigger)>; 2],
    invocations: u64,
    lie: Option<Lie>,
    /// When the outage began.
    began: Cell<Timestamp>,
    /// Ticks of the schedule in Osaka since then.
    ticks: Cell<i64>,
}

/// The simulated database: automatic, with the alarms of this life.
fn automatic(life: &Life, cooldown_seconds: u32, regions: &[Region]) -> Rc<Database> {
    let settings = Settings { mode: FailoverMode::Automatic, cooldown_seconds, ..Settings::default() };
    let arns =
        |places: &[usize]| places.iter().map(|at| format!("\"{}\"", ALARMS[*at].0)).collect::<Vec<_>>();
    let json = database(regions, settings).text().to_owned();
    let list = |field: &str, places| format!("\"{field}\":[{}]", arns(places).join(","));
    let json = json.replace("\"health_alarms\":[]", &list("health_alarms", life.health));
    let json = json.replace("\"writer_alarms\":[]", &list("writer_alarms", life.writer));
    let name = "todo".parse().expect("a database's name");
    let database = Database::parse("/failover-responder", &name, &json, &regions[0]);
    Rc::new(database.expect("a valid configuration"))
}

/// Runs one seed to its end.
///
/// # Errors
///
/// With the first thing that must hold and does not.
pub fn run(seed: u64, lie: Option<Lie>, is_traced: bool) -> Result<(Count, Vec<String>), Violation> {
    let mut run = Run::new(seed, lie, is_traced);
    let end = run.play();
    let trace = run.stage.trace.as_ref().map(RefCell::take).unwrap_or_default();
    let steps = run.stage.steps.get();
    let audit = run.stage.audit.borrow();
    let end = end.and_then(|()| audit.check_liveness(&run.stage.life));
    let told = run.world.take_notices();
    let is_tame = !run.stage.life.is_wild() && !run.stage.life.lost_a_word();
    let twice = u64::from(is_tame && audit::is_told_twice(&told));
    let due = u64::from(run.stage.life.has_to_start());
    let started_ms = audit.started_within_ms(&run.stage.life);
    let at_once = u64::from(started_ms.is_some());
    let late = u64::from(started_ms.is_some_and(|ms| ms > 10_000));
    let ahead = run.stage.ahead.looked();
    let (invocations, taken) = (run.invocations, audit.taken());
    let count = Count { seeds: 1, invocations, taken, due, twice, at_once, late, ahead };
    end.map(|()| (count, trace.clone())).map_err(|what| Violation { seed, what, steps, trace })
}

impl Run {
    fn new(seed: u64, told: Option<Lie>, is_traced: bool) -> Self {
        let cooldown_seconds = if told == Some(Lie::Cooldown) { 60 } else { COOLDOWN_SECONDS };
        let mut dice = Dice::new(seed);
        let life = Life::draw(&mut dice, told);
        let regions: Rc<[Region]> = [region(SEOUL), region(OSAKA)].into();
        let database = automatic(&life, cooldown_seconds, &regions);
        let world = World::of(database, Rc::clone(&regions)).published(SEOUL, 1);
        ahead::judged_long_ago(&world);
        let begin_ms = world.now().as_ms();
        let stage = Rc::new(Stage {
            queue: Queue::new(begin_ms),
            dice: RefCell::new(dice),
            weather: RefCell::default(),
            audit: RefCell::new(Audit::new(regions[0].clone(), world.now())),
            life,
            whims: RefCell::default(),
            cut_off: RefCell::default(),
            has_begun: Cell::new(false),
            ahead: Ahead::new(seed),
            regions,
            trace: is_traced.then(RefCell::default),
            begin_ms,
            steps: Cell::new(0),
        });
        let conductor: Rc<dyn Conductor> = Rc::clone(&stage) as Rc<dyn Conductor>;
        let world = world.conducted_by(conductor);
        Self {
            stage,
            began: Cell::new(world.now()),
            world,
            tasks: BTreeMap::new(),
            waiting: [Vec::new(), Vec::new()],
            invocations: 0,
            lie: told,
            ticks: Cell::new(0),
        }
    }

    fn play(&mut self) -> Result<(), String> {
        script::write(&self.stage, &self.world);
        while let Some(due) = self.stage.queue.next() {
            let ms = self.stage.queue.now_ms() - self.world.now().as_ms();
            self.world.advance_ms(ms);
            match due {
                Due::Task(number) => self.poll(number)?,
                Due::Happening(happening) => self.happen(happening)?,
            }
            if let Some(what) = &self.stage.audit.borrow().violation {
                return Err(what.clone());
            }
        }
        Ok(())
    }

    fn happen(&mut self, happening: Happening) -> Result<(), String> {
        self.stage.tell(|| format!("{happening:?}"));
        match happening {
            Happening::Outage => self.outage(),
            Happening::Back => self.back(),
            Happening::Alarm(at, state) => self.alarm(at, &state),
            Happening::Wake(place, trigger) => return self.wake(place, *trigger),
            Happening::Late(place, trigger) => return self.invoke(place, *trigger),
            Happening::Follow(place) => return self.start(place, Trigger::default(), false),
            Happening::Spoil(spoil, is_bad) => self.spoil(spoil, is_bad),
            Happening::Promote(place) => self.promote(place),
            Happening::OperationEnds => (0..2).for_each(|at| self.world.site_at(at).failover_status = None),
            Happening::Rejoin => self.rejoin(),
            Happening::Crash(number) => return self.crash(number),
        }
        Ok(())
    }

    /// Lambda keeps what comes while the one `failover` of a place runs, for a minute; or runs several, where none is
    /// reserved.
    fn wake(&mut self, place: usize, trigger: Trigger) -> Result<(), String> {
        if self.is_lost_tick(place, &trigger) {
            return Ok(());
        }
        if self.stage.life.has(Unkind::Retries) && self.stage.percent(20) {
            let late_ms = if self.stage.percent(50) { 60_000 } else { 120_000 };
            self.stage.queue.after(late_ms, Happening::Late(place, Box::new(trigger)));
            return Ok(());
        }
        self.invoke(place, trigger)
    }

    fn invoke(&mut self, place: usize, trigger: Trigger) -> Result<(), String> {
        let runs = |(number, task): (&u32, &Task)| {
            task.is_failover && task.place == place && !self.stage.cut_off.borrow().contains(number)
        };
        let is_busy = || self.tasks.iter().any(runs);
        if self.stage.life.is_reserved && is_busy() {
            self.waiting[place].push((self.world.now(), trigger));
            return Ok(());
        }
        self.start(place, trigger, true)
    }

    fn is_lost_tick(&self, place: usize, trigger: &Trigger) -> bool {
        let Lost::Tick(number) = self.stage.life.lost else { return false };
        let counts = place == 1
            && trigger.kind == TriggerKind::Schedule
            && self.stage.has_begun.get()
            && !self.stage.life.is_wild();
        if counts {
            self.ticks.set(self.ticks.get() + 1);
        }
        counts && self.ticks.get() == number + 1
    }

    fn start(&mut self, place: usize, trigger: Trigger, is_failover: bool) -> Result<(), String> {
        let own = self.stage.regions[place].clone();
        let actor = self.world.actor_in(&own);
        let number = actor.number();
        let database = Rc::clone(self.world.database());
        let clock_ms = self.world.site_at(place).clock_ms;
        let deadline = self.world.now().plus_ms(clock_ms + INVOCATION_MS);
        if is_failover {
            self.invocations += 1;
            self.stage.audit.borrow_mut().woke(number, self.world.now());
        }
        // What its configuration's listing brings with it; in a wild life the state may be unreadable.
        let knows_nothing = self.stage.life.is_wild() && self.stage.percent(10);
        let mut known = if knows_nothing { Known::default() } else { self.world.known(own.as_str()) };
        let stage = Rc::clone(&self.stage);
        let future: LocalBoxFuture<'static, _> = Box::pin(async move {
            let trigger = Trigger { invocation: number.to_string(), ..trigger };
            let pass = Pass { ports: &actor, database: &database, own: &own, trigger: &trigger, deadline };
            let outcome = if is_failover {
                let failover = Failover::default();
                let mut outcome = failover.run(pass, &mut known).await;
                if Work::<Actor>::has_more(&failover, &trigger) {
                    stage.ahead.begins(number);
                    failover.afterwards(pass, &mut known, &mut outcome.result).await;
                    stage.ahead.ends(number, outcome.result.readiness.is_some());
                }
                outcome
            } else {
                Follow.run(pass, &mut known).await
            };
            (outcome, known)
        });
        self.tasks.insert(number, Task { place, is_failover, future });
        if self.stage.life.is_wild() && self.stage.percent(15) {
            self.stage.queue.after(self.stage.between(0, 50_000), Happening::Crash(number));
        }
        self.poll(number)
    }

    fn poll(&mut self, number: u32) -> Result<(), String> {
        let Some(task) = self.tasks.get_mut(&number) else { return Ok(()) };
        let Poll::Ready((outcome, _)) = self.stage.queue.poll(number, task.future.as_mut()) else {
            return Ok(());
        };
        if self.stage.cut_off.borrow().contains(&number) {
            self.tasks.remove(&number);
            return Ok(());
        }
        self.stage.tell(|| format!("invocation {number} ends: {:?}", outcome.result.failover));
        audit::check_answer(&outcome.result)?;
        self.end(number)
    }

    /// It died. What it had sent lands later, where that is possible, beside the next one.
    fn crash(&mut self, number: u32) -> Result<(), String> {
        let Some(task) = self.tasks.get(&number) else { return Ok(()) };
        if !self.stage.life.has(Unkind::Late) {
            return self.end(number);
        }
        let (place, is_failover) = (task.place, task.is_failover);
        self.stage.cut_off.borrow_mut().insert(number);
        self.next(place, is_failover)
    }

    fn end(&mut self, number: u32) -> Result<(), String> {
        let Some(task) = self.tasks.remove(&number) else { return Ok(()) };
        self.next(task.place, task.is_failover)
    }

    /// Lambda invokes what waits.
    fn next(&mut self, place: usize, is_failover: bool) -> Result<(), String> {
        let now = self.world.now();
        let waiting = &mut self.waiting[place];
        waiting.retain(|(since, _)| now.since_ms(*since) <= WAIT_MS_MAX);
        if waiting.is_empty() || !is_failover {
            return Ok(());
        }
        let (_, next) = waiting.remove(0);
        self.start(place, next, true)
    }
}
