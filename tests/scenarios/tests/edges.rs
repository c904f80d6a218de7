//! What must not happen, whose a record is, which statuses count, and what the metrics say: tables, so that a kind is held
//! and not an example of it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use responder_core::answer::result::{DecisionKind, HoldKind};
use responder_core::invocation::log_line;
use responder_core::pass::outcome::Outcome;
use responder_core::words::notice::Notice;
use responder_core::world::known::Known;
use responder_core::world::state::State;
use responder_core::world::trigger::{BY_HAND, Trigger, TriggerKind};
use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, World, endpoint, region};
use serde_json::{Value, json};

const STRANGER: &str = "somebody.else.example";

fn follow(world: &World, name: &str) -> Outcome {
    let deadline = world.now().plus_ms(60_000);
    world.actor(name).follow(&mut Known::default(), &Trigger::default(), deadline)
}

/// What a drift does to a channel.
type Drift = fn(&World);

const DRIFTS: [(&str, Drift); 5] = [
    ("record", |world| world.zone().records.cname.as_mut().unwrap().values = vec![endpoint(&region(OSAKA))]),
    ("record gone", |world| world.zone().records = responder_core::world::record::RecordSet::default()),
    ("own parameter", |world| world.site(OSAKA).writer = Some(STRANGER.to_owned())),
    ("other parameter", |world| world.site(SEOUL).writer = None),
    ("state", |world| {
        let state = world.state(&region(SEOUL)).unwrap();
        world.site(SEOUL).state =
            Some(State { epoch: responder_core::words::names::Epoch(6), ..state }.to_json());
    }),
];

fn agrees(world: &World) -> bool {
    let seoul = endpoint(&region(SEOUL));
    let cname = world.records().cname.as_ref().map(|it| it.values.clone());
    cname == Some(vec![seoul.clone()])
        && [SEOUL, OSAKA].iter().all(|at| {
            world.writer_parameter(&region(at)).as_ref() == Some(&seoul)
                && world.state(&region(at)).unwrap().epoch.0 == 7
        })
}

/// A hold and a drift at once: nothing is repaired until the hold is lifted, from wherever it is seen.
#[test]
fn under_a_hold_no_drift_is_repaired_and_all_are_after_it() {
    for (what, drift) in DRIFTS {
        for held_in in [SEOUL, OSAKA] {
            let world = World::two_regions().published(SEOUL, 7);
            drift(&world);
            world.site(held_in).hold = Some("an upgrade".to_owned());
            for own in [OSAKA, SEOUL, OSAKA] {
                assert_eq!(follow(&world, own).result.hold, Some(HoldKind::Held), "{what}");
            }
            assert_eq!(world.take_writes().changes(), 0, "{what}, held in {held_in}");
            assert!(world.take_notices().is_empty(), "{what}");
            world.site(held_in).hold = None;
            assert!(!agrees(&world), "{what}");
            follow(&world, OSAKA);
            assert!(agrees(&world), "{what}");
        }
    }
}

/// While something moves or is held people are not told of a standby; when that is over they are.
#[test]
fn nobody_is_told_of_a_standby_during_a_transition_or_a_hold() {
    let moving: Drift = |world| world.site(SEOUL).failover_status = Some("switching-over".to_owned());
    let held: Drift = |world| world.site(OSAKA).hold = Some("an upgrade".to_owned());
    for (what, begin) in [("moving", moving), ("held", held)] {
        let world = World::two_regions().published(SEOUL, 7);
        world.site(OSAKA).instances = 0;
        begin(&world);
        for own in [SEOUL, OSAKA, SEOUL] {
            follow(&world, own);
        }
        assert!(world.take_notices().is_empty(), "{what}");
        world.site(SEOUL).failover_status = None;
        world.site(OSAKA).hold = None;
        for own in [SEOUL, OSAKA, SEOUL] {
            follow(&world, own);
        }
        let told = world.take_notices();
        assert_eq!(told.iter().map(Notice::subject).collect::<Vec<_>>(), ["todo: no standby"], "{what}");
    }
}

/// Each field of the ownership text that says whose it is. The writer moves, and the record stays as it stands there.
#[test]
fn a_record_that_is_not_this_installations_is_never_written() {
    let fields = [
        ("heritage=failover-responder", "heritage=external-dns"),
        ("owner=/failover-responder", "owner=/failover-responder2"),
        ("owner=/failover-responder", "owner=/other"),
        ("database=todo", "database=books"),
        (",writer=ap-northeast-2", ""),
        ("epoch=7", "epoch=seven"),
    ];
    for (ours, theirs) in fields {
        let world = World::two_regions().published(SEOUL, 7);
        {
            let mut zone = world.zone();
            let text = &mut zone.records.txt.as_mut().unwrap().values[0];
            assert!(text.contains(ours), "{text}");
            *text = text.replace(ours, theirs);
        }
        let before = world.records().clone();
        world.transition_to(OSAKA);
        for own in [OSAKA, SEOUL] {
            let outcome = follow(&world, own);
            assert_eq!(outcome.result.hold, Some(HoldKind::ForeignRecord), "{theirs}");
        }
        assert_eq!(*world.records(), before, "{theirs}");
        let writes = world.take_writes();
        assert_eq!((writes.record, writes.refused, writes.writer), (0, 0, 0), "{theirs}");
    }
}

