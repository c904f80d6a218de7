//! One seeded run.

use std::collections::BTreeMap;
use std::rc::Rc;

use responder_core::config::Database;
use responder_core::pass::outcome::Outcome;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::known::Known;
use responder_core::world::topology::RegionView;
use responder_fakes::executor::Due;
use responder_fakes::{Actor, Conductor, OSAKA, SEOUL, Settings, TOKYO, World, database, region};

use crate::audit::ownership_of;
use crate::broken::Variant;
use crate::run::script;
use crate::run::task::Task;
use crate::run::terms::{Config, Summary, Violation};
use crate::stage::{Happening, Stage};

/// Databases by what [`Config`] wants; they are read once a thread.
#[derive(Debug, Default)]
pub struct Library(BTreeMap<(usize, bool, bool), Ground>);

/// The Regions, each of which may have a probe.
const REGIONS: &[&str] = &[SEOUL, OSAKA, TOKYO];

/// A database and its Regions.
type Ground = (Rc<Database>, Rc<[Region]>);

impl Library {
    fn of(&mut self, config: Config) -> Ground {
        let key = (config.regions, config.has_settle_time, config.has_probes);
        let make = || {
            let regions: Rc<[Region]> = REGIONS[..config.regions].iter().map(|name| region(name)).collect();
            let settings = Settings {
                settle_seconds: if config.has_settle_time { 60 } else { 0 },
                probes: if config.has_probes { &REGIONS[..config.regions] } else { &[] },
                ..Settings::default()
            };
            (Rc::new(database(&regions, settings)), regions)
        };
        self.0.entry(key).or_insert_with(make).clone()
    }
}

/// Runs one seed to its end.
///
/// # Errors
///
/// With the first thing that must hold and does not.
pub fn run(library: &mut Library, seed: u64, config: Config) -> Result<Summary, Violation> {
    let (database, regions) = library.of(config);
    let mut run = Run::new(seed, config, database, regions);
    let end = run.play();
    let trace = run.stage.trace.as_ref().map(std::cell::RefCell::take).unwrap_or_default();
    let steps = run.stage.steps.get();
    match end {
        Ok(()) => Ok(Summary { steps, passes: run.passes, moves: run.stage.audit.borrow().moves, trace }),
        Err(what) => Err(Violation { seed, what, steps, trace }),
    }
}

pub(super) struct Run {
    pub(super) config: Config,
    pub(super) stage: Rc<Stage>,
    pub(super) world: World,
    pub(super) tasks: BTreeMap<u32, Task>,
    /// What the warm functions of each place know.
    pub(super) warm: Vec<Vec<Known>>,
    pub(super) passes: u32,
    /// The functions whose invocation was put off, by their numbers.
    pub(super) late: BTreeMap<u32, Actor>,
    /// What each of them saw when its event came, where functions act on what an event says.
    pub(super) events: BTreeMap<u32, BTreeMap<Region, RegionView>>,
    pub(super) retries: u32,
    /// How the last pass ended.
    pub(super) last: Option<Outcome>,
}

impl Run {
    fn new(seed: u64, config: Config, database: Rc<Database>, regions: Rc<[Region]>) -> Self {
        let world = World::of(database, regions).published(SEOUL, 1);
        let begin_ms = world.now().as_ms();
        let stage = Rc::new(Stage::new(
            seed,
            begin_ms,
            Rc::clone(world.database()),
            world.regions().into(),
            config.is_traced,
        ));
        let ownership = ownership_of(&world.records()).expect("it is published");
        stage.audit.borrow_mut().begin(&ownership);
        stage.audit.borrow_mut().is_about_terms_only = config.variant != Variant::Rule;
        stage.audit.borrow_mut().has_probes = config.has_probes;
        world.zone().is_fence_broken = config.variant == Variant::NoFence;
        let conductor: Rc<dyn Conductor> = Rc::clone(&stage) as Rc<dyn Conductor>;
        let run = Self {
            config,
            stage,
            world: world.conducted_by(conductor),
            tasks: BTreeMap::new(),
            warm: vec![Vec::new(); config.regions],
            passes: 0,
            last: None,
            late: BTreeMap::new(),
            events: BTreeMap::new(),
            retries: 0,
        };
        script::begin(&run.stage, &run.world, config);
        run
    }

    fn play(&mut self) -> Result<(), String> {
        script::write(&self.stage, self.config);
        self.play_queue()?;
        if matches!(self.config.variant, Variant::Rule | Variant::TrustedDates) {
            self.epilogue()?;
        }
        Ok(())
    }

