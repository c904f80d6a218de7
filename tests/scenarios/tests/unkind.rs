//! A world as unkind as AWS: news that run backwards, reads that are refused just now, copies that claim, and
//! configurations that RDS contradicts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use responder_core::answer::result::{DecisionKind, HoldKind};
use responder_core::pass::outcome::Outcome;
use responder_core::world::known::Known;
use responder_core::world::trigger::BY_HAND;
use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, Settings, World, endpoint, region};

/// Osaka had the writer until Seoul took it over, long ago; everybody knows it.
fn once_in_osaka() -> World {
    let world = World::two_regions();
    world.transition_to(OSAKA);
    world.transition_to(SEOUL);
    world.published(SEOUL, 7)
}

/// One invocation of `follow` in Osaka that knows what its Region remembers.
fn invocation(world: &World) -> Outcome {
    let mut known = world.known(OSAKA);
    let deadline = world.now().plus_ms(60_000);
    world.actor(OSAKA).watch(&mut known, &BY_HAND, deadline)
}

fn stays(world: &World, outcome: &Outcome) {
    assert_ne!(outcome.result.decision, DecisionKind::Publish, "{:?}", outcome.result);
    let cname = world.records().cname.clone().unwrap();
    assert_eq!(cname.values, [endpoint(&region(SEOUL))]);
    for at in [SEOUL, OSAKA] {
        assert_eq!(world.writer_parameter(&region(at)), Some(endpoint(&region(SEOUL))), "{at}");
    }
}

#[test]
fn a_claim_of_yesterday_moves_nothing_while_the_writer_objects() {
    for (ms, one_node) in [(1_500, false), (60_000, true)] {
        let world = once_in_osaka();
        world.run_backwards(OSAKA, 1, ms, one_node);
        stays(&world, &invocation(&world));
    }
}

#[test]
fn a_claim_of_yesterday_moves_nothing_when_the_writers_region_is_silent() {
    let world = once_in_osaka();
    world.run_backwards(OSAKA, 1, 60_000, true);
    world.make_unreachable(SEOUL);
    let outcome = invocation(&world);
    stays(&world, &outcome);
    assert_eq!(outcome.result.hold, Some(HoldKind::WriterUnreachable));
}

#[test]
fn the_same_claim_moves_the_record_when_it_is_true() {
    for seoul_is_dead in [false, true] {
        let world = once_in_osaka();
        world.begin_term(OSAKA);
        world.catch_up(OSAKA);
        if seoul_is_dead {
            world.make_unreachable(SEOUL);
        }
        let outcome = invocation(&world);
        assert_eq!(outcome.result.decision, DecisionKind::Publish, "{:?}", outcome.result);
        assert_eq!(outcome.result.writer.unwrap().region, region(OSAKA));
    }
}

#[test]
fn a_global_cluster_that_nobody_knows_is_an_error_that_names_the_field() {
    let world = World::two_regions().published(SEOUL, 7);
    for (at, is_writer) in [(SEOUL, true), (OSAKA, false)] {
        let mut site = world.site(at);
        let mut facts = site.facts(world.regions(), Some(&region(SEOUL)));
        facts.global = None;
        assert_eq!(facts.cluster.as_ref().unwrap().is_replica, !is_writer);
        site.says = Some(facts);
    }
    for is_seoul_dead in [false, true] {
        if is_seoul_dead {
            world.make_unreachable(SEOUL);
        }
        let outcome = invocation(&world);
        stays(&world, &outcome);
        assert_eq!(outcome.result.decision, DecisionKind::Error);
        let error = outcome.result.error.clone().unwrap();
        assert!(
            error.starts_with(
                "configuration parameter /failover-responder/databases/todo: global_cluster: no Region knows"
            ),
            "{error}"
        );
        assert!(error.contains(&format!("{OSAKA}'s cluster replicates")), "{error}");
        // One Region alone may be mistaken for a moment.
        assert_eq!(outcome.watch, is_seoul_dead);
    }
}

