//! A move: one change batch, then the parameters and states of both Regions. And passes that move nothing.

use std::time::Instant;

use drill_cloud::Region;
use drill_cloud::front::{Change, RecordChange};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::stage::{
    EPOCH, OWNERSHIP, PARAMETER, PREFIX, PUBLISHED_AT, RECORD, STATE, Stage, TTL_SECONDS, endpoint, result,
};

fn change(action: &str, name: &str, kind: &str, value: &str) -> RecordChange {
    RecordChange {
        action: action.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        ttl_seconds: Some(TTL_SECONDS),
        values: vec![value.to_owned()],
    }
}

/// With its quotation marks, as Route 53 wants it.
fn ownership(epoch: u64, writer: Region, at: &str) -> String {
    format!(
        "\"heritage=failover-responder,owner={PREFIX},database=todo,epoch={epoch},writer={writer},at={at}\""
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_moves_the_record_in_one_batch_and_every_parameter_and_state() {
    let stage = Stage::published().await;
    stage.fail_over(Region::Osaka).await;
    let (since, before) = (Instant::now(), OffsetDateTime::now_utc());
    let moved = result(&stage.follow(Region::Osaka).await, &json!({})).await;
    assert_eq!(moved["decision"], "publish", "{moved:#}");

    let accepted = stage.accepted(since);
    assert_eq!(accepted.len(), 1, "{:?}", stage.writes(since));
    let text = stage.record(OWNERSHIP, "TXT").await.unwrap().value;
    let at = text.rsplit_once("at=").unwrap().1;
    let published = OffsetDateTime::parse(at, &Rfc3339).unwrap();
    assert!((published - before).whole_seconds().abs() < 10 && published.nanosecond() == 0, "{at}");
    let (old, new) = (endpoint(Region::Seoul), endpoint(Region::Osaka));
    let expected = vec![
        change("DELETE", RECORD, "CNAME", &old),
        change("DELETE", OWNERSHIP, "TXT", &ownership(EPOCH, Region::Seoul, PUBLISHED_AT)),
        change("CREATE", RECORD, "CNAME", &new),
        change("CREATE", OWNERSHIP, "TXT", &ownership(EPOCH + 1, Region::Osaka, at)),
    ];
    assert_eq!(accepted[0].change, Some(Change::Records(expected)));
    assert_eq!(stage.published_writer().await, (new.clone(), EPOCH + 1));
    for region in Region::ALL {
        assert_eq!(stage.parameter(region, PARAMETER).await.as_deref(), Some(new.as_str()));
        // Each Region has looked again since: its memory is of the new epoch.
        let expected = json!({
            "epoch": EPOCH + 1, "writer": "ap-northeast-3", "endpoint": new, "at": at,
            "memory": { "writer": "ap-northeast-3", "epoch": EPOCH + 1 }, "owns": stage.owns(),
        });
        assert_eq!(stage.state(region).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_publication_is_epoch_one() {
    let stage = Stage::bare().await;
    stage.configure("todo", &stage.configuration()).await;
    let first = result(&stage.follow(Region::Seoul).await, &json!({})).await;
    assert_eq!((&first["decision"], &first["epoch"]), (&json!("publish"), &json!(1)), "{first:#}");
    assert_eq!(first["reason"], "first publication; ap-northeast-2 alone claims the writer");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Seoul), 1));
    for region in Region::ALL {
        assert_eq!(stage.parameter(region, PARAMETER).await, Some(endpoint(Region::Seoul)));
        assert_eq!(stage.state(region).await["memory"], json!({ "writer": "ap-northeast-2", "epoch": 1 }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_with_nothing_to_do_writes_nothing_cold_or_warm() {
    let stage = Stage::published().await;
    let since = Instant::now();
    for region in Region::ALL {
        let follow = stage.follow(region).await;
        for _ in 0..3 {
            assert_eq!(result(&follow, &json!({})).await["decision"], "unchanged");
        }
    }
    assert_eq!(stage.writes(since), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pass_after_a_pass_writes_nothing() {
    let stage = Stage::published().await;
    let follow = stage.warm(Region::Osaka).await;
    for to in [Region::Osaka, Region::Seoul, Region::Osaka] {
        stage.fail_over(to).await;
        assert_eq!(result(&follow, &json!({})).await["decision"], "publish");
        // The other Region notes that its cluster is resynchronized.
        let peer = stage.follow(Region::Seoul).await;
        assert_eq!(result(&peer, &json!({})).await["decision"], "unchanged");
        let since = Instant::now();
        assert_eq!(result(&follow, &json!({})).await["decision"], "unchanged");
        assert_eq!(result(&peer, &json!({})).await["decision"], "unchanged");
        assert_eq!(stage.writes(since), Vec::<String>::new());
    }
    assert_eq!(stage.published_writer().await, (endpoint(Region::Osaka), EPOCH + 3));
    // A drift is repaired once.
    stage.put(PARAMETER, "elsewhere.example.com").await;
    stage.cloud.seed().delete_parameter(Region::Seoul, STATE).await.unwrap();
    assert_eq!(result(&follow, &json!({})).await["channels"]["parameter"]["ap-northeast-2"], "updated");
    let since = Instant::now();
    assert_eq!(result(&follow, &json!({})).await["decision"], "unchanged");
    assert_eq!(stage.writes(since), Vec::<String>::new());
}
