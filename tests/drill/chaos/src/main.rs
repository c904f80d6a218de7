//! The chaos matrix: for each call that `follow` and `failover` make in a move, and for each way in which it can fail, the
//! move is played on the real function binaries, and judged by what the emulated AWS did.
//!
//! What it proves is our logic and the shape of what we say to AWS, not how AWS behaves. A cell is played in `play` on what
//! `stage` sets, by the rows of `matrix`; `judge` says whether it ended as it has to, and `report` and `page` show it.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")
)]

mod args;
mod asked;
mod call;
mod cell;
mod error;
mod fault;
mod judge;
mod matrix;
mod page;
mod play;
mod progress;
mod pulse;
mod repeats;
mod report;
mod run;
mod scene;
mod seen;
mod stage;
mod woken;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::error::ChaosError;

const FAILED: u8 = 1;
const NOT_PLAYED: u8 = 2;
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = tokio::select! {
        outcome = run::run(&args) => outcome,
        _ = tokio::signal::ctrl_c() => Err(ChaosError::Interrupted),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => {
            // Nobody reads a closed standard error.
            let _ = writeln!(std::io::stderr(), "chaos: {error}");
            ExitCode::from(if matches!(error, ChaosError::Interrupted) { INTERRUPTED } else { NOT_PLAYED })
        }
    }
}
