//! A transition by hand: preflight, call, watch, publish, verify.

use responder_core::answer::result::DecisionKind;
use responder_core::operator::refusal::DrillError;
use responder_core::world::attempt::Started;
use responder_core::world::course::{Course, Progress};
use responder_core::world::run::Kind;
use responder_fakes::{Fault, FaultRule, LagCourse, OSAKA, Operation, SEOUL, World, endpoint, region};
use serde_json::Value;

use crate::{course, drill, failback, failover, refusal, switchover, world};

/// Expects that everything points to Osaka at epoch 8, and that exactly this was started.
pub(crate) fn moved(world: &World, switchovers: usize, failovers: usize) {
    let osaka = region(OSAKA);
    assert_eq!(world.writer(), osaka);
    let state = world.state(&osaka).unwrap();
    assert_eq!((state.epoch.0, state.writer), (8, osaka.clone()));
    assert_eq!(world.writer_parameter(&osaka).unwrap(), endpoint(&osaka));
    let records = world.records().clone();
    assert_eq!(records.cname.unwrap().values, vec![endpoint(&osaka)]);
    assert_eq!(world.take_switchovers().len(), switchovers, "switchovers");
    assert_eq!(world.take_failovers().len(), failovers, "failovers");
}

fn names(course: &Course) -> Vec<&str> {
    course.run.phases.iter().map(|moment| moment.name.as_str()).collect()
}

#[test]
fn a_switchover_is_called_watched_published_and_read_back() {
    let world = world();
    let course = course(&world, SEOUL, &switchover());
    assert_eq!((course.progress, course.resumed), (Progress::Done, false));
    moved(&world, 1, 0);
    let phases = names(&course);
    for phase in [
        "injected",
        "accepted",
        "under_way",
        "promoted",
        "decided",
        "record_accepted",
        "parameter_accepted",
        "verified",
    ] {
        assert!(phases.contains(&phase), "{phase} in {phases:?}");
    }
    assert!(course.run.recovery_ms().unwrap() >= 5_000, "{:?}", course.run.phases);
    assert!(course.run.overrides.is_empty() && course.run.checks.iter().all(|check| check.pass));
    let kept = world.run(SEOUL).unwrap();
    assert!(kept.ended.unwrap().done && kept.called == Started::Accepted);
}

#[test]
fn it_works_from_either_region() {
    for (own, event) in [(OSAKA, switchover()), (SEOUL, failover()), (OSAKA, failover())] {
        let world = world();
        assert_eq!(course(&world, own, &event).progress, Progress::Done, "{own} {event}");
        let is_failover = event == failover();
        moved(&world, usize::from(!is_failover), usize::from(is_failover));
    }
}

/// What the pass that published answered is kept beside what the last one did: the first has the reason, the last how it stands.
#[test]
fn a_course_has_what_the_pass_that_published_answered_and_what_the_last_one_did() {
    let world = world();
    assert_eq!(decisions(&course(&world, OSAKA, &failover())), [DecisionKind::Publish], "it was the last");
    let world = crate::world();
    let put = FaultRule::of_operation(Operation::PutWriter, Fault::Fails);
    world.break_by(FaultRule { region: Some(region(OSAKA)), times: Some(6), ..put });
    let course = course(&world, OSAKA, &failover());
    assert_eq!(course.progress, Progress::Done, "{course:?}");
    assert_eq!(decisions(&course), [DecisionKind::Publish, DecisionKind::Unchanged]);
    assert!(!course.results[0].unpublished.is_empty() && course.results[1].unpublished.is_empty());
    moved(&world, 0, 1);
}

fn decisions(course: &Course) -> Vec<DecisionKind> {
    course.results.iter().map(|it| it.decision).collect()
}

#[test]
fn a_failover_needs_nothing_of_the_dead_region() {
    let world = world();
    world.make_unreachable(SEOUL);
    let course = course(&world, OSAKA, &failover());
    assert_eq!(course.progress, Progress::Done, "{course:?}");
    moved(&world, 0, 1);
}

#[test]
fn a_failover_may_override_the_lag_and_nothing_else() {
    let world = world();
    world.site(OSAKA).lag.always(LagCourse::Stops);
    let refused = refusal(&world, &switchover());
    assert_eq!(
        refused,
        format!(
            "switchover of todo to {OSAKA} is refused, nothing was changed: replication_lag (unknown: CloudWatch has no sample from before 2026-11-22T22:30:00Z)"
        )
    );
    let course = course(&world, OSAKA, &failover());
    let overrides: Vec<(&str, &str)> =
        course.run.overrides.iter().map(|it| (it.check.as_str(), it.by.as_str())).collect();
    assert_eq!(overrides, [("replication_lag", "allow_data_loss")]);
    moved(&world, 0, 1);
}

