//! The demonstration app that the drill drives: a todo list that follows its database's writer without a
//! restart. `todo --help` says how to run it.

mod aws;
mod database;
mod http;
mod metrics;
mod options;
mod serve;
mod store;

use std::process::ExitCode;

use clap::Parser;
use writer_follower::Chain;

use crate::options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    serve::log_as_json();
    match serve::serve(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %Chain(&error), "the app ends");
            ExitCode::FAILURE
        }
    }
}
