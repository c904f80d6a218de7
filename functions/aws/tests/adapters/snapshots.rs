//! The snapshots of a cluster: every page of the listing, and the wish for a copy with each of RDS's answers.

use responder_core::ports::operator::Snapshots;
use responder_core::words::failure::FailureKind;
use responder_core::world::snapshot::{Copied, Copy, Snapshot};

use crate::service::{Reply, Service};
use crate::world::{database, ports, seoul};

const ORIGINAL: &str = "rds:unplanned-global-failover-todo-seoul-2026-11-27-10-05";
const ARN: &str = "arn:aws:rds:ap-northeast-2:123456789012:cluster-snapshot:";

fn answer(operation: &str, inner: &str) -> Reply {
    Reply::ok(format!(
        "<{operation}Response xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><{operation}Result>{inner}\
         </{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
    ))
}

fn page(items: &str, marker: &str) -> Reply {
    let list = format!("<Marker>{marker}</Marker><DBClusterSnapshots>{items}</DBClusterSnapshots>");
    answer("DescribeDBClusterSnapshots", &list)
}

fn entry(name: &str, more: &str) -> String {
    format!(
        "<DBClusterSnapshot><DBClusterSnapshotIdentifier>{name}</DBClusterSnapshotIdentifier>\
         <DBClusterSnapshotArn>{ARN}{name}</DBClusterSnapshotArn><Status>available</Status>{more}</DBClusterSnapshot>"
    )
}

async fn listed(service: &Service) -> Result<Vec<Snapshot>, FailureKind> {
    ports(service).snapshots(&database("todo"), &seoul()).await.map_err(|error| error.kind)
}

#[tokio::test(start_paused = true)]
async fn every_page_is_read_in_the_clusters_own_region() {
    let first = entry(
        ORIGINAL,
        "<SnapshotCreateTime>2026-11-27T10:05:07.250Z</SnapshotCreateTime><Engine>aurora-postgresql</Engine>\
         <TagList><Tag><Key>team</Key><Value>orders</Value></Tag><Tag><Key>empty</Key></Tag></TagList>",
    );
    let copy = format!("<SourceDBClusterSnapshotArn>{ARN}{ORIGINAL}</SourceDBClusterSnapshotArn>");
    let second = format!("{}<DBClusterSnapshot/>", entry("salvage-todo", &copy));
    let service = Service::scripted(vec![page(&first, "m1"), page(&second, "")]);
    let all = listed(&service).await.unwrap();
    assert_eq!(all.len(), 2, "one without a name is none: {all:?}");
    assert_eq!(all[0].created.unwrap().as_ms(), 1_795_773_907_250);
    assert_eq!((all[0].engine.as_deref(), all[0].copy_of.as_ref()), (Some("aurora-postgresql"), None));
    assert_eq!((all[0].tags["team"].as_str(), all[0].tags["empty"].as_str()), ("orders", ""));
    assert!(all[1].is_copy_of(&all[0]) && all[0].is_of_a_failover() && !all[1].is_of_a_failover());
    let asked = service.asked();
    assert!(
        asked
            .iter()
            .all(|it| it.line.contains("rds.ap-northeast-2.") && it.has("DBClusterIdentifier=todo-seoul&"))
    );
    assert!(
        !asked[0].has("Marker") && asked[1].has("Marker=m1") && !asked[0].has("SnapshotType"),
        "{asked:?}"
    );
}

