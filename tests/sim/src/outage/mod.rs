//! Seeded runs of outages: two `failover` functions and two `follow` functions in two Regions, alarms that fire, flap, lie
//! and are delivered late, twice or never, calls that fail or whose answers get lost, functions that die anywhere.
//!
//! What must hold, whatever happens:
//!
//! * at most one failover is taken for one outage, and at most one call for it reaches RDS unless an earlier one was
//!   refused or left no trace for a minute;
//! * no failover is asked for from the failing Region, nor by anything but the target's own function;
//! * no failover is asked for while a check cannot pass: what has been wrong since before the function woke stops it.

mod audit;
mod play;
mod script;
mod stage;
mod terms;

pub use play::run;
pub use terms::{Count, Lie};
