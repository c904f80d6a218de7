//! The contract of `follow` and `failover`, checked from outside: the real binaries, deployed in both Regions of the emulated
//! AWS, woken by events and alarms, and judged by its answer, its exit behavior, its logs, the calls that it made and
//! what stands in Route 53 and Parameter Store afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod alarms;
mod answer;
mod channels;
mod databases;
mod events;
mod failing;
mod logs;
mod moves;
mod operator;
mod outages;
mod pages;
mod readiness;
mod salvage;
mod stage;
mod together;
mod unkind;
