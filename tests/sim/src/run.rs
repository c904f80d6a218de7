//! One seeded run, from the first transition to the disaster at its end.

mod epilogue;
mod passes;
mod script;

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use responder_core::config::Database;
use responder_core::pass::outcome::Outcome;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::known::Known;
use responder_fakes::executor::Due;
use responder_fakes::{Conductor, OSAKA, SEOUL, Settings, TOKYO, World, database, region};

use crate::audit::ownership_of;
use crate::broken::Variant;
use crate::stage::{Happening, Stage};
use passes::Task;

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// How many Regions there are, two or three.
    pub regions: usize,
    /// Whether transitions are further apart than the settle time; else they come as they like.
    pub is_spaced: bool,
    /// Whether the settle time is the default; else there is none.
    pub has_settle_time: bool,
    /// What is broken.
    pub variant: Variant,
    /// Whether what happens is written down.
    pub is_traced: bool,
}

impl Config {
    /// Of the rule as it is, as the seed wants it.
    ///
    /// Two Regions are held to the rule without a settle time as well, however fast the writer moves. Three
    /// have it always, because it is an assumption there: a Region that was made the writer twice, before its
    /// own endpoint has shown the term in between, renounces later on in favor of that term's writer. Without
    /// a settle time longer than the lag of a view, that word from before its own publication moves the record.
    pub const fn of_seed(seed: u64) -> Self {
        let is_spaced = !seed.is_multiple_of(3);
        let regions = if seed % 5 == 4 { 3 } else { 2 };
        Self {
            regions,
            is_spaced,
            has_settle_time: is_spaced || regions > 2,
            variant: Variant::Rule,
            is_traced: false,
        }
    }
}

/// How a run ended well.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Calls through the ports.
    pub steps: u32,
    /// Passes that were started.
    pub passes: u32,
    /// How often the record moved.
    pub moves: u32,
    /// What happened, where it was traced.
    pub trace: Vec<String>,
}

/// What was violated, and after what.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The seed that shows it again.
    pub seed: u64,
    /// What was violated.
    pub what: String,
    /// Calls through the ports until then.
    pub steps: u32,
    /// What happened, where it was traced.
    pub trace: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, what, steps, .. } = self;
        write!(f, "SEED={seed}: {what} (after {steps} calls)")
    }
}

/// Databases by what [`Config`] wants; they are read once a thread.
#[derive(Debug, Default)]
pub struct Library(BTreeMap<(usize, bool), Ground>);

/// A database and its Regions.
type Ground = (Rc<Database>, Rc<[Region]>);

impl Library {
    fn of(&mut self, config: Config) -> Ground {
        let key = (config.regions, config.has_settle_time);
        let make = || {
            let names = [SEOUL, OSAKA, TOKYO];
            let regions: Rc<[Region]> = names[..config.regions].iter().map(|name| region(name)).collect();
            let settings = Settings {
                settle_seconds: if config.has_settle_time { 60 } else { 0 },
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

struct Run {
    config: Config,
    stage: Rc<Stage>,
    world: World,
    tasks: BTreeMap<u32, Task>,
    /// What the warm functions of each place know.
    warm: Vec<Vec<Known>>,
    passes: u32,
    /// How the last pass ended.
    last: Option<Outcome>,
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
        world.zone().is_fence_broken = config.variant == Variant::NoFence;
        let conductor: Rc<dyn Conductor> = Rc::clone(&stage) as Rc<dyn Conductor>;
        Self {
            config,
            stage,
            world: world.conducted_by(conductor),
            tasks: BTreeMap::new(),
            warm: vec![Vec::new(); config.regions],
            passes: 0,
            last: None,
        }
    }

    fn play(&mut self) -> Result<(), String> {
        script::write(&self.stage, self.config);
        self.play_queue()?;
        if self.config.variant == Variant::Rule {
            self.epilogue()?;
        }
        Ok(())
    }

    /// Plays what is in the queue, until nothing is left.
    fn play_queue(&mut self) -> Result<(), String> {
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
    fn tick(&self) {
        let ms = self.stage.queue.now_ms() - self.world.now().as_ms();
        self.world.advance_ms(ms);
    }

    fn audited(&self) -> Result<(), String> {
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
            Happening::Ready(place) => "available".clone_into(&mut self.world.site_at(place).instance_status),
            Happening::OperationEnds(place) => self.world.site_at(place).failover_status = None,
            Happening::Wake(place) => return self.wake(place),
            Happening::Crash(number) => drop(self.tasks.remove(&number)),
            Happening::Cut(from, to) => self.stage.weather.borrow_mut().cut.push((from, to)),
            Happening::Mend(from, to) => {
                let is_other = |cut: &(usize, usize)| *cut != (from, to);
                self.stage.weather.borrow_mut().cut.retain(is_other);
            }
            Happening::Route53Down(place) => self.stage.weather.borrow_mut().no_route53.push(place),
            Happening::Route53Back(place) => {
                self.stage.weather.borrow_mut().no_route53.retain(|other| *other != place);
            }
            Happening::Twice(place) => return self.twice(place),
        }
        Ok(())
    }

    /// The writer moves. Its last Region knows by now that it was the writer: the model's assumption.
    fn transition(&mut self) {
        let last = self.world.writer();
        self.world.catch_up(last.as_str());
        let others: Vec<usize> =
            (0..self.config.regions).filter(|place| self.world.regions()[*place] != last).collect();
        let next = others[self.stage.dice.borrow_mut().place(others.len())];
        self.world.begin_term(self.world.regions()[next].clone().as_str());
        script::follow_transition(&self.stage, &self.world, next);
    }

    /// A Region shows a later term, often the latest.
    fn catch_up(&self, place: usize) {
        let term = i64::try_from(self.world.term()).unwrap_or_default();
        let mut site = self.world.site_at(place);
        let shown = i64::try_from(site.shown).unwrap_or_default();
        let next = if self.stage.percent(70) { term } else { self.stage.between(shown, term + 1) };
        site.shown = usize::try_from(next).unwrap_or_default();
    }

    fn now(&self) -> Timestamp {
        self.world.now()
    }
}
