//! What only `drill` calls: the switchover, the switches, and what it remembers of a run.
#![allow(clippy::panic, reason = "a test that cannot go on has failed")]

use responder_core::answer::result::HoldKind;
use responder_core::config::installation::Installation;
use responder_core::operator::job::Place;
use responder_core::operator::perform;
use responder_core::operator::reply;
use responder_core::operator::request::Request;
use responder_core::ports::operator::{OperatorSwitches, Runs};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Epoch;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::evidence::Declaration;
use responder_core::world::run::{Caller, Run};
use serde_json::json;

use crate::service::{Reply, Service};
use crate::world::{database, osaka, ports, seoul};

#[tokio::test(start_paused = true)]
async fn a_hold_is_put_where_it_is_said_and_deleted_there() {
    let service = Service::scripted(vec![Reply::ok("{\"Version\": 1}"), Reply::ok("{}")]);
    let ports = ports(&service);
    ports.put_hold(&database("todo"), &seoul(), "an upgrade").await.unwrap();
    assert!(ports.delete_hold(&database("todo"), &osaka()).await.unwrap());
    let asked = service.asked();
    assert!(asked[0].line.contains("ssm.ap-northeast-2.") && asked[1].line.contains("ssm.ap-northeast-3."));
    assert!(asked[0].has("/failover-responder/hold/todo") && asked[0].has("an upgrade"), "{asked:?}");
    assert!(asked[1].has("/failover-responder/hold/todo"), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_is_not_there_is_no_error_and_a_dead_region_is() {
    let service = Service::scripted(vec![Reply::json_error(400, "ParameterNotFound")]);
    assert!(!ports(&service).delete_hold(&database("todo"), &osaka()).await.unwrap());
    let dead = Service::scripted(vec![Reply::Never]);
    let error = ports(&dead).delete_hold(&database("todo"), &osaka()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unreachable);
    assert_eq!(
        error.to_string(),
        "ssm:DeleteParameter /failover-responder/hold/todo in ap-northeast-3: no answer"
    );
}

#[tokio::test(start_paused = true)]
async fn a_declaration_is_what_a_pass_reads() {
    let service = Service::scripted(vec![Reply::ok("{\"Version\": 1}")]);
    let declared = Declaration { region: osaka(), epoch: Epoch(7) };
    ports(&service).put_declared(&database("todo"), &seoul(), &declared).await.unwrap();
    let asked = service.asked();
    assert!(asked[0].has("/failover-responder/declared/todo") && asked[0].has("ap-northeast-3"), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_not_there_is_none_and_rubbish_is_an_error() {
    let read = |reply| async {
        let service = Service::scripted(vec![reply]);
        ports(&service).read_run(&database("todo"), &seoul()).await
    };
    assert!(read(Reply::json_error(400, "ParameterNotFound")).await.unwrap().is_none());
    let rubbish = json!({ "Parameter": { "Name": "n", "Type": "String", "Value": "soon" } }).to_string();
    let error = read(Reply::ok(rubbish)).await.unwrap_err();
    assert!(error.to_string().contains("/failover-responder/run/todo in ap-northeast-2: "), "{error}");
    assert!(Run::of_json("{}").is_err());
}

/// Nothing answers: a status is an answer all the same, and says so.
#[tokio::test(start_paused = true)]
async fn a_status_is_told_when_nothing_answers() {
    let service = Service::scripted(vec![Reply::NoConnection]);
    let installation = Installation { databases: vec![database("todo")], refused: Vec::new() };
    let caller = Caller::default();
    let deadline = Timestamp::from_ms(i64::MAX);
    let own = osaka();
    let place = Place { installation: &installation, own: &own, caller: &caller, deadline };
    let answer = perform(&ports(&service), place, &Request::Status { database: None }).await.unwrap();
    let reply::Reply::Statuses(statuses) = answer else { panic!("{answer:?}") };
    assert_eq!((statuses.databases[0].hold, statuses.databases[0].standby), (Some(HoldKind::Blind), None));
    assert!(!statuses.databases[0].failures.is_empty());
}
