//! A question to a probe, which is a Lambda function.

use std::time::Duration;

use responder_core::ports::{PortError, Probes};
use responder_core::words::failure::FailureKind;
use responder_core::world::probe::{ProbeWord, Question};
use tokio::time::Instant;

use crate::service::{Reply, Service};
use crate::world::{osaka, ports, seoul};

const PROBE: &str = "failover-responder-probe";
const YES: &str = r#"{"writable":true,"took_ms":41,"said":"a heartbeat committed"}"#;

fn question() -> Question {
    Question { endpoint: "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com".to_owned(), port: 5432 }
}

async fn ask(service: &Service) -> Result<ProbeWord, PortError> {
    ports(service).probe(&seoul(), PROBE, &question()).await
}

#[tokio::test(start_paused = true)]
async fn a_probe_is_invoked_in_its_own_region_with_the_question_and_waited_for() {
    let service = Service::scripted(vec![Reply::ok(YES)]);
    let word = ask(&service).await.unwrap();
    assert_eq!((word.writable, word.took_ms, word.said.as_str()), (Some(true), 41, "a heartbeat committed"));
    let asked = service.asked();
    let line =
        format!("POST https://lambda.ap-northeast-2.amazonaws.com/2015-03-31/functions/{PROBE}/invocations");
    assert_eq!((asked.len(), asked[0].line.as_str()), (1, line.as_str()));
    assert_eq!(asked[0].scope, "ap-northeast-2/lambda");
    assert_eq!(serde_json::from_value::<Question>(asked[0].json()).unwrap(), question());
}

#[tokio::test(start_paused = true)]
async fn null_is_an_answer_and_what_is_no_word_is_none() {
    let word = ask(&Service::scripted(vec![Reply::ok(r#"{"writable":null,"took_ms":3}"#)])).await.unwrap();
    assert_eq!((word.writable, word.said.as_str()), (None, ""));
    let long = format!(r#"{{"writable":true,"took_ms":1,"said":"{}"}}"#, "x".repeat(20_000));
    for text in ["", "null", "{}", "[]", "<html>", r#"{"writable":"yes","took_ms":1}"#, &long] {
        let error = ask(&Service::scripted(vec![Reply::ok(text)])).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Malformed, "{text}");
        assert!(error.operation.starts_with("lambda:Invoke of failover-responder-probe in ap-northeast-2"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_that_failed_says_neither_yes_nor_no_and_its_words_are_said_again() {
    let words = r#"{"errorMessage":"PROBE_DATABASES is not JSON"}"#;
    let service = Service::scripted(vec![Reply::FunctionError(words.into())]);
    let error = ask(&service).await.unwrap_err();
    assert_eq!((error.kind, service.asked().len()), (FailureKind::Refused, 1), "{error}");
    let said = error.to_string();
    assert!(said.contains("Unhandled") && said.contains("PROBE_DATABASES is not JSON"), "{said}");
    assert!(!said.chars().any(char::is_control), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn no_answer_costs_a_second_and_no_more() {
    for (reply, kind) in [
        (Reply::Never, FailureKind::Unreachable),
        (Reply::NoConnection, FailureKind::Unreachable),
        (Reply::json_error(429, "TooManyRequestsException"), FailureKind::Throttled),
        (Reply::json_error(500, "ServiceException"), FailureKind::Busy),
    ] {
        let start = Instant::now();
        let error = ask(&Service::scripted(vec![reply.clone()])).await.unwrap_err();
        assert_eq!(error.kind, kind, "{reply:?}: {error}");
        assert!(start.elapsed() <= Duration::from_millis(1_001), "{reply:?}: {:?}", start.elapsed());
    }
    let denied = Service::scripted(vec![Reply::json_error(403, "AccessDeniedException")]);
    assert_eq!(ask(&denied).await.unwrap_err().kind, FailureKind::Refused);
    assert_eq!(denied.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_many_just_now_is_asked_again_within_the_second() {
    let busy = Reply::json_error(429, "TooManyRequestsException");
    let service = Service::scripted(vec![busy, Reply::ok(YES)]);
    assert_eq!(ports(&service).probe(&osaka(), PROBE, &question()).await.unwrap().writable, Some(true));
    assert_eq!(service.asked().len(), 2);
}
