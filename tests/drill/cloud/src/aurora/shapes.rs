//! The answers' documents, element by element as the RDS model has them.

#![expect(clippy::struct_field_names, reason = "the elements are named by AWS")]

use serde::Serialize;

use super::model::{ACCOUNT, Cluster, GLOBAL_CLUSTER, Names, Role, Topology};
use crate::Region;

/// The namespace of RDS's documents.
pub(super) const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";

const ENGINE: &str = "aurora-postgresql";

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeGlobalClusters {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) marker: Option<String>,
    pub(super) global_clusters: GlobalClusters,
}

#[derive(Debug, Serialize)]
pub(super) struct GlobalClusters {
    #[serde(rename = "GlobalClusterMember")]
    pub(super) items: Vec<GlobalCluster>,
}

/// The answer of everything that changes the global cluster.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Changed {
    pub(super) global_cluster: GlobalCluster,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GlobalCluster {
    global_cluster_identifier: &'static str,
    global_cluster_resource_id: &'static str,
    global_cluster_arn: String,
    status: &'static str,
    engine: &'static str,
    engine_version: String,
    database_name: &'static str,
    storage_encrypted: bool,
    deletion_protection: bool,
    endpoint: &'static str,
    global_cluster_members: GlobalMembers,
    #[serde(skip_serializing_if = "Option::is_none")]
    failover_state: Option<FailoverState>,
}