/// The event is used up once: one listing without the global cluster does not end the invocation while the writer's Region is
/// dead and cannot contradict it.
#[test]
fn a_listing_that_flickers_is_looked_at_again_while_the_writers_region_is_dead() {
    for was_promoted in [false, true] {
        let world = World::two_regions().published(SEOUL, 7);
        world.make_unreachable(SEOUL);
        if was_promoted {
            world.transition_to(OSAKA);
        }
        let mut facts = world.site(OSAKA).facts(world.regions(), None);
        facts.global = None;
        facts.cluster.as_mut().unwrap().is_replica = !was_promoted;
        world.site(OSAKA).says = Some(facts);
        // The second look of each Region comes after the first answers.
        for _ in 0..2 {
            world.interrupt(Operation::View, |_| ());
        }
        world.interrupt(Operation::View, move |world| {
            world.site(OSAKA).says = None;
            if !was_promoted {
                world.transition_to(OSAKA);
            }
        });
        let outcome = invocation(&world);
        assert_eq!(outcome.result.decision, DecisionKind::Publish, "{was_promoted}: {:?}", outcome.result);
    }
}

#[test]
fn a_writer_that_is_no_member_is_an_error_that_names_it() {
    let world = World::two_regions().published(SEOUL, 7);
    let stranger = "arn:aws:rds:us-east-1:123456789012:cluster:todo-virginia";
    for at in [SEOUL, OSAKA] {
        let mut site = world.site(at);
        let mut facts = site.facts(world.regions(), None);
        facts.global.as_mut().unwrap().members.push((stranger.to_owned(), true));
        site.says = Some(facts);
    }
    let outcome = invocation(&world);
    stays(&world, &outcome);
    let error = outcome.result.error.unwrap();
    assert!(error.contains(stranger) && error.contains(": members: "), "{error}");
}

/// A member that claims and still lists the cluster that it replicated from is no writer before it has claimed for a minute.
#[test]
fn a_replica_is_never_published() {
    let world = World::two_regions().published(SEOUL, 7);
    world.transition_to(OSAKA);
    let mut facts = world.site(OSAKA).facts(world.regions(), Some(&region(OSAKA)));
    facts.cluster.as_mut().unwrap().is_replica = true;
    world.site(OSAKA).says = Some(facts);
    let mut known = world.known(OSAKA);
    let actor = world.actor(OSAKA);
    let outcome = actor.watch(&mut known, &BY_HAND, world.now().plus_ms(60_000));
    stays(&world, &outcome);
    assert_eq!(outcome.result.hold, Some(HoldKind::WriterNotReady));
    assert!(
        outcome.result.reason.ends_with("it has to claim the writer for a minute"),
        "{}",
        outcome.result.reason
    );
    let later = actor.watch(&mut known, &BY_HAND, world.now().plus_ms(60_000));
    assert_eq!(later.result.decision, DecisionKind::Publish, "{:?}", later.result);
}

/// Osaka was promoted, and a read of the hold switch fails. A hold that was listed stands; without one, nothing moves
/// before some Region says that there is none.
#[test]
fn a_hold_switch_that_cannot_be_read_is_not_absent() {
    for (is_listed, fault) in [(true, Fault::Throttled), (true, Fault::Refused), (false, Fault::Refused)] {
        let world = World::two_regions().published(SEOUL, 7);
        world.transition_to(OSAKA);
        let mut known = if is_listed {
            world.site(OSAKA).hold = Some("an upgrade".to_owned());
            world.known(OSAKA)
        } else {
            Known::default()
        };
        world.break_by(FaultRule::of_operation(Operation::ReadParameters, fault));
        let outcome = world.actor(OSAKA).watch(&mut known, &BY_HAND, world.now().plus_ms(60_000));
        stays(&world, &outcome);
        let hold = if is_listed { HoldKind::Held } else { HoldKind::Blind };
        assert_eq!(outcome.result.hold, Some(hold), "{:?}", outcome.result);
    }
}

