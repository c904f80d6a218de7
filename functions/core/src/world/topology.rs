//! What one Region's own RDS endpoint says. [`RegionView::new`] turns all facts, contradictory ones included,
//! into one of a few words, so that an invalid topology cannot be built.

use crate::config::Database;
use crate::words::names::{ClusterArn, Region};
use crate::world::facts::{ClusterFacts, Facts, GlobalFacts, capacity, takes_connections};
use crate::world::probe::Question;

/// The port of a cluster that lists none.
const PORT_DEFAULT: u16 = 5432;

/// Whom a Region names as the writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The writer is this Region's cluster; when it is the speaker itself, that is a claim.
    Writer(Region),
    /// The writer is a cluster that the configuration does not name.
    Stranger(String),
    /// No writer is reported. Unknown, look again: neither a claim nor a renunciation.
    Nobody,
    /// Several writers are reported. Unknown, look again.
    Several,
    /// This Region's cluster stands alone, in no global cluster: promoted, or somebody's copy.
    Detached,
    /// This Region's cluster replicates from another, and no global cluster of the configured name is known here.
    Unlisted,
    /// Neither the global cluster nor this Region's cluster exists here.
    Nothing,
}

impl Word {
    /// What the Region `speaker` says with it, for people.
    pub fn said_by(&self, speaker: &Region) -> String {
        match self {
            Self::Writer(named) if named == speaker => "claims the writer".to_owned(),
            Self::Writer(named) => format!("names {named}"),
            Self::Stranger(arn) => format!("names {arn}, which is not configured"),
            Self::Nobody => "reports no writer".to_owned(),
            Self::Several => "reports several writers".to_owned(),
            Self::Detached => "its cluster stands alone, in no global cluster".to_owned(),
            Self::Unlisted => "its cluster replicates, in no global cluster of this name".to_owned(),
            Self::Nothing => "knows neither the global cluster nor its own".to_owned(),
        }
    }
}

/// Whether this Region's cluster can take writes now, by its own Region's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// The cluster is available, with a writer instance that is available.
    Ready {
        /// How many instances the cluster has.
        instances: usize,
    },
    /// Not yet, and why.
    NotReady(NotReady),
}

/// Why a cluster cannot take writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// The Region does not list its own cluster.
    #[error("the cluster does not exist")]
    Missing,
    /// Its status is not `available`.
    #[error("the cluster is {0}")]
    Cluster(String),
    /// It has no instance at all.
    #[error("the cluster has no instance (headless)")]
    Headless,
    /// It has instances, none of which is the writer.
    #[error("none of its {0} instances is the writer")]
    NoWriterInstance(usize),
    /// It has several writer instances.
    #[error("{0} of its instances call themselves the writer")]
    SeveralWriterInstances(usize),
    /// The writer instance's status is not `available`.
    #[error("the writer instance is {0}")]
    Instance(String),
    /// It lists no endpoint to publish.
    #[error("the cluster lists no endpoint")]
    NoEndpoint,
    /// It says that it is the writer, and that it replicates from another cluster.
    #[error("the cluster still replicates from another: it has to claim the writer for a minute")]
    Replica,
    /// A probe asked it by SQL.
    #[error("{0}")]
    Probe(String),
}

/// What one Region says, reduced to what the rule asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionView {
    word: Word,
    readiness: Readiness,
    is_replica: bool,
    endpoint: Option<String>,
    port: u16,
    failover_status: Option<String>,
    standby: Standby,
    versions: Versions,
    instances: Vec<String>,
    statuses: Option<Statuses>,
    synchronization: Option<String>,
    capacity: Option<u32>,
}

/// The statuses of a Region's own cluster, as RDS lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statuses {
    /// The cluster's.
    pub cluster: String,
    /// Each writer instance's; none where none calls itself the writer.
    pub writers: Vec<String>,
}

