//! One function in one Region, and how a test runs it.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use responder_core::answer::result::DatabaseResult;
use responder_core::config::Database;
use responder_core::failover::work::Failover;
use responder_core::invocation::watch::watch;
use responder_core::invocation::work::Follow;
use responder_core::invocation::work::Work;
use responder_core::pass::context::Pass;
use responder_core::pass::outcome::Outcome;
use responder_core::pass::reconcile::{Attention, reconcile};
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::known::Known;
use responder_core::world::trigger::{BY_HAND, Trigger};

use crate::clockwork::Clockwork;
use crate::conductor::Conductor;
use crate::configuration::region;
use crate::world::World;

impl World {
    /// A function in this Region.
    pub fn actor(&self, own: &str) -> Actor {
        self.actor_in(&region(own))
    }

    /// A function in this Region.
    pub fn actor_in(&self, own: &Region) -> Actor {
        let mut cloud = self.cloud.borrow_mut();
        cloud.actors += 1;
        Actor { world: self.clone(), own: own.clone(), number: cloud.actors, turns_end: Rc::default() }
    }
}

/// A function in a Region; core's ports are implemented for it.
#[derive(Clone)]
pub struct Actor {
    pub(crate) world: World,
    pub(crate) own: Region,
    pub(crate) number: u32,
    /// Until when it waits for its turns.
    pub(crate) turns_end: Rc<Cell<Option<Timestamp>>>,
}

impl Actor {
    /// The world that it is in.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The Region that it runs in.
    pub fn own(&self) -> &Region {
        &self.own
    }

    /// Its number, by which a conductor knows it.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The same function in the same world, with its calls under another conductor.
    #[must_use]
    pub fn conducted_by(mut self, conductor: Rc<dyn Conductor>) -> Self {
        self.world.conductor = Some(conductor);
        self
    }

    /// One reconcile by a function that knows nothing yet.
    pub fn reconcile_cold(&self) -> Outcome {
        self.reconcile(&mut Known::default())
    }

    /// One reconcile by a function that knows this from its last one.
    pub fn reconcile(&self, known: &mut Known) -> Outcome {
        let (actor, clockwork) = self.on_time();
        let database = Rc::clone(&self.world.database);
        let pass = actor.pass(&database, &BY_HAND, actor.world.now());
        run(reconcile(pass, known, Attention::Everything), clockwork.as_deref())
    }

    /// One invocation, which goes on as long as there is something to wait for and time to do it.
    pub fn watch(&self, known: &mut Known, trigger: &Trigger, deadline: Timestamp) -> Outcome {
        let (actor, clockwork) = self.on_time();
        let database = Rc::clone(&self.world.database);
        run(watch(actor.pass(&database, trigger, deadline), known), clockwork.as_deref())
    }

    /// One invocation of `failover`.
    pub fn respond(&self, known: &mut Known, trigger: &Trigger, deadline: Timestamp) -> Outcome {
        let (actor, clockwork) = self.on_time();
        let database = Rc::clone(&self.world.database);
        let failover = Failover::default();
        let work = failover.run(actor.pass(&database, trigger, deadline), known);
        run(work, clockwork.as_deref())
    }

    /// What is left to an invocation of `failover` when all databases are done.
    pub fn look_ahead(&self, known: &mut Known, trigger: &Trigger, result: &mut DatabaseResult) {
        let (actor, clockwork) = self.on_time();
        let database = Rc::clone(&self.world.database);
        let failover = Failover::default();
        let pass = actor.pass(&database, trigger, self.world.now().plus_ms(60_000));
        run(failover.afterwards(pass, known, result), clockwork.as_deref());
    }

    /// One invocation of `follow`, with what it leaves for people.
    pub fn follow(&self, known: &mut Known, trigger: &Trigger, deadline: Timestamp) -> Outcome {
        let (actor, clockwork) = self.on_time();
        let database = Rc::clone(&self.world.database);
        run(Follow.run(actor.pass(&database, trigger, deadline), known), clockwork.as_deref())
    }

    fn pass<'a>(
        &'a self,
        database: &'a Database,
        trigger: &'a Trigger,
        deadline: Timestamp,
    ) -> Pass<'a, Self> {
        Pass { ports: self, database, own: &self.own, trigger, deadline }
    }

    /// Where nobody conducts the calls yet, each of them takes its time and all run beside each other.
    pub(crate) fn on_time(&self) -> (Self, Option<Rc<Clockwork>>) {
        if self.world.conductor.is_some() {
            return (self.clone(), None);
        }
        let clockwork = Rc::new(Clockwork::new(self.world.clone()));
        let conductor: Rc<dyn Conductor> = Rc::clone(&clockwork) as Rc<dyn Conductor>;
        (self.clone().conducted_by(conductor), Some(clockwork))
    }
}

/// Runs a future, and lets time pass whenever it waits.
fn run<T>(future: impl Future<Output = T>, clockwork: Option<&Clockwork>) -> T {
    let mut future = pin!(future);
    loop {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return answer;
        }
        clockwork.expect("somebody else conducts this function, and its calls wait").pass_time();
    }
}

/// Runs a future until it is done, or its function dies.
pub(crate) fn run_until_death<T>(future: impl Future<Output = T>, clockwork: &Clockwork) -> Option<T> {
    let mut future = pin!(future);
    loop {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return Some(answer);
        }
        if clockwork.is_dead() {
            return None;
        }
        clockwork.pass_time();
    }
}
