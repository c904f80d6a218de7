//! The page about a move: where it is written, signed as what, and what S3's answers come to.

use responder_aws::{AwsPorts, Budgets, Clients, Environment};
use responder_core::ports::{Pages, PortError};
use responder_core::words::failure::FailureKind;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::course::{Course, Progress};
use responder_core::world::run::{Caller, Kind, Run};

use crate::service::{Reply, Service};
use crate::world::{PREFIX, config, database, environment, osaka, seoul};

const LINK: &str = "https://ap-northeast-3.console.aws.amazon.com/s3/object/todo-reports?region=ap-northeast-3&prefix=\
                    failover-responder/todo/run-1.html";

pub(crate) fn course() -> Course {
    let run = Run {
        id: "run-1".to_owned(),
        kind: Kind::Failover,
        from: seoul(),
        target: osaka(),
        epoch: responder_core::words::names::Epoch(7),
        began_ms: 1_795_773_907_250,
        called: responder_core::world::attempt::Started::Accepted,
        caller: Caller::default(),
        checks: Vec::new(),
        overrides: Vec::new(),
        lag_ms: Some(80),
        phases: Vec::new(),
        ended: None,
        previous: None,
    };
    Course {
        database: database("todo"),
        run,
        progress: Progress::InProgress,
        resumed: false,
        results: Vec::new(),
        failures: Vec::new(),
        by_itself: true,
        page: None,
        at: Timestamp::from_ms(1_795_773_908_250),
    }
}

fn ports(service: &Service, environment: Environment) -> AwsPorts {
    AwsPorts::new(environment, Clients::new(config(service.client()), Budgets::default()))
}

async fn keep(service: &Service, bucket: &str) -> Result<Option<String>, PortError> {
    ports(service, environment().keeping_pages(bucket, None)).keep_page(&course()).await
}

#[tokio::test(start_paused = true)]
async fn it_is_written_in_the_own_region_and_signed_for_s3() {
    let service = Service::scripted(vec![Reply::ok("")]);
    assert_eq!(keep(&service, "todo-reports").await.unwrap().as_deref(), Some(LINK));
    let asked = service.asked();
    let [request] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(
        request.line,
        "PUT https://todo-reports.s3.ap-northeast-3.amazonaws.com/failover-responder/todo/run-1.html"
    );
    assert_eq!(request.scope, "ap-northeast-3/s3");
    assert!(request.has("<!DOCTYPE html>") && request.has("In progress") && request.has("by itself"));
    let ports = ports(&service, environment().keeping_pages("todo-reports", None));
    assert_eq!(ports.page(&database("todo"), "run-1").as_deref(), Some(LINK), "and the link is known before");
}

#[tokio::test(start_paused = true)]
async fn without_a_bucket_nothing_is_asked() {
    let service = Service::scripted(vec![Reply::ok("")]);
    let ports = ports(&service, Environment::new(PREFIX, osaka()).unwrap());
    assert_eq!(ports.page(&database("todo"), "run-1"), None);
    assert_eq!(ports.keep_page(&course()).await.unwrap(), None);
    assert!(service.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_the_bucket_is_one_sentence() {
    let service = Service::scripted(vec![Reply::ok("")]);
    for (bucket, url, said) in [
        (
            "Todo_Reports",
            None,
            "s3:PutObject: refused; trying again will not help: REPORT_BUCKET: \"Todo_Reports\" is no name of a bucket",
        ),
        (
            "todo",
            Some("x"),
            "s3:PutObject: refused; trying again will not help: REPORT_URL: \"x\" is not a URL such as https://example.com",
        ),
    ] {
        let ports = ports(&service, environment().keeping_pages(bucket, url));
        assert_eq!(ports.page(&database("todo"), "run-1"), None);
        assert_eq!(ports.keep_page(&course()).await.unwrap_err().to_string(), said);
    }
    assert!(service.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn each_answer_of_s3_is_what_it_is() {
    let error = |code: &str| {
        format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>the words of {code}</Message></Error>"
        )
    };
    for (status, body, kind, tries) in [
        (403, error("AccessDenied"), FailureKind::Refused, 1..=1),
        (404, error("NoSuchBucket"), FailureKind::Refused, 1..=1),
        (503, error("SlowDown"), FailureKind::Busy, 3..=12),
        (500, String::new(), FailureKind::Busy, 3..=12),
        (400, "<html>".to_owned(), FailureKind::Malformed, 1..=1),
    ] {
        let service = Service::scripted(vec![Reply::Http(status, body.clone().into_bytes())]);
        let failed = keep(&service, "todo-reports").await.unwrap_err();
        assert_eq!(failed.kind, kind, "{status} {body}");
        assert!(tries.contains(&service.asked().len()), "{status}: {}", service.asked().len());
        let said = failed.to_string();
        let place = "s3:PutObject to s3://todo-reports/failover-responder/todo/run-1.html: ";
        assert!(said.starts_with(place), "{said}");
        assert!(!body.contains("the words") || said.contains("the words of "), "{said}");
    }
    let service = Service::scripted(vec![Reply::Http(503, Vec::new()), Reply::ok("")]);
    assert!(keep(&service, "todo-reports").await.is_ok(), "not now is not no");
    for reply in [Reply::Never, Reply::NoConnection] {
        let failed = keep(&Service::scripted(vec![reply]), "todo-reports").await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::Unreachable);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_of_another_region_says_which() {
    let body = b"<Error><Code>PermanentRedirect</Code><Message>use the endpoint</Message></Error>".to_vec();
    for (elsewhere, said) in [
        (
            "eu-central-1",
            "the bucket is in eu-central-1, and has to be in ap-northeast-3, the function's own Region",
        ),
        ("ap-northeast-3", "PermanentRedirect: use the endpoint"),
    ] {
        let service = Service::scripted(vec![Reply::Elsewhere(301, elsewhere, body.clone())]);
        let failed = keep(&service, "todo-reports").await.unwrap_err();
        assert!(failed.kind == FailureKind::Refused && failed.to_string().contains(said), "{failed}");
    }
}
