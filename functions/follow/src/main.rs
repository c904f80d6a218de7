//! Lambda: RDS events and the schedule; publishes the current writer. Cannot fail a database over: the work that it is
//! given is handed no port that could, and neither has its role the permission.

use std::process::ExitCode;

use responder_core::invocation::work::Follow;
use responder_lambda::events::rds;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // What it does not know leads to the same pass as what it does.
    responder_lambda::run(Follow, |event, now| Ok(rds::trigger(event, now))).await
}
