//! From RDS's shapes to the core's facts.

use std::collections::HashMap;

use aws_sdk_rds::types::{DbCluster, DbInstance, GlobalCluster, GlobalClusterMember};
use responder_core::words::names::{ClusterArn, Region};
use responder_core::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};

use super::calls::Operation;
use crate::failure::Failed;

/// What stands for the status of an instance that the cluster names and the instances' listing lacks.
pub(super) const UNLISTED: &str = "not listed";

/// A listing's entries. An answer without the listing is not an empty one: it was cut off or is not RDS's.
pub(super) fn listed<T>(operation: &str, element: &str, entries: Option<Vec<T>>) -> Result<Vec<T>, Failed> {
    entries.ok_or_else(|| Failed::malformed(operation, element))
}

/// Whether this is the global cluster of that identifier; RDS keeps identifiers in lower case.
pub(super) fn is_global_cluster(cluster: &GlobalCluster, identifier: &str) -> bool {
    cluster.global_cluster_identifier().is_some_and(|own| own.eq_ignore_ascii_case(identifier))
}

pub(super) fn is_cluster(cluster: &DbCluster, arn: &ClusterArn) -> bool {
    cluster.db_cluster_arn() == Some(arn.as_str())
}

/// What a listing of instances tells of one.
#[derive(Debug)]
pub(super) struct Listed {
    status: String,
    class: String,
}

/// Each instance that a listing names, of whichever cluster, by its identifier.
pub(super) type Instances = HashMap<String, Listed>;

/// The facts about one database.
pub(super) fn facts(global: Option<GlobalFacts>, cluster: Option<ClusterFacts>, listed: &Instances) -> Facts {
    let mut facts = Facts { global, cluster };
    for instance in facts.cluster.iter_mut().flat_map(|cluster| &mut cluster.instances) {
        if let Some(listed) = listed.get(&instance.identifier) {
            instance.status.clone_from(&listed.status);
            instance.class.clone_from(&listed.class);
        }
    }
    facts
}

/// An instance that has an identifier and a status.
pub(super) fn instance(instance: DbInstance) -> Option<(String, Listed)> {
    let (status, class) = (instance.db_instance_status?, instance.db_instance_class.unwrap_or_default());
    Some((instance.db_instance_identifier?, Listed { status, class }))
}

pub(super) fn global_facts(region: &Region, cluster: &GlobalCluster) -> Result<GlobalFacts, Failed> {
    let operation = || Operation::GlobalClusters.at(region);
    let member = |member: &GlobalClusterMember| {
        let arn = member
            .db_cluster_arn()
            .ok_or_else(|| Failed::malformed(&operation(), "a member's DBClusterArn"))?;
        let is_writer =
            member.is_writer().ok_or_else(|| Failed::malformed(&operation(), "a member's IsWriter"))?;
        Ok((arn.to_owned(), is_writer))
    };
    Ok(GlobalFacts {
        members: cluster.global_cluster_members().iter().map(member).collect::<Result<_, Failed>>()?,
        // As it came on the wire: the documented `switching-over` is missing in the model.
        failover_status: cluster
            .failover_state()
            .and_then(|state| state.status())
            .map(|status| status.as_str().to_owned()),
        engine_version: cluster.engine_version().map(str::to_owned),
        synchronization: cluster.global_cluster_members().iter().filter_map(synchronization).collect(),
    })
}

/// A member's ARN and its `SynchronizationStatus` as it came on the wire.
fn synchronization(member: &GlobalClusterMember) -> Option<(String, String)> {
    let status = member.synchronization_status()?.as_str();
    Some((member.db_cluster_arn()?.to_owned(), status.to_owned()))
}

/// The most capacity that its serverless instances scale to, in whole ACU.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
fn serverless_acu(cluster: &DbCluster) -> Option<u32> {
    let max = cluster.serverless_v2_scaling_configuration()?.max_capacity()?;
    (0.0..1e6).contains(&max).then_some(max as u32)
}

/// A cluster's facts without the statuses of its instances.
pub(super) fn cluster_facts(region: &Region, cluster: &DbCluster) -> Result<ClusterFacts, Failed> {
    let lacks = |what| Failed::malformed(&Operation::Clusters.at(region), what);
    let member = |member: &aws_sdk_rds::types::DbClusterMember| {
        let identifier =
            member.db_instance_identifier().ok_or_else(|| lacks("a member's DBInstanceIdentifier"))?;
        Ok(InstanceFacts {
            identifier: identifier.to_owned(),
            is_writer: member.is_cluster_writer().unwrap_or_default(),
            status: UNLISTED.to_owned(),
            class: String::new(),
        })
    };
    Ok(ClusterFacts {
        status: cluster.status().ok_or_else(|| lacks("the cluster's Status"))?.to_owned(),
        endpoint: cluster.endpoint().map(str::to_owned),
        port: cluster.port().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0),
        engine_version: cluster.engine_version().map(str::to_owned),
        serverless_acu: serverless_acu(cluster),
        is_replica: cluster.replication_source_identifier().is_some_and(|source| !source.is_empty()),
        instances: cluster.db_cluster_members().iter().map(member).collect::<Result<_, Failed>>()?,
    })
}
