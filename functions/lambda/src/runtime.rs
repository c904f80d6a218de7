//! Lambda's runtime API: one event after the other, until Lambda ends the process.
//!
//! `lambda_runtime`'s own loop ends the process at a client context that it cannot read, and whoever may invoke a function can
//! write anything there. So its types are used, and its loop is not.

use std::collections::BTreeMap;

use http_body_util::BodyExt;
use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent};
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{PooledClient, build_request};
use serde::Serialize;
use serde_json::{Value, json};
use tracing::Instrument;

/// Where the runtime API is, as Lambda says.
const API: &str = "AWS_LAMBDA_RUNTIME_API";
const INVOCATIONS: &str = "/2018-06-01/runtime/invocation";
/// What a newer runtime API wants to have back with the answer.
const INVOCATION_ID: &str = "lambda-runtime-invocation-id";

/// Hands each event to `handle`, and its answer to Lambda.
pub async fn serve<A, E>(handle: impl AsyncFn(LambdaEvent<Value>) -> Result<A, E>) -> Result<(), Error>
where
    A: Serialize,
    E: Into<Diagnostic>,
{
    let client = client()?;
    loop {
        let next = build_request().uri(format!("{INVOCATIONS}/next")).body(Body::empty())?;
        let (parts, body) = client.call(next).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let header = |name| parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let context =
            context(header).ok_or_else(|| format!("{API} answered {} without an event", parts.status))?;
        let id = context.request_id.clone();
        let span = tracing::info_span!("Lambda runtime invoke", requestId = id);
        let answer = async {
            let event = serde_json::from_slice(&body).map_err(|error| no_json(&error))?;
            let answer = handle(LambdaEvent::new(event, context)).await.map_err(Into::into)?;
            serde_json::to_vec(&answer).map_err(|error| no_json(&error))
        };
        let (kind, text) = match answer.instrument(span).await {
            Ok(text) => ("response", text),
            Err(diagnostic) => ("error", serde_json::to_vec(&diagnostic)?),
        };
        let mut answer = build_request().method("POST").uri(format!("{INVOCATIONS}/{id}/{kind}"));
        if let Some(invocation) = parts.headers.get(INVOCATION_ID) {
            answer = answer.header(INVOCATION_ID, invocation);
        }
        let status = client.call(answer.body(Body::from(text))?).await?.status();
        if !status.is_success() {
            tracing::error!(%status, "Lambda did not take the answer");
        }
    }
}

fn client() -> Result<PooledClient, Error> {
    let Some(api) = std::env::var_os(API) else {
        return Err(format!("{API} is not set: AWS Lambda runs this program, and nobody else").into());
    };
    let api = api.to_string_lossy();
    let builder = match api.parse() {
        Ok(uri) if !api.starts_with('/') => PooledClient::builder().with_endpoint(uri),
        _ => return Err(format!("{API}: {api:?} is not a host and a port").into()),
    };
    Ok(builder.build())
}

/// What is known of an invocation beside its event; nothing, where the answer was none of Lambda's.
fn context<'a>(header: impl Fn(&'static str) -> Option<std::borrow::Cow<'a, str>>) -> Option<Context> {
    let mut context = Context::default();
    context.request_id = header("lambda-runtime-aws-request-id")?.into_owned();
    context.deadline = header("lambda-runtime-deadline-ms")?.parse().ok()?;
    context.invoked_function_arn =
        header("lambda-runtime-invoked-function-arn").unwrap_or_default().into_owned();
    let custom = header("lambda-runtime-client-context").map(|text| custom(&text));
    context.client_context =
        custom.and_then(|custom| serde_json::from_value(json!({ "custom": custom })).ok());
    Some(context)
}

/// The client context's own fields as texts, whatever the caller made of them.
fn custom(text: &str) -> BTreeMap<String, String> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let fields = value.get("custom").and_then(Value::as_object).into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.map(|(name, value)| (name.clone(), text(value))).collect()
}

fn no_json(error: &serde_json::Error) -> Diagnostic {
    Diagnostic { error_type: "BadJson".to_owned(), error_message: format!("no JSON: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_caller_writes_into_the_client_context_is_read_or_passed_over() {
        for (text, read) in [
            (r#"{"custom":{"who":"alice","ticket":1234}}"#, json!({"who": "alice", "ticket": "1234"})),
            (r#"{"custom":{"a":{"b":[1,null]},"c":null}}"#, json!({"a": r#"{"b":[1,null]}"#, "c": "null"})),
            (r#"{"client":7,"env":{"x":1}}"#, json!({})),
            (r#"{"custom":[1]}"#, json!({})),
            (r#"{"custom":"x"}"#, json!({})),
            ("null", json!({})),
            ("{", json!({})),
            ("\u{fffd}", json!({})),
            ("", json!({})),
        ] {
            assert_eq!(json!(custom(text)), read, "{text}");
        }
    }
}
