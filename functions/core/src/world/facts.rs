//! The raw facts of one Region's RDS endpoint, as the adapters read them.

use std::collections::BTreeMap;

/// The raw facts of one Region's RDS endpoint about one database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The global cluster as this Region lists it; `None` when it does not.
    pub global: Option<GlobalFacts>,
    /// This Region's own cluster; `None` when it does not exist.
    pub cluster: Option<ClusterFacts>,
}

/// A global cluster as `DescribeGlobalClusters` lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GlobalFacts {
    /// The members' cluster ARNs with their `IsWriter`.
    pub members: Vec<(String, bool)>,
    /// `FailoverState.Status` as it came on the wire; there only while an operation is pending or runs.
    pub failover_status: Option<String>,
    /// The global cluster's engine version.
    pub engine_version: Option<String>,
    /// Each member's `SynchronizationStatus`, by its ARN, where it is listed.
    pub synchronization: BTreeMap<String, String>,
}

/// A cluster as `DescribeDBClusters` and `DescribeDBInstances` list it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterFacts {
    /// The cluster's status, such as `available`.
    pub status: String,
    /// The cluster's writer endpoint.
    pub endpoint: Option<String>,
    /// The port that it listens at, where it is listed.
    pub port: Option<u16>,
    /// Whether it replicates from another cluster (`ReplicationSourceIdentifier`).
    pub is_replica: bool,
    /// The engine version that it runs.
    pub engine_version: Option<String>,
    /// The most capacity that its serverless instances scale to, in ACU.
    pub serverless_acu: Option<u32>,
    /// Its instances.
    pub instances: Vec<InstanceFacts>,
}

/// One instance of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceFacts {
    /// `DBInstanceIdentifier`.
    pub identifier: String,
    /// `IsClusterWriter`.
    pub is_writer: bool,
    /// The instance's status, such as `available`.
    pub status: String,
    /// `DBInstanceClass`, such as `db.r6g.large`.
    pub class: String,
}

/// The most that one of its instances can become.
pub(crate) fn capacity(cluster: &ClusterFacts) -> Option<u32> {
    cluster.instances.iter().filter_map(|instance| capacity_of(&instance.class, cluster.serverless_acu)).max()
}

/// The vCPU of an instance class by its size: `large` and what is smaller has two, `4xlarge` sixteen. A serverless one has
/// what its cluster scales to.
fn capacity_of(class: &str, serverless_acu: Option<u32>) -> Option<u32> {
    match class.rsplit('.').next()? {
        "serverless" => serverless_acu,
        "medium" | "large" => Some(2),
        "xlarge" => Some(4),
        size => size.strip_suffix("xlarge")?.parse::<u32>().ok()?.checked_mul(4),
    }
}

/// Statuses of a cluster and of an instance in which RDS takes connections, by AWS's tables "Viewing DB cluster status" and
/// "Viewing DB instance status". One that nobody knows yet does not count.
const TAKES_CONNECTIONS: [&str; 10] = [
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

/// Whether RDS takes connections in this status.
pub fn takes_connections(status: &str) -> bool {
    TAKES_CONNECTIONS.contains(&status)
}
