//! What the Lambda functions that events wake have in common: one invocation is one trigger, one [`Work`] for every
//! database, one answer, and one log line a database. A main chooses the work and how its event is read.

pub mod events;

mod function;
mod logs;
mod runtime;

use std::io::Write;
use std::process::ExitCode;

use lambda_runtime::LambdaEvent;
use responder_aws::AwsPorts;
use responder_core::invocation::work::Work;
use responder_core::words::failure::sentence;
use serde_json::Value;
use tokio::sync::Mutex;

pub use function::{InvocationError, ReadEvent, timestamp};
pub use logs::line as log_line;
pub use runtime::serve;

use crate::function::Function;

/// Starts the process of a function that calls AWS, and runs it until Lambda ends it.
pub async fn start(function: impl AsyncFnOnce(AwsPorts) -> Result<(), lambda_runtime::Error>) -> ExitCode {
    process(async || function(AwsPorts::from_environment()?).await).await
}

/// Starts a function's process, and runs it until Lambda ends it. One that cannot begin says why in one sentence.
pub async fn process(function: impl AsyncFnOnce() -> Result<(), lambda_runtime::Error>) -> ExitCode {
    logs::start();
    let Err(error) = function().await else { return ExitCode::SUCCESS };
    // Where standard error is gone there is nowhere to say so.
    let _ = writeln!(std::io::stderr(), "{}", sentence(error.as_ref()));
    ExitCode::FAILURE
}

/// Runs a Lambda function that events wake.
pub async fn run<W: Work<AwsPorts>>(work: W, read: ReadEvent) -> ExitCode {
    start(async |ports| {
        let own = ports.own_region().clone();
        let function = Mutex::new(Function::new(ports, own, work, read));
        serve(async |event: LambdaEvent<Value>| {
            let mut function = function.lock().await;
            // All databases are one task of tokio's. After so many answers in one turn it would let each of them wait for
            // the next turn, and with thousands of them nearly all of a turn would be spent on finding that out.
            let answer = tokio::task::unconstrained(function.handle(event)).await;
            answer.inspect_err(InvocationError::log)
        })
        .await
    })
    .await
}
