//! Several databases of one installation in one function.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod installed;

use responder_core::answer::result::DecisionKind;
use responder_core::invocation::fleet::{Fleet, FleetOutcome};
use responder_core::ports::Clock;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::trigger::Trigger;
use responder_fakes::{OSAKA, SEOUL, region};
use responder_lambda::events::rds;

use installed::{BUDGET_MS, Installed, PREFIX, TRAVEL_MS, configuration};

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
    rds::trigger(&serde_json::json!({ "source": "aws.rds", "detail": detail }), now)
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

#[test]
fn the_most_important_is_looked_at_first_and_the_named_before_it() {
    let mut installed = Installed::new(&[]);
    for (name, priority) in [("books", None), ("films", Some(5)), ("songs", Some(50)), ("todo", None)] {
        let mut json: serde_json::Value = serde_json::from_str(&configuration(name, 60)).unwrap();
        if let Some(priority) = priority {
            json["priority"] = priority.into();
        }
        installed.add_configured(name, json.to_string());
    }
    installed.invoke(&mut fleet(), &Trigger::default()).unwrap();
    assert_eq!(installed.begun.take(), ["songs", "films", "books", "todo"]);
    let json: serde_json::Value = serde_json::from_str(&configuration("todo", 60)).unwrap();
    let subjects = vec![json["members"][SEOUL].as_str().unwrap().to_owned()];
    let named = Trigger { subjects, ..Trigger::default() };
    installed.invoke(&mut fleet(), &named).unwrap();
    assert_eq!(installed.begun.take(), ["todo", "songs", "films", "books"]);
}
