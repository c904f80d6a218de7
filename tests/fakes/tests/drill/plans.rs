//! A plan is the transition's own code over ports that make no call that changes anything.

use responder_core::operator::reply::{Reply, TransitionPlan};
use responder_fakes::{OSAKA, SEOUL, World};
use serde_json::{Value, json};

use crate::{deadline, drill, dry, failback, failover, switchover, world};

fn plan(world: &World, event: &Value) -> TransitionPlan {
    match drill(world, SEOUL, event) {
        Ok(Reply::Plan(plan)) => plan,
        other => panic!("{other:?}"),
    }
}

/// The calls of a plan that would change something, without what they write.
fn changes(plan: &TransitionPlan) -> Vec<&str> {
    plan.calls.iter().filter(|call| call.changes).map(|call| call.call.as_str()).collect()
}

fn expected(start: &str) -> Vec<String> {
    let put = |name: &str, region: &str| format!("ssm:PutParameter {name} in {region}");
    let run = || "ssm:PutParameter /failover-responder/run/todo".to_owned();
    let state = "/failover-responder/state/todo";
    let publication = |region: &str| vec![put("/todo/database/writer", region), put(state, region)];
    let mut calls = vec![run(), start.to_owned(), run()];
    calls.push("route53:ChangeResourceRecordSets of writer.db.todo.internal".to_owned());
    // The Regions in order, at once; then what each remembers of the new epoch.
    calls.extend(publication(SEOUL));
    calls.extend(publication(OSAKA));
    calls.extend([put(state, SEOUL), put(state, OSAKA), run()]);
    calls
}

#[test]
fn a_dry_run_of_a_switchover_names_every_call_and_makes_none() {
    let world = world();
    let plan = plan(&world, &dry(&switchover()));
    assert!(plan.would_start && plan.dry_run, "{plan:?}");
    assert_eq!(changes(&plan), expected("rds:SwitchoverGlobalCluster in ap-northeast-2"));
    assert_eq!(world.take_writes().calls(), 0);
    assert!(world.run(SEOUL).is_none());
}

#[test]
fn a_dry_run_of_a_failover_is_called_in_the_targets_region() {
    let world = world();
    let plan = plan(&world, &dry(&failover()));
    assert_eq!(changes(&plan), expected("rds:FailoverGlobalCluster in ap-northeast-3"));
    let start = plan.calls.iter().find(|call| call.call.starts_with("rds:Failover")).unwrap();
    assert!(start.writes.as_ref().unwrap().ends_with("todo-osaka, AllowDataLoss"), "{start:?}");
    assert_eq!(world.take_writes().calls(), 0);
}

#[test]
fn a_plan_shows_both_ways_and_a_dry_failback_its_own() {
    let there = world();
    let event = json!({"action": "plan", "database": "todo", "target_region": OSAKA});
    let Ok(Reply::Plans(both)) = drill(&there, SEOUL, &event) else { panic!("no plan") };
    assert!(both.switchover.would_start && both.failover.would_start);
    assert_eq!(there.take_writes().calls(), 0);
    there.transition_to(OSAKA);
    let back = there.published(OSAKA, 8);
    let plan = plan(&back, &dry(&failback()));
    assert!(plan.would_start && plan.target_region.as_str() == SEOUL, "{plan:?}");
    assert!(changes(&plan).contains(&"rds:SwitchoverGlobalCluster in ap-northeast-3"));
    assert_eq!(back.take_writes().calls(), 0);
}

#[test]
fn what_is_planned_is_what_is_done() {
    for event in [switchover(), failover()] {
        let world = world();
        let planned: Vec<String> =
            changes(&plan(&world, &dry(&event))).iter().map(|call| (*call).to_owned()).collect();
        world.take_log();
        drill(&world, SEOUL, &event).unwrap();
        let done: Vec<String> = world.take_log().into_iter().map(|(_, line)| line).collect();
        let operation =
            |call: &str| call.split(' ').next().unwrap_or_default().trim_end_matches(':').to_owned();
        let mut planned: Vec<String> = planned.iter().map(|call| operation(call)).collect();
        let mut done: Vec<String> = done.iter().map(|call| operation(call)).collect();
        planned.sort();
        done.sort();
        // A live run also writes down how far it is; everything else is the same, call by call.
        let others = |calls: &[String]| {
            calls.iter().filter(|call| *call != "ssm:PutParameter").cloned().collect::<Vec<_>>()
        };
        assert_eq!(others(&planned), others(&done));
        assert!(done.len() >= planned.len(), "{planned:?} {done:?}");
    }
}

#[test]
fn a_plan_that_would_be_refused_says_by_what_and_lists_only_what_is_read() {
    let world = world();
    world.site(OSAKA).hold = Some("a database upgrade".to_owned());
    world.site(OSAKA).instances = 0;
    for event in [switchover(), failover()] {
        let plan = plan(&world, &dry(&event));
        assert!(!plan.would_start);
        assert_eq!(plan.reason, "it would be refused: no_hold, target_ready");
        assert!(changes(&plan).is_empty() && !plan.calls.is_empty());
    }
    assert_eq!(world.take_writes().calls(), 0);
}

#[test]
fn the_status_changes_nothing_and_shows_what_there_is() {
    let world = world();
    world.site(SEOUL).writer = Some("somewhere.else".to_owned());
    let answer = world.actor(SEOUL).drill(&json!({"action": "status"}), deadline(&world));
    let Ok(Reply::Statuses(statuses)) = answer else { panic!("{answer:?}") };
    let status = &statuses.databases[0];
    assert_eq!(
        (status.database.as_str(), status.decision.as_ref(), status.drift),
        ("todo", "unchanged", true)
    );
    assert_eq!((status.standby, status.held.as_deref()), (Some(true), None));
    let osaka = &status.regions[&responder_fakes::region(OSAKA)];
    assert_eq!((osaka.says.as_str(), osaka.lag_ms), ("names ap-northeast-2", Some(80)));
    assert_eq!(
        (osaka.takes_writes.as_str(), osaka.could_take_over.as_str()),
        ("no: it follows", "yes, 2 instances")
    );
    let failover = status.failover.as_ref().unwrap();
    assert_eq!(
        (failover.target.as_str(), failover.refused_by.as_slice()),
        (OSAKA, &["alarms_in_alarm".to_owned(), "writer_down".to_owned()][..])
    );
    assert!(status.record.ends_with("at epoch 7"), "{}", status.record);
    assert_eq!(world.take_writes().calls(), 0);
}
