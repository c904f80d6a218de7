//! The page about a failover that the policy started, where a bucket is configured: there from the beginning, true at the end,
//! named in each message, and in nobody's way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outage;

use responder_core::answer::failover::ActionKind;
use responder_core::config::FailoverMode;
use responder_core::world::attempt::Started;
use responder_core::world::course::{Course, Progress};
use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, World, region};

use outage::{alarm, outage, respond, result, schedule};

fn outage_with_a_bucket() -> World {
    let world = outage(FailoverMode::Automatic);
    world.keeps_pages_in("reports");
    world
}

fn moments(course: &Course) -> Vec<&str> {
    course.run.phases.iter().map(|moment| moment.name.as_str()).collect()
}

#[test]
fn it_is_there_from_the_start_and_true_at_the_end_and_both_messages_name_it() {
    let world = outage_with_a_bucket();
    world.transitions_take_ms(20_000);
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert!(outcome.result.undone.is_empty(), "{:?}", outcome.result.undone);
    let pages = world.take_pages();
    let [(place, begun), (same, ended)] = pages.as_slice() else { panic!("{pages:?}") };
    assert_eq!(place, same);
    assert!(place.starts_with("s3://reports/todo/todo-failover-"), "{place}");
    for notice in world.take_notices() {
        let link = format!("\nThe page about it: {place}\n");
        assert!(notice.message().contains(&link), "{}", notice.message());
    }
    assert_eq!(
        (begun.progress, moments(begun)),
        (Progress::InProgress, vec!["detected", "injected", "accepted"])
    );
    assert!(begun.run.ended.is_none());
    let all = ["detected", "injected", "accepted", "promoted", "record_accepted", "verified"];
    assert_eq!((ended.progress, moments(ended)), (Progress::Done, all.to_vec()));
    let run = &ended.run;
    assert_eq!((&run.from, &run.target, run.epoch.0), (&region(SEOUL), &region(OSAKA), 7));
    assert_eq!(
        (run.called, ended.by_itself, run.ended.as_ref().unwrap().done),
        (Started::Accepted, true, true)
    );
    assert!(
        run.checks.iter().any(|check| check.name == "writer_down") && run.checks.iter().all(|it| it.pass)
    );
    assert!(run.lag_ms.is_some(), "what may be lost is known before the call");
    let took = run.recovery_ms().unwrap();
    assert!((20_000..40_000).contains(&took), "{took} ms from the call until it was published");
    assert_eq!(ended.results[0].writer.as_ref().unwrap().region.as_str(), OSAKA);
}

/// The schedule names no database, and while only the database is dead every Region answers and no look asks for another: what
/// was started is followed all the same.
#[test]
fn one_that_the_schedule_starts_is_watched_published_and_told_to_its_end() {
    let world = outage_with_a_bucket();
    world.make_reachable(SEOUL);
    world.transitions_take_ms(20_000);
    let outcome = respond(&world, &schedule());
    let phases: Vec<&str> = result(&outcome).phases.iter().map(|phase| phase.name.as_ref()).collect();
    assert_eq!(phases, ["decided", "accepted", "promoted", "published", "settled"]);
    assert_eq!(outcome.result.writer.as_ref().unwrap().region.as_str(), OSAKA);
    let notices = world.take_notices();
    assert!(notices[1].subject().starts_with("todo: failed over to ap-northeast-3"), "{notices:?}");
    let pages = world.take_pages();
    assert_eq!(pages.last().unwrap().1.progress, Progress::Done, "{pages:?}");
}

#[test]
fn one_that_cannot_be_kept_is_said_and_keeps_nothing_else_from_happening() {
    for fault in [Fault::Refused, Fault::Unreachable, Fault::LostAnswer] {
        let world = outage_with_a_bucket();
        world.transitions_take_ms(20_000);
        world.break_by(FaultRule::of_operation(Operation::KeepPage, fault));
        let outcome = respond(&world, &alarm(&world, "ALARM"));
        let said = &outcome.result.undone;
        assert!(
            said.len() == 1 && said[0].starts_with("could not keep the page about it (s3:PutObject"),
            "{said:?}"
        );
        assert_eq!(outcome.result.writer.as_ref().unwrap().region.as_str(), OSAKA, "{fault:?}");
        assert_eq!((world.take_failovers().len(), world.take_notices().len()), (1, 2), "{fault:?}");
    }
}

#[test]
fn one_whose_first_writing_failed_is_there_at_the_end() {
    let world = outage_with_a_bucket();
    world.transitions_take_ms(20_000);
    world.break_by(FaultRule {
        times: Some(1),
        ..FaultRule::of_operation(Operation::KeepPage, Fault::Refused)
    });
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert!(outcome.result.undone.is_empty(), "{:?}", outcome.result.undone);
    let pages = world.take_pages();
    assert_eq!(pages.iter().map(|(_, course)| course.progress).collect::<Vec<_>>(), [Progress::Done]);
}

#[test]
fn what_has_not_ended_in_time_is_in_progress_and_what_was_refused_has_no_page() {
    let world = outage_with_a_bucket();
    respond(&world, &alarm(&world, "ALARM"));
    let pages = world.take_pages();
    assert_eq!(pages.len(), 2);
    assert!(pages.iter().all(|(_, course)| course.progress == Progress::InProgress), "{pages:?}");

    let world = outage_with_a_bucket();
    world.break_by(FaultRule::of_operation(Operation::StartFailover, Fault::Refused));
    let outcome = respond(&world, &alarm(&world, "ALARM"));
    assert_eq!(result(&outcome).action, ActionKind::Failed);
    assert!(world.take_pages().is_empty() && !world.take_notices()[0].message().contains("The page"));
}

#[test]
fn without_a_bucket_nothing_is_kept_and_no_message_has_a_link() {
    let world = outage(FailoverMode::Automatic);
    world.transitions_take_ms(20_000);
    respond(&world, &alarm(&world, "ALARM"));
    assert!(world.take_pages().is_empty());
    let notices = world.take_notices();
    assert!(notices.len() == 2 && notices.iter().all(|notice| !notice.message().contains("The page")));
}
