//! From RDS's shapes to the core's facts.

use aws_sdk_rds::types::{DbCluster, DbInstance, GlobalCluster};
use responder_core::topology::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};
use responder_core::{ClusterArn, Region};

use super::Operation;
use crate::failure::Failed;

/// What stands for the status of an instance that the cluster names and the instances' listing lacks.
const UNLISTED: &str = "not listed";

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

/// The facts about one database; `instances` may hold those of other clusters too.
pub(super) fn facts(
    region: &Region,
    global: Option<&GlobalCluster>,
    cluster: Option<&DbCluster>,
    instances: &[DbInstance],
) -> Result<Facts, Failed> {
    Ok(Facts {
        global: global.map(|cluster| global_facts(region, cluster)).transpose()?,
        cluster: cluster.map(|cluster| cluster_facts(region, cluster, instances)).transpose()?,
    })
}

fn global_facts(region: &Region, cluster: &GlobalCluster) -> Result<GlobalFacts, Failed> {
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

fn cluster_facts(
    region: &Region,
    cluster: &DbCluster,
    instances: &[DbInstance],
) -> Result<ClusterFacts, Failed> {
    let lacks = |what| Failed::malformed(&Operation::Clusters.at(region), what);
    let member = |member: &aws_sdk_rds::types::DbClusterMember| {
        let identifier =
            member.db_instance_identifier().ok_or_else(|| lacks("a member's DBInstanceIdentifier"))?;
        let instance =
            instances.iter().find(|instance| instance.db_instance_identifier() == Some(identifier));
        Ok(InstanceFacts {
            identifier: identifier.to_owned(),
            is_writer: member.is_cluster_writer().unwrap_or_default(),
            status: instance.and_then(DbInstance::db_instance_status).unwrap_or(UNLISTED).to_owned(),
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
