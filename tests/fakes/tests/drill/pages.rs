//! The page about a move that a person asked for, where a bucket is configured.

use responder_core::operator::refusal::DrillError;
use responder_core::operator::reply::Reply;
use responder_core::world::course::Progress;
use responder_fakes::{Fault, FaultRule, Operation, SEOUL};

use crate::{course, drill, dry, failover, switchover, world};

#[test]
fn each_answer_of_a_move_has_its_page_and_a_rehearsal_has_none() {
    let world = world();
    world.keeps_pages_in("reports");
    let Ok(Reply::Plan(plan)) = drill(&world, SEOUL, &dry(&switchover())) else { panic!("a plan") };
    assert_eq!(plan.calls.last().unwrap().call, "s3:PutObject of the page about it");
    assert!(world.take_pages().is_empty(), "nothing moves");
    let done = course(&world, SEOUL, &switchover());
    let pages = world.take_pages();
    let [(place, kept)] = pages.as_slice() else { panic!("{pages:?}") };
    assert_eq!(done.page.as_ref(), Some(place));
    assert_eq!(*place, format!("s3://reports/todo/{}.html", done.run.id));
    assert_eq!((kept.progress, kept.by_itself), (Progress::Done, false));
}

#[test]
fn a_move_that_goes_on_or_ends_badly_has_its_page_too() {
    let world = world();
    world.keeps_pages_in("reports");
    world.transitions_take_ms(120_000);
    let Ok(Reply::Course(begun)) = world.actor(SEOUL).drill(&switchover(), world.now().plus_ms(20_000))
    else {
        panic!("it goes on")
    };
    let ended = course(&world, SEOUL, &switchover());
    assert_eq!((begun.page.as_ref(), begun.progress), (ended.page.as_ref(), Progress::InProgress));
    assert_eq!(world.take_pages().len(), 2, "one run, one page, written anew");

    let world = self::world();
    world.keeps_pages_in("reports");
    world.break_by(FaultRule::of_operation(Operation::StartFailover, Fault::Refused));
    let Err(DrillError::Ended { course, .. }) = drill(&world, SEOUL, &failover()) else {
        panic!("RDS refused")
    };
    assert!(course.page.is_some() && course.progress == Progress::Failed);
}

#[test]
fn a_page_that_cannot_be_kept_is_among_what_went_wrong() {
    let world = world();
    world.keeps_pages_in("reports");
    world.break_by(FaultRule::of_operation(Operation::KeepPage, Fault::Refused));
    let done = course(&world, SEOUL, &switchover());
    assert_eq!((done.progress, done.page), (Progress::Done, None));
    assert!(
        done.failures[0].starts_with("could not keep the page about it: s3:PutObject"),
        "{:?}",
        done.failures
    );
}
