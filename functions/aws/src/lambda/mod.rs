//! The probes, which are Lambda functions: a question is a synchronous invocation.

use std::sync::Arc;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use responder_core::words::failure::visible;
use responder_core::words::names::Region;
use responder_core::world::probe::{ProbeWord, Question};
use tokio::time::Instant;

use crate::budget::patiently;
use crate::clients::Clients;
use crate::failure::Failed;

/// The longest answer that is read, in bytes: a probe's is a few words.
const ANSWER_MAX: usize = 16 * 1024;
/// Most characters of a function's error that are said again.
const ERROR_MAX: usize = 200;

/// The probes.
#[derive(Debug)]
pub(crate) struct Lambda {
    clients: Arc<Clients>,
}

impl Lambda {
    pub(crate) const fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }

    /// What the probe `function` in `region` says of an endpoint. Asking twice does no harm, so what was throttled or lost its
    /// connection is asked again within the budget.
    pub(crate) async fn probe(
        &self,
        region: &Region,
        function: &str,
        question: &Question,
    ) -> Result<ProbeWord, Failed> {
        let operation = format!("lambda:Invoke of {function} in {region}");
        let deadline = Instant::now() + self.clients.budgets().probe;
        let payload = serde_json::to_vec(question).unwrap_or_default();
        // Made when the first question is asked, so that who has no probe has no client.
        let client = self.clients.lambda(region);
        patiently(deadline, &operation, || invoke(&client, &operation, function, &payload)).await
    }
}

async fn invoke(
    client: &Client,
    operation: &str,
    function: &str,
    payload: &[u8],
) -> Result<ProbeWord, Failed> {
    let call = client.invoke().function_name(function).payload(Blob::new(payload));
    let answer = call.send().await.map_err(|error| Failed::of(operation, error))?;
    let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
    if payload.len() > ANSWER_MAX {
        return Err(Failed::malformed(operation, "a probe's word: it is far too long"));
    }
    if let Some(error) = answer.function_error {
        return Err(Failed::refused(operation, format!("the function failed: {error}: {}", short(&payload))));
    }
    serde_json::from_slice(&payload).map_err(|_| Failed::malformed(operation, "a probe's word"))
}

/// What a function that failed says.
fn short(payload: &[u8]) -> String {
    visible(&String::from_utf8_lossy(payload)).chars().take(ERROR_MAX).collect()
}
