//! What there is: one global cluster, a member in each Region, an instance in each member.

use crate::region::{Pair, Region};

/// The emulated AWS account.
pub const ACCOUNT: &str = "123456789012";

/// The global cluster's identifier.
pub const GLOBAL_CLUSTER: &str = "todo";

/// The engine version that both members start with.
pub const ENGINE_VERSION: &str = "16.8";

/// The cluster's status while it can be used.
pub const AVAILABLE: &str = "available";

/// The variable part of the host names of the drill's clusters.
const HOSTS: Pair<&str> = Pair { seoul: "drillseoul1", osaka: "drillosaka1" };

/// The names of one Region's member of a global database.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    region: Region,
    database: &'a str,
    host: &'a str,
}

impl Names<'static> {
    /// That Region's, of the drill's global database.
    pub const fn of(region: Region) -> Self {
        Self::new(GLOBAL_CLUSTER, region, HOSTS.get(region))
    }
}

impl<'a> Names<'a> {
    /// That Region's, of this global database, with that variable part in its host names.
    pub const fn new(database: &'a str, region: Region, host: &'a str) -> Self {
        Self { region, database, host }
    }

    const fn city(&self) -> &'static str {
        match self.region {
            Region::Seoul => "seoul",
            Region::Osaka => "osaka",
        }
    }

    /// The cluster's identifier.
    pub fn cluster(&self) -> String {
        format!("{}-{}", self.database, self.city())
    }

    /// The identifier of its one instance.
    pub fn instance(&self) -> String {
        format!("{}-1", self.cluster())
    }

    /// The cluster's ARN.
    pub fn cluster_arn(&self) -> String {
        self.arn("cluster", &self.cluster())
    }

    /// The instance's ARN.
    pub fn instance_arn(&self) -> String {
        self.arn("db", &self.instance())
    }

    /// Whether that is the cluster's identifier or its ARN.
    pub fn is_cluster(&self, name: &str) -> bool {
        let identifier = name.rsplit(':').next().unwrap_or(name);
        let city = identifier.strip_prefix(self.database).and_then(|rest| rest.strip_prefix('-'));
        city == Some(self.city()) && (identifier == name || name == self.cluster_arn())
    }

    /// Whether that is the identifier of its instance or its ARN.
    pub fn is_instance(&self, name: &str) -> bool {
        name == self.instance() || name == self.instance_arn()
    }

    /// The writer endpoint: the host name that clients connect to.
    pub fn endpoint(&self) -> String {
        self.host(&self.cluster(), "cluster-")
    }

    /// The reader endpoint.
    pub fn reader_endpoint(&self) -> String {
        self.host(&self.cluster(), "cluster-ro-")
    }

    /// The instance's own endpoint.
    pub fn instance_endpoint(&self) -> String {
        self.host(&self.instance(), "")
    }

    fn arn(&self, kind: &str, name: &str) -> String {
        format!("arn:aws:rds:{}:{ACCOUNT}:{kind}:{name}", self.region)
    }

    fn host(&self, name: &str, kind: &str) -> String {
        format!("{name}.{kind}{}.{}.rds.amazonaws.com", self.host, self.region)
    }
}

/// A cluster's place in the global cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one member that takes writes.
    Writer,
    /// A member that replicates from the writer.
    Reader,
    /// Detached and promoted: a cluster of its own, unknown to the global cluster.
    Detached,
}

/// One Region's cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its place in the global cluster.
    pub role: Role,
    /// `available`, `promoting`, …, in AWS's words.
    pub status: String,
    /// The status of its one instance; `None` when it is headless.
    pub instance: Option<String>,
    /// Such as `16.8`.
    pub engine_version: String,
    /// Whether it replicates; a former writer does not before it has been resynchronized.
    pub synchronized: bool,
}

impl Cluster {
    fn new(role: Role) -> Self {
        Self {
            role,
            status: AVAILABLE.to_owned(),
            instance: Some(AVAILABLE.to_owned()),
            engine_version: ENGINE_VERSION.to_owned(),
            synchronized: true,
        }
    }

    /// Sets the cluster's status and that of the instance it may have.
    pub fn set_status(&mut self, cluster: &str, instance: &str) {
        cluster.clone_into(&mut self.status);
        if let Some(status) = &mut self.instance {
            instance.clone_into(status);
        }
    }

    /// Whether both are available.
    pub fn is_available(&self) -> bool {
        self.status == AVAILABLE && self.instance.as_deref() == Some(AVAILABLE)
    }
}

/// How the writer moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Planned, without data loss.
    Switchover,
    /// Unplanned, data loss allowed.
    Failover,
}

impl Kind {
    /// AWS's word for the global cluster's status, and for `FailoverState`, while it runs.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Switchover => "switching-over",
            Self::Failover => "failing-over",
        }
    }
}

/// A transition that is pending or runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// How the writer moves.
    pub kind: Kind,
    /// False while it is only pending.
    pub running: bool,
    /// From that Region's member.
    pub from: Region,
    /// To that Region's member.
    pub to: Region,
}

/// The global cluster and its members, as they are or as one Region sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// What is under way.
    pub transition: Option<Transition>,
    /// Each Region's cluster.
    pub clusters: Pair<Cluster>,
}

impl Topology {
    /// A healthy one, whose writer is in that Region.
    pub fn with_writer(writer: Region) -> Self {
        Self {
            transition: None,
            clusters: Pair::each(|region| {
                Cluster::new(if region == writer { Role::Writer } else { Role::Reader })
            }),
        }
    }

    /// The Region whose member is the writer.
    pub fn writer(&self) -> Option<Region> {
        Region::ALL.into_iter().find(|region| self.clusters.get(*region).role == Role::Writer)
    }

    /// Makes that Region's member the writer and the peer's a reader.
    pub fn set_writer(&mut self, writer: Region) {
        self.clusters.get_mut(writer).role = Role::Writer;
        let peer = self.clusters.get_mut(writer.peer());
        if peer.role == Role::Writer {
            peer.role = Role::Reader;
        }
    }
}

/// A global database, and how it looks from one Region.
#[derive(Debug, Clone)]
pub struct Database {
    /// The global cluster's identifier.
    pub name: String,
    /// The variable part of each Region's host names.
    pub hosts: Pair<&'static str>,
    /// Where each Region's server listens.
    pub ports: Pair<u16>,
    /// What is seen.
    pub topology: Topology,
}

impl Database {
    /// The drill's.
    pub fn of_the_drill(topology: Topology, ports: Pair<u16>) -> Self {
        Self { name: GLOBAL_CLUSTER.to_owned(), hosts: HOSTS, ports, topology }
    }

    /// The names of that Region's member.
    pub fn names(&self, region: Region) -> Names<'_> {
        Names::new(&self.name, region, self.hosts.get(region))
    }
}
