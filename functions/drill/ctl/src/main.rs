//! `failoverctl`: the operator's command. It reaches the deployed `drill` function through Lambda, shows people a table and
//! machines the function's own JSON, and asks before anything that can lose data.

mod args;
mod ask;
mod command;
mod credentials;
mod doctor;
mod error;
mod invoke;
mod probe;
mod progress;
mod render;
mod salvage;
mod show;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use responder_core::words::failure::visible;

use crate::args::Args;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    match command::run(&args).await {
        Ok(verdict) => ExitCode::from(verdict.code()),
        Err(error) => {
            // A closed standard error changes no exit status.
            let _ = writeln!(std::io::stderr(), "failoverctl: {}", visible(&error.to_string()));
            ExitCode::from(error.code())
        }
    }
}