/// Makes the world such that a check refuses.
type Spoil = fn(&World);

#[test]
fn every_other_check_refuses_both_and_changes_nothing() {
    let spoils: [(&str, Spoil); 6] = [
        ("no_hold", |world| world.site(SEOUL).hold = Some("an upgrade".to_owned())),
        ("no_transition", |world| world.site(OSAKA).failover_status = Some("failing-over".to_owned())),
        ("target_ready", |world| world.site(OSAKA).instances = 0),
        ("versions_equal", |world| world.site(OSAKA).engine_version = "15.2".to_owned()),
        ("target_follows", |world| world.site(OSAKA).name_nobody()),
        ("single_flight", |world| {
            let now = world.now();
            world.site(SEOUL).journal = Some(format!(
                r#"{{"attempt":{{"at":"{now}","target":"{OSAKA}","epoch":7,"started":"calling"}}}}"#
            ));
        }),
    ];
    for (name, spoil) in spoils {
        for event in [switchover(), failover()] {
            let world = world();
            spoil(&world);
            let sentence = refusal(&world, &event);
            assert!(
                sentence.contains("is refused, nothing was changed") && sentence.contains(name),
                "{sentence}"
            );
            assert_eq!(world.take_writes().calls(), 0, "{name}");
        }
    }
}

#[test]
fn a_planned_transition_needs_the_old_writers_word() {
    let world = world();
    world.make_unreachable(SEOUL);
    let Err(error) = drill(&world, OSAKA, &switchover()) else { panic!("it was allowed") };
    assert!(error.to_string().contains("writer_claims (unknown"), "{error}");
    assert!(world.take_switchovers().is_empty());
}

#[test]
fn right_after_a_publication_the_next_one_waits() {
    let world = world();
    course(&world, SEOUL, &switchover());
    world.advance_ms(10_000);
    let sentence = refusal(&world, &failback());
    assert!(sentence.contains("settled (published "), "{sentence}");
    world.advance_ms(60_000);
    let back = course(&world, SEOUL, &failback());
    assert_eq!(
        (back.progress, back.run.kind, back.run.target.as_str()),
        (Progress::Done, Kind::Failback, SEOUL)
    );
    assert_eq!(back.run.previous.unwrap().kind, Kind::Switchover, "to compare with");
    assert_eq!(world.writer(), region(SEOUL));
}

#[test]
fn what_rds_refuses_was_not_started_and_is_over() {
    let world = world();
    world.break_by(FaultRule::of_operation(Operation::StartSwitchover, Fault::Refused));
    let Err(DrillError::Ended { why, course }) = drill(&world, SEOUL, &switchover()) else { panic!() };
    assert!(why.starts_with("nothing was started: rds:SwitchoverGlobalCluster"), "{why}");
    assert_eq!((course.run.called, course.progress), (Started::Refused, Progress::Failed));
    world.heal();
    assert_eq!(crate::course(&world, SEOUL, &switchover()).progress, Progress::Done);
    moved(&world, 1, 0);
}

#[test]
fn an_answer_that_got_lost_is_watched_and_never_asked_for_again() {
    for (event, operation) in
        [(switchover(), Operation::StartSwitchover), (failover(), Operation::StartFailover)]
    {
        let world = world();
        world.break_by(FaultRule::of_operation(operation, Fault::LostAnswer));
        let course = course(&world, SEOUL, &event);
        assert_eq!((course.progress, course.run.called), (Progress::Done, Started::Unknown));
        assert!(course.failures[0].starts_with("nobody knows whether RDS took the call"), "{course:?}");
        let is_failover = event == failover();
        moved(&world, usize::from(!is_failover), usize::from(is_failover));
    }
}

#[test]
fn a_call_that_never_arrived_is_over_after_a_minute_and_may_be_asked_for_again() {
    let world = world();
    world.break_by(FaultRule {
        times: Some(1),
        ..FaultRule::of_operation(Operation::StartSwitchover, Fault::Unreachable)
    });
    let Err(DrillError::Ended { why, .. }) = drill(&world, SEOUL, &switchover()) else { panic!() };
    assert_eq!(why, "RDS never took the call: no Region shows the operation");
    assert_eq!(course(&world, SEOUL, &switchover()).progress, Progress::Done);
    moved(&world, 1, 0);
}