/// RDS takes connections in these, by AWS's tables; the cluster's own status counts as its writer instance's does.
#[test]
fn the_clusters_own_status_counts_as_its_instances_does() {
    let takes = [
        "available",
        "backing-up",
        "configuring-activity-stream",
        "configuring-associated-roles",
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "storage-config-upgrade",
        "storage-initialization",
        "storage-optimization",
    ];
    let others =
        ["creating", "failing-over", "failed", "modifying", "stopped", "storage-full", "promoting", ""];
    let cluster: fn(&World, &str) = |world, status| status.clone_into(&mut world.site(OSAKA).cluster_status);
    let instance: fn(&World, &str) =
        |world, status| status.clone_into(&mut world.site(OSAKA).instance_status);
    for (status, is_good) in takes.map(|it| (it, true)).into_iter().chain(others.map(|it| (it, false))) {
        for set in [cluster, instance] {
            let world = World::two_regions().published(SEOUL, 7);
            set(&world, status);
            assert_eq!(follow(&world, SEOUL).result.standby, Some(is_good), "standby {status}");
            world.transition_to(OSAKA);
            let result = world.actor(OSAKA).reconcile_cold().result;
            let hold = (!is_good).then_some(HoldKind::WriterNotReady);
            assert_eq!(
                (result.decision == DecisionKind::Publish, result.hold),
                (is_good, hold),
                "{status:?}"
            );
        }
    }
}

/// The line's metrics, its level and its message, without the answer.
fn line(world: &World, own: &str) -> Value {
    let outcome = follow(world, own);
    let trigger = Trigger {
        kind: TriggerKind::Schedule,
        event_id: Some("RDS-EVENT-0181".to_owned()),
        ..BY_HAND.clone()
    };
    let mut line = log_line::line(&outcome.result, &trigger, "request-1", world.now());
    assert_eq!(line["PassDuration"], outcome.result.elapsed_ms);
    assert_eq!(line["_aws"]["Timestamp"], world.now().as_ms());
    let result = line.as_object_mut().unwrap().remove("result").unwrap();
    assert_eq!(result, serde_json::to_value(&outcome.result).unwrap());
    for gone in ["_aws", "PassDuration", "message"] {
        line.as_object_mut().unwrap().remove(gone).unwrap();
    }
    line
}

#[test]
fn the_metrics_values_are_what_happened() {
    let expect = |decision: &str, level: &str, drift: u8, conflict: u8, failures: u8, no_standby: u8| {
        json!({
            "level": level, "request_id": "request-1", "trigger": "schedule", "event_id": "RDS-EVENT-0181",
            "Database": "todo", "Decision": decision, "Decisions": 1, "EndpointDrift": drift,
            "WriterConflict": conflict, "ChannelFailures": failures, "NoStandby": no_standby,
        })
    };
    let calm: Drift = |_| ();
    let drifted: Drift = |world| world.site(OSAKA).writer = Some(STRANGER.to_owned());
    let alone: Drift = |world| world.site(OSAKA).instances = 0;
    let held: Drift = |world| world.site(OSAKA).hold = Some("an upgrade".to_owned());
    let cut_off: Drift = |world| world.make_unreachable(OSAKA);
    let half_cut_off: Drift = |world| {
        world.transition_to(OSAKA);
        world.take_route53_down();
        let put = FaultRule::of_operation(Operation::PutWriter, Fault::Refused);
        world.break_by(FaultRule { region: Some(region(OSAKA)), ..put });
    };
    let cases = [
        (calm, expect("unchanged", "INFO", 0, 0, 0, 0)),
        (drifted, expect("unchanged", "INFO", 1, 0, 0, 0)),
        (alone, expect("unchanged", "INFO", 0, 0, 0, 1)),
        (held, expect("hold", "WARN", 0, 0, 0, 0)),
        (cut_off, expect("unchanged", "INFO", 0, 0, 1, 1)),
        (half_cut_off, expect("publish", "ERROR", 0, 0, 2, 0)),
    ];
    for (at, (happens, expected)) in cases.into_iter().enumerate() {
        let world = World::two_regions().published(SEOUL, 7);
        happens(&world);
        assert_eq!(line(&world, SEOUL), expected, "case {at}");
    }
}

#[test]
fn how_many_alarms_were_read_is_a_metric_of_its_own() {
    let world = World::two_regions();
    let line = log_line::alarms_read(12, &BY_HAND, "request-1", world.now());
    let metrics = json!([{ "Name": "AlarmsRead", "Unit": "Count" }]);
    let directive = json!([{ "Namespace": "FailoverResponder", "Dimensions": [[]], "Metrics": metrics }]);
    let expected = json!({
        "_aws": { "Timestamp": world.now().as_ms(), "CloudWatchMetrics": directive }, "level": "INFO",
        "message": "12 alarms read", "request_id": "request-1", "trigger": "manual", "AlarmsRead": 12,
    });
    assert_eq!(line, expected);
}