#[test]
fn a_hold_once_seen_stands_until_its_region_says_that_it_is_gone() {
    let world = World::two_regions().published(SEOUL, 7);
    world.site(SEOUL).hold = Some("an upgrade".to_owned());
    let (actor, mut known) = (world.actor(OSAKA), world.known(OSAKA));
    assert_eq!(actor.reconcile(&mut known).result.hold, Some(HoldKind::Held));
    world.transition_to(OSAKA);
    world.make_unreachable(SEOUL);
    world.advance_ms(3_600_000);
    assert_eq!(
        actor.reconcile(&mut known).result.hold,
        Some(HoldKind::Held),
        "Osaka alone says that there is none"
    );
    world.make_reachable(SEOUL);
    world.site(SEOUL).hold = None;
    assert_eq!(actor.reconcile(&mut known).result.decision, DecisionKind::Publish);
}

/// Whoever knows nothing now looks again in the same invocation: an event is used up once.
#[test]
fn an_own_region_that_refuses_for_a_while_is_watched() {
    for fault in [Fault::Throttled, Fault::Fails] {
        let world = World::two_regions().published(SEOUL, 7);
        world.transition_to(OSAKA);
        world.make_unreachable(SEOUL);
        let until = Some(world.now().plus_ms(1_000));
        let busy = FaultRule {
            region: Some(region(OSAKA)),
            until,
            ..FaultRule::of_operation(Operation::View, fault)
        };
        world.break_by(busy);
        let outcome = invocation(&world);
        assert_eq!(outcome.result.decision, DecisionKind::Publish, "{:?}", outcome.result);
    }
}

#[test]
fn a_name_that_is_configured_is_published_in_place_of_the_cluster_endpoint() {
    const PROXIES: &[(&str, &str)] = &[
        (SEOUL, "todo.proxy-a.ap-northeast-2.rds.amazonaws.com"),
        (OSAKA, "todo.proxy-b.ap-northeast-3.rds.amazonaws.com"),
    ];
    let settings = Settings { endpoints: PROXIES, ..Settings::default() };
    let world = World::two_regions().with_settings(settings).published(SEOUL, 7);
    let first = invocation(&world);
    assert_eq!(first.result.writer.unwrap().endpoint, PROXIES[0].1, "{}", first.result.reason);
    world.advance_ms(3_600_000);
    world.transition_to(OSAKA);
    let moved = invocation(&world);
    assert_eq!(moved.result.writer.unwrap().endpoint, PROXIES[1].1);
    assert_eq!(world.writer_parameter(&region(SEOUL)).as_deref(), Some(PROXIES[1].1));
    assert_eq!(world.records().cname.clone().unwrap().values, [PROXIES[1].1]);
    assert_eq!(invocation(&world).result.decision, DecisionKind::Unchanged);
}

/// A watch looks each second for a minute after something changed, then every three seconds.
#[test]
fn a_watch_spares_the_api_when_nothing_changes() {
    let world = World::two_regions().published(SEOUL, 7);
    world.make_unreachable(SEOUL);
    let mut known = world.known(OSAKA);
    known.silent.insert(region(SEOUL));
    let calls = Rc::new(Cell::new(0_u32));
    for _ in 0..1_000 {
        let counted = Rc::clone(&calls);
        world.interrupt(Operation::View, move |_| counted.set(counted.get() + 1));
    }
    world.actor(OSAKA).watch(&mut known, &BY_HAND, world.now().plus_ms(308_000));
    // A look asks the silent Region every fifth time, a second long.
    assert!((110..=160).contains(&calls.get()), "{} in five minutes", calls.get());
}

/// Each look that a service throttles makes the pauses twice as long, up to twelve seconds.
#[test]
fn a_watch_that_is_throttled_looks_less_and_less_often() {
    let world = World::two_regions().published(SEOUL, 7);
    world.site(SEOUL).failover_status = Some("failing-over".to_owned());
    let throttled = FaultRule::of_operation(Operation::View, Fault::Throttled);
    world.break_by(FaultRule { region: Some(region(OSAKA)), ..throttled });
    let looks = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..100 {
        let looks = Rc::clone(&looks);
        world.interrupt(Operation::View, move |world| looks.borrow_mut().push(world.now()));
    }
    world.actor(OSAKA).watch(&mut Known::default(), &BY_HAND, world.now().plus_ms(90_000));
    let mut looks = looks.borrow().clone();
    looks.dedup();
    let pauses: Vec<i64> = looks.windows(2).map(|pair| pair[1].since_ms(pair[0])).collect();
    assert_eq!(pauses, [1_020, 2_020, 4_020, 8_020, 12_020, 12_020, 12_020, 12_020, 12_020, 12_020]);
}

