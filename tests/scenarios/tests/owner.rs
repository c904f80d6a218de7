//! One target, one owner: whose a record or a parameter is, by what each Region's state says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod installed;

use responder_core::answer::result::DecisionKind;
use responder_core::config::FailoverMode;
use responder_core::config::owned::Owned;
use responder_core::failover::work::Failover;
use responder_core::invocation::fleet::{Fleet, FleetOutcome};
use responder_core::invocation::work::{Follow, Work};
use responder_core::world::known::Known;
use responder_core::world::state::State;
use responder_core::world::trigger::Trigger;
use responder_fakes::{OSAKA, SEOUL, Settings, World, region};

use installed::{Installed, PREFIX, configuration};

/// Its states are as a function wrote them that knew of no owners.
fn forget_owner(world: &World) {
    for name in [SEOUL, OSAKA] {
        let state = world.state(&region(name)).unwrap();
        world.site(name).state = Some(State { owns: None, ..state }.to_json());
    }
}

fn owns(world: &World, name: &str) -> Option<Owned> {
    world.state(&region(name)).unwrap().owns
}

#[test]
fn a_state_that_says_nothing_yet_says_it_after_the_next_pass_and_nothing_is_written_again() {
    let world = World::two_regions().published(SEOUL, 7);
    forget_owner(&world);
    for written in [2, 0] {
        let outcome = world.actor(OSAKA).reconcile_cold();
        let writes = world.take_writes();
        assert_eq!((writes.state, writes.changes()), (written, written));
        assert_eq!((outcome.result.decision, outcome.result.drift), (DecisionKind::Unchanged, false));
    }
    for name in [SEOUL, OSAKA] {
        assert_eq!(owns(&world, name), Some(Owned::of(world.database())));
    }
}

/// A hold repairs nothing: the memory that is due carries it, and nothing is written for its sake.
#[test]
fn under_a_hold_it_is_written_with_a_memory_alone() {
    let world = World::two_regions().published(SEOUL, 7);
    forget_owner(&world);
    world.site(OSAKA).hold = Some("an upgrade".to_owned());
    world.actor(OSAKA).reconcile_cold();
    assert_eq!((world.take_writes().changes(), owns(&world, OSAKA)), (0, None));
    world.transition_to(OSAKA);
    world.actor(OSAKA).reconcile_cold();
    // Seoul renounces, and is remembered to.
    assert_eq!((world.take_writes().changes(), owns(&world, OSAKA)), (1, None));
    assert_eq!(owns(&world, SEOUL), Some(Owned::of(world.database())));
}

/// What people are told is written to the state after the pass, and takes nothing back.
#[test]
fn a_note_for_people_keeps_it() {
    let world = World::two_regions().published(SEOUL, 7);
    forget_owner(&world);
    world.site(OSAKA).instances = 0;
    let deadline = world.now().plus_ms(60_000);
    world.actor(SEOUL).follow(&mut Known::default(), &Trigger::default(), deadline);
    let state = world.state(&region(SEOUL)).unwrap();
    assert!(state.notes.no_standby_since.is_some() && state.owns.is_some(), "{state:?}");
}

#[test]
fn two_regions_that_are_configured_differently_do_not_write_over_each_other() {
    let seoul = World::two_regions().published(SEOUL, 7);
    let osaka = seoul.clone().with_settings(Settings { mode: FailoverMode::Off, ..Settings::default() });
    assert_ne!(Owned::of(seoul.database()), Owned::of(osaka.database()));
    let mut written = Vec::new();
    for _ in 0..3 {
        seoul.actor(SEOUL).reconcile_cold();
        osaka.actor(OSAKA).reconcile_cold();
        written.push(seoul.take_writes().changes());
    }
    assert_eq!(written, [1, 0, 0], "Osaka's own, once");
    assert_eq!(owns(&seoul, SEOUL), Some(Owned::of(seoul.database())));
    assert_eq!(owns(&seoul, OSAKA), Some(Owned::of(osaka.database())));
}

