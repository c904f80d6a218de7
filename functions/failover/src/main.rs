//! Lambda: CloudWatch health alarms; runs the pass that every trigger runs, then advises or starts a failover, as each
//! database's policy says.

use responder_core::failover::work::Failover;
use responder_lambda::events::alarm;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder_lambda::run(Failover::default(), |event, _| alarm::trigger(event)).await
}
