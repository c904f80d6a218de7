//! The snapshots of a cluster: listed with those that people made, and copied within their Region.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbClusterSnapshot, Tag};
use responder_core::ports::PortError;
use responder_core::words::failure::visible;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::snapshot::{Copied, Copy, Snapshot};

use super::calls::PAGE;
use super::facts::listed;
use super::failover::{asked_once, patient};
use crate::budget::{Patience, next_page, patiently};
use crate::failure::Failed;

/// All snapshots of the cluster. Without a type RDS gives its own and those that people made: AWS does not say of which type
/// that of a failover is.
pub(super) async fn list(
    client: &Client,
    region: &Region,
    cluster: &str,
    patience: Patience,
) -> Result<Vec<Snapshot>, Failed> {
    let operation = format!("rds:DescribeDBClusterSnapshots in {region}");
    let (mut all, mut deadline, mut marker) = (Vec::new(), patience.first, None);
    loop {
        let ask = || async {
            let call = client.describe_db_cluster_snapshots().db_cluster_identifier(cluster);
            let page = call.max_records(PAGE).set_marker(marker.clone()).send();
            page.await.map_err(|error| Failed::of(&operation, error))
        };
        let page = match patiently(deadline, &operation, ask).await {
            // A cluster that does not exist has none.
            Err(failed) if failed.code() == Some("DBClusterNotFoundFault") => return Ok(all),
            page => page?,
        };
        let entries = listed(&operation, "DBClusterSnapshots", page.db_cluster_snapshots)?;
        all.extend(entries.into_iter().filter_map(snapshot));
        let next = next_page(&operation, marker.as_deref(), page.marker)?;
        if next.is_none() {
            return Ok(all);
        }
        (deadline, marker) = (patience.now(), next);
    }
}

fn snapshot(snapshot: DbClusterSnapshot) -> Option<Snapshot> {
    let millis = |at: aws_smithy_types::DateTime| at.to_millis().ok().map(Timestamp::from_ms);
    let tags = snapshot.tag_list.unwrap_or_default().into_iter();
    // What stands in sentences, and in commands that somebody copies.
    let told = |text: String| visible(&text);
    Some(Snapshot {
        identifier: snapshot.db_cluster_snapshot_identifier.map(told)?,
        arn: snapshot.db_cluster_snapshot_arn.unwrap_or_default(),
        status: snapshot.status.map(told).unwrap_or_default(),
        created: snapshot.snapshot_create_time.and_then(millis),
        engine: snapshot.engine.map(told),
        copy_of: snapshot.source_db_cluster_snapshot_arn.filter(|arn| !arn.is_empty()),
        tags: tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
    })
}

/// Asks for a copy, under the original's key: RDS takes that where none is named.
pub(super) async fn copy(
    client: &Client,
    region: &Region,
    copy: &Copy,
    budget: Duration,
) -> Result<Copied, Failed> {
    let operation = format!("rds:CopyDBClusterSnapshot in {region}");
    asked_once(&operation, budget, || once(client, copy, &operation, budget)).await
}

async fn once(client: &Client, copy: &Copy, operation: &str, budget: Duration) -> Result<Copied, Failed> {
    let call = client
        .copy_db_cluster_snapshot()
        .source_db_cluster_snapshot_identifier(&copy.original)
        .target_db_cluster_snapshot_identifier(&copy.name)
        .set_tags(Some(tags(&copy.tags)));
    match call.customize().config_override(patient(budget)).send().await {
        Ok(_) => Ok(Copied::Started),
        Err(error) => refused(Failed::of(operation, error)),
    }
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// What RDS says no with, by its codes. Some have two forms: the model's and the wire's.
fn refused(failed: Failed) -> Result<Copied, Failed> {
    let why = visible(&PortError::from(failed.clone()).detail.unwrap_or_default());
    match failed.code().map(|code| code.trim_end_matches("Fault")) {
        Some("DBClusterSnapshotAlreadyExists") => Ok(Copied::NameTaken),
        Some("SnapshotQuotaExceeded") => Ok(Copied::NoRoom(why)),
        Some("KMSKeyNotAccessible") => Ok(Copied::KeyUnusable(why)),
        Some("InvalidDBClusterSnapshotState" | "DBClusterSnapshotNotFound" | "InvalidDBClusterState") => {
            Ok(Copied::NotNow(why))
        }
        _ => Err(failed),
    }
}
