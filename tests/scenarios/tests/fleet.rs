//! Several databases of one installation in one function: each in a world of its own, all on one clock.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use responder_core::evidence::RegionParameters;
use responder_core::failover::alarm::AlarmReading;
use responder_core::fleet::{Fleet, FleetOutcome};
use responder_core::installation::Installation;
use responder_core::ports::{
    Clock, Configurations, Exchanged, FailureKind, HealthAlarms, Notices, Parameters, PortError, RegionViews,
    WriterRecord,
};
use responder_core::published::{Exchange, RecordSet};
use responder_core::work::Follow;
use responder_core::{
    Database, DecisionKind, Notice, OwnRegion, Region, RegionView, State, Timestamp, Trigger,
};
use responder_fakes::executor::Queue;
use responder_fakes::{Actor, Call, Conductor, Effect, Fate, Fault, OSAKA, Operation, SEOUL, World, region};

const PREFIX: &str = "/failover-responder";
/// One way of a call, in milliseconds.
const TRAVEL_MS: i64 = 10;
/// Until a caller of what does not answer gives up, in milliseconds.
const BUDGET_MS: i64 = 2_000;
/// How long an invocation may take, in milliseconds.
const INVOCATION_MS: i64 = 20_000;

/// Lets the calls of one world take their time on the clock of all.
struct Traffic {
    clock: Rc<Queue<()>>,
    /// Whether the Region of the writer swallows every call.
    is_seoul_dead: Cell<bool>,
    moved_at_ms: Cell<Option<i64>>,
}

impl Conductor for Traffic {
    fn fate(&self, call: &Call) -> Fate {
        let dead = self.is_seoul_dead.get() && call.region.as_ref().is_some_and(|it| it.as_str() == SEOUL);
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
struct Place {
    world: World,
    traffic: Rc<Traffic>,
    actor: Actor,
}

/// All databases, by name; core's ports for a function in Osaka.
struct Installed {
    clock: Rc<Queue<()>>,
    places: BTreeMap<String, Place>,
    parameters: RefCell<BTreeMap<String, String>>,
    is_store_down: Cell<bool>,
    notices: RefCell<Vec<Notice>>,
}

/// Every database has a world of its own, in which its clusters have the names that all fakes have.
fn configuration(name: &str, settle_seconds: u32) -> String {
    format!(
        r#"{{"global_cluster":"todo","members":{{
            "{SEOUL}":"arn:aws:rds:{SEOUL}:123456789012:cluster:todo-seoul",
            "{OSAKA}":"arn:aws:rds:{OSAKA}:123456789012:cluster:todo-osaka"}},
            "record":{{"zone_id":"Z0123456789","name":"writer.{name}.internal","ttl_seconds":5}},
            "parameter":"/{name}/database/writer","settle_seconds":{settle_seconds}}}"#
    )
}

impl Installed {
    /// These databases, each published at epoch 7 with its writer in Seoul.
    fn new(names: &[&str]) -> Self {
        let clock = Rc::new(Queue::new(World::two_regions().now().as_ms()));
        let mut installed = Self {
            clock,
            places: BTreeMap::new(),
            parameters: RefCell::default(),
            is_store_down: Cell::new(false),
            notices: RefCell::default(),
        };
        for name in names {
            installed.add(name);
        }
        installed
    }

    fn add(&mut self, name: &str) {
        let json = configuration(name, 60);
        let database = Database::parse(PREFIX, &name.parse().unwrap(), &json, &region(OSAKA)).unwrap();
        let world = World::of(Rc::new(database), [region(SEOUL), region(OSAKA)].into()).published(SEOUL, 7);
        let traffic = Rc::new(Traffic {
            clock: Rc::clone(&self.clock),
            is_seoul_dead: Cell::new(false),
            moved_at_ms: Cell::new(None),
        });
        let actor = world.actor(OSAKA).conducted_by(Rc::clone(&traffic) as Rc<dyn Conductor>);
        self.configure(name, json);
        self.places.insert(name.to_owned(), Place { world, traffic, actor });
    }

    fn configure(&self, name: &str, json: String) {
        self.parameters.borrow_mut().insert(format!("{PREFIX}/databases/{name}"), json);
    }

    fn place(&self, name: &str) -> &Place {
        self.places.get(name).unwrap()
    }

    fn actor(&self, database: &Database) -> &Actor {
        &self.place(database.name().as_str()).actor
    }

