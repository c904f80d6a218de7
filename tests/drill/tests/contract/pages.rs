//! The page about a move: kept by whoever started it, in its own Region's bucket, and in nobody's way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::front::{Fault, Scope};
use serde_json::{Value, json};

use crate::stage::{EPOCH, Stage, answered, endpoint};

fn failover() -> Value {
    json!({ "action": "failover", "database": "todo", "target_region": "ap-northeast-3", "confirm": "todo", "allow_data_loss": true })
}

/// The scenario of an answer that is a report.
async fn moved(stage: &Stage, variables: BTreeMap<String, String>) -> (Value, Instant) {
    let since = Instant::now();
    let drill = stage.new_function("drill", Region::Osaka, Duration::from_secs(30), variables).await;
    let invocation = drill.invoke(&failover()).await.unwrap();
    let scenario = answered(&invocation)["scenarios"][0].clone();
    assert_eq!(scenario["by_hand"]["progress"], "done", "{scenario:#}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
    (scenario, since)
}

fn puts(stage: &Stage, since: Instant) -> usize {
    let entries = stage.cloud.front.journal().entries();
    entries.iter().filter(|it| it.received >= since && it.call.operation == "PutObject").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_by_hand_leaves_its_page_where_the_answer_says() {
    let stage = Stage::published().await;
    let (scenario, since) = moved(&stage, BTreeMap::new()).await;
    let (run, page) =
        (scenario["by_hand"]["run"].as_str().unwrap(), scenario["by_hand"]["page"].as_str().unwrap());
    assert!(page.ends_with(&format!("/reports-ap-northeast-3/failover-responder/todo/{run}.html")), "{page}");
    let page = stage.cloud.pages().read(page).await.unwrap().expect("a page");
    for word in ["<!DOCTYPE html>", run, "record accepted", "target_ready", "done"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert_eq!(puts(&stage, since), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_does_not_take_it_is_said_and_the_move_is_done() {
    let denied = Fault::Fail { status: 403, code: "AccessDenied".to_owned() };
    let elsewhere = [("REPORT_BUCKET".to_owned(), "nobodys-bucket".to_owned())];
    let wrong = [("REPORT_BUCKET".to_owned(), "Not A Bucket".to_owned())];
    for (fault, variables, said) in [
        (Some(denied), vec![], "AccessDenied"),
        (Some(Fault::BlackHole), vec![], "no answer"),
        (None, elsewhere.to_vec(), "NoSuchBucket"),
        (None, wrong.to_vec(), "REPORT_BUCKET: \"Not A Bucket\" is no name of a bucket"),
    ] {
        let stage = Stage::published().await;
        if let Some(fault) = fault {
            stage.cloud.front.inject(Scope::service("s3"), fault);
        }
        let (scenario, _) = moved(&stage, variables.into_iter().collect()).await;
        assert_eq!(scenario["by_hand"].get("page"), None);
        let notes = scenario["notes"].to_string();
        assert!(notes.contains("could not keep the page about it: s3:PutObject"), "{notes}");
        assert!(notes.contains(&said.replace('"', "\\\"")), "{said}: {notes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bucket_no_call_is_made() {
    let stage = Stage::published().await;
    let none = ["REPORT_BUCKET", "REPORT_URL"].map(|name| (name.to_owned(), String::new()));
    let (scenario, since) = moved(&stage, none.into()).await;
    assert_eq!((scenario["by_hand"].get("page"), puts(&stage, since)), (None, 0));
}
