//! The passes of a run: started warm or cold, polled, crashed, and now and then two right behind each other.

use responder_core::pass::context::Pass;
use responder_core::world::trigger::BY_HAND;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::Poll;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use responder_core::answer::result::HoldKind;
use responder_core::config::Database;
use responder_core::invocation::watch::{DEADLINE_MARGIN_MS, watch};
use responder_core::pass::outcome::Outcome;
use responder_core::pass::reconcile::{Attention, reconcile};
use responder_core::ports::{Connection, Ports, RegionViews};
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::known::Known;
use responder_core::world::topology::RegionView;
use responder_fakes::{Actor, Unkind};

use crate::broken::{Broken, Variant};
use crate::run::play::Run;
use crate::run::task::Task;
use crate::stage::{AtOnce, Happening};

/// The most retries of one run.
const RETRIES_MAX: u32 = 8;

impl Run {
    /// A function is woken, unless Lambda puts that off for a minute or two.
    pub(super) fn wake(&mut self, place: usize) -> Result<(), String> {
        if self.config.has(Unkind::Retries) && self.stage.percent(30) {
            let actor = self.world.actor_in(&self.world.regions()[place]);
            if self.config.variant == Variant::ActsOnEvents {
                self.events.insert(actor.number(), self.glance(&actor));
            }
            self.stage.after(self.retry_ms(), Happening::Late(place, actor.number()));
            self.late.insert(actor.number(), actor);
            return Ok(());
        }
        self.begin(place, None)
    }

    /// The function of this number, which was put off, is woken.
    pub(super) fn woken_late(&mut self, place: usize, number: u32) -> Result<(), String> {
        let actor = self.late.remove(&number);
        self.begin(place, actor)
    }

    fn begin(&mut self, place: usize, late: Option<Actor>) -> Result<(), String> {
        let known = self.known(place);
        let deadline = self.stage.percent(40).then(|| {
            let ms = DEADLINE_MARGIN_MS + self.stage.between(0, 6_000);
            self.clock(place).plus_ms(ms)
        });
        let number = self.start_as(place, known, deadline, late);
        if self.stage.percent(12) {
            self.stage.after(self.stage.between(0, 3_000), Happening::Crash(number));
        }
        self.poll(number)
    }

    /// It ends wherever it is. What it had sent lands all the same, where that is possible, and Lambda invokes it again.
    pub(super) fn crash(&mut self, number: u32) {
        let Some(task) = self.tasks.get(&number) else { return };
        let place = task.place;
        self.cut_off(number);
        self.again(place);
    }

    /// Lambda invokes again what failed, but not for ever.
    fn again(&mut self, place: usize) {
        if self.config.has(Unkind::Retries) && self.retries < RETRIES_MAX {
            self.retries += 1;
            self.stage.after(self.retry_ms(), Happening::Wake(place));
        }
    }

    pub(super) fn cut_off(&mut self, number: u32) {
        if self.config.has(Unkind::Late) {
            self.stage.cut_off.borrow_mut().insert(number);
        } else {
            self.tasks.remove(&number);
        }
    }

    fn retry_ms(&self) -> i64 {
        if self.stage.percent(50) { 60_000 } else { 120_000 }
    }

    /// What the clock of a function at this place says.
    pub(super) fn clock(&self, place: usize) -> Timestamp {
        self.stage.now().plus_ms(self.world.site_at(place).clock_ms)
    }

    /// What a function knows when it is woken: what its last pass knew, what its Region's state says, or nothing.
    pub(super) fn known(&mut self, place: usize) -> Known {
        let (thaws, warm) = (self.config.has(Unkind::Thaw), &mut self.warm[place]);
        if self.stage.percent(if thaws { 90 } else { 50 }) && !warm.is_empty() {
            // Whoever was frozen longest is thawed first.
            let mut known = if thaws { warm.remove(0) } else { warm.pop().unwrap_or_default() };
            if self.config.variant == Variant::ThawedSwitch {
                let now = self.clock(place);
                known.switches.values_mut().for_each(|switch| switch.read_at = now);
            }
            return known;
        }
        if self.stage.percent(60) {
            return self.known_of_state(place);
        }
        Known::default()
    }

    /// A cold function reads its own Region's state beside its configuration, in one call.
    pub(super) fn known_of_state(&self, place: usize) -> Known {
        let own = &self.world.regions()[place];
        let Some(state) = self.world.state(own) else {
            return Known::default();
        };
        let memory = state.memory.clone().map(|memory| (own.clone(), memory));
        Known {
            published: Some(state.published()),
            memories: memory.into_iter().collect(),
            ..Known::default()
        }
    }

    /// Starts a pass without polling it: its number.
    pub(super) fn start(&mut self, place: usize, known: Known, deadline: Option<Timestamp>) -> u32 {
        self.start_as(place, known, deadline, None)
    }

