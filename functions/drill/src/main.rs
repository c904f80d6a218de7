//! Lambda: invoked by hand. A request is performed in core and answered here: a transition with a drill report, everything
//! else with its own JSON. An invocation fails with one sentence when its request was not performed.

mod invocation;

use std::process::ExitCode;

use lambda_runtime::LambdaEvent;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    responder_lambda::start(async |ports| {
        let own = ports.own_region().clone();
        responder_lambda::serve(async |event: LambdaEvent<Value>| {
            invocation::handle(&ports, &own, event).await
        })
        .await
    })
    .await
}