#[test]
fn without_a_memory_nothing_is_called() {
    let world = world();
    world.break_by(FaultRule::of_operation(Operation::PutRun, Fault::Unreachable));
    let sentence = refusal(&world, &switchover());
    assert!(
        sentence.starts_with("nothing was started: the run could not be remembered before the call"),
        "{sentence}"
    );
    assert!(world.take_switchovers().is_empty());
}

#[test]
fn route_53_down_keeps_it_in_progress_until_the_record_follows() {
    let world = world();
    world.interrupt(Operation::StartSwitchover, World::take_route53_down);
    let first = world.actor(SEOUL).drill(&switchover(), world.now().plus_ms(60_000)).unwrap();
    let responder_core::operator::reply::Reply::Course(first) = first else { panic!() };
    assert_eq!(first.progress, Progress::InProgress, "{first:?}");
    assert!(names(&first).contains(&"parameter_accepted") && !names(&first).contains(&"record_accepted"));
    world.bring_route53_back();
    let second = course(&world, SEOUL, &switchover());
    assert_eq!((second.progress, second.resumed), (Progress::Done, true));
    assert_eq!(second.run.id, first.run.id);
    moved(&world, 1, 0);
}

/// Near the deadline it says so; the same request again goes on with the same run.
#[test]
fn near_the_deadline_the_answer_is_in_progress_and_the_same_request_goes_on() {
    for event in [switchover(), failover()] as [Value; 2] {
        let world = world();
        world.transitions_take_ms(120_000);
        let mut ids = Vec::new();
        let mut last = Progress::InProgress;
        for _ in 0..10 {
            let answer = world.actor(SEOUL).drill(&event, world.now().plus_ms(30_000));
            let Ok(responder_core::operator::reply::Reply::Course(course)) = answer else {
                panic!("{answer:?}")
            };
            ids.push(course.run.id.clone());
            last = course.progress;
            if last == Progress::Done {
                break;
            }
        }
        ids.dedup();
        assert_eq!((last, ids.len()), (Progress::Done, 1), "{ids:?}");
        let is_failover = event == failover();
        moved(&world, usize::from(!is_failover), usize::from(is_failover));
    }
}

#[test]
fn another_transition_does_not_begin_while_one_is_open() {
    let world = world();
    world.transitions_take_ms(120_000);
    world.actor(SEOUL).drill(&switchover(), world.now().plus_ms(20_000)).unwrap();
    let sentence = refusal(&world, &failover());
    assert!(sentence.contains("no_other_run (todo-switchover-"), "{sentence}");
    assert!(world.take_failovers().is_empty());
}

#[test]
fn an_operation_that_rds_gives_up_ends_the_run() {
    let world = World::two_regions().published(SEOUL, 7);
    // Taken, shown for a while, and cancelled.
    let clearing = world.clone();
    world.actor(SEOUL).drill(&switchover(), world.now().plus_ms(20_000)).unwrap();
    for name in [SEOUL, OSAKA] {
        clearing.site(name).failover_status = None;
    }
    let Err(DrillError::Ended { why, .. }) = drill(&world, SEOUL, &switchover()) else { panic!() };
    assert!(why.starts_with("RDS gave the operation up"), "{why}");
    assert_eq!(world.writer(), region(SEOUL));
}

/// `follow` is woken by the same transition, and may well be first.
#[test]
fn another_function_may_publish_it_and_the_times_are_known_all_the_same() {
    let world = world();
    world.interrupt(Operation::Exchange, |world| {
        world.actor(OSAKA).reconcile_cold();
    });
    let course = course(&world, SEOUL, &switchover());
    assert_eq!(course.progress, Progress::Done, "{course:?}");
    assert!(course.run.recovery_ms().is_some());
    moved(&world, 1, 0);
}

/// A standard parameter has 4,096 bytes, and so has a run with everything in it.
#[test]
fn a_run_with_everything_in_it_fits_its_parameter() {
    let world = world();
    let mut run = course(&world, SEOUL, &switchover()).run;
    for check in &mut run.checks {
        check.value = "\u{e4}".repeat(400);
    }
    run.caller = responder_core::world::run::Caller::new(Some("w".repeat(900)), Some("y".repeat(900)), "id");
    run.previous = Some(run.past());
    let json = run.to_json();
    assert!(json.len() <= 4_096, "{} bytes", json.len());
    let kept = responder_core::world::run::Run::of_json(&json).unwrap();
    assert_eq!((kept.id, kept.called, kept.phases), (run.id, run.called, run.phases));
}
