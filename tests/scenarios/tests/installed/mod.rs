//! Several databases of one installation in one function: each in a world of its own, all on one clock.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "shared by several test programs; a test that cannot go on has failed"
)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use responder_core::config::Database;
use responder_core::invocation::fleet::{Fleet, FleetOutcome};
use responder_core::invocation::work::Follow;
use responder_core::invocation::work::Work;
use responder_core::judge::permit::Authorized;
use responder_core::ports::failover::{Journals, Readinesses, ReplicationLag, StartFailover};
use responder_core::ports::{
    Clock, Configurations, Connection, Exchanged, HealthAlarms, Notices, Pages, Parameters, PortError,
    Probes, RegionViews, Turn, Write, WriterRecord,
};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::words::notice::Notice;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::AlarmReading;
use responder_core::world::attempt::{Journal, Kept};
use responder_core::world::course::Course;
use responder_core::world::evidence::RegionParameters;
use responder_core::world::known::OwnRegion;
use responder_core::world::lag::Lags;
use responder_core::world::probe::{ProbeWord, Question};
use responder_core::world::readiness::{KeptReadiness, Readiness};
use responder_core::world::record::{Exchange, RecordSet};
use responder_core::world::state::State;
use responder_core::world::topology::RegionView;
use responder_core::world::trigger::Trigger;
use responder_fakes::executor::Queue;
use responder_fakes::{Actor, Call, Conductor, Effect, Fate, Fault, OSAKA, Operation, SEOUL, World, region};

pub(crate) const PREFIX: &str = "/failover-responder";
/// One way of a call, in milliseconds.
pub(crate) const TRAVEL_MS: i64 = 10;
/// Until a caller of what does not answer gives up, in milliseconds.
pub(crate) const BUDGET_MS: i64 = 2_000;
/// How long an invocation may take, in milliseconds.
pub(crate) const INVOCATION_MS: i64 = 20_000;

/// Lets the calls of one world take their time on the clock of all.
pub(crate) struct Traffic {
    clock: Rc<Queue<()>>,
    /// Whether the Region of the writer swallows every call.
    pub(crate) is_seoul_dead: Cell<bool>,
    pub(crate) moved_at_ms: Cell<Option<i64>>,
    name: String,
    begun: Rc<RefCell<Vec<String>>>,
}

impl Conductor for Traffic {
    fn fate(&self, call: &Call) -> Fate {
        let dead = self.is_seoul_dead.get() && call.region.as_ref().is_some_and(|it| it.as_str() == SEOUL);
        if !self.begun.borrow().contains(&self.name) {
            self.begun.borrow_mut().push(self.name.clone());
        }
        let (request_ms, fault) =
            if dead { (BUDGET_MS, Some(Fault::Unreachable)) } else { (TRAVEL_MS, None) };
        Fate { request_ms, answer_ms: TRAVEL_MS, fault }
    }

    fn pause(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        Box::pin(self.clock.pause(ms))
    }

    fn note(&self, call: &Call, effect: &Effect<'_>) {
        if matches!((call.operation, effect), (Operation::Exchange, Effect::Exchanged { accepted: true, .. }))
        {
            self.moved_at_ms.set(Some(self.clock.now_ms()));
        }
    }
}

/// One database's world, and the function in it.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) traffic: Rc<Traffic>,
    actor: Actor,
}

/// All databases, by name; core's ports for a function in Osaka.
pub(crate) struct Installed {
    clock: Rc<Queue<()>>,
    places: BTreeMap<String, Place>,
    pub(crate) parameters: RefCell<BTreeMap<String, String>>,
    pub(crate) is_store_down: Cell<bool>,
    pub(crate) notices: RefCell<Vec<Notice>>,
    /// The databases in the order in which each was first looked at.
    pub(crate) begun: Rc<RefCell<Vec<String>>>,
}

/// Every database has a world of its own, in which its clusters have the names that all fakes have, and an account.
pub(crate) fn configuration(name: &str, settle_seconds: u32) -> String {
    let account = account(name);
    format!(
        r#"{{"global_cluster":"{name}","members":{{
            "{SEOUL}":"arn:aws:rds:{SEOUL}:{account}:cluster:todo-seoul",
            "{OSAKA}":"arn:aws:rds:{OSAKA}:{account}:cluster:todo-osaka"}},
            "record":{{"zone_id":"Z0123456789","name":"writer.{name}.internal","ttl_seconds":5}},
            "parameter":"/{name}/database/writer","settle_seconds":{settle_seconds}}}"#
    )
}

