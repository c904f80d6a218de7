//! The evidence of loss: found, copied once, and every way in which it is not there yet or cannot be kept, with its sentence.

use responder_core::operator::reply::Reply;
use responder_core::operator::salvage::answer::{Outlook, RegionSalvage, Rescue, Salvage};
use responder_core::world::snapshot::{Copied, Snapshot};
use responder_core::world::state::{WriteBlock, WriteBlockOutcome};
use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, TOKYO, World, region, taken};
use serde_json::{Value, json};

use crate::{drill, failover, refusal};

const ORIGINAL: &str = "rds:unplanned-global-failover-todo-seoul-1";
const COPY: &str = "salvage-todo-seoul-1";

fn request() -> Value {
    json!({ "action": "salvage", "database": "todo" })
}

/// Osaka has had the writer for an hour, after a failover from Seoul.
fn failed_over() -> World {
    let world = World::two_regions();
    world.transition_to(OSAKA);
    let world = world.published(OSAKA, 8);
    world.take_writes();
    world
}

/// AWS has taken its snapshot of Seoul's old volume.
fn take(world: &World, status: &str, number: u32, minutes_ago: i64) {
    let created = world.now().plus_ms(-minutes_ago * 60_000).whole_seconds();
    world.site(SEOUL).snapshots.kept.push(taken(&region(SEOUL), status, Some(created), number));
}

fn with_snapshot() -> World {
    let world = failed_over();
    take(&world, "available", 1, 30);
    world
}

fn salvaged(world: &World, event: &Value) -> Salvage {
    match drill(world, OSAKA, event) {
        Ok(Reply::Salvaged(salvage)) => *salvage,
        other => panic!("{other:?}"),
    }
}

fn seoul(salvage: &Salvage) -> &RegionSalvage {
    &salvage.regions[&region(SEOUL)]
}

/// What asking once comes to in Seoul: how far it is, what is to be done, the sentence, and how many copies were asked for.
fn asked(world: &World) -> (Rescue, Outlook, String, u32) {
    world.take_writes();
    let salvage = salvaged(world, &request());
    (seoul(&salvage).state, salvage.outlook, salvage.reason, world.take_writes().copies)
}

fn copies(world: &World) -> Vec<(String, String)> {
    let site = world.site(SEOUL);
    let copies = site.snapshots.kept.iter().filter(|it| it.copy_of.is_some());
    copies.map(|it| (it.identifier.clone(), it.status.clone())).collect()
}

fn finish_copies(world: &World, status: &str) {
    for it in world.site(SEOUL).snapshots.kept.iter_mut().filter(|it| it.copy_of.is_some()) {
        it.status = status.to_owned();
    }
}

#[test]
fn the_snapshot_is_copied_once_however_often_it_is_asked_for() {
    let world = with_snapshot();
    let (state, outlook, said, asked_for) = asked(&world);
    assert_eq!((state, outlook, asked_for), (Rescue::Asked, Outlook::Wait, 1));
    assert_eq!(said, format!("{ORIGINAL} is being copied to {COPY}: RDS has just taken it"));
    let (state, _, said, asked_for) = asked(&world);
    assert_eq!((state, asked_for), (Rescue::Copying, 0), "{said}");
    finish_copies(&world, "available");
    let salvage = salvaged(&world, &request());
    let part = seoul(&salvage);
    assert_eq!((part.state, salvage.outlook, salvage.again.clone()), (Rescue::Kept, Outlook::Kept, None));
    assert_eq!(salvage.reason, format!("{ORIGINAL} is kept as {COPY}, until somebody deletes it"));
    assert_eq!(
        part.undo.as_deref().unwrap(),
        format!(
            "aws rds delete-db-cluster-snapshot --region {SEOUL} --db-cluster-snapshot-identifier {COPY}"
        )
    );
    assert!(part.restore.as_deref().unwrap().contains(&format!("--snapshot-identifier {COPY} ")));
    assert_eq!(copies(&world), [(COPY.to_owned(), "available".to_owned())]);
    let made = world.site(SEOUL).snapshots.kept[1].tags.clone();
    assert_eq!(
        (&*made["failover-responder:salvage-of"], &*made["failover-responder:database"]),
        (ORIGINAL, "todo")
    );
}

