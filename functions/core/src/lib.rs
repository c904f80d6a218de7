//! The decision: who is the writer, and what to publish.
//!
//! This crate holds everything that can be right or wrong about following a writer, and nothing that
//! touches the world: no AWS, no tokio, no clock, no randomness, no environment. Time is an argument,
//! calls go through the [`ports`], and a test reads `cargo metadata` so that it stays that way.
//!
//! One pass reads top down: [`reconcile`] observes through the ports, [`decide()`] looks at the
//! [`Evidence`] and says what to do, [`plan`] turns that into writes, and the apply step performs
//! exactly those.

pub mod config;
pub mod decide;
pub mod drill;
pub mod early;
pub mod emf;
pub mod evidence;
pub mod failover;
pub mod fleet;
pub mod installation;
pub mod names;
pub mod notice;
pub mod plan;
pub mod ports;
pub mod published;
pub mod reconcile;
pub mod report;
pub mod timestamp;
pub mod topology;
pub mod trigger;
pub mod watch;
pub mod work;

pub mod aftermath;
mod apply;
mod checks;
mod hold;
mod known;
mod observe;
mod ownership;
mod run;

pub use config::{ConfigError, Database};
pub use decide::{Decision, Verdict, Why, decide};
pub use evidence::{Base, Evidence, Seen};
pub use fleet::{Fleet, OwnRegion};
pub use hold::Hold;
pub use names::{ClusterArn, DatabaseName, Epoch, Region};
pub use notice::Notice;
pub use ownership::Ownership;
pub use published::{Memory, Published, RecordSet, State};
pub use report::{Channel, DatabaseResult, DecisionKind};
pub use timestamp::Timestamp;
pub use topology::RegionView;
pub use trigger::Trigger;
pub use work::Work;
