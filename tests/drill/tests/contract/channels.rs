//! Drift: what stands in a channel differs from what is published, and is put right.

use std::time::Instant;

use drill_cloud::{Region, SeedRecord};
use serde_json::{Value, json};

use crate::stage::{
    EPOCH, OWNERSHIP, PARAMETER, PUBLISHED_AT, RECORD, STATE, Stage, cname, endpoint, result, txt,
};

/// One pass repairs, says so, and leaves every channel as it was published; the next writes nothing.
async fn repaired(stage: &Stage, record: &str, parameters: [&str; 2]) {
    let follow = stage.follow(Region::Osaka).await;
    let repaired = result(&follow, &json!({})).await;
    assert_eq!(repaired["decision"], "unchanged", "{repaired:#}");
    let [seoul, osaka] = parameters;
    let channels = json!({
        "record": record, "parameter": { "ap-northeast-2": seoul, "ap-northeast-3": osaka },
    });
    assert_eq!(repaired["channels"], channels, "{repaired:#}");
    let since = Instant::now();
    assert_eq!(result(&follow, &json!({})).await["decision"], "unchanged");
    assert_eq!(stage.writes(since), Vec::<String>::new());
    assert_eq!(stage.record(RECORD, "CNAME").await, Some(cname(&endpoint(Region::Seoul))));
    assert_eq!(stage.record(OWNERSHIP, "TXT").await, Some(txt(EPOCH, Region::Seoul, PUBLISHED_AT)));
    for region in Region::ALL {
        assert_eq!(stage.parameter(region, PARAMETER).await, Some(endpoint(Region::Seoul)));
        assert_eq!(stage.state(region).await, stage.state_of(Region::Seoul, EPOCH));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_changed_is_put_back() {
    let stage = Stage::published().await;
    let right = cname(&endpoint(Region::Seoul));
    let slow = SeedRecord::cname(RECORD, 300, endpoint(Region::Seoul));
    for wrong in [slow, cname(&endpoint(Region::Osaka))] {
        stage.replace(std::slice::from_ref(&right), &[wrong]).await;
        repaired(&stage, "updated", ["unchanged", "unchanged"]).await;
    }
    stage.replace(std::slice::from_ref(&right), &[]).await;
    repaired(&stage, "updated", ["unchanged", "unchanged"]).await;
    let both = [right, txt(EPOCH, Region::Seoul, PUBLISHED_AT)];
    stage.replace(&both, &[]).await;
    repaired(&stage, "updated", ["unchanged", "unchanged"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_was_changed_is_put_back() {
    let stage = Stage::published().await;
    let seed = stage.cloud.seed();
    seed.parameter_in(Region::Seoul, PARAMETER, &endpoint(Region::Osaka)).await.unwrap();
    repaired(&stage, "unchanged", ["updated", "unchanged"]).await;
    seed.delete_parameter(Region::Osaka, PARAMETER).await.unwrap();
    repaired(&stage, "unchanged", ["unchanged", "updated"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_missing_old_or_rubbish_is_written_anew() {
    let stage = Stage::published().await;
    let seed = stage.cloud.seed();
    let older: Value = stage.state_of(Region::Osaka, EPOCH - 1);
    for (region, value) in [
        (Region::Seoul, "rubbish".to_owned()),
        (Region::Osaka, "rubbish".to_owned()),
        (Region::Osaka, "{\"epoch\":\"seven\"}".to_owned()),
        (Region::Osaka, older.to_string()),
        (Region::Seoul, older.to_string()),
    ] {
        seed.parameter_in(region, STATE, &value).await.unwrap();
        repaired(&stage, "unchanged", ["unchanged", "unchanged"]).await;
    }
    stage.delete(STATE).await;
    repaired(&stage, "unchanged", ["unchanged", "unchanged"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_record_is_left_alone() {
    let stage = Stage::published().await;
    let (right, ours) = (cname(&endpoint(Region::Seoul)), txt(EPOCH, Region::Seoul, PUBLISHED_AT));
    let theirs = SeedRecord::txt(OWNERSHIP, 300, "heritage=external-dns,external-dns/owner=other");
    let another = SeedRecord { value: ours.value.replace("database=todo", "database=other"), ..ours.clone() };
    let stranger = cname("db.example.com");
    let cases: [(Vec<SeedRecord>, &str); 4] = [
        (vec![right.clone()], "it has no ownership record, and points to todo-seoul"),
        (vec![right.clone(), theirs], "the ownership record is not ours"),
        (vec![right.clone(), another], "it belongs to owner /failover-responder, database other"),
        (vec![stranger, ours.clone()], "db.example.com is no known member's endpoint"),
    ];
    let mut standing = vec![right, ours];
    let (follow, since) = (stage.follow(Region::Osaka).await, Instant::now());
    for (records, why) in cases {
        stage.replace(&standing, &records).await;
        standing = records;
        let held = result(&follow, &json!({})).await;
        assert_eq!(held["hold"], "ForeignRecord", "{held:#}");
        assert!(held["reason"].as_str().unwrap().contains(why), "{held:#}");
    }
    let writes = stage.writes(since);
    assert!(!writes.iter().any(|write| write == "ChangeResourceRecordSets"), "{writes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn adopt_takes_over_a_record_that_nobody_owns() {
    let stage = Stage::bare().await;
    let mut configuration = stage.configuration();
    configuration["adopt"] = json!(true);
    stage.configure("todo", &configuration).await;
    stage.replace(&[], &[cname(&endpoint(Region::Seoul))]).await;
    let follow = stage.follow(Region::Seoul).await;
    let adopted = result(&follow, &json!({})).await;
    assert_eq!((&adopted["decision"], &adopted["epoch"]), (&json!("publish"), &json!(1)), "{adopted:#}");
    assert_eq!(stage.published_writer().await, (endpoint(Region::Seoul), 1));
    let since = Instant::now();
    assert_eq!(result(&follow, &json!({})).await["decision"], "unchanged");
    assert_eq!(stage.writes(since), Vec::<String>::new());
}
