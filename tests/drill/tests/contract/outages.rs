//! Black holes and lost answers: what an invocation does, and when it fails.

use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::front::{Fault, Outcome, Scope};
use serde_json::json;

use crate::stage::{EPOCH, PARAMETER, Stage, answered, endpoint, failure, result};

#[tokio::test(flavor = "multi_thread")]
async fn with_route53_down_the_parameters_are_published_and_the_invocation_fails() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    stage.cloud.front.inject(Scope::service("route53"), Fault::BlackHole);
    stage.fail_over(Region::Osaka).await;
    let (kind, message) = failure(&follow, &json!({})).await;
    assert_eq!(kind, "NotPublished");
    let expected = format!(
        "todo: could not publish the record (route53:ChangeResourceRecordSets in {}: no answer",
        stage.zone
    );
    assert!(message.starts_with(&expected), "{message}");
    for region in Region::ALL {
        assert_eq!(stage.parameter(region, PARAMETER).await, Some(endpoint(Region::Osaka)));
        let pending = stage.state(region).await;
        assert_eq!((&pending["epoch"], &pending["record_pending"]), (&json!(EPOCH + 1), &json!(true)));
    }
    let (kind, message) = failure(&stage.follow(Region::Osaka).await, &json!({})).await;
    assert_eq!(kind, "NotPublished", "a cold one knows as well: {message}");
    stage.cloud.front.heal_all();
    let repaired = result(&follow, &json!({})).await;
    assert_eq!(repaired["channels"]["record"], "updated", "{repaired:#}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
    for region in Region::ALL {
        assert_eq!(stage.state(region).await.get("record_pending"), None);
    }
    let since = Instant::now();
    assert_eq!(result(&follow, &json!({})).await["decision"], "unchanged");
    assert_eq!(stage.writes(since), Vec::<String>::new());
}

/// Nothing to publish: a Route 53 that does not answer is told, and fails nothing.
#[tokio::test(flavor = "multi_thread")]
async fn with_route53_down_and_nothing_to_publish_nothing_fails() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    stage.cloud.front.inject(Scope::service("route53"), Fault::BlackHole);
    let since = Instant::now();
    let told = result(&follow, &json!({})).await;
    assert_eq!(told["channels"]["record"], "unreachable", "{told:#}");
    assert_eq!(told["decision"], "unchanged");
    assert_eq!(stage.writes(since), Vec::<String>::new());
}

/// The dead Region costs nothing: neither a cold nor a warm function waits for it before the record moves.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_peer_region_neither_delays_nor_fails_the_move() {
    for warm in [true, false] {
        let stage = Stage::published().await;
        let follow = if warm { stage.warm(Region::Osaka).await } else { stage.follow(Region::Osaka).await };
        stage.cloud.cut_region(Region::Seoul);
        stage.fail_over(Region::Osaka).await;
        let since = Instant::now();
        let invocation = follow.invoke(&json!({})).await.unwrap();
        assert!(invocation.duration < Duration::from_secs(10), "{:?}", invocation.duration);
        let moved = &answered(&invocation)["results"][0];
        assert_eq!((&moved["decision"], &moved["epoch"]), (&json!("publish"), &json!(EPOCH + 1)));
        let parameter = json!({ "ap-northeast-2": "unreachable", "ap-northeast-3": "updated" });
        assert_eq!(moved["channels"], json!({ "record": "updated", "parameter": parameter }));
        assert_eq!(moved["reason"], "fresh claim by ap-northeast-3; ap-northeast-2 unreachable");
        let failures = moved["failures"].to_string();
        assert!(failures.contains("ap-northeast-2"), "{failures}");
        let took = stage.accepted(since)[0].ended - since;
        assert!(took < Duration::from_secs(2), "warm {warm}: the record moved after {took:?}");
        // Back again, with its stale word, it is brought up to date and moves nothing back.
        stage.cloud.reconnect_region(Region::Seoul);
        let after = result(&follow, &json!({})).await;
        assert_eq!(after["channels"]["parameter"]["ap-northeast-2"], "updated", "{after:#}");
        assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
        assert_eq!(stage.parameter(Region::Seoul, PARAMETER).await, Some(endpoint(Region::Osaka)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_the_change_publishes_once() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    let change = Scope::service("route53").only("ChangeResourceRecordSets");
    stage.cloud.front.inject_times(change, Fault::LostAnswer, 1);
    stage.fail_over(Region::Osaka).await;
    let since = Instant::now();
    let moved = result(&follow, &json!({})).await;
    assert_eq!((&moved["decision"], &moved["epoch"]), (&json!("publish"), &json!(EPOCH + 1)), "{moved:#}");
    let accepted = stage.accepted(since);
    assert_eq!((accepted.len(), accepted[0].outcome), (1, Outcome::AnswerLost));
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
    for region in Region::ALL {
        assert_eq!(stage.state(region).await["epoch"], EPOCH + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_function_whose_own_parameters_do_not_answer_fails_and_says_so() {
    let stage = Stage::published().await;
    let follow = stage.follow(Region::Osaka).await;
    stage.cloud.front.inject(Scope::service("ssm").within(Region::Osaka), Fault::BlackHole);
    let since = Instant::now();
    let (kind, message) = failure(&follow, &json!({})).await;
    assert_eq!(kind, "ConfigurationUnreadable");
    let expected = "the configuration could not be read: ssm:GetParametersByPath /failover-responder in \
                    ap-northeast-3: no answer";
    assert!(message.starts_with(expected), "{message}");
    assert!(since.elapsed() < Duration::from_secs(10));
    stage.cloud.front.heal_all();
    assert_eq!(result(&follow, &json!({})).await["decision"], "unchanged", "and it recovers by itself");
}

/// A warm function knows enough to move the record; its own parameter could not be published, so it fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_warm_function_without_its_own_parameters_moves_the_record_and_fails() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    stage.cloud.front.inject(Scope::service("ssm").within(Region::Osaka), Fault::BlackHole);
    stage.fail_over(Region::Osaka).await;
    let (kind, message) = failure(&follow, &json!({})).await;
    assert_eq!(kind, "NotPublished", "{message}");
    assert!(message.contains("ap-northeast-3's own parameter (ssm:PutParameter "), "{message}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
    assert_eq!(stage.parameter(Region::Seoul, PARAMETER).await, Some(endpoint(Region::Osaka)));
}