fn account(name: &str) -> String {
    let number = name.bytes().fold(0_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000_000_000);
    format!("{number:012}")
}

impl Installed {
    /// These databases, each published at epoch 7 with its writer in Seoul.
    pub(crate) fn new(names: &[&str]) -> Self {
        let clock = Rc::new(Queue::new(World::two_regions().now().as_ms()));
        let mut installed = Self {
            clock,
            places: BTreeMap::new(),
            parameters: RefCell::default(),
            is_store_down: Cell::new(false),
            notices: RefCell::default(),
            begun: Rc::default(),
        };
        for name in names {
            installed.add(name);
        }
        installed
    }

    pub(crate) fn add(&mut self, name: &str) {
        self.add_configured(name, configuration(name, 60));
    }

    pub(crate) fn add_configured(&mut self, name: &str, json: String) {
        let database = Database::parse(PREFIX, &name.parse().unwrap(), &json, &region(OSAKA)).unwrap();
        let world = World::of(Rc::new(database), [region(SEOUL), region(OSAKA)].into()).published(SEOUL, 7);
        for city in [SEOUL, OSAKA] {
            world.site(city).account = account(name);
        }
        let traffic = Rc::new(Traffic {
            clock: Rc::clone(&self.clock),
            is_seoul_dead: Cell::new(false),
            moved_at_ms: Cell::new(None),
            name: name.to_owned(),
            begun: Rc::clone(&self.begun),
        });
        let actor = world.actor(OSAKA).conducted_by(Rc::clone(&traffic) as Rc<dyn Conductor>);
        self.configure(name, json);
        self.places.insert(name.to_owned(), Place { world, traffic, actor });
    }

    pub(crate) fn configure(&self, name: &str, json: String) {
        self.parameters.borrow_mut().insert(format!("{PREFIX}/databases/{name}"), json);
    }

    pub(crate) fn place(&self, name: &str) -> &Place {
        self.places.get(name).unwrap()
    }

    fn actor(&self, database: &Database) -> &Actor {
        &self.place(database.name().as_str()).actor
    }

    /// One invocation of `follow`, with time passing whenever everybody waits.
    pub(crate) fn invoke(&self, fleet: &mut Fleet, trigger: &Trigger) -> Result<FleetOutcome, PortError> {
        self.work(&Follow, fleet, trigger)
    }

    /// One invocation of a function that does this work.
    pub(crate) fn work<W: Work<Self>>(
        &self,
        work: &W,
        fleet: &mut Fleet,
        trigger: &Trigger,
    ) -> Result<FleetOutcome, PortError> {
        let deadline = self.now().plus_ms(INVOCATION_MS);
        self.run(fleet.run(self, work, trigger, deadline))
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(answer) = self.clock.poll(0, future.as_mut()) {
                return answer;
            }
            assert!(self.clock.next().is_some(), "somebody waits for what never comes");
            for place in self.places.values() {
                place.world.advance_ms(self.clock.now_ms() - place.world.now().as_ms());
            }
        }
    }
}

impl RegionViews for Installed {
    async fn view(
        &self,
        database: &Database,
        region: &Region,
        connection: Connection,
    ) -> Result<RegionView, PortError> {
        self.actor(database).view(database, region, connection).await
    }
}

impl WriterRecord for Installed {
    async fn read_record(&self, database: &Database) -> Result<RecordSet, PortError> {
        self.actor(database).read_record(database).await
    }

    async fn exchange(&self, database: &Database, exchange: &Exchange) -> Result<Exchanged, PortError> {
        self.actor(database).exchange(database, exchange).await
    }
}

impl Parameters for Installed {
    async fn turn(&self, database: &Database, region: &Region, write: Write) -> Result<Turn, PortError> {
        self.actor(database).turn(database, region, write).await
    }

    fn no_turns_after(&self, end: Timestamp) {
        self.places.values().for_each(|place| place.actor.no_turns_after(end));
    }

