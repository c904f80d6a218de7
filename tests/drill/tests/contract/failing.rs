//! Services that answer with an error: what is tried again, what is told, and what fails the invocation.

use std::time::Instant;

use drill_cloud::Region;
use drill_cloud::front::{Fault, Scope};
use serde_json::{Value, json};

use crate::stage::{EPOCH, PARAMETER, Stage, endpoint, failure, result};

fn error(status: u16, code: &str) -> Fault {
    Fault::Fail { status, code: code.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_by_itself_is_tried_again() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let change = || Scope::service("route53").only("ChangeResourceRecordSets");
    let put = || Scope::service("ssm").within(Region::Osaka).only("PutParameter");
    let cases = [
        (change(), error(400, "Throttling")),
        (change(), error(400, "PriorRequestNotComplete")),
        (change(), error(503, "ServiceUnavailable")),
        (change(), Fault::Refuse),
        (put(), error(400, "TooManyUpdates")),
        (put(), error(400, "ThrottlingException")),
    ];
    for (round, (scope, fault)) in (1_u64..).zip(cases) {
        let to = if round % 2 == 1 { Region::Osaka } else { Region::Seoul };
        stage.fail_over(to).await;
        stage.cloud.front.inject_times(scope, fault.clone(), 1);
        let since = Instant::now();
        let moved = result(&follow, &json!({})).await;
        assert_eq!(moved["decision"], "publish", "{fault:?}: {moved:#}");
        assert_eq!(moved.get("failures"), None, "{fault:?}: {moved:#}");
        assert_eq!(stage.accepted(since).len(), 1, "{fault:?}");
        assert_eq!(stage.published_writer().await, (endpoint(to), EPOCH + round), "{fault:?}");
        stage.cloud.front.heal_all();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_denied_fails_the_invocation_and_leaves_the_record() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let change = Scope::service("route53").only("ChangeResourceRecordSets");
    let denied = stage.cloud.front.inject(change, error(403, "AccessDenied"));
    stage.fail_over(Region::Osaka).await;
    let (kind, message) = failure(&follow, &json!({})).await;
    assert_eq!(kind, "NotPublished");
    assert!(message.starts_with("todo: could not publish the record (route53:ChangeResourceRecordSets in "));
    assert!(message.contains("AccessDenied"), "{message}");
    // Whoever finds the failed invocation sees the whole answer in it.
    let (_, answer) = message.split_once(". The whole answer: ").unwrap();
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(answer["results"][0]["channels"]["record"], "failed", "{answer:#}");
    assert_eq!(answer["results"][0]["channels"]["parameter"]["ap-northeast-3"], "updated");
    assert_eq!(stage.parameter(Region::Osaka, PARAMETER).await, Some(endpoint(Region::Osaka)));
    assert_eq!(stage.published_writer().await, (endpoint(Region::Seoul), EPOCH));
    stage.cloud.front.heal(denied);
    assert_eq!(result(&follow, &json!({})).await["channels"]["record"], "updated");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_parameter_that_cannot_be_put_fails_the_invocation() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let put = Scope::service("ssm").within(Region::Osaka).only("PutParameter");
    stage.cloud.front.inject(put, error(500, "InternalServerError"));
    stage.fail_over(Region::Osaka).await;
    let (kind, message) = failure(&follow, &json!({})).await;
    assert_eq!(kind, "NotPublished");
    let expected = "todo: could not publish ap-northeast-3's own parameter (ssm:PutParameter /todo/database/writer \
                    in ap-northeast-3: ";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1), "the record moved");
    assert_eq!(stage.parameter(Region::Seoul, PARAMETER).await, Some(endpoint(Region::Osaka)));
    stage.cloud.front.heal_all();
    let repaired = result(&follow, &json!({})).await;
    assert_eq!(repaired["channels"]["parameter"]["ap-northeast-3"], "updated", "{repaired:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peers_parameter_that_is_denied_is_told_and_fails_nothing() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let put = Scope::service("ssm").within(Region::Seoul).only("PutParameter");
    stage.cloud.front.inject(put, error(400, "AccessDeniedException"));
    stage.fail_over(Region::Osaka).await;
    let moved = result(&follow, &json!({})).await;
    assert_eq!((&moved["decision"], &moved["epoch"]), (&json!("publish"), &json!(EPOCH + 1)));
    assert_eq!(moved["channels"]["parameter"]["ap-northeast-2"], "failed", "{moved:#}");
    let failures = moved["failures"].as_array().unwrap();
    assert!(failures[0].as_str().unwrap().starts_with("ssm:PutParameter /"), "{failures:?}");
}