#[test]
fn a_dry_run_says_what_would_be_called_and_calls_nothing() {
    let world = with_snapshot();
    let mut event = request();
    event["dry_run"] = true.into();
    let salvage = salvaged(&world, &event);
    assert_eq!((seoul(&salvage).state, salvage.outlook), (Rescue::WouldCopy, Outlook::WouldCopy));
    assert_eq!(salvage.reason, format!("{ORIGINAL} would be copied to {COPY}"));
    assert_eq!(world.take_writes().calls(), 0);
    let changing = salvage.calls.iter().filter(|call| call.changes);
    let changing: Vec<_> = changing.map(|call| (call.call.as_str(), call.writes.as_deref())).collect();
    assert_eq!(changing, [(&*format!("rds:CopyDBClusterSnapshot {ORIGINAL} in {SEOUL}"), Some(COPY))]);
}

#[test]
fn what_is_not_there_yet_is_waited_for() {
    let world = failed_over();
    let (state, outlook, said, _) = asked(&world);
    assert_eq!((state, outlook), (Rescue::NotYet, Outlook::Wait));
    assert!(said.starts_with("no snapshot rds:unplanned-global-failover-… of "), "{said}");
    assert_eq!(salvaged(&world, &request()).again.unwrap(), "failoverctl salvage todo --wait --yes");
    world.make_unreachable(SEOUL);
    let (state, outlook, said, _) = asked(&world);
    assert_eq!((state, outlook), (Rescue::Silent, Outlook::Wait));
    assert_eq!(
        said,
        format!("{SEOUL} cannot be asked now: rds:DescribeDBClusterSnapshots in {SEOUL}: no answer")
    );
    world.make_reachable(SEOUL);
    world.site(SEOUL).snapshots.kept.push(taken(&region(SEOUL), "creating", None, 1));
    let (state, outlook, said, asked_for) = asked(&world);
    assert_eq!((state, outlook, asked_for), (Rescue::Creating, Outlook::Wait, 0), "{said}");
}

#[test]
fn an_older_failovers_snapshot_is_not_taken_for_this_ones() {
    let world = failed_over();
    take(&world, "available", 1, 24 * 60);
    let (state, outlook, said, asked_for) = asked(&world);
    assert_eq!((state, outlook, asked_for), (Rescue::Older, Outlook::Wait, 0));
    assert!(said.contains(": if that is the one, ask with since 2026-11-21T22:30:"), "{said}");
    let mut event = request();
    event["since"] = "2026-11-21T00:00:00Z".into();
    assert_eq!(
        salvaged(&world, &event).reason,
        format!("{ORIGINAL} is being copied to {COPY}: RDS has just taken it")
    );
    take(&world, "available", 2, 20);
    take(&world, "available", 3, 10);
    let salvage = salvaged(&world, &request());
    let all: Vec<&str> =
        seoul(&salvage).snapshots.iter().map(|it| &it.identifier[ORIGINAL.len() - 1..]).collect();
    assert_eq!((all, seoul(&salvage).copy.as_deref()), (vec!["3", "2", "1"], Some("salvage-todo-seoul-3")));
}

/// After a failback the writer is where the snapshot is, and the last publication is younger than it.
#[test]
fn after_a_failback_the_snapshot_is_still_found() {
    let world = World::two_regions().published(SEOUL, 9);
    take(&world, "available", 1, 300);
    let (state, _, said, _) = asked(&world);
    assert_eq!(state, Rescue::Older);
    assert!(said.contains(ORIGINAL) && said.contains("ask with since"), "{said}");
    let mut event = request();
    event["since"] = "2026-11-22T00:00:00Z".into();
    let salvage = salvaged(&world, &event);
    assert_eq!((seoul(&salvage).state, salvage.outlook), (Rescue::Asked, Outlook::Wait));
    assert_eq!(salvage.again.unwrap(), "failoverctl salvage todo --since 2026-11-22T00:00:00Z --wait --yes");
}

#[test]
fn a_listing_that_is_older_than_the_copy_makes_none_twice() {
    let world = with_snapshot();
    asked(&world);
    world.site(SEOUL).snapshots.stale_listings = 2;
    let (state, outlook, said, _) = asked(&world);
    assert_eq!((state, outlook), (Rescue::NotListed, Outlook::Wait));
    assert_eq!(said, format!("RDS says that {COPY} is there, and does not list it yet: ask again"));
    world.site(SEOUL).snapshots.stale_listings = 1;
    assert_eq!(asked(&world).0, Rescue::Copying, "the second listing shows it");
    assert_eq!(copies(&world).len(), 1);
}