/// The engine versions that a Region lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// The global cluster's.
    pub global: Option<String>,
    /// The Region's own cluster's.
    pub cluster: Option<String>,
}

/// Whether this Region's cluster could take over, by its own Region's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standby {
    /// An available replica with so many available instances, at least one.
    Ready {
        /// Its instances.
        instances: usize,
    },
    /// It could not, and why.
    NotReady(NotStandby),
}

/// Why a cluster could not take over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotStandby {
    /// The Region does not list its own cluster.
    #[error("the cluster does not exist")]
    Missing,
    /// It replicates from nobody.
    #[error("the cluster replicates from no other")]
    NoReplica,
    /// Its status is not `available`.
    #[error("the cluster is {0}")]
    Cluster(String),
    /// It has no instance at all: it must get one before it can take over.
    #[error("the cluster has no instance (headless)")]
    Headless,
    /// None of its instances is available.
    #[error("none of its {0} instances is available")]
    NoInstance(usize),
}

impl RegionView {
    /// The view of `region` about `database`, from the facts that its endpoint gave.
    pub fn new(database: &Database, region: &Region, facts: &Facts) -> Self {
        Self {
            word: word(database, region, facts),
            readiness: readiness(facts.cluster.as_ref()),
            is_replica: facts.cluster.as_ref().is_some_and(|cluster| cluster.is_replica),
            endpoint: facts.cluster.as_ref().and_then(|cluster| cluster.endpoint.clone()),
            port: facts.cluster.as_ref().and_then(|cluster| cluster.port).unwrap_or(PORT_DEFAULT),
            failover_status: facts.global.as_ref().and_then(|global| global.failover_status.clone()),
            standby: standby(facts.cluster.as_ref()),
            versions: Versions {
                global: facts.global.as_ref().and_then(|global| global.engine_version.clone()),
                cluster: facts.cluster.as_ref().and_then(|cluster| cluster.engine_version.clone()),
            },
            instances: facts.cluster.iter().flat_map(instances).collect(),
            statuses: facts.cluster.as_ref().map(statuses),
            synchronization: synchronization(database, region, facts),
            capacity: facts.cluster.as_ref().and_then(capacity),
        }
    }

    /// What `region` would say once the writer has moved to `writer` without trouble: for a rehearsal.
    #[must_use]
    pub(crate) fn after_move(self, region: &Region, writer: &Region) -> Self {
        let ready = match (self.readiness, &self.standby) {
            (_, Standby::Ready { instances }) if region == writer => {
                Readiness::Ready { instances: *instances }
            }
            (readiness, _) => readiness,
        };
        let is_replica = region != writer;
        Self {
            word: Word::Writer(writer.clone()),
            readiness: ready,
            is_replica,
            failover_status: None,
            ..self
        }
    }

    /// Whether it is `region`'s own view, and says that it has the writer.
    pub fn claims(&self, region: &Region) -> bool {
        matches!(&self.word, Word::Writer(named) if named == region)
    }

    /// Whom the Region names.
    pub fn word(&self) -> &Word {
        &self.word
    }

    /// Whether its own cluster can take writes.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Whether its own cluster replicates from another one.
    pub const fn is_replica(&self) -> bool {
        self.is_replica
    }

    /// Its own cluster's writer endpoint.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// What a probe is asked about it.
    pub fn question(&self) -> Option<Question> {
        Some(Question { endpoint: self.endpoint.clone()?, port: self.port })
    }

    /// The status of the operation under way, if one is.
    pub fn failover_status(&self) -> Option<&str> {
        self.failover_status.as_deref()
    }

    /// Whether its own cluster could take over.
    pub fn standby(&self) -> &Standby {
        &self.standby
    }

    /// The engine versions that it lists.
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// The statuses of its own cluster, where it lists one.
    pub const fn statuses(&self) -> Option<&Statuses> {
        self.statuses.as_ref()
    }

