//! What an operator says: hold, release, declare.

use std::time::Instant;

use drill_cloud::Region;
use drill_cloud::front::{Fault, Scope};
use serde_json::json;

use crate::stage::{EPOCH, HOLD, PREFIX, Stage, endpoint, result};

#[tokio::test(flavor = "multi_thread")]
async fn the_hold_switch_stops_warm_and_cold_functions_until_it_is_released() {
    let stage = Stage::published().await;
    let warm = stage.warm(Region::Osaka).await;
    stage.put(HOLD, "incident 42").await;
    stage.fail_over(Region::Osaka).await;
    let since = Instant::now();
    let cold = stage.follow(Region::Seoul).await;
    for follow in [&warm, &cold] {
        let held = result(follow, &json!({})).await;
        assert_eq!(held["hold"], "Held", "{held:#}");
        assert!(held["reason"].as_str().unwrap().contains("incident 42"));
    }
    // Each Region goes on remembering whom it names; nothing that clients resolve is touched.
    let writes = stage.writes(since);
    assert!(
        writes.iter().all(|write| write.starts_with("PutParameter /failover-responder/state/")),
        "{writes:?}"
    );
    assert_eq!(stage.published_writer().await, (endpoint(Region::Seoul), EPOCH));
    stage.delete(HOLD).await;
    let moved = result(&warm, &json!({})).await;
    assert_eq!((&moved["decision"], &moved["epoch"]), (&json!("publish"), &json!(EPOCH + 1)));
}

/// What stopped everything must not start again because the place where it is written does not answer.
#[tokio::test(flavor = "multi_thread")]
async fn the_hold_switch_goes_on_holding_while_parameter_store_does_not_answer() {
    let stage = Stage::published().await;
    let warm = stage.warm(Region::Osaka).await;
    stage.put(HOLD, "incident 42").await;
    assert_eq!(result(&warm, &json!({})).await["hold"], "Held");
    stage.cloud.front.inject(Scope::service("ssm"), Fault::BlackHole);
    stage.fail_over(Region::Osaka).await;
    let held = result(&warm, &json!({})).await;
    assert_eq!(held["hold"], "Held", "{held:#}");
    stage.cloud.front.heal_all();
    stage.delete(HOLD).await;
    assert_eq!(result(&warm, &json!({})).await["decision"], "publish");
}

/// A Region that could not be told holds only its own function; the peer's switch is found there all the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_hold_switch_of_one_region_counts_in_both() {
    let stage = Stage::published().await;
    stage.cloud.seed().parameter_in(Region::Seoul, HOLD, "only here").await.unwrap();
    for region in Region::ALL {
        let held = result(&stage.follow(region).await, &json!({})).await;
        assert_eq!(held["hold"], "Held", "{region}: {held:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_cluster_is_published_only_when_it_is_declared_at_this_epoch() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    stage.cloud.aurora.detach(Region::Osaka).unwrap();
    stage.settled().await;
    let held = result(&follow, &json!({})).await;
    assert_eq!(held["hold"], "UndeclaredPromotion", "{held:#}");
    let declared = format!("{PREFIX}/declared/todo");
    stage.put(&declared, &json!({ "region": "ap-northeast-3", "epoch": EPOCH - 1 }).to_string()).await;
    let old = result(&follow, &json!({})).await;
    assert_eq!(old["hold"], "UndeclaredPromotion", "an old declaration moves nothing: {old:#}");
    stage.put(&declared, &json!({ "region": "ap-northeast-3", "epoch": EPOCH }).to_string()).await;
    let moved = result(&follow, &json!({})).await;
    assert_eq!(moved["decision"], "publish", "{moved:#}");
    assert_eq!(moved["reason"], "an operator declared ap-northeast-3 the writer");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 1));
    // The first pass after it remembers that people heard of the two claims; then there is nothing left to write.
    for remembered in [vec!["PutParameter /failover-responder/state/todo ap-northeast-3".to_owned()], vec![]]
    {
        let since = Instant::now();
        let after = result(&follow, &json!({})).await;
        assert_eq!(
            (&after["epoch"], &after["hold"]),
            (&json!(EPOCH + 1), &json!("WriterConflict")),
            "{after:#}"
        );
        assert_eq!(stage.writes(since), remembered, "{after:#}");
    }
}