#[derive(Debug, Clone, Serialize)]
struct GlobalMembers {
    #[serde(rename = "GlobalClusterMember")]
    items: Vec<GlobalMember>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GlobalMember {
    #[serde(rename = "DBClusterArn")]
    arn: String,
    is_writer: bool,
    readers: Readers,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_write_forwarding_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    synchronization_status: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
struct Readers {
    member: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FailoverState {
    status: &'static str,
    from_db_cluster_arn: String,
    to_db_cluster_arn: String,
    is_data_loss_allowed: bool,
}

impl GlobalCluster {
    pub(super) fn of(topology: &Topology) -> Self {
        let running = topology.transition.filter(|transition| transition.running);
        let writer = topology.writer().unwrap_or(Region::Seoul);
        let members = Region::ALL.into_iter();
        Self {
            global_cluster_identifier: GLOBAL_CLUSTER,
            global_cluster_resource_id: "cluster-drillglobal",
            global_cluster_arn: format!("arn:aws:rds::{ACCOUNT}:global-cluster:{GLOBAL_CLUSTER}"),
            status: running.map_or("available", |transition| transition.kind.status()),
            engine: ENGINE,
            engine_version: topology.clusters.get(writer).engine_version.clone(),
            database_name: "todo",
            storage_encrypted: true,
            deletion_protection: true,
            endpoint: "todo.global-drill.global.rds.amazonaws.com",
            global_cluster_members: GlobalMembers {
                items: members.filter_map(|it| GlobalMember::of(it, topology)).collect(),
            },
            failover_state: FailoverState::of(topology),
        }
    }
}

impl GlobalMember {
    fn of(region: Region, topology: &Topology) -> Option<Self> {
        let cluster = topology.clusters.get(region);
        let writer = cluster.role == Role::Writer;
        let peer = topology.clusters.get(region.peer());
        let read_by_peer = writer && peer.role == Role::Reader;
        let peers_arn = || Names::of(region.peer()).cluster_arn();
        (cluster.role != Role::Detached).then(|| Self {
            arn: Names::of(region).cluster_arn(),
            is_writer: writer,
            readers: Readers { member: read_by_peer.then(peers_arn).into_iter().collect() },
            global_write_forwarding_status: (!writer).then_some("disabled"),
            synchronization_status: (!writer).then_some(if cluster.synchronized {
                "connected"
            } else {
                "pending-resync"
            }),
        })
    }
}

impl FailoverState {
    fn of(topology: &Topology) -> Option<Self> {
        let transition = topology.transition?;
        Some(Self {
            status: if transition.running { transition.kind.status() } else { "pending" },
            from_db_cluster_arn: Names::of(transition.from).cluster_arn(),
            to_db_cluster_arn: Names::of(transition.to).cluster_arn(),
            is_data_loss_allowed: transition.kind == super::Kind::Failover,
        })
    }
}

#[derive(Debug, Serialize)]
pub(super) struct DescribeClusters {
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    pub(super) marker: Option<String>,
    #[serde(rename = "DBClusters")]
    pub(super) clusters: Clusters,
}

#[derive(Debug, Serialize)]
pub(super) struct Clusters {
    #[serde(rename = "DBCluster")]
    pub(super) items: Vec<DbCluster>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DbCluster {
    #[serde(rename = "DBClusterIdentifier")]
    identifier: &'static str,
    #[serde(rename = "DBClusterArn")]
    arn: String,
    db_cluster_resource_id: String,
    status: String,
    engine: &'static str,
    engine_version: String,
    engine_mode: &'static str,
    database_name: &'static str,
    endpoint: String,
    reader_endpoint: String,
    port: u16,
    #[serde(rename = "MultiAZ")]
    multi_az: bool,
    #[serde(rename = "DBClusterMembers")]
    members: Instances,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_cluster_identifier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replication_source_identifier: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Instances {
    #[serde(rename = "DBClusterMember")]
    items: Vec<Instance>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Instance {
    #[serde(rename = "DBInstanceIdentifier")]
    identifier: &'static str,
    is_cluster_writer: bool,
    #[serde(rename = "DBClusterParameterGroupStatus")]
    parameter_group_status: &'static str,
    promotion_tier: u8,
}

impl DbCluster {
    pub(super) fn of(region: Region, topology: &Topology, port: u16) -> Self {
        let names = Names::of(region);
        let cluster = topology.clusters.get(region);
        let source = (cluster.role == Role::Reader).then(|| topology.writer()).flatten();
        Self {
            identifier: names.cluster(),
            arn: names.cluster_arn(),
            db_cluster_resource_id: format!("cluster-{}", names.cluster()),
            status: cluster.status.clone(),
            engine: ENGINE,
            engine_version: cluster.engine_version.clone(),
            engine_mode: "provisioned",
            database_name: "todo",
            endpoint: names.endpoint(),
            reader_endpoint: names.reader_endpoint(),
            port,
            multi_az: false,
            members: Instances { items: instance(names, cluster).into_iter().collect() },
            global_cluster_identifier: (cluster.role != Role::Detached).then_some(GLOBAL_CLUSTER),
            replication_source_identifier: source.map(|it| Names::of(it).cluster_arn()),
        }
    }
}

/// A secondary's instance is no cluster writer: nobody writes through it.
fn instance(names: Names, cluster: &Cluster) -> Option<Instance> {
    cluster.instance.as_ref().map(|_| Instance {
        identifier: names.instance(),
        is_cluster_writer: cluster.role != Role::Reader,
        parameter_group_status: "in-sync",
        promotion_tier: 1,
    })
}

#[derive(Debug, Serialize)]
pub(super) struct DescribeInstances {
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    pub(super) marker: Option<String>,
    #[serde(rename = "DBInstances")]
    pub(super) instances: DbInstances,
}

#[derive(Debug, Serialize)]
pub(super) struct DbInstances {
    #[serde(rename = "DBInstance")]
    pub(super) items: Vec<DbInstance>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DbInstance {
    #[serde(rename = "DBInstanceIdentifier")]
    identifier: &'static str,
    #[serde(rename = "DBInstanceArn")]
    arn: String,
    #[serde(rename = "DBInstanceClass")]
    class: &'static str,
    #[serde(rename = "DBInstanceStatus")]
    status: String,
    #[serde(rename = "DBClusterIdentifier")]
    cluster: &'static str,
    engine: &'static str,
    engine_version: String,
    availability_zone: String,
    promotion_tier: u8,
    endpoint: InstanceEndpoint,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct InstanceEndpoint {
    address: String,
    port: u16,
}

impl DbInstance {
    pub(super) fn of(region: Region, topology: &Topology, port: u16) -> Option<Self> {
        let names = Names::of(region);
        let cluster = topology.clusters.get(region);
        cluster.instance.clone().map(|status| Self {
            identifier: names.instance(),
            arn: names.instance_arn(),
            class: "db.r8g.large",
            status,
            cluster: names.cluster(),
            engine: ENGINE,
            engine_version: cluster.engine_version.clone(),
            availability_zone: format!("{region}a"),
            promotion_tier: 1,
            endpoint: InstanceEndpoint { address: names.instance_endpoint(), port },
        })
    }
}
