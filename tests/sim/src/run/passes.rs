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
use responder_fakes::Actor;

use crate::broken::{Broken, Variant};
use crate::run::play::Run;
use crate::run::task::Task;
use crate::stage::{AtOnce, Happening};

impl Run {
    /// A function is woken, and starts its pass.
    pub(super) fn wake(&mut self, place: usize) -> Result<(), String> {
        let known = self.known(place);
        let deadline = self.stage.percent(40).then(|| {
            let ms = DEADLINE_MARGIN_MS + self.stage.between(0, 6_000);
            self.now().plus_ms(ms)
        });
        let number = self.start(place, known, deadline);
        if self.stage.percent(12) {
            self.stage.after(self.stage.between(0, 3_000), Happening::Crash(number));
        }
        self.poll(number)
    }

    /// What a function knows when it is woken: what its last pass knew, what its Region's state says, or nothing.
    pub(super) fn known(&mut self, place: usize) -> Known {
        if self.stage.percent(50)
            && let Some(known) = self.warm[place].pop()
        {
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
        let own = self.world.regions()[place].clone();
        let actor = self.world.actor_in(&own);
        let number = actor.number();
        self.passes += 1;
        self.stage.tell(|| format!("pass {number:>2} in {own} begins, with {known:?}"));
        let database = self.world.database().as_ref().clone();
        let future: LocalBoxFuture<'static, _> = match self.config.variant {
            Variant::Rule | Variant::NoFence => Box::pin(pass(actor, database, own, known, deadline)),
            variant => {
                let ports = self.broken(actor, variant);
                Box::pin(pass(ports, database, own, known, deadline))
            }
        };
        self.tasks.insert(number, Task { place, future });
        number
    }

    fn broken(&self, actor: Actor, variant: Variant) -> Broken {
        let mut before = BTreeMap::new();
        let glance = actor.clone().conducted_by(Rc::new(AtOnce(Rc::clone(&self.stage))));
        if variant == Variant::ViewsFirst {
            for place in 0..self.config.regions {
                let region = &self.world.regions()[place];
                let view = glance.view(self.world.database(), region, Connection::Kept).now_or_never();
                before.extend(view.and_then(Result::ok).map(|view| (region.clone(), view)));
            }
        }
        Broken { actor, variant, before }
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
        self.warm[place].push(known);
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
        // A node that is stuck tells the second reconcile other news than the first.
        let is_stuck = self.stage.weather.borrow().stuck.is_some();
        if self.config.variant != Variant::Rule || is_stuck {
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
