//! The probe against real servers, and against some that a test plays where a real one would have to be in trouble.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says on its output what it skips"
)]

mod failures;
mod heartbeats;
mod kept;
mod names;
mod played;
mod scripted;
mod stage;
