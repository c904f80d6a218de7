//! Failing over on an alarm: following is automatic and safe, **starting** a failover can lose data. So
//! every check is explicit, shown with its value and its limit, and false when unknown.
//!
//! One alarm reads top down: [`alarm`] reads it in whatever shape it came, [`respond`] runs the pass that every
//! trigger runs, [`policy`] judges with no I/O, and only an [`Authorized`] of its own reaches
//! the port that starts a failover. [`notice`] says it to people.

pub mod alarm;
pub mod attempt;
pub mod notice;
pub mod policy;
pub mod ports;
pub mod report;
pub mod respond;

pub(crate) mod checks;
pub(crate) mod limits;
#[cfg(test)]
mod tests;

pub use alarm::{AlarmChange, AlarmState, NoAlarm};
pub use attempt::{Attempt, Journal, Started};
pub use policy::{Action, Authorized, Judgement, judge};
pub use report::FailoverResult;
