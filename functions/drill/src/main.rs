//! Lambda: invoked by hand. A request is performed in core and answered here: a transition with a drill report, everything
//! else with its own JSON. An invocation fails with one sentence when its request was not performed.

mod invocation;
mod report;

use lambda_runtime::{LambdaEvent, service_fn};
use responder_aws::AwsPorts;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    responder_lambda::start_logs();
    let ports = AwsPorts::from_environment().await?;
    let own = ports.own_region().clone();
    let (ports, own) = (&ports, &own);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| invocation::handle(ports, own, event)))
        .await
}
