//! One seeded run of outages.

use responder_core::pass::context::Pass;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
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
use responder_core::world::alarm::AlarmState;
use responder_core::world::known::Known;
use responder_core::world::trigger::Trigger;
use responder_fakes::executor::{Due, Queue};
use responder_fakes::{Conductor, OSAKA, SEOUL, Settings, World, database, region};

use crate::outage::audit::{self, Audit};
use crate::outage::script;
use crate::outage::stage::Stage;
use crate::outage::terms::{COOLDOWN_SECONDS, Count, Happening, Lie, Spoil};
use crate::run::terms::Violation;
use crate::weather::Dice;

/// How long an invocation may take, in milliseconds.
const INVOCATION_MS: i64 = 120_000;
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
    /// What waits for the one `failover` of each place: its reserved concurrency is one.
    waiting: [Vec<Trigger>; 2],
    invocations: u64,
    lie: Option<Lie>,
}

/// The simulated database: automatic, with two health alarms, one of them a witness's.
fn automatic(cooldown_seconds: u32) -> (Rc<Database>, Rc<[Region]>) {
    let regions: Rc<[Region]> = [region(SEOUL), region(OSAKA)].into();
    let settings = Settings { has_alarm: true, mode: FailoverMode::Automatic, ..Settings::default() };
    let json = database(&regions, settings).text().to_owned();
    let json = json.replace(
        "\"health_alarms\":[",
        &format!("\"cooldown_seconds\":{cooldown_seconds},\"health_alarms\":[\"{}\",", script::WITNESS),
    );
    let name = "todo".parse().expect("a database's name");
    let database = Database::parse("/failover-responder", &name, &json, &regions[0]);
    (Rc::new(database.expect("a valid configuration")), regions)
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
    let count = Count { seeds: 1, invocations: run.invocations, taken: audit.taken() };
    end.map(|()| (count, trace.clone())).map_err(|what| Violation { seed, what, steps, trace })
}

impl Run {
    fn new(seed: u64, lie: Option<Lie>, is_traced: bool) -> Self {
        let cooldown_seconds = if lie == Some(Lie::Cooldown) { 0 } else { COOLDOWN_SECONDS };
        let (database, regions) = automatic(cooldown_seconds);
        let world = World::of(database, Rc::clone(&regions)).published(SEOUL, 1);
        let begin_ms = world.now().as_ms();
        let stage = Rc::new(Stage {
            queue: Queue::new(begin_ms),
            dice: RefCell::new(Dice::new(seed)),
            weather: RefCell::default(),
            audit: RefCell::new(Audit::new(regions[0].clone())),
            regions,
            trace: is_traced.then(RefCell::default),
            begin_ms,
            steps: Cell::new(0),
        });
        let conductor: Rc<dyn Conductor> = Rc::clone(&stage) as Rc<dyn Conductor>;
        let world = world.conducted_by(conductor);
        Self { stage, world, tasks: BTreeMap::new(), waiting: [Vec::new(), Vec::new()], invocations: 0, lie }
    }

