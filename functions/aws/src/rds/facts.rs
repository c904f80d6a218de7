//! From RDS's shapes to the core's facts.

use std::collections::HashMap;

use aws_sdk_rds::types::{DbCluster, DbInstance, GlobalCluster};
use responder_core::words::names::{ClusterArn, Region};
use responder_core::world::topology::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};

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

/// The status of each instance that a listing names, of whichever cluster.
pub(super) type Statuses = HashMap<String, String>;

/// The facts about one database.
pub(super) fn facts(
    global: Option<GlobalFacts>,
    cluster: Option<ClusterFacts>,
    statuses: &Statuses,
) -> Facts {
    let mut facts = Facts { global, cluster };
    for instance in facts.cluster.iter_mut().flat_map(|cluster| &mut cluster.instances) {
        if let Some(status) = statuses.get(&instance.identifier) {
            instance.status.clone_from(status);
        }
    }
    facts
}

/// The identifier and the status of an instance, if it has both.
pub(super) fn status(instance: DbInstance) -> Option<(String, String)> {
    Some((instance.db_instance_identifier?, instance.db_instance_status?))
}

pub(super) fn global_facts(region: &Region, cluster: &GlobalCluster) -> Result<GlobalFacts, Failed> {
    let operation = || Operation::GlobalClusters.at(region);
    let member = |member: &aws_sdk_rds::types::GlobalClusterMember| {
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
    })
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
        })
    };
    Ok(ClusterFacts {
        status: cluster.status().ok_or_else(|| lacks("the cluster's Status"))?.to_owned(),
        endpoint: cluster.endpoint().map(str::to_owned),
        engine_version: cluster.engine_version().map(str::to_owned),
        is_replica: cluster.replication_source_identifier().is_some_and(|source| !source.is_empty()),
        instances: cluster.db_cluster_members().iter().map(member).collect::<Result<_, Failed>>()?,
    })
}