/// `books` has the parameter of `todo`, and the writer has moved.
fn shared() -> Installed {
    let mut installed = Installed::new(&["todo"]);
    let json = configuration("books", 60).replace("/books/database/writer", "/todo/database/writer");
    installed.add_configured("books", json);
    forget_owner(&installed.place("books").world);
    for name in ["books", "todo"] {
        installed.place(name).world.transition_to(OSAKA);
        installed.place(name).world.take_writes();
    }
    installed
}

fn invoke<W: Work<Installed>>(installed: &Installed, work: &W, fleet: &mut Fleet) -> FleetOutcome {
    installed.work(work, fleet, &Trigger::default()).unwrap()
}

/// Each database's decision and error, in the answer's order.
fn answers(outcome: &FleetOutcome) -> Vec<(&str, DecisionKind, Option<&str>)> {
    let results = outcome.answer.results.iter();
    results.map(|it| (it.database.as_str(), it.decision, it.error.as_deref())).collect()
}

const BELONGS: &str = "configuration parameter /failover-responder/databases/books: parameter: /todo/database/writer belongs to the database todo, as its state says";

#[test]
fn the_owner_goes_on_and_the_other_writes_nothing_and_is_an_error() {
    let installed = shared();
    let mut fleet = Fleet::new(region(OSAKA));
    for decision in [DecisionKind::Publish, DecisionKind::Unchanged] {
        let outcome = invoke(&installed, &Follow, &mut fleet);
        let expected = [("todo", decision, None), ("books", DecisionKind::Error, Some(BELONGS))];
        assert_eq!(answers(&outcome), expected);
    }
    let outcome = invoke(&installed, &Failover::default(), &mut Fleet::new(region(OSAKA)));
    assert_eq!(answers(&outcome).last(), Some(&("books", DecisionKind::Error, Some(BELONGS))));
    assert_eq!(installed.place("books").world.take_writes().calls(), 0);
}

/// A warm function that follows the owner takes up what is added beside it, and what is left when the owner is gone.
#[test]
fn a_warm_function_notices_who_comes_and_who_goes() {
    let installed = shared();
    let books = format!("{PREFIX}/databases/books");
    let json = installed.parameters.borrow_mut().remove(&books).unwrap();
    let mut fleet = Fleet::new(region(OSAKA));
    assert_eq!(answers(&invoke(&installed, &Follow, &mut fleet)), [("todo", DecisionKind::Publish, None)]);
    installed.configure("books", json);
    let outcome = invoke(&installed, &Follow, &mut fleet);
    assert_eq!(answers(&outcome).last(), Some(&("books", DecisionKind::Error, Some(BELONGS))));
    installed.configure("todo", "{".to_owned());
    let outcome = invoke(&installed, &Follow, &mut fleet);
    assert!(answers(&outcome).iter().all(|(_, decision, _)| *decision == DecisionKind::Error), "a slip");
    assert_eq!(installed.place("books").world.take_writes().calls(), 0);
    installed.parameters.borrow_mut().remove(&format!("{PREFIX}/databases/todo"));
    assert_eq!(answers(&invoke(&installed, &Follow, &mut fleet)), [("books", DecisionKind::Publish, None)]);
}

#[test]
fn where_no_state_tells_nobody_writes_until_one_of_them_is_changed() {
    let installed = shared();
    forget_owner(&installed.place("todo").world);
    let mut fleet = Fleet::new(region(OSAKA));
    let outcome = invoke(&installed, &Follow, &mut fleet);
    for (name, decision, error) in answers(&outcome) {
        let other = if name == "todo" { "books" } else { "todo" };
        let why = format!("/todo/database/writer is shared with {other}, and no state says whose it is");
        assert!(decision == DecisionKind::Error && error.unwrap().ends_with(&why), "{error:?}");
        assert_eq!(installed.place(name).world.take_writes().calls(), 0);
    }
    installed.configure("books", configuration("books", 60));
    let outcome = invoke(&installed, &Follow, &mut fleet);
    assert!(answers(&outcome).iter().all(|(_, decision, _)| *decision == DecisionKind::Publish));
}
