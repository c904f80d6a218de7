//! Drills by hand, on the fakes: each wrong request with its sentence, plans and dry runs that change nothing, transitions
//! to their end, and the same when the function dies anywhere on the way.
#![cfg(test)]
#![allow(clippy::indexing_slicing, reason = "a test that reads what is not there has failed")]

mod edges;
mod events;
mod kills;
mod moments;
mod pages;
mod plans;
mod requests;
mod salvage;
mod switches;
mod transitions;

use responder_core::operator::refusal::DrillError;
use responder_core::operator::reply::Reply;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::course::Course;
use responder_fakes::{OSAKA, SEOUL, World};
use serde_json::{Value, json};

/// A world in which a transition may begin: Seoul was published an hour ago, and Osaka follows closely.
pub(crate) fn world() -> World {
    let world = World::two_regions().published(SEOUL, 7);
    world.transitions_take_ms(5_000);
    world.take_writes();
    world
}

/// Fifteen minutes from now.
pub(crate) fn deadline(world: &World) -> Timestamp {
    world.now().plus_ms(900_000)
}

pub(crate) fn drill(world: &World, own: &str, event: &Value) -> Result<Reply, DrillError> {
    world.actor(own).drill(event, deadline(world))
}

/// The course of a transition that has to be allowed.
pub(crate) fn course(world: &World, own: &str, event: &Value) -> Course {
    match drill(world, own, event) {
        Ok(Reply::Course(course)) => *course,
        other => panic!("{other:?}"),
    }
}

/// The sentence of a request that has to be refused.
pub(crate) fn refusal(world: &World, event: &Value) -> String {
    match drill(world, SEOUL, event) {
        Err(error) => error.to_string(),
        Ok(answer) => panic!("{answer:?}"),
    }
}

pub(crate) fn switchover() -> Value {
    json!({ "action": "switchover", "database": "todo", "target_region": OSAKA })
}

pub(crate) fn failover() -> Value {
    json!({ "action": "failover", "database": "todo", "target_region": OSAKA, "confirm": "todo", "allow_data_loss": true })
}

pub(crate) fn failback() -> Value {
    json!({ "action": "failback", "database": "todo" })
}

/// The same request, as a dry run.
pub(crate) fn dry(event: &Value) -> Value {
    let mut event = event.clone();
    event["dry_run"] = true.into();
    event
}