#[test]
fn a_copy_whose_answer_was_lost_is_found_or_asked_for_again() {
    let world = with_snapshot();
    let lost = FaultRule::of_operation(Operation::CopySnapshot, Fault::LostAnswer);
    world.break_by(FaultRule { times: Some(1), ..lost.clone() });
    assert_eq!(asked(&world).0, Rescue::Copying, "it is listed");
    let world = with_snapshot();
    world.break_by(lost);
    world.site(SEOUL).snapshots.stale_listings = 2;
    let (state, outlook, said, _) = asked(&world);
    assert_eq!((state, outlook), (Rescue::Unknown, Outlook::Wait));
    assert!(
        said.starts_with(&format!("nobody knows whether {COPY} is being made: ask again, it is made once")),
        "{said}"
    );
    let world = with_snapshot();
    world.break_by(FaultRule {
        times: Some(1),
        ..FaultRule::of_operation(Operation::CopySnapshot, Fault::Throttled)
    });
    assert_eq!(asked(&world).0, Rescue::Unknown);
    assert_eq!(asked(&world).0, Rescue::Asked);
    assert_eq!(copies(&world).len(), 1);
}

#[test]
fn somebody_elses_snapshot_of_that_name_is_left_alone_and_somebodys_copy_will_do() {
    let world = with_snapshot();
    let other =
        Snapshot { identifier: COPY.to_owned(), status: "available".to_owned(), ..Snapshot::default() };
    world.site(SEOUL).snapshots.kept.push(other.clone());
    let (state, outlook, said, asked_for) = asked(&world);
    assert_eq!((state, outlook, asked_for), (Rescue::NameTaken, Outlook::Blocked, 0));
    assert!(
        said.starts_with(&format!(
            "{COPY} is somebody else's snapshot and no copy of {ORIGINAL}: nothing was copied"
        )),
        "{said}"
    );
    let by_hand = Snapshot {
        identifier: "alices".to_owned(),
        copy_of: Some(world.site(SEOUL).snapshots.kept[0].arn.clone()),
        ..other
    };
    world.site(SEOUL).snapshots.kept.push(by_hand);
    let (state, _, said, asked_for) = asked(&world);
    assert_eq!((state, asked_for), (Rescue::Kept, 0));
    assert_eq!(said, format!("{ORIGINAL} is kept as alices, until somebody deletes it"));
}

#[test]
fn what_rds_refuses_is_said_with_what_to_mend() {
    for (refusal, state, outlook, word) in [
        (Copied::NoRoom("full".to_owned()), Rescue::NoRoom, Outlook::Blocked, "no more manual snapshots"),
        (
            Copied::KeyUnusable("pending".to_owned()),
            Rescue::KeyUnusable,
            Outlook::Blocked,
            "cancel its deletion",
        ),
        (
            Copied::NotNow("busy".to_owned()),
            Rescue::Creating,
            Outlook::Wait,
            "cannot be copied now: ask again",
        ),
    ] {
        let world = with_snapshot();
        world.site(SEOUL).snapshots.refusal = Some(refusal);
        let (seen, then, said, _) = asked(&world);
        assert!((seen, then) == (state, outlook) && said.contains(word), "{seen:?}: {said}");
    }
    for operation in [Operation::Snapshots, Operation::CopySnapshot] {
        let world = with_snapshot();
        world.break_by(FaultRule::of_operation(operation, Fault::Refused));
        let (state, outlook, said, _) = asked(&world);
        assert_eq!((state, outlook), (Rescue::Refused, Outlook::Blocked), "{said}");
    }
    let world = with_snapshot();
    asked(&world);
    finish_copies(&world, "failed");
    let (state, outlook, said, _) = asked(&world);
    assert_eq!((state, outlook), (Rescue::Broken, Outlook::Blocked));
    assert_eq!(said, format!("the copy {COPY} is failed: delete it, and ask again"));
    let world = failed_over();
    take(&world, "failed", 1, 30);
    assert_eq!(asked(&world).0, Rescue::Broken);
}

