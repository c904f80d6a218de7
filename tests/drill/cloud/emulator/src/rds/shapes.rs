//! The answers' documents, element by element as the RDS model has them.

#![expect(clippy::struct_field_names, reason = "the elements are named by AWS")]

use serde::Serialize;

use crate::{
    rds::model::{ACCOUNT, Cluster, Database, Kind, Names, Role},
    region::Region,
};

/// The namespace of RDS's documents.
pub(crate) const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";

const ENGINE: &str = "aurora-postgresql";

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeGlobalClusters {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) marker: Option<String>,
    pub(crate) global_clusters: GlobalClusters,
}

#[derive(Debug, Serialize)]
pub(crate) struct GlobalClusters {
    #[serde(rename = "GlobalClusterMember")]
    pub(crate) items: Vec<GlobalCluster>,
}

/// The answer of everything that changes the global cluster.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Changed {
    pub(crate) global_cluster: GlobalCluster,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GlobalCluster {
    global_cluster_identifier: String,
    global_cluster_resource_id: &'static str,
    global_cluster_arn: String,
    status: &'static str,
    engine: &'static str,
    engine_version: String,
    database_name: String,
    storage_encrypted: bool,
    deletion_protection: bool,
    endpoint: String,
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
    pub(crate) fn of(database: &Database) -> Self {
        let (name, topology) = (&database.name, &database.topology);
        let running = topology.transition.filter(|transition| transition.running);
        let writer = topology.writer().unwrap_or(Region::Seoul);
        let members = Region::ALL.into_iter();
        Self {
            global_cluster_identifier: name.clone(),
            global_cluster_resource_id: "cluster-drillglobal",
            global_cluster_arn: format!("arn:aws:rds::{ACCOUNT}:global-cluster:{name}"),
            status: running.map_or("available", |transition| transition.kind.status()),
            engine: ENGINE,
            engine_version: topology.clusters.get(writer).engine_version.clone(),
            database_name: name.clone(),
            storage_encrypted: true,
            deletion_protection: true,
            endpoint: format!("{name}.global-drill.global.rds.amazonaws.com"),
            global_cluster_members: GlobalMembers {
                items: members.filter_map(|it| GlobalMember::of(it, database)).collect(),
            },
            failover_state: FailoverState::of(database),
        }
    }
}

impl GlobalMember {
    fn of(region: Region, database: &Database) -> Option<Self> {
        let topology = &database.topology;
        let cluster = topology.clusters.get(region);
        let writer = cluster.role == Role::Writer;
        let peer = topology.clusters.get(region.peer());
        let read_by_peer = writer && peer.role == Role::Reader;
        let peers_arn = || database.names(region.peer()).cluster_arn();
        (cluster.role != Role::Detached).then(|| Self {
            arn: database.names(region).cluster_arn(),
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
    fn of(database: &Database) -> Option<Self> {
        let transition = database.topology.transition?;
        Some(Self {
            status: if transition.running { transition.kind.status() } else { "pending" },
            from_db_cluster_arn: database.names(transition.from).cluster_arn(),
            to_db_cluster_arn: database.names(transition.to).cluster_arn(),
            is_data_loss_allowed: transition.kind == Kind::Failover,
        })
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct DescribeClusters {
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    pub(crate) marker: Option<String>,
    #[serde(rename = "DBClusters")]
    pub(crate) clusters: Clusters,
}

#[derive(Debug, Serialize)]
pub(crate) struct Clusters {
    #[serde(rename = "DBCluster")]
    pub(crate) items: Vec<DbCluster>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DbCluster {
    #[serde(rename = "DBClusterIdentifier")]
    identifier: String,
    #[serde(rename = "DBClusterArn")]
    arn: String,
    db_cluster_resource_id: String,
    status: String,
    engine: &'static str,
    engine_version: String,
    engine_mode: &'static str,
    database_name: String,
    endpoint: String,
    reader_endpoint: String,
    port: u16,
    #[serde(rename = "MultiAZ")]
    multi_az: bool,
    #[serde(rename = "DBClusterMembers")]
    members: Instances,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_cluster_identifier: Option<String>,
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
    identifier: String,
    is_cluster_writer: bool,
    #[serde(rename = "DBClusterParameterGroupStatus")]
    parameter_group_status: &'static str,
    promotion_tier: u8,
}

impl DbCluster {
    pub(crate) fn of(region: Region, database: &Database) -> Self {
        let (names, topology) = (database.names(region), &database.topology);
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
            database_name: database.name.clone(),
            endpoint: names.endpoint(),
            reader_endpoint: names.reader_endpoint(),
            port: *database.ports.get(region),
            multi_az: false,
            members: Instances { items: instance(names, cluster).into_iter().collect() },
            global_cluster_identifier: (cluster.role != Role::Detached).then(|| database.name.clone()),
            replication_source_identifier: source.map(|it| database.names(it).cluster_arn()),
        }
    }
}

/// A secondary's instance is no cluster writer: nobody writes through it.
fn instance(names: Names<'_>, cluster: &Cluster) -> Option<Instance> {
    cluster.instance.as_ref().map(|_| Instance {
        identifier: names.instance(),
        is_cluster_writer: cluster.role != Role::Reader,
        parameter_group_status: "in-sync",
        promotion_tier: 1,
    })
}

#[derive(Debug, Serialize)]
pub(crate) struct DescribeInstances {
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    pub(crate) marker: Option<String>,
    #[serde(rename = "DBInstances")]
    pub(crate) instances: DbInstances,
}

#[derive(Debug, Serialize)]
pub(crate) struct DbInstances {
    #[serde(rename = "DBInstance")]
    pub(crate) items: Vec<DbInstance>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DbInstance {
    #[serde(rename = "DBInstanceIdentifier")]
    identifier: String,
    #[serde(rename = "DBInstanceArn")]
    arn: String,
    #[serde(rename = "DBInstanceClass")]
    class: &'static str,
    #[serde(rename = "DBInstanceStatus")]
    status: String,
    #[serde(rename = "DBClusterIdentifier")]
    cluster: String,
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
    pub(crate) fn of(region: Region, database: &Database) -> Option<Self> {
        let names = database.names(region);
        let cluster = database.topology.clusters.get(region);
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
            endpoint: InstanceEndpoint {
                address: names.instance_endpoint(),
                port: *database.ports.get(region),
            },
        })
    }
}
