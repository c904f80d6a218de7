//! The evidence of loss, by the real `drill`: AWS's snapshot of the old writer is found when its Region is back, and copied once.

use std::time::{Duration, Instant};

use drill_cloud::aurora::Snapshot;
use drill_cloud::front::{Fault, Scope};
use drill_cloud::{Function, Region};
use serde_json::{Value, json};

use crate::stage::{Stage, answered, result};

const SEOUL: &str = "ap-northeast-2";

async fn salvaged(drill: &Function) -> Value {
    let invocation = drill.invoke(&json!({ "action": "salvage", "database": "todo" })).await.unwrap();
    answered(&invocation).clone()
}

fn seouls(answer: &Value) -> (&str, &str) {
    (answer["regions"][SEOUL]["state"].as_str().unwrap(), answer["outlook"].as_str().unwrap())
}

/// Asks until Seoul's part is this, for a while.
async fn until(drill: &Function, state: &str) -> Value {
    let began = Instant::now();
    loop {
        let answer = salvaged(drill).await;
        if seouls(&answer).0 == state {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{answer:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Osaka has been published after a failover, and Seoul is dark.
async fn failed_over() -> (Stage, Function) {
    let stage = Stage::published().await;
    stage.cloud.aurora.cut(Region::Seoul);
    stage.fail_over(Region::Osaka).await;
    stage.cloud.front.inject(Scope::region(Region::Seoul), Fault::Refuse);
    assert_eq!(
        result(&stage.patient("follow", Region::Osaka).await, &json!({})).await["decision"],
        "publish"
    );
    let drill = stage.patient("drill", Region::Osaka).await;
    (stage, drill)
}

/// Seoul is back, and AWS brings its cluster back.
async fn come_back(stage: &Stage) {
    stage.cloud.front.heal_all();
    stage.cloud.aurora.heal(Region::Seoul);
    stage.cloud.aurora.rejoin(Region::Seoul).await.unwrap();
}

fn copies(stage: &Stage) -> Vec<Snapshot> {
    let kept = stage.cloud.aurora.snapshots(Region::Seoul);
    kept.into_iter().filter(|it| it.copy_of.is_some()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_writers_snapshot_is_kept_once_its_region_is_back() {
    let (stage, drill) = failed_over().await;
    let dark = salvaged(&drill).await;
    assert_eq!(seouls(&dark), ("silent", "wait"), "{dark:#}");
    assert_eq!(dark["again"], "failoverctl salvage todo --wait --yes");
    stage.cloud.aurora.set_snapshot_time(Duration::from_secs(3));
    let since = Instant::now();
    come_back(&stage).await;
    let taking = salvaged(&drill).await;
    assert_eq!(seouls(&taking), ("creating", "wait"), "{taking:#}");
    assert_eq!(stage.writes(since), Vec::<String>::new(), "what is not there cannot be copied");
    let dry = json!({ "action": "salvage", "database": "todo", "dry_run": true });
    let asked = until(&drill, "asked").await;
    assert_eq!(stage.writes(since), ["CopyDBClusterSnapshot".to_owned()]);
    let invocation = drill.invoke(&dry).await.unwrap();
    assert_eq!(seouls(answered(&invocation)), ("copying", "wait"), "it is not asked for twice");
    let kept = until(&drill, "kept").await;
    assert_eq!(kept["outlook"], "kept", "{kept:#}");
    let [copy] = copies(&stage).try_into().unwrap();
    let part = &kept["regions"][SEOUL];
    assert_eq!(part["copy"], copy.identifier.as_str());
    assert_eq!(part["snapshot"], copy.copy_of.as_deref().unwrap());
    assert_eq!(copy.tags["failover-responder:salvage-of"], copy.copy_of.unwrap());
    assert_eq!(
        (asked["regions"][SEOUL]["copy"].as_str(), kept.get("again")),
        (Some(&*copy.identifier), None)
    );
    assert_eq!(stage.writes(since).len(), 1, "one wish in all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_whose_answer_was_lost_is_not_made_twice() {
    let (stage, drill) = failed_over().await;
    come_back(&stage).await;
    let copy = Scope::service("rds").only("CopyDBClusterSnapshot");
    stage.cloud.aurora.set_snapshot_time(Duration::from_mins(1));
    stage.cloud.front.inject(copy, Fault::LostAnswer);
    let lost = salvaged(&drill).await;
    assert_eq!(seouls(&lost), ("copying", "wait"), "{lost:#}");
    stage.cloud.front.heal_all();
    assert_eq!(seouls(&salvaged(&drill).await), ("copying", "wait"));
    assert_eq!(copies(&stage).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rds_does_not_allow_is_a_sentence() {
    let (stage, drill) = failed_over().await;
    come_back(&stage).await;
    let rds = || Scope::service("rds");
    for (operation, code, state, word) in [
        ("DescribeDBClusterSnapshots", "AccessDenied", "denied", "does not let its snapshots be listed"),
        ("CopyDBClusterSnapshot", "AccessDenied", "denied", "mend its role"),
        ("CopyDBClusterSnapshot", "KMSKeyNotAccessibleFault", "key_unusable", "cannot be used"),
        ("CopyDBClusterSnapshot", "SnapshotQuotaExceeded", "no_room", "no more manual snapshots"),
        ("CopyDBClusterSnapshot", "InvalidDBClusterSnapshotStateFault", "creating", "ask again"),
        ("CopyDBClusterSnapshot", "SomethingNew", "refused", "RDS does not copy"),
    ] {
        let fault = Fault::Fail { status: 400, code: code.to_owned() };
        stage.cloud.front.inject(rds().only(operation), fault);
        let refused = salvaged(&drill).await;
        assert_eq!(seouls(&refused).0, state, "{refused:#}");
        assert!(refused["reason"].as_str().unwrap().contains(word), "{refused:#}");
        stage.cloud.front.heal_all();
    }
    let taken = stage.cloud.aurora.snapshots(Region::Seoul)[0].clone();
    let name = taken.identifier.replace("rds:unplanned-global-failover-", "salvage-");
    stage.cloud.aurora.keep_snapshot(Region::Seoul, Snapshot { identifier: name, ..taken });
    let refused = salvaged(&drill).await;
    assert_eq!(seouls(&refused), ("name_taken", "blocked"), "{refused:#}");
    assert!(copies(&stage).is_empty());
}

/// A page has a hundred; AWS's is on the second.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_listing_is_read() {
    let (stage, drill) = failed_over().await;
    for number in 0..120 {
        let old = Snapshot::of_a_failover(Region::Seoul, "2020-01-01T00:00:00Z");
        let identifier = format!("rds:todo-seoul-{number}");
        stage.cloud.aurora.keep_snapshot(Region::Seoul, Snapshot { identifier, ..old });
    }
    come_back(&stage).await;
    assert_eq!(seouls(&salvaged(&drill).await), ("asked", "wait"));
    assert_eq!(copies(&stage).len(), 1);
}