    /// Its own cluster's `SynchronizationStatus`, such as `connected`, where it is listed.
    pub fn synchronization(&self) -> Option<&str> {
        self.synchronization.as_deref()
    }

    /// What its cluster can grow to: ACU, or the largest instance's vCPU; `None` where that is not known.
    pub const fn capacity(&self) -> Option<u32> {
        self.capacity
    }

    /// The identifiers of its own cluster's instances.
    pub fn instances(&self) -> &[String] {
        &self.instances
    }
}

fn instances(cluster: &ClusterFacts) -> impl Iterator<Item = String> {
    cluster.instances.iter().map(|instance| instance.identifier.clone())
}

fn statuses(cluster: &ClusterFacts) -> Statuses {
    let writers = cluster.instances.iter().filter(|instance| instance.is_writer);
    Statuses {
        cluster: cluster.status.clone(),
        writers: writers.map(|instance| instance.status.clone()).collect(),
    }
}

fn synchronization(database: &Database, region: &Region, facts: &Facts) -> Option<String> {
    let own = database.members().get(region)?;
    facts.global.as_ref()?.synchronization.get(own.as_str()).cloned()
}

fn standby(cluster: Option<&ClusterFacts>) -> Standby {
    let Some(cluster) = cluster else {
        return Standby::NotReady(NotStandby::Missing);
    };
    let available = cluster.instances.iter().filter(|instance| takes_connections(&instance.status)).count();
    Standby::NotReady(match (cluster.instances.len(), available) {
        _ if !cluster.is_replica => NotStandby::NoReplica,
        _ if !takes_connections(&cluster.status) => NotStandby::Cluster(cluster.status.clone()),
        (0, _) => NotStandby::Headless,
        (all, 0) => NotStandby::NoInstance(all),
        (instances, _) => return Standby::Ready { instances },
    })
}

fn word(database: &Database, region: &Region, facts: &Facts) -> Word {
    let own = database.members().get(region).map(ClusterArn::as_str);
    let listed = |global: &GlobalFacts| global.members.iter().any(|(arn, _)| Some(arn.as_str()) == own);
    match (&facts.global, &facts.cluster) {
        (Some(global), cluster) => {
            let alone = cluster.as_ref().is_some_and(|cluster| !cluster.is_replica);
            if alone && !listed(global) { Word::Detached } else { named(database, global) }
        }
        (None, Some(cluster)) if cluster.is_replica => Word::Unlisted,
        (None, Some(_)) => Word::Detached,
        (None, None) => Word::Nothing,
    }
}

fn named(database: &Database, global: &GlobalFacts) -> Word {
    let mut writers = global.members.iter().filter(|(_, is_writer)| *is_writer);
    match (writers.next(), writers.next()) {
        (None, _) => Word::Nobody,
        (Some((arn, _)), None) => match database.region_of(arn) {
            Some(region) => Word::Writer(region.clone()),
            None => Word::Stranger(arn.clone()),
        },
        (Some(_), Some(_)) => Word::Several,
    }
}

fn readiness(cluster: Option<&ClusterFacts>) -> Readiness {
    let Some(cluster) = cluster else {
        return Readiness::NotReady(NotReady::Missing);
    };
    let writers: Vec<_> = cluster.instances.iter().filter(|instance| instance.is_writer).collect();
    let reason = match writers.as_slice() {
        _ if !takes_connections(&cluster.status) => NotReady::Cluster(cluster.status.clone()),
        _ if cluster.endpoint.is_none() => NotReady::NoEndpoint,
        [] if cluster.instances.is_empty() => NotReady::Headless,
        [] => NotReady::NoWriterInstance(cluster.instances.len()),
        [writer] if takes_connections(&writer.status) => {
            return Readiness::Ready { instances: cluster.instances.len() };
        }
        [writer] => NotReady::Instance(writer.status.clone()),
        several => NotReady::SeveralWriterInstances(several.len()),
    };
    Readiness::NotReady(reason)
}
