//! A run that cannot be read, how long a run is waited for, and in which Region the call is made.

use responder_core::operator::refusal::DrillError;
use responder_core::operator::reply::Reply;
use responder_core::world::course::Progress;
use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, World, region};
use serde_json::json;

use crate::transitions::moved;
use crate::{course, deadline, drill, failover, refusal, switchover, world};

/// What makes a Region's run unreadable.
type Spoil = fn(&World, &str);

fn broken(world: &World, name: &str, fault: Fault) {
    let rule = FaultRule::of_operation(Operation::ReadRun, fault);
    world.break_by(FaultRule { region: Some(region(name)), ..rule });
}

const SPOILS: [(&str, Spoil); 5] = [
    ("rubbish", |world, name| world.site(name).run = Some("rubbish".to_owned())),
    ("cut off", |world, name| {
        world.site(name).run = Some(r#"{"id":"todo-switchover-1","kind":"sw"#.to_owned());
    }),
    ("refused", |world, name| broken(world, name, Fault::Refused)),
    ("throttled", |world, name| broken(world, name, Fault::Throttled)),
    ("unreachable", |world, name| broken(world, name, Fault::Unreachable)),
];

/// The own Region may remember one that is not over: what cannot be read is not nothing. Another Region's delays nobody.
#[test]
fn a_run_that_cannot_be_read_stops_a_transition_in_its_own_region_alone() {
    for (what, spoil) in SPOILS {
        for event in [switchover(), failover()] {
            let there = world();
            spoil(&there, SEOUL);
            let sentence = refusal(&there, &event);
            assert!(sentence.contains("the last run is not known: ssm:GetParameter"), "{what}: {sentence}");
            assert_eq!(there.take_writes().calls(), 0, "{what}");
            let elsewhere = world();
            spoil(&elsewhere, OSAKA);
            assert_eq!(course(&elsewhere, SEOUL, &event).progress, Progress::Done, "{what}");
            let is_failover = event == failover();
            moved(&elsewhere, usize::from(!is_failover), usize::from(is_failover));
        }
        let shown = world();
        spoil(&shown, SEOUL);
        let Ok(Reply::Statuses(all)) = drill(&shown, SEOUL, &json!({"action": "status"})) else {
            panic!("{what}")
        };
        assert_eq!((all.databases.len(), &all.databases[0].run), (1, &None), "{what}");
    }
}

/// The planned call in the writer's Region, the other in the target's, wherever the function runs.
#[test]
fn the_call_is_made_in_the_region_that_can_take_it() {
    for own in [SEOUL, OSAKA] {
        for (event, call) in [
            (switchover(), "rds:SwitchoverGlobalCluster in ap-northeast-2"),
            (failover(), "rds:FailoverGlobalCluster in ap-northeast-3"),
        ] {
            let world = world();
            let course = course(&world, own, &event);
            assert!(course.run.at_ms("promoted").unwrap() >= 5_000, "{:?}", course.run.phases);
            let log = world.take_log();
            let made: Vec<&String> =
                log.iter().map(|(_, line)| line).filter(|it| it.starts_with("rds:")).collect();
            assert!(made.len() == 1 && made[0].starts_with(call), "{own}: {made:?}");
        }
    }
}

/// When a run that leads to nothing ended, in milliseconds from its beginning.
fn ended_ms(world: &World, event: &serde_json::Value) -> i64 {
    let Err(DrillError::Ended { course, .. }) = drill(world, SEOUL, event) else { panic!("{event}") };
    course.run.ended.unwrap().ms
}

#[test]
fn a_call_that_rds_never_took_is_waited_for_a_minute() {
    for (event, operation) in
        [(switchover(), Operation::StartSwitchover), (failover(), Operation::StartFailover)]
    {
        let world = world();
        world.break_by(FaultRule::of_operation(operation, Fault::Unreachable));
        let ms = ended_ms(&world, &event);
        assert!((60_000..66_000).contains(&ms), "{ms} ms");
    }
}

#[test]
fn an_operation_that_shows_no_more_is_waited_for_a_minute_from_then_on() {
    let world = World::two_regions().published(SEOUL, 7);
    world.actor(SEOUL).drill(&switchover(), world.now().plus_ms(120_000)).unwrap();
    let cancelled = world.now();
    for name in [SEOUL, OSAKA] {
        world.site(name).failover_status = None;
    }
    let ms = ended_ms(&world, &switchover());
    let waited = world.now().since_ms(cancelled);
    assert!((60_000..66_000).contains(&waited) && ms > 120_000, "{waited} ms, {ms} ms");
}

#[test]
fn an_operation_that_never_shows_is_waited_for_ten_minutes() {
    let world = World::two_regions().published(SEOUL, 7);
    world.interrupt(Operation::StartSwitchover, |world| {
        world.interrupt(Operation::PutRun, |world| {
            for name in [SEOUL, OSAKA] {
                world.site(name).failover_status = None;
            }
        });
    });
    let ms = ended_ms(&world, &switchover());
    assert!((600_000..606_000).contains(&ms), "{ms} ms");
    assert!(deadline(&world).since_ms(world.now()) > 0);
}

/// What goes wrong again and again is said, and once.
#[test]
fn a_run_that_cannot_be_remembered_is_followed_and_says_so_once() {
    let world = world();
    world.interrupt(Operation::StartSwitchover, |world| {
        world.break_by(FaultRule::of_operation(Operation::PutRun, Fault::Unreachable));
    });
    let course = course(&world, SEOUL, &switchover());
    assert_eq!(course.progress, Progress::Done);
    let said = "could not remember how far the run is: ssm:PutParameter in ap-northeast-2: no answer";
    assert_eq!(course.failures, [said]);
}