    async fn read_parameters(
        &self,
        database: &Database,
        region: &Region,
    ) -> Result<RegionParameters, PortError> {
        let mut parameters = self.actor(database).read_parameters(database, region).await?;
        if region.as_str() == OSAKA {
            let name = database.configuration_parameter();
            parameters.configuration = self.parameters.borrow().get(&name).cloned();
        }
        Ok(parameters)
    }

    async fn put_writer(
        &self,
        database: &Database,
        region: &Region,
        endpoint: &str,
    ) -> Result<(), PortError> {
        self.actor(database).put_writer(database, region, endpoint).await
    }

    async fn put_state(&self, database: &Database, region: &Region, state: &State) -> Result<(), PortError> {
        self.actor(database).put_state(database, region, state).await
    }
}

impl HealthAlarms for Installed {
    async fn alarm_readings(&self, database: &Database) -> BTreeMap<String, AlarmReading> {
        self.actor(database).alarm_readings(database).await
    }

    async fn mute_rules(&self, database: &Database) -> BTreeMap<String, Result<Option<String>, PortError>> {
        self.actor(database).mute_rules(database).await
    }

    /// Any of the worlds will do: all of them are in the same Regions.
    async fn cloudwatch_answers(&self, region: &Region) -> Result<(), PortError> {
        match self.places.values().next() {
            Some(place) => place.actor.cloudwatch_answers(region).await,
            None => Ok(()),
        }
    }
}

impl Probes for Installed {
    async fn probe(&self, _: &Region, function: &str, _: &Question) -> Result<ProbeWord, PortError> {
        // Nobody has configured one.
        Err(PortError::new(format!("lambda:Invoke of {function}"), FailureKind::Refused))
    }
}

impl Notices for Installed {
    async fn publish(&self, _: &str, notice: &Notice) -> Result<(), PortError> {
        self.clock.pause(2 * TRAVEL_MS).await;
        self.notices.borrow_mut().push(notice.clone());
        Ok(())
    }
}

impl Pages for Installed {
    fn page(&self, _: &Database, _: &str) -> Option<String> {
        None
    }

    async fn keep_page(&self, _: &Course) -> Result<Option<String>, PortError> {
        Ok(None)
    }
}

impl ReplicationLag for Installed {
    async fn lag(&self, database: &Database, region: &Region, since: Timestamp) -> Result<Lags, PortError> {
        self.actor(database).lag(database, region, since).await
    }
}

impl Journals for Installed {
    async fn read_journal(&self, database: &Database) -> Result<Kept, PortError> {
        self.actor(database).read_journal(database).await
    }

    async fn put_journal(&self, database: &Database, journal: &Journal) -> Result<u64, PortError> {
        self.actor(database).put_journal(database, journal).await
    }
}

impl Readinesses for Installed {
    async fn read_readiness(&self, database: &Database, region: &Region) -> Result<KeptReadiness, PortError> {
        self.actor(database).read_readiness(database, region).await
    }

    async fn put_readiness(&self, database: &Database, readiness: &Readiness) -> Result<u64, PortError> {
        self.actor(database).put_readiness(database, readiness).await
    }
}

impl StartFailover for Installed {
    async fn start_failover(&self, authorized: &Authorized) -> Result<(), PortError> {
        self.place(authorized.global_cluster()).actor.start_failover(authorized).await
    }
}

impl Clock for Installed {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.clock.now_ms())
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.pause(i64::try_from(duration.as_millis()).unwrap()).await;
    }
}

impl Configurations for Installed {
    async fn read_own_region(&self) -> Result<OwnRegion, PortError> {
        self.clock.pause(2 * TRAVEL_MS).await;
        if self.is_store_down.get() {
            return Err(PortError::new("ssm:GetParametersByPath", FailureKind::Unreachable));
        }
        let mut parameters = self.parameters.borrow().clone();
        let state = |(name, place): (&String, &Place)| {
            Some((format!("{PREFIX}/state/{name}"), place.world.site(OSAKA).state.clone()?))
        };
        parameters.extend(self.places.iter().filter_map(state));
        let pairs = parameters.iter().map(|(name, json)| (name.as_str(), json.as_str()));
        Ok(OwnRegion::from_parameters(PREFIX, &region(OSAKA), pairs))
    }
}
