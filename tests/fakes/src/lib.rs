//! Stateful in-memory ports with faults, for tests and the simulation.
//!
//! A [`World`] is all that the loop can see and change: each Region's RDS endpoint, the writer record
//! with Route 53's compare-and-swap, each Region's Parameter Store, the health alarms and the time.
//! An [`Actor`] is one function that looks at it from one Region, through core's ports.
//!
//! ```
//! use responder_fakes::{OSAKA, SEOUL, World};
//!
//! let world = World::two_regions().published(SEOUL, 7);
//! world.transition_to(OSAKA);
//! world.make_unreachable(SEOUL);
//! let outcome = world.actor(OSAKA).reconcile_cold();
//! assert_eq!(outcome.result.decision, responder_core::answer::result::DecisionKind::Publish);
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a fake that is used wrongly has to stop the test at once"
)]

pub mod executor;

mod actor;
mod alarms;
mod call;
mod clockwork;
mod cloud;
mod conductor;
mod configuration;
mod drill;
mod lag;
mod mood;
mod past;
mod ports;
mod probe;
mod shelf;
mod site;
mod snapshots;
mod turns;
mod unkind;
mod world;
mod writes;
mod zone;

pub use actor::Actor;
pub use call::{Call, Fault, FaultRule, Operation};
pub use clockwork::Death;
pub use conductor::{Conductor, Effect, Fate, Listing, Whim};
pub use configuration::{
    ALARM, OSAKA, PROBE, SEOUL, Settings, TOKYO, TOPIC, TOPICS, database, endpoint, region,
};
pub use lag::{LagCourse, LagHistory};
pub use mood::ProbeMood;
pub use shelf::{Shelf, taken};
pub use site::{ENGINE_VERSION, PORT, Site};
pub use unkind::{Unkind, Unkindness};
pub use world::World;
pub use writes::Writes;
pub use zone::Zone;
