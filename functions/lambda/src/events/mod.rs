//! AWS's events at the edge: what wakes a function in AWS's shapes, handed on as a [`Trigger`] of ours.
//!
//! [`Trigger`]: responder_core::world::trigger::Trigger

pub mod alarm;
pub mod rds;
mod time;
pub mod wake;
