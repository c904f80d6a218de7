//! The moments of a run: which there are, when each was, and when they are remembered.

use std::cell::RefCell;
use std::rc::Rc;

use responder_core::operator::reply::Reply;
use responder_core::world::course::{Course, Progress};
use responder_core::world::run::Run;
use responder_fakes::{OSAKA, Operation, SEOUL};

use crate::{course, failover, switchover, world};

fn moments(course: &Course) -> Vec<(&str, i64)> {
    course.run.phases.iter().map(|moment| (moment.name.as_str(), moment.ms)).collect()
}

/// The record takes a while: what was decided is older than what was accepted.
#[test]
fn each_moment_of_a_run_is_known_to_the_millisecond() {
    for event in [switchover(), failover()] {
        let world = world();
        world.interrupt(Operation::Exchange, |world| world.advance_ms(300));
        let course = course(&world, SEOUL, &event);
        let expected = [
            ("injected", 0),
            ("accepted", 40),
            ("under_way", 100),
            ("promoted", 5_220),
            ("decided", 5_220),
            ("record_accepted", 5_530),
            ("parameter_accepted", 5_530),
            ("published", 5_530),
            ("verified", 5_530),
        ];
        assert_eq!(moments(&course), expected, "{event}");
        assert_eq!((course.run.recovery_ms(), course.run.ended.unwrap().ms), (Some(5_530), 5_530));
    }
}

/// Where another function publishes, each moment is when that was seen.
#[test]
fn what_another_function_published_has_its_moments_too() {
    let world = world();
    world.interrupt(Operation::Exchange, |world| {
        world.actor(OSAKA).reconcile_cold();
    });
    let course = course(&world, SEOUL, &switchover());
    for name in ["record_accepted", "parameter_accepted", "published", "verified"] {
        assert_eq!(course.run.at_ms(name), course.run.at_ms("verified"), "{name}");
    }
    assert!(course.run.at_ms("verified").is_some());
}

/// A parameter takes few writes a second: what is remembered is written when there is news, and only then.
#[test]
fn a_run_is_remembered_whenever_there_is_news_of_it() {
    let world = world();
    let seen = Rc::new(RefCell::new(Vec::new()));
    world.interrupt(Operation::StartSwitchover, {
        let seen = Rc::clone(&seen);
        move |world| {
            for _ in 0..20 {
                let seen = Rc::clone(&seen);
                world.interrupt(Operation::PutRun, move |world| {
                    seen.borrow_mut().push(world.run(SEOUL).map_or(0, |run| run.phases.len()));
                });
            }
        }
    });
    let course = course(&world, SEOUL, &switchover());
    seen.borrow_mut().push(course.run.phases.len());
    let seen = seen.borrow();
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
    assert_eq!(world.run(SEOUL).unwrap().phases, course.run.phases);
}

/// Eight seconds are kept for one whole last pass: a look that ends then is the last one.
#[test]
fn a_run_is_left_eight_seconds_before_the_deadline() {
    let left_after = |deadline_ms: i64| {
        let world = world();
        world.transitions_take_ms(120_000);
        let began = world.now();
        let Ok(Reply::Course(course)) = world.actor(SEOUL).drill(&switchover(), began.plus_ms(deadline_ms))
        else {
            panic!("it is refused")
        };
        assert_eq!(course.progress, Progress::InProgress);
        course.at.since_ms(began)
    };
    let left = left_after(30_000);
    assert!((22_000..24_000).contains(&left), "{left} ms");
    assert_eq!(left_after(left + 8_000), left);
    assert!(left_after(left + 8_001) > left);
}

/// What only a report shows gives way where there is no room for it, and nowhere else.
#[test]
fn what_is_remembered_of_a_run_is_as_much_as_there_is_room_for() {
    let world = world();
    let mut run = course(&world, SEOUL, &switchover()).run;
    run.previous = Some(run.past());
    let kept = |run: &Run| Run::of_json(&run.to_json()).unwrap();
    let names = |run: &Run| run.checks.iter().map(|it| (it.name.clone(), it.pass)).collect::<Vec<_>>();
    let small = kept(&run);
    assert_eq!((names(&small), &small.previous), (names(&run), &run.previous));
    assert!(small.checks.iter().all(|check| check.limit.is_none()));
    run.checks[0].pass = false;
    // With each character more it stays, until the next one would not fit; the sizes at which each form is left.
    let mut forms: Vec<((usize, bool), usize)> = Vec::new();
    for length in 1_000..3_500 {
        run.caller.why = Some("y".repeat(length));
        let (kept, size) = (kept(&run), run.to_json().len());
        let form = (kept.checks.len(), kept.previous.is_some());
        match forms.last_mut() {
            Some((last, most)) if *last == form => *most = size,
            _ => forms.push((form, size)),
        }
    }
    let all = run.checks.len();
    assert_eq!(forms[..2], [((all, true), 3_900), ((all, false), 3_900)]);
    assert_eq!((forms.len(), forms[2].0), (3, (1, false)), "{forms:?}");
}