/// A name stands in sentences, and in commands that somebody copies to a terminal.
#[tokio::test(start_paused = true)]
async fn what_is_told_of_a_snapshot_breaks_no_line() {
    let service = Service::scripted(vec![page(&entry("a&#10;b", "<Engine>e&#13;</Engine>"), "")]);
    let all = listed(&service).await.unwrap();
    assert_eq!((all[0].identifier.as_str(), all[0].engine.as_deref()), ("a\\nb", Some("e\\r")));
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_is_none_is_no_empty_one() {
    let circle = Service::scripted(vec![page("", "m1")]);
    assert_eq!(listed(&circle).await, Err(FailureKind::Malformed));
    let cut = Service::scripted(vec![answer("DescribeDBClusterSnapshots", "")]);
    assert_eq!(listed(&cut).await, Err(FailureKind::Malformed));
    let dead = Service::scripted(vec![Reply::Never]);
    assert_eq!(listed(&dead).await, Err(FailureKind::Unreachable));
    let denied = Service::scripted(vec![Reply::rds_error(403, "AccessDenied")]);
    assert_eq!(listed(&denied).await, Err(FailureKind::Refused));
    let gone = Service::scripted(vec![Reply::rds_error(404, "DBClusterNotFoundFault")]);
    assert_eq!(listed(&gone).await, Ok(Vec::new()), "a cluster that is not there has none");
    let busy = Service::scripted(vec![Reply::rds_error(400, "Throttling"), page(&entry(ORIGINAL, ""), "")]);
    assert_eq!(listed(&busy).await.unwrap().len(), 1);
}

fn wish() -> Copy {
    let original = Snapshot { identifier: ORIGINAL.to_owned(), ..Snapshot::default() };
    Copy::of(&original, "todo")
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_asked_for_once_under_the_originals_key() {
    let taken = answer("CopyDBClusterSnapshot", &entry("salvage-todo-seoul-2026-11-27-10-05", ""));
    let service = Service::scripted(vec![Reply::rds_error(400, "Throttling"), taken]);
    let copied = ports(&service).copy_snapshot(&database("todo"), &seoul(), &wish()).await.unwrap();
    assert_eq!((copied, service.asked().len()), (Copied::Started, 2));
    let asked = &service.asked()[1];
    for part in [
        "SourceDBClusterSnapshotIdentifier=rds%3Aunplanned-global-failover-todo-seoul-2026-11-27-10-05",
        "TargetDBClusterSnapshotIdentifier=salvage-todo-seoul-2026-11-27-10-05",
        "Tags.Tag.1.Key=failover-responder%3Adatabase",
        "Tags.Tag.1.Value=todo",
        "Tags.Tag.2.Key=failover-responder%3Asalvage-of",
    ] {
        assert!(asked.has(part), "{part}: {}", asked.text());
    }
    assert!(!asked.has("KmsKeyId") && !asked.has("CopyTags") && asked.line.contains("rds.ap-northeast-2."));
}

#[tokio::test(start_paused = true)]
async fn each_of_rdss_refusals_has_its_meaning() {
    let copied = |reply: Reply| async {
        let service = Service::scripted(vec![reply]);
        let copied = ports(&service).copy_snapshot(&database("todo"), &seoul(), &wish()).await;
        (copied.map_err(|error| error.kind), service.asked().len())
    };
    let said = |code: &str| format!("{code}: the words of {code}");
    let full = "SnapshotQuotaExceeded";
    assert_eq!(copied(Reply::rds_error(400, full)).await, (Ok(Copied::NoRoom(said(full))), 1));
    let full = "SnapshotQuotaExceededFault";
    assert_eq!(copied(Reply::rds_error(400, full)).await, (Ok(Copied::NoRoom(said(full))), 1));
    let key = "KMSKeyNotAccessibleFault";
    assert_eq!(copied(Reply::rds_error(400, key)).await, (Ok(Copied::KeyUnusable(said(key))), 1));
    for state in
        ["InvalidDBClusterSnapshotStateFault", "DBClusterSnapshotNotFoundFault", "InvalidDBClusterStateFault"]
    {
        assert_eq!(copied(Reply::rds_error(400, state)).await, (Ok(Copied::NotNow(said(state))), 1));
    }
    let there = Reply::rds_error(400, "DBClusterSnapshotAlreadyExistsFault");
    assert_eq!(copied(there).await, (Ok(Copied::NameTaken), 1));
    assert_eq!(copied(Reply::rds_error(403, "AccessDenied")).await, (Err(FailureKind::Refused), 1));
    assert_eq!(
        copied(Reply::rds_error(500, "InternalFailure")).await,
        (Err(FailureKind::Busy), 1),
        "not asked twice"
    );
    assert_eq!(copied(Reply::Never).await, (Err(FailureKind::Unreachable), 1));
}