    /// Plays what is in the queue, until nothing is left.
    pub(super) fn play_queue(&mut self) -> Result<(), String> {
        while let Some(due) = self.stage.queue.next() {
            self.tick();
            match due {
                Due::Task(number) => self.poll(number)?,
                Due::Happening(happening) => self.happen(happening)?,
            }
            self.audited()?;
        }
        Ok(())
    }

    /// The world's clock is the queue's.
    pub(super) fn tick(&self) {
        let ms = self.stage.queue.now_ms() - self.world.now().as_ms();
        self.world.advance_ms(ms);
    }

    pub(super) fn audited(&self) -> Result<(), String> {
        match &self.stage.audit.borrow().violation {
            Some(what) => Err(what.clone()),
            None => Ok(()),
        }
    }

    fn happen(&mut self, happening: Happening) -> Result<(), String> {
        if !matches!(happening, Happening::Wake(_) | Happening::Twice(_)) {
            self.stage.tell(|| format!("{happening:?}"));
        }
        match happening {
            Happening::Transition => self.transition(),
            Happening::CatchUp(place) => self.catch_up(place),
            Happening::Ready(place) => {
                script::set_status(&self.stage, &self.world, place, "available", "available");
            }
            Happening::OperationEnds(place) => self.world.site_at(place).failover_status = None,
            Happening::Wake(place) => return self.wake(place),
            Happening::Tick(place) => return self.scheduled(place),
            Happening::Converged => return self.check_converged(),
            Happening::Late(place, number) => return self.woken_late(place, number),
            Happening::Crash(number) => self.crash(number),
            Happening::Cut(from, to) => self.stage.weather.borrow_mut().cut.push((from, to)),
            Happening::Mend(from, to) => {
                let is_other = |cut: &(usize, usize)| *cut != (from, to);
                self.stage.weather.borrow_mut().cut.retain(is_other);
            }
            Happening::Route53Down(place) => self.stage.weather.borrow_mut().no_route53.push(place),
            Happening::Route53Back(place) => {
                self.stage.weather.borrow_mut().no_route53.retain(|other| *other != place);
            }
            Happening::Stick(stuck) => self.stage.whims.borrow_mut().stuck = Some(stuck),
            Happening::Loosen => self.stage.whims.borrow_mut().stuck = None,
            Happening::Status(place, cluster, instance) => {
                script::set_status(&self.stage, &self.world, place, cluster, instance);
            }
            Happening::Hold(is_set) => self.hold(is_set),
            Happening::RefuseParameters(are) => self.stage.weather.borrow_mut().refuses_parameters = are,
            Happening::Twice(place) => return self.twice(place),
        }
        Ok(())
    }

    /// The writer moves. Its last Region knows by now that it was the writer: the model's assumption.
    fn transition(&mut self) {
        let last = self.world.writer();
        self.world.catch_up(last.as_str());
        let can = |place: &usize| self.world.regions()[*place] != last && self.config.copy() != Some(*place);
        let others: Vec<usize> = (0..self.config.regions).filter(can).collect();
        if others.is_empty() {
            return;
        }
        let next = others[self.stage.dice.borrow_mut().place(others.len())];
        self.begin_term(next);
        script::follow_transition(&self.stage, &self.world, self.config, next);
    }

    pub(super) fn begin_term(&self, next: usize) {
        self.world.begin_term(self.world.regions()[next].clone().as_str());
        self.stage.writer.set(next);
        self.stage.knows_of_its_promotion.set(false);
    }

    /// Somebody sets the hold switch in every Region, or takes it away.
    pub(super) fn hold(&self, is_set: bool) {
        self.world.note_past();
        for place in 0..self.config.regions {
            self.world.site_at(place).hold = is_set.then(|| "maintenance".to_owned());
        }
        self.stage.audit.borrow_mut().held_since = is_set.then(|| self.stage.now());
    }

    /// A Region shows a later term, often the latest.
    fn catch_up(&self, place: usize) {
        let term = i64::try_from(self.world.term()).unwrap_or_default();
        let mut site = self.world.site_at(place);
        let shown = i64::try_from(site.shown).unwrap_or_default();
        let next = if self.stage.percent(70) { term } else { self.stage.between(shown, term + 1) };
        site.shown = usize::try_from(next).unwrap_or_default();
        let (at_last, region) = (next == term, site.region.clone());
        drop(site);
        if at_last && region == self.world.writer() {
            self.stage.knows_of_its_promotion.set(true);
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world.now()
    }
}
