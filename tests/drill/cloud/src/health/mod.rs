//! Route 53's health checkers, played by the rules of AWS's documentation on whatever health checks the emulated Route 53
//! stores. The emulator stores them and checks nothing.
//!
//! What is not played: TLS and its server name, since the app speaks plain HTTP; and the many checkers that each location
//! really has, of which one stands for all.

mod alarm;
mod board;
pub(crate) mod checkers;
mod config;
mod location;
mod probe;
mod seen;
pub(crate) mod status;

pub use self::{
    alarm::Evaluation,
    checkers::{CheckersSettings, HealthCheckers},
    config::{CheckConfig, LOCATIONS},
    seen::{Probe, StatusChange},
    status::{HEALTHY_PERCENT, Reports, Statuses},
};
