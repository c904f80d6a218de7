//! What the Lambda functions that events wake have in common: one invocation is one trigger, one [`Work`] for every
//! database, one answer, and one log line a database. A main chooses the work and how its event is read.

pub mod events;

mod function;
mod logs;

use lambda_runtime::{LambdaEvent, service_fn};
use responder_aws::AwsPorts;
use responder_core::invocation::work::Work;
use serde_json::Value;
use tokio::sync::Mutex;

pub use function::{InvocationError, ReadEvent, timestamp};
pub use logs::{line as log_line, start as start_logs};

use crate::function::Function;

/// Runs a Lambda function until Lambda ends it.
pub async fn run<W: Work<AwsPorts>>(work: W, read: ReadEvent) -> Result<(), lambda_runtime::Error> {
    logs::start();
    let ports = AwsPorts::from_environment().await?;
    let own = ports.own_region().clone();
    let function = Mutex::new(Function::new(ports, own, work, read));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async {
        let mut function = function.lock().await;
        // All databases are one task of tokio's. After so many answers in one turn it would let each of them wait for the next
        // turn, and with thousands of them nearly all of a turn would be spent on finding that out.
        let answer = tokio::task::unconstrained(function.handle(event)).await;
        answer.inspect_err(InvocationError::log)
    }))
    .await
}