/// The run says where the writer was, when it began and how far the other was behind; the state, whether it was fenced.
#[test]
fn a_run_and_the_write_block_are_named() {
    let world = crate::world();
    drill(&world, OSAKA, &failover()).unwrap();
    take(&world, "available", 1, 0);
    let mut state = world.state(&region(OSAKA)).unwrap();
    let at = world.now().whole_seconds();
    state.notes.write_block = Some(WriteBlock { outcome: WriteBlockOutcome::TimedOut, at, told: true });
    world.site(OSAKA).state = Some(state.to_json());
    let salvage = salvaged(&world, &request());
    assert!(salvage.since_is.starts_with("an hour before the run todo-failover-"), "{}", salvage.since_is);
    assert_eq!(salvage.lag_ms, world.run(OSAKA).unwrap().lag_ms);
    let fence = salvage.fence.unwrap();
    assert_eq!((fence.outcome, fence.at, fence.region), (WriteBlockOutcome::TimedOut, at, region(OSAKA)));
}

/// Osaka has the writer by a run that it remembers itself, and that Region's last run cannot be read.
fn with_run_unread_in(unread: &str) -> World {
    let world = crate::world();
    drill(&world, OSAKA, &failover()).unwrap();
    take(&world, "available", 1, 0);
    let region = Some(region(unread));
    world.break_by(FaultRule { region, ..FaultRule::of_operation(Operation::ReadRun, Fault::Unreachable) });
    world
}

/// Without the run its beginning and the lag are not known: somebody has to be told, for neither shows by itself.
#[test]
fn a_last_run_that_cannot_be_read_is_said_with_what_follows() {
    let world = with_run_unread_in(OSAKA);
    let why = format!("the last run could not be read (ssm:GetParameter in {OSAKA}: no answer): ");
    let no_lag = "how far the new writer was behind before the call is not known";
    let since_is = format!("an hour before {OSAKA} was published as the writer");
    let counts = format!("a snapshot counts from {since_is}, whenever the run began, and ");
    for own in [OSAKA, SEOUL] {
        let Ok(Reply::Salvaged(salvage)) = drill(&world, own, &request()) else { panic!("it only looks") };
        assert_eq!((salvage.since_is, salvage.lag_ms), (since_is.clone(), None), "{own}");
        assert_eq!(salvage.run_unread, Some(format!("{why}{counts}{no_lag}")), "{own}");
    }
    let mut event = request();
    event["since"] = "2026-11-21T00:00:00Z".into();
    assert_eq!(salvaged(&world, &event).run_unread, Some(format!("{why}{no_lag}")));
}

#[test]
fn where_the_run_is_known_a_region_that_cannot_say_its_own_is_not_mentioned() {
    let world = with_run_unread_in(SEOUL);
    for own in [OSAKA, SEOUL] {
        let Ok(Reply::Salvaged(salvage)) = drill(&world, own, &request()) else { panic!("it only looks") };
        assert!(salvage.since_is.starts_with("an hour before the run "), "{own}: {}", salvage.since_is);
        assert_eq!((salvage.run_unread, salvage.lag_ms.is_some()), (None, true), "{own}");
    }
    assert_eq!(salvaged(&with_snapshot(), &request()).run_unread, None, "nobody asked for one");
}

#[test]
fn of_three_regions_the_one_that_has_it_counts() {
    let world = World::three_regions();
    world.transition_to(OSAKA);
    let world = world.published(OSAKA, 8);
    let salvage = salvaged(&world, &request());
    assert_eq!((salvage.outlook, salvage.regions.len()), (Outlook::Wait, 3));
    assert!(salvage.reason.contains(SEOUL) && salvage.reason.contains(TOKYO), "{}", salvage.reason);
    take(&world, "available", 1, 30);
    world.make_unreachable(TOKYO);
    let salvage = salvaged(&world, &request());
    assert_eq!(salvage.reason, format!("{ORIGINAL} is being copied to {COPY}: RDS has just taken it"));
    assert_eq!(salvage.regions[&region(TOKYO)].state, Rescue::Silent);
}

#[test]
fn where_nothing_is_published_a_time_has_to_be_said() {
    let world = World::two_regions();
    let said = refusal(&world, &request());
    assert!(said.starts_with("when the writer moved is not known ("), "{said}");
    assert!(
        said.ends_with("ask with since, a time shortly before the failover. Nothing was changed"),
        "{said}"
    );
    take(&world, "available", 1, 30);
    let mut event = request();
    event["since"] = "2026-11-22T20:00:00Z".into();
    assert_eq!(seoul(&salvaged(&world, &event)).state, Rescue::Asked);
}
