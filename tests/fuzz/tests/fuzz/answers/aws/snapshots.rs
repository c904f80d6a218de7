//! The snapshots of a cluster, as RDS lists them and answers the wish for a copy.

use super::names;

/// What AWS took of an old writer, beside what it takes every night. Seoul's is kept; Osaka's is to be copied.
pub(super) fn all(in_seoul: bool) -> String {
    let (name, region, _) = names(in_seoul);
    let original = "rds:unplanned-global-failover-";
    let from = format!(
        "<SourceDBClusterSnapshotArn>arn:aws:rds:{region}:123456789012:cluster-snapshot:{original}todo-{name}-2026-11-23-10-05\
         </SourceDBClusterSnapshotArn>"
    );
    let copy = if in_seoul { one(in_seoul, "salvage-", "available", &from) } else { String::new() };
    format!(
        "<DBClusterSnapshots>{}{}{copy}</DBClusterSnapshots>",
        one(in_seoul, "rds:", "available", ""),
        one(in_seoul, original, "available", "")
    )
}

pub(super) fn one(in_seoul: bool, kind: &str, status: &str, more: &str) -> String {
    let (name, region, _) = names(in_seoul);
    let snapshot = format!("{kind}todo-{name}-2026-11-23-10-05");
    format!(
        "<DBClusterSnapshot><DBClusterSnapshotIdentifier>{snapshot}</DBClusterSnapshotIdentifier><DBClusterSnapshotArn>\
         arn:aws:rds:{region}:123456789012:cluster-snapshot:{snapshot}</DBClusterSnapshotArn><DBClusterIdentifier>todo-{name}\
         </DBClusterIdentifier><Status>{status}</Status><SnapshotType>automated</SnapshotType><Engine>aurora-postgresql</Engine>\
         <SnapshotCreateTime>2026-11-23T10:05:07.250Z</SnapshotCreateTime><StorageEncrypted>true</StorageEncrypted>\
         <TagList><Tag><Key>team</Key><Value>orders</Value></Tag><Tag><Key>aws:x</Key></Tag></TagList>{more}</DBClusterSnapshot>"
    )
}