/// A hold forbids repairs too, so one is made only where somebody could read that there is none.
#[test]
fn nothing_is_repaired_while_nobody_knows_of_the_hold_switch() {
    for fault in [Fault::Throttled, Fault::Refused, Fault::Unreachable] {
        let world = World::two_regions().published(SEOUL, 7);
        world.zone().records.cname.as_mut().unwrap().values = vec![endpoint(&region(OSAKA))];
        let mut known = world.known(OSAKA);
        world.advance_ms(120_000);
        world.break_by(FaultRule::of_operation(Operation::ReadParameters, fault));
        let outcome = world.actor(OSAKA).reconcile(&mut known);
        assert_eq!(world.take_writes().changes(), 0, "{fault:?}: {:?}", outcome.result);
        world.heal();
        world.actor(OSAKA).reconcile(&mut known);
        stays(&world, &world.actor(OSAKA).reconcile(&mut known));
    }
}

/// What people have still to be told stands in the state of a Region that a warm function did not wait for.
#[test]
fn a_publication_writes_over_no_note_that_it_has_not_read() {
    let world = World::two_regions().published(SEOUL, 7);
    let mut known = world.known(SEOUL);
    let osaka = region(OSAKA);
    let mut state = world.state(&osaka).unwrap();
    known.memories.insert(osaka.clone(), state.memory.clone().unwrap());
    state.notes.no_standby_since = Some(world.now().whole_seconds());
    let notes = state.notes.clone();
    world.site(OSAKA).state = Some(state.to_json());
    world.transition_to(OSAKA);
    let slow = FaultRule {
        region: Some(osaka.clone()),
        times: Some(1),
        ..FaultRule::of_operation(Operation::ReadParameters, Fault::Delay(1_500))
    };
    world.break_by(slow);
    let outcome = world.actor(SEOUL).reconcile(&mut known);
    assert_eq!(outcome.result.decision, DecisionKind::Publish, "{:?}", outcome.result);
    let state = world.state(&osaka).unwrap();
    assert_eq!((state.epoch.0, state.notes), (8, notes));
}

/// Parameter Store promises no fresh reads: what was just written and reads as before is looked at once more before it is written
/// again. What somebody really wrote over is written again then.
#[test]
fn a_parameter_that_reads_as_before_is_not_written_again_and_again() {
    for is_stale in [true, false] {
        let world = once_in_osaka();
        world.begin_term(OSAKA);
        world.catch_up(OSAKA);
        let before = world.writer_parameter(&region(OSAKA));
        // The write is there, and the read that verifies it shows the one before; for two seconds, or because it was written over.
        world.interrupt(Operation::PutWriter, move |world| {
            world.interrupt(Operation::ReadParameters, move |world| {
                world.site(OSAKA).writer = before.clone();
                world.interrupt(Operation::ReadParameters, |_| ());
                world.interrupt(Operation::ReadParameters, move |world| {
                    if is_stale {
                        world.site(OSAKA).writer = Some(endpoint(&region(OSAKA)));
                    }
                });
            });
        });
        let began = world.now();
        let outcome = invocation(&world);
        assert_eq!(outcome.result.decision, DecisionKind::Publish);
        assert_eq!(world.writer_parameter(&region(OSAKA)), Some(endpoint(&region(OSAKA))));
        assert_eq!(
            world.take_writes().writer,
            if is_stale { 2 } else { 3 },
            "one a Region, and what was written over"
        );
        assert!(world.now().since_ms(began) >= 2_000, "it waits before it looks once more");
    }
}