    fn start_as(
        &mut self,
        place: usize,
        known: Known,
        deadline: Option<Timestamp>,
        actor: Option<Actor>,
    ) -> u32 {
        let own = self.world.regions()[place].clone();
        let actor = actor.unwrap_or_else(|| self.world.actor_in(&own));
        let number = actor.number();
        self.passes += 1;
        self.stage.audit.borrow_mut().woke(number, self.stage.now());
        self.stage.tell(|| format!("pass {number:>2} in {own} begins, with {known:?}"));
        let database = self.world.database().as_ref().clone();
        let future: LocalBoxFuture<'static, _> = match self.config.variant {
            Variant::Rule | Variant::NoFence | Variant::ThawedSwitch => {
                Box::pin(pass(actor, database, own, known, deadline))
            }
            variant => {
                let ports = self.broken(actor, variant);
                Box::pin(pass(ports, database, own, known, deadline))
            }
        };
        self.tasks.insert(number, Task { place, future });
        number
    }

    fn broken(&mut self, actor: Actor, variant: Variant) -> Broken {
        let before = match variant {
            Variant::ViewsFirst => self.glance(&actor),
            _ => self.events.remove(&actor.number()).unwrap_or_default(),
        };
        Broken::new(actor, variant, before)
    }

    /// What every Region shows just now.
    fn glance(&self, actor: &Actor) -> BTreeMap<Region, RegionView> {
        let glance = actor.clone().conducted_by(Rc::new(AtOnce(Rc::clone(&self.stage))));
        let view = |region: &Region| {
            let view = glance.view(self.world.database(), region, Connection::Kept).now_or_never();
            view.and_then(Result::ok).map(|view| (region.clone(), view))
        };
        self.world.regions().iter().filter_map(view).collect()
    }

    /// Polls a pass, unless it has crashed.
    pub(super) fn poll(&mut self, number: u32) -> Result<(), String> {
        let Some(task) = self.tasks.get_mut(&number) else {
            return Ok(());
        };
        let Poll::Ready((outcome, known)) = self.stage.queue.poll(number, task.future.as_mut()) else {
            return Ok(());
        };
        let place = task.place;
        self.tasks.remove(&number);
        if self.stage.cut_off.borrow().contains(&number) {
            return Ok(());
        }
        self.warm[place].push(known);
        if !outcome.result.unpublished.is_empty() {
            self.again(place);
        }
        self.stage.tell(|| {
            let result = &outcome.result;
            format!("pass {number:>2} ends: {:?} {:?}, {}", result.decision, result.hold, result.reason)
        });
        let reconfigured = outcome.reconfigured;
        self.last = Some(outcome);
        if reconfigured {
            return Err("a pass says that it was reconfigured".to_owned());
        }
        Ok(())
    }

    /// Two reconciles right behind each other, while nothing else happens and all calls arrive at once.
    pub(super) fn twice(&mut self, place: usize) -> Result<(), String> {
        // What is no longer true, or not yet, tells the second reconcile other news than the first.
        let reads = [Unkind::Backwards, Unkind::Nodes, Unkind::Stale, Unkind::Pages];
        if self.config.variant != Variant::Rule || reads.into_iter().any(|unkind| self.config.has(unkind)) {
            return Ok(());
        }
        let own = self.world.regions()[place].clone();
        let actor = self.world.actor_in(&own).conducted_by(Rc::new(AtOnce(Rc::clone(&self.stage))));
        let mut known = self.known(place);
        self.stage.tell(|| format!("twice in {own}, with {known:?}"));
        // A claim is looked at twice; what only time can end is no second reconcile.
        for _ in 0..2 {
            let is_sure = actor.reconcile(&mut known).result.hold != Some(HoldKind::Corroborating);
            self.audited()?;
            if is_sure {
                return self.second(place, &actor, known);
            }
        }
        Ok(())
    }

    /// A reconcile right behind another one that came to a decision writes nothing.
    fn second(&mut self, place: usize, actor: &Actor, mut known: Known) -> Result<(), String> {
        let own = self.world.regions()[place].clone();
        self.audited()?;
        self.world.take_writes();
        for known in [&mut known, &mut Known::default()] {
            let second = actor.reconcile(known);
            let writes = self.world.take_writes();
            if writes.calls() > 0 {
                return Err(format!("a second reconcile in {own} writes {writes:?}: {:?}", second.result));
            }
        }
        Ok(())
    }
}

async fn pass<P: Ports>(
    ports: P,
    database: Database,
    own: Region,
    mut known: Known,
    deadline: Option<Timestamp>,
) -> (Outcome, Known) {
    let whole =
        Pass { ports: &ports, database: &database, own: &own, trigger: &BY_HAND, deadline: ports.now() };
    let outcome = match deadline {
        Some(deadline) => watch(Pass { deadline, ..whole }, &mut known).await,
        None => reconcile(whole, &mut known, Attention::Everything).await,
    };
    (outcome, known)
}
