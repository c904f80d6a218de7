//! The adapters against replayed answers, as AWS documents them, and against what AWS never documented.
//! No request leaves this process, but for the black hole on a loopback port.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_collect,
    reason = "a helper of a test fails the test, and its documents are small"
)]

mod alarms;
mod budgets;
mod cbor;
mod drills;
mod exchange;
mod failover;
mod installation;
mod lag;
mod mute;
mod pages;
mod parameters;
mod partitions;
mod patience;
mod probe;
mod record;
mod service;
mod snapshots;
mod source;
mod views;
mod world;
