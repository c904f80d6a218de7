//! One invocation: a request, who asks, its answer or its sentence, and one log line.

use std::collections::HashMap;
use std::pin::Pin;

use drill_report::Report;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use responder_core::operator::job::Place;
use responder_core::operator::perform;
use responder_core::operator::refusal::DrillError;
use responder_core::operator::reply::Reply;
use responder_core::operator::request::{Request, RequestError};
use responder_core::ports::operator::DrillPorts;
use responder_core::ports::{Configurations, PortError};
use responder_core::words::names::Region;
use responder_core::world::run::Caller;
use serde_json::{Value, json};

/// Why an invocation fails. Its message is one sentence; where more was seen, the whole answer follows it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration could not be read.
    #[error("the configuration could not be read: {0}. Nothing was changed")]
    Configuration(#[source] PortError),
    /// The request was not performed.
    #[error("{0}")]
    Drill(#[from] DrillError),
    /// The answer could not be written as JSON.
    #[error("the answer could not be written as JSON: {0}")]
    Json(#[source] serde_json::Error),
}

impl Failure {
    /// A word for machines.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "ConfigurationUnreadable",
            Self::Drill(DrillError::Request(RequestError::Expired { .. })) => "Expired",
            Self::Drill(DrillError::Request(_)) => "BadRequest",
            Self::Drill(DrillError::Refused { .. } | DrillError::Impossible(_)) => "Refused",
            Self::Drill(_) | Self::Json(_) => "Failed",
        }
    }

    /// What else was seen.
    fn answer(&self) -> Option<Value> {
        match self {
            Self::Drill(DrillError::Refused { checks, .. }) => Some(json!({ "checks": checks })),
            Self::Drill(DrillError::Ended { course, .. }) => {
                serde_json::to_value(Report::from(course.as_ref())).ok()
            }
            _ => None,
        }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let answer = failure.answer().map(|answer| format!(". The whole answer: {answer}"));
        let error_message = format!("{failure}{}", answer.unwrap_or_default());
        Self { error_type: failure.kind().to_owned(), error_message }
    }
}

/// An invocation on its way. It is on the heap, because the type of everything that a transition can do is too deep for the
/// compiler to lay out.
type Handled<'a> = Pin<Box<dyn Future<Output = Result<Value, Failure>> + 'a>>;

/// Handles one invocation.
pub(crate) fn handle<'a, P: DrillPorts + Configurations>(
    ports: &'a P,
    own: &'a Region,
    event: LambdaEvent<Value>,
) -> Handled<'a> {
    let (event, context) = event.into_parts();
    let caller = caller(&event, &context);
    Box::pin(async move {
        let answer = answer(ports, own, &event, &caller, &context).await;
        log(&event, &caller, &answer);
        answer
    })
}

async fn answer<P: DrillPorts + Configurations>(
    ports: &P,
    own: &Region,
    event: &Value,
    caller: &Caller,
    context: &Context,
) -> Result<Value, Failure> {
    let request = Request::in_time(event, ports.now()).map_err(DrillError::from)?;
    // Read anew each time: a person has just changed it, perhaps.
    let installation = ports.read_own_region().await.map_err(Failure::Configuration)?.installation;
    let deadline = responder_lambda::timestamp(context.deadline());
    let place = Place { installation: &installation, own, caller, deadline };
    let json = match perform(ports, place, &request).await? {
        Reply::Statuses(statuses) => serde_json::to_value(statuses),
        Reply::Plan(plan) => serde_json::to_value(plan),
        Reply::Plans(plans) => serde_json::to_value(plans),
        Reply::Switched(switched) => serde_json::to_value(switched),
        Reply::Declared(declared) => serde_json::to_value(declared),
        Reply::Salvaged(salvage) => serde_json::to_value(salvage),
        Reply::Course(course) => serde_json::to_value(Report::from(course.as_ref())),
    };
    json.map_err(Failure::Json)
}

/// Who asks, by the caller's own word: what the request says, or else the client context. The request comes first because
/// the context is a header, which not everything hands on, and which holds ASCII alone. Lambda does not tell a function who
/// invoked it; `CloudTrail` knows, by the request's id.
fn caller(event: &Value, context: &Context) -> Caller {
    let nothing = HashMap::new();
    let custom = context.client_context.as_ref().map_or(&nothing, |client| &client.custom);
    let in_request = |name: &str| event.get(name).and_then(Value::as_str).map(str::to_owned);
    let said = |name: &str| in_request(name).or_else(|| custom.get(name).cloned());
    Caller::new(said("who"), said("why"), &context.request_id)
}

/// One line an invocation, whatever the log level is: drills are audited.
fn log(event: &Value, caller: &Caller, answer: &Result<Value, Failure>) {
    let field = |name: &str| {
        event.get(name).and_then(Value::as_str).map(|it| it.chars().take(80).collect::<String>())
    };
    let error = answer.as_ref().err().map(ToString::to_string);
    responder_lambda::log_line(&json!({
        "level": if error.is_some() { "WARN" } else { "INFO" },
        "message": "drill",
        "action": field("action"),
        "database": field("database"),
        "target_region": field("target_region"),
        "request_id": caller.request_id,
        "who": caller.who,
        "why": caller.why,
        "error": error,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use responder_core::answer::result::{Check, CheckVerdict};

    #[test]
    fn a_refusal_is_one_sentence_and_then_every_check() {
        let check = |name, verdict| Check::new(name, "set: an upgrade", None::<String>, verdict);
        let refused = DrillError::Refused {
            action: "switchover",
            database: "todo".to_owned(),
            target: "ap-northeast-3".to_owned(),
            checks: vec![check("no_hold", CheckVerdict::Fail), check("settled", CheckVerdict::Pass)],
        };
        let diagnostic = Diagnostic::from(Failure::from(refused));
        assert_eq!(diagnostic.error_type, "Refused");
        let (sentence, answer) = diagnostic.error_message.split_once(". The whole answer: ").unwrap();
        assert_eq!(
            sentence,
            "switchover of todo to ap-northeast-3 is refused, nothing was changed: no_hold (set: an upgrade)"
        );
        let answer: Value = serde_json::from_str(answer).unwrap();
        assert_eq!(answer["checks"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn who_asks_comes_with_the_request_or_the_client_context_and_may_be_left_out() {
        let status = json!({ "action": "status" });
        let mut context = Context::default();
        context.request_id = "4a1e".to_owned();
        assert_eq!(caller(&status, &context), Caller { request_id: "4a1e".to_owned(), ..Caller::default() });
        let client = json!({ "custom": { "who": "alice", "why": "monthly drill", "else": "x" } });
        context.client_context = serde_json::from_value(client).ok();
        let said = |event: &Value| caller(event, &context);
        let of_context = said(&status);
        assert_eq!(
            (of_context.who.as_deref(), of_context.why.as_deref()),
            (Some("alice"), Some("monthly drill"))
        );
        let of_request = said(&json!({ "action": "status", "who": "bob", "why": "w".repeat(500) }));
        assert_eq!((of_request.who.as_deref(), of_request.why), (Some("bob"), Some("w".repeat(160))));
    }

    #[test]
    fn a_mistake_is_a_sentence_alone() {
        let error = Request::of_event(&json!({ "action": "swichover" })).unwrap_err();
        let diagnostic = Diagnostic::from(Failure::from(DrillError::from(error)));
        assert_eq!(diagnostic.error_type, "BadRequest");
        assert!(
            diagnostic.error_message.ends_with("salvage. Nothing was changed"),
            "{}",
            diagnostic.error_message
        );
    }
}