    /// One invocation, with time passing whenever everybody waits.
    fn invoke(&self, fleet: &mut Fleet, trigger: &Trigger) -> Result<FleetOutcome, PortError> {
        let deadline = self.now().plus_ms(INVOCATION_MS);
        self.run(fleet.run(self, &Follow, trigger, deadline))
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> T {
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
    async fn view(&self, database: &Database, region: &Region) -> Result<RegionView, PortError> {
        self.actor(database).view(database, region).await
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
}

impl Notices for Installed {
    async fn publish(&self, _: &str, notice: &Notice) -> Result<(), PortError> {
        self.clock.pause(2 * TRAVEL_MS).await;
        self.notices.borrow_mut().push(notice.clone());
        Ok(())
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
        let parameters = self.parameters.borrow();
        let pairs = parameters.iter().map(|(name, json)| (name.as_str(), json.as_str()));
        let installation = Installation::from_parameters(PREFIX, &region(OSAKA), pairs);
        Ok(OwnRegion { installation, known: BTreeMap::new() })
    }
}

fn fleet() -> Fleet {
    Fleet::new(region(OSAKA))
}

/// Each result's database and decision, in the answer's order.
fn decisions(outcome: &FleetOutcome) -> Vec<(&str, DecisionKind)> {
    outcome.answer.results.iter().map(|result| (result.database.as_str(), result.decision)).collect()
}

/// An RDS event, after which a warm function starts on the configuration that it has.
fn rds_event(now: Timestamp) -> Trigger {
    let detail = serde_json::json!({ "EventID": "RDS-EVENT-0238", "SourceIdentifier": "todo-osaka" });
    Trigger::of_event(&serde_json::json!({ "source": "aws.rds", "detail": detail }), now)
}

#[test]
fn a_bad_configuration_stops_nobody_else() {
    let installed = Installed::new(&["books", "todo"]);
    installed.configure("broken", "{".to_owned());
    installed.configure("Not A Name", configuration("x", 60));
    installed.place("todo").world.transition_to(OSAKA);
    let outcome = installed.invoke(&mut fleet(), &Trigger::default()).unwrap();
    let expected = [
        ("books", DecisionKind::Unchanged),
        ("todo", DecisionKind::Publish),
        ("Not A Name", DecisionKind::Error),
        ("broken", DecisionKind::Error),
    ];
    assert_eq!(decisions(&outcome), expected);
}

#[test]
fn a_database_that_is_watched_or_slow_delays_no_other() {
    let installed = Installed::new(&["books", "films", "todo"]);
    // One is watched to the end, one waits for a dead Region, and one has moved.
    installed.place("books").world.site(SEOUL).name_nobody();
    installed.place("books").world.site(OSAKA).name_nobody();
    installed.place("films").traffic.is_seoul_dead.set(true);
    installed.place("todo").world.transition_to(OSAKA);
    let (mut fleet, began) = (fleet(), installed.now());
    let outcome = installed.invoke(&mut fleet, &rds_event(began)).unwrap();
    let expected =
        [("books", DecisionKind::Hold), ("films", DecisionKind::Hold), ("todo", DecisionKind::Publish)];
    assert_eq!(decisions(&outcome), expected);
    let moved_ms = installed.place("todo").traffic.moved_at_ms.get().unwrap() - began.as_ms();
    assert!(moved_ms <= 10 * TRAVEL_MS, "moved after {moved_ms} ms");
    assert!(installed.now().since_ms(began) > BUDGET_MS, "the others took their time");
}

#[test]
fn a_warm_function_follows_its_configuration() {
    let mut installed = Installed::new(&["todo"]);
    let mut fleet = fleet();
    installed.invoke(&mut fleet, &Trigger::default()).unwrap();
    installed.add("books");
    installed.place("books").world.transition_to(OSAKA);
    let outcome = installed.invoke(&mut fleet, &Trigger::default()).unwrap();
    assert_eq!(decisions(&outcome), [("books", DecisionKind::Publish), ("todo", DecisionKind::Unchanged)]);

    // Changed while it is warm: an event of that database acts on the new text at once.
    installed.configure("todo", configuration("todo", 30));
    let outcome = installed.invoke(&mut fleet, &rds_event(installed.now())).unwrap();
    assert_eq!(decisions(&outcome), [("books", DecisionKind::Unchanged), ("todo", DecisionKind::Unchanged)]);
    installed.configure("todo", "no longer JSON".to_owned());
    let outcome = installed.invoke(&mut fleet, &rds_event(installed.now())).unwrap();
    assert_eq!(decisions(&outcome), [("books", DecisionKind::Unchanged), ("todo", DecisionKind::Error)]);

    installed.parameters.borrow_mut().remove(&format!("{PREFIX}/databases/todo"));
    let outcome = installed.invoke(&mut fleet, &Trigger::default()).unwrap();
    assert_eq!(decisions(&outcome), [("books", DecisionKind::Unchanged)]);
}

#[test]
fn without_its_own_parameters_a_cold_function_fails_and_a_warm_one_goes_on() {
    let installed = Installed::new(&["todo"]);
    installed.is_store_down.set(true);
    let mut fleet = fleet();
    let error = installed.invoke(&mut fleet, &Trigger::default()).unwrap_err();
    assert!(error.to_string().starts_with("ssm:GetParametersByPath: "), "{error}");
    installed.is_store_down.set(false);
    installed.invoke(&mut fleet, &Trigger::default()).unwrap();
    installed.is_store_down.set(true);
    installed.place("todo").world.transition_to(OSAKA);
    let outcome = installed.invoke(&mut fleet, &Trigger::default()).unwrap();
    assert_eq!(decisions(&outcome), [("todo", DecisionKind::Publish)]);
    assert!(outcome.stale_configuration.is_some(), "and it says so");
}
