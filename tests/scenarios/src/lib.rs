//! Readable scripts with golden outputs: what an operator would see, for every row of the rule.
//!
//! A script is a file of commands, one a line; what follows a `#` is for the reader. [`play`] answers with
//! the script itself and, behind each command that shows something, what there was to see.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a script that is wrong has to stop the test at once"
)]

mod command;
mod show;
mod stage;

pub use stage::play;