    fn play(&mut self) -> Result<(), String> {
        script::write(&self.stage, &self.world);
        while let Some(due) = self.stage.queue.next() {
            let ms = self.stage.queue.now_ms() - self.world.now().as_ms();
            self.world.advance_ms(ms);
            self.measure_lag();
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

    /// CloudWatch has a sample of every moment, unless it is spoilt.
    fn measure_lag(&self) {
        let audit = self.stage.audit.borrow();
        let at = self.world.now();
        let shown = |spoil| audit.is_spoilt(spoil) && !self.hides(spoil);
        for place in 0..2 {
            let lag_ms = if shown(Spoil::Lag) { 60_000 } else { 80 };
            let lag = responder_core::world::lag::Lag { lag_ms, at };
            self.world.site_at(place).lag = (!shown(Spoil::NoLag)).then_some(lag);
        }
    }

    fn happen(&mut self, happening: Happening) -> Result<(), String> {
        self.stage.tell(|| format!("{happening:?}"));
        match happening {
            Happening::Outage => self.outage(),
            Happening::Back => self.stage.weather.borrow_mut().cut.clear(),
            Happening::Alarm(at, state) => self.alarm(at, &state),
            Happening::Wake(place, trigger) => return self.wake(place, *trigger),
            Happening::Follow(place) => return self.start(place, Trigger::default(), false),
            Happening::Spoil(spoil, is_bad) => self.spoil(spoil, is_bad),
            Happening::Promote(place) => self.promote(place),
            Happening::OperationEnds => (0..2).for_each(|at| self.world.site_at(at).failover_status = None),
            Happening::Rejoin => self.rejoin(),
            Happening::Crash(number) => return self.crash(number),
        }
        Ok(())
    }

    fn outage(&mut self) {
        let dead = self.stage.place(&self.world.writer());
        self.stage.weather.borrow_mut().cut.extend([(1 - dead, dead), (dead, 1 - dead), (dead, dead)]);
        self.stage.audit.borrow_mut().outage();
        script::alarms_of_outage(&self.stage);
    }

    fn hides(&self, spoil: Spoil) -> bool {
        self.lie.is_some_and(|lie| lie.hides(spoil))
    }

    fn alarm(&self, at: usize, state: &AlarmState) {
        let shown = if self.lie == Some(Lie::Alarms) { &AlarmState::Alarm } else { state };
        self.world.set_alarm(script::ALARMS[at], shown);
        self.stage.audit.borrow_mut().alarm(at, *state == AlarmState::Alarm, self.world.now());
        script::deliver(&self.stage, at, state, self.world.now());
    }

    fn spoil(&self, spoil: Spoil, is_bad: bool) {
        self.stage.audit.borrow_mut().spoil(spoil, is_bad, self.world.now());
        let is_bad = is_bad && !self.hides(spoil);
        for place in 0..2 {
            let mut site = self.world.site_at(place);
            match spoil {
                Spoil::Hold => site.hold = is_bad.then(|| "maintenance".to_owned()),
                Spoil::Headless => site.instances = if is_bad { 0 } else { 2 },
                Spoil::Version => {
                    let version = if is_bad { "15.18" } else { responder_fakes::ENGINE_VERSION };
                    version.clone_into(&mut site.engine_version);
                }
                Spoil::NoLag | Spoil::Lag => {}
            }
        }
    }

    fn promote(&self, place: usize) {
        let writer = self.stage.regions[place].clone();
        self.world.begin_term(writer.as_str());
        self.world.catch_up(writer.as_str());
        self.stage.audit.borrow_mut().promoted(&writer);
    }

    /// The other Region has learnt of the promotion.
    fn rejoin(&self) {
        // What comes from now on is another outage, or alarms that lie.
        self.stage.audit.borrow_mut().outage();
        self.stage.weather.borrow_mut().cut.clear();
        for region in self.stage.regions.iter() {
            self.world.catch_up(region.as_str());
        }
    }

    /// Lambda keeps what comes while the one `failover` of a place runs.
    fn wake(&mut self, place: usize, trigger: Trigger) -> Result<(), String> {
        if self.tasks.values().any(|task| task.is_failover && task.place == place) {
            self.waiting[place].push(trigger);
            return Ok(());
        }
        self.start(place, trigger, true)
    }

    fn start(&mut self, place: usize, trigger: Trigger, is_failover: bool) -> Result<(), String> {
        let own = self.stage.regions[place].clone();
        let actor = self.world.actor_in(&own);
        let number = actor.number();
        let database = Rc::clone(self.world.database());
        let deadline = self.world.now().plus_ms(INVOCATION_MS);
        if is_failover {
            self.invocations += 1;
            self.stage.audit.borrow_mut().woke(number, self.world.now());
        }
        let future: LocalBoxFuture<'static, _> = Box::pin(async move {
            let mut known = Known::default();
            let pass = Pass { ports: &actor, database: &database, own: &own, trigger: &trigger, deadline };
            let outcome = if is_failover {
                Failover::default().run(pass, &mut known).await
            } else {
                Follow.run(pass, &mut known).await
            };
            (outcome, known)
        });
        self.tasks.insert(number, Task { place, is_failover, future });
        if self.stage.percent(15) {
            self.stage.queue.after(self.stage.between(0, 8_000), Happening::Crash(number));
        }
        self.poll(number)
    }

    fn poll(&mut self, number: u32) -> Result<(), String> {
        let Some(task) = self.tasks.get_mut(&number) else { return Ok(()) };
        let Poll::Ready((outcome, _)) = self.stage.queue.poll(number, task.future.as_mut()) else {
            return Ok(());
        };
        self.stage.tell(|| format!("invocation {number} ends: {:?}", outcome.result.failover));
        audit::check_answer(&outcome.result)?;
        self.end(number)
    }

    /// It died, and Lambda invokes what waits.
    fn crash(&mut self, number: u32) -> Result<(), String> {
        if self.tasks.contains_key(&number) { self.end(number) } else { Ok(()) }
    }

    fn end(&mut self, number: u32) -> Result<(), String> {
        let Some(task) = self.tasks.remove(&number) else { return Ok(()) };
        if self.waiting[task.place].is_empty() || !task.is_failover {
            return Ok(());
        }
        let next = self.waiting[task.place].remove(0);
        self.wake(task.place, next)
    }
}
