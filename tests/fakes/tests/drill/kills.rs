//! The function dies between any two API calls of a transition, and the same request again ends in the right state, with
//! nothing started twice.

use responder_core::operator::reply::Reply;
use responder_core::world::course::Progress;
use responder_fakes::{Death, OSAKA, SEOUL, World};
use serde_json::Value;

use crate::transitions::moved;
use crate::{deadline, failover, switchover, world};

/// Most calls that a transition of these worlds can make.
const CALLS_MAX: u32 = 500;

/// The same request again, by which it has to be done.
fn to_the_end(world: &World, own: &str, event: &Value) {
    match world.actor(own).drill(event, deadline(world)) {
        Ok(Reply::Course(course)) if course.progress == Progress::Done => {}
        Ok(other) => panic!("{other:?}"),
        // It was done when it died, and only its answer was lost.
        Err(error) if error.to_string().contains("is already the writer") => {}
        Err(error) => panic!("{error}"),
    }
}

/// Kills a transition at this point, and asks again from `again`; true when it had ended before that point.
fn killed(event: &Value, first: &str, again: &str, death: Death) -> bool {
    let world = world();
    let ended = world.actor(first).drill_until(event, deadline(&world), death).is_some();
    world.advance_ms(3_000);
    to_the_end(&world, again, event);
    let is_failover = *event == failover();
    moved(&world, usize::from(!is_failover), usize::from(is_failover));
    ended
}

#[test]
fn killed_before_any_call_it_ends_right_and_nothing_is_started_twice() {
    for event in [switchover(), failover()] {
        for (first, again) in [(SEOUL, SEOUL), (OSAKA, OSAKA), (SEOUL, OSAKA)] {
            let points = (0..CALLS_MAX)
                .take_while(|number| !killed(&event, first, again, Death::BeforeCall(*number)))
                .count();
            assert!(points > 40, "{points} points of {event} were tried");
            assert!(points < CALLS_MAX as usize, "every point was tried");
        }
    }
}

#[test]
fn killed_at_any_moment_it_ends_right_too() {
    for event in [switchover(), failover()] {
        let moments =
            (0..2_000).take_while(|at| !killed(&event, SEOUL, SEOUL, Death::AfterMs(at * 5))).count();
        assert!((100..2_000).contains(&moments), "{moments} moments");
    }
}

#[test]
fn killed_again_and_again_it_still_ends_right() {
    for event in [switchover(), failover()] {
        for stride in [3, 7, 20, 45] {
            let world = world();
            for round in 1..=4 {
                let _ = world.actor(SEOUL).drill_until(
                    &event,
                    deadline(&world),
                    Death::BeforeCall(stride * round),
                );
                world.advance_ms(2_000);
            }
            to_the_end(&world, SEOUL, &event);
            let is_failover = event == failover();
            moved(&world, usize::from(!is_failover), usize::from(is_failover));
        }
    }
}
