//! What `drill` answers, with something in every field.

use drill_report::{
    ByHand, Environment, Expectation, Interval, Leg, Override, Phase, PhaseName, Progress, Report, Scenario,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

pub(crate) const SEOUL: &str = "ap-northeast-2";
pub(crate) const OSAKA: &str = "ap-northeast-3";

fn region(says: &str, epoch: u64, lag: Option<(u64, i64)>, operation: Option<&str>) -> Value {
    json!({
        "cluster": "todo", "says": says, "takes_writes": "yes", "could_take_over": "no", "operation": operation,
        "engine_version": "16.8", "parameter": null, "memory": null, "epoch": epoch,
        "lag_ms": lag.map(|(ms, _)| ms), "lag_age_seconds": lag.map(|(_, seconds)| seconds)
    })
}

/// A run with these phases.
pub(crate) fn run(id: &str, phases: &[&str], ended: Option<&str>) -> Value {
    let phases: Vec<_> = phases.iter().zip(1..).map(|(name, ms)| json!({ "name": name, "ms": ms })).collect();
    json!({
        "id": id, "kind": "switchover", "from": SEOUL, "target": OSAKA, "epoch": 7, "began_ms": 1000,
        "called": "accepted", "caller": { "request_id": "r-1" }, "checks": [], "phases": phases,
        "ended": ended.map(|why| json!({ "ms": 9000, "done": true, "why": why }))
    })
}

/// A database to which nothing is to be said.
pub(crate) fn fine(run: &Value) -> Value {
    json!({
        "database": "todo", "decision": "unchanged", "reason": "the record and the parameters say Seoul", "epoch": 7,
        "writer": SEOUL, "endpoint": "todo.cluster-abc.ap-northeast-2.rds.amazonaws.com",
        "last_transition": "2026-11-25T14:31:04Z", "record": "todo.cluster-abc at epoch 7", "drift": false,
        "held": null, "standby": true, "checks": [], "failover": null, "run": run,
        "regions": {
            SEOUL: region("is the writer", 7, None, None),
            OSAKA: region("Seoul is the writer", 7, Some((80, 61)), None)
        }
    })
}

/// A database to which everything is to be said.
pub(crate) fn troubled() -> Value {
    json!({
        "database": "shop", "decision": "hold", "hold": "WriterConflict", "reason": "both claim", "epoch": null,
        "writer": null, "endpoint": null, "last_transition": null, "record": "does not exist", "drift": true,
        "held": "an upgrade", "standby": false, "checks": [],
        "failover": { "mode": "advise", "target": OSAKA, "refused_by": ["held", "replication_lag"], "checks": [] },
        "run": run("shop-switchover-1", &[], None),
        "regions": {
            SEOUL: region("is the writer", 6, Some((7_000, 7_200)), Some("switchover to Osaka")),
            OSAKA: region("unknown", 5, None, None)
        },
        "failures": ["rds:DescribeDBClusters in ap-northeast-3: timed out", "route53: throttled"]
    })
}

/// Every database.
pub(crate) fn statuses() -> Value {
    let mut ready = fine(&run("todo-switchover-1", &["promoted"], Some("the new writer is published")));
    let readiness = json!({ "ready": true, "says": "ready since 2026-11-27T10:07:00Z; judged 12 min ago" });
    ready["failover"] = json!({ "mode": "automatic", "target": OSAKA, "refused_by": [], "checks": [], "readiness": readiness });
    json!({ "databases": [ready, troubled()], "errors": ["shed: the configuration is no JSON"] })
}

/// A plan.
pub(crate) fn plan(action: &str, starts: bool) -> Value {
    let reason = if starts { "every check passes" } else { "refused: replication_lag" };
    json!({
        "action": action, "database": "todo", "target_region": OSAKA, "dry_run": true, "would_start": starts,
        "reason": reason,
        "checks": [
            { "name": "held", "value": "no", "pass": true, "verdict": "pass" },
            { "name": "replication_lag", "value": "9 s", "limit": "at most 5 s", "pass": starts, "verdict": "fail" }
        ],
        "overrides": [{ "check": "replication_lag", "value": "9 s", "by": "allow_data_loss" }],
        "calls": [
            { "call": "rds:DescribeGlobalClusters todo", "changes": false },
            { "call": "rds:SwitchoverGlobalCluster todo", "changes": true, "writes": "ap-northeast-3" }
        ]
    })
}

/// Both plans.
pub(crate) fn plans(switchover: bool, failover: bool) -> Value {
    json!({
        "database": "todo", "target_region": OSAKA, "switchover": plan("switchover", switchover),
        "failover": plan("failover", failover)
    })
}

/// The answer of `hold` and `release`.
pub(crate) fn switched(action: &str, left: Option<&str>) -> Value {
    json!({
        "action": action, "database": "todo", "parameter": "/failover-responder/hold/todo",
        "regions": { SEOUL: "set", OSAKA: "removed", "eu-west-1": "was_not_set", "us-east-1": "denied" },
        "left": left
    })
}

/// The answer of `declare`.
pub(crate) fn declared() -> Value {
    json!({
        "action": "declare", "database": "todo", "parameter": "/failover-responder/declared/todo", "region": OSAKA,
        "epoch": 7, "regions": { SEOUL: "set", OSAKA: "set" },
        "result": {
            "database": "todo", "decision": "publish", "reason": "declared at epoch 7", "checks": [], "elapsed_ms": 41
        }
    })
}

/// The answer of `salvage`, where it has come so far in Seoul.
pub(crate) fn salvage(state: &str, outlook: &str, dry_run: bool) -> Value {
    let (name, copy) = ("rds:unplanned-global-failover-todo-seoul-1", "salvage-todo-seoul-1");
    let is_kept = outlook == "kept";
    let is_found = state != "not_yet" && state != "silent";
    let aws = |what: &str| is_kept.then(|| format!("aws rds {what} --region {SEOUL} {copy}"));
    json!({
        "action": "salvage", "database": "todo", "dry_run": dry_run, "outlook": outlook,
        "reason": format!("Seoul's snapshot is {state}"), "since": "2026-11-25T13:31:04Z",
        "since_is": "an hour before ap-northeast-3 was published as the writer",
        "run_unread": (state == "not_yet").then_some("the last run could not be read (no answer): a snapshot counts from then"),
        "regions": {
            SEOUL: {
                "cluster": "todo-seoul", "state": state, "said": format!("it is {state}"),
                "snapshot": is_found.then_some(name), "taken": is_found.then_some("2026-11-25T14:40:00Z"),
                "copy": is_kept.then_some(copy), "restore": aws("restore"), "undo": aws("delete")
            },
            OSAKA: { "cluster": "todo-osaka", "state": "not_yet", "said": "there is none" }
        },
        "fence": is_kept.then(|| json!({ "region": OSAKA, "outcome": "timed_out", "at": "2026-11-25T14:31:00Z" })),
        "lag_ms": is_kept.then_some(1_500),
        "again": (outlook == "wait").then_some("failoverctl salvage todo --wait --yes"),
        "calls": if outlook == "would_copy" {
            json!([
                { "call": "rds:DescribeDBClusterSnapshots in ap-northeast-2", "changes": false },
                { "call": format!("rds:CopyDBClusterSnapshot {name} in ap-northeast-2"), "changes": true, "writes": copy }
            ])
        } else {
            json!([])
        }
    })
}

/// A transition's report.
pub(crate) fn report(progress: Progress, record_ms: Option<u64>) -> Value {
    let by_hand = ByHand {
        run: "todo-switchover-2".into(),
        action: "switchover".into(),
        database: "todo".into(),
        from: SEOUL.into(),
        target: OSAKA.into(),
        progress,
        who: Some("alice".into()),
        why: None,
        request_id: "r-1".into(),
        by_itself: false,
        page: Some("https://reports.example.com/todo.html".into()),
        overrides: vec![Override {
            check: "replication_lag".into(),
            value: "9 s".into(),
            by: "allow_data_loss".into(),
        }],
        previous: None,
    };
    let mut leg = Leg::new("ap-northeast-2 to ap-northeast-3", Interval { from_ms: 0, to_ms: 72_000 });
    leg.phases = vec![Phase::new(PhaseName::Promoted, 61_000), Phase::new(PhaseName::RecordAccepted, 61_230)];
    let scenario = Scenario {
        name: "todo-switchover-2".into(),
        title: "Switchover to ap-northeast-3".into(),
        expectations: vec![
            Expectation::exactly("A new writer is published", "yes", Some("yes")),
            Expectation::within_ms("The record is accepted", 120_000, record_ms),
        ],
        legs: vec![leg],
        notes: vec!["Parameter Store was throttled once".into()],
        by_hand: Some(by_hand),
        ..Scenario::default()
    };
    let report = Report {
        emulated: true,
        started_at: OffsetDateTime::UNIX_EPOCH,
        duration_ms: 72_000,
        environment: Environment::default(),
        scenarios: vec![scenario],
    };
    serde_json::from_str(&report.to_json().unwrap()).unwrap()
}
