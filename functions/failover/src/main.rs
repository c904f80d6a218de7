//! Lambda: CloudWatch health alarms and the schedule; reads the alarms, and while a database's are in ALARM advises or starts
//! a failover, as its policy says.

use std::process::ExitCode;

use responder_core::failover::work::Failover;
use responder_lambda::events::wake;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    responder_lambda::run(Failover::default(), wake::alarm_or_schedule).await
}
