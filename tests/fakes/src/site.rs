//! One Region: what its RDS endpoint shows, and its Parameter Store.

use responder_core::words::names::Region;
use responder_core::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};

use crate::configuration::{ACCOUNT, arn, cluster, endpoint};
use crate::lag::LagHistory;
use crate::mood::ProbeMood;
use crate::shelf::Shelf;

/// The port of every cluster.
pub const PORT: u16 = 5432;
/// The engine version of a world whose clusters agree.
pub const ENGINE_VERSION: &str = "16.8";

/// One Region. All fields are open, so that a test can put anything there.
#[derive(Debug, Clone)]
pub struct Site {
    /// The Region.
    pub region: Region,
    /// The account of its cluster.
    pub account: String,
    /// The term that its RDS endpoint shows: it lags, and never runs backwards.
    pub shown: usize,
    /// The status of its own cluster.
    pub cluster_status: String,
    /// The status of its writer instance.
    pub instance_status: String,
    /// How many instances its cluster has.
    pub instances: usize,
    /// Its cluster's host name.
    pub endpoint: Option<String>,
    /// The status of an operation under way, as it is shown here.
    pub failover_status: Option<String>,
    /// How far ahead the clocks of its functions are, in milliseconds.
    pub clock_ms: i64,
    /// What its RDS endpoint says instead of all that.
    pub says: Option<Facts>,
    /// The state parameter, as text.
    pub state: Option<String>,
    /// The writer parameter.
    pub writer: Option<String>,
    /// The hold switch.
    pub hold: Option<String>,
    /// The operator's declaration, as text.
    pub declared: Option<String>,
    /// The engine version of its cluster.
    pub engine_version: String,
    /// `SynchronizationStatus` of its cluster, where it is listed.
    pub synchronization: Option<String>,
    /// The class of its instances.
    pub class: String,
    /// The replication lag of its cluster.
    pub lag: LagHistory,
    /// What its probe is like.
    pub probe: ProbeMood,
    /// Until when its database takes no writes, whatever RDS says, in milliseconds since 1970.
    pub read_only_until_ms: i64,
    /// The journal of its `failover` function, as text.
    pub journal: Option<String>,
    /// How often the journal was written.
    pub journal_version: u64,
    /// What its `failover` function found when it last looked ahead, as text.
    pub readiness: Option<String>,
    /// How often that was written.
    pub readiness_version: u64,
    /// When the next write may be made, in milliseconds, where writes take turns.
    pub(crate) next_turn_ms: i64,
    /// What its `drill` function remembers, as text.
    pub run: Option<String>,
    /// The snapshots of its cluster.
    pub snapshots: Shelf,
    /// The configuration parameter, where the port is to give it too.
    pub configuration: Option<String>,
}

impl Site {
    /// A Region at the beginning of the world, with nothing in its Parameter Store.
    pub fn new(region: &Region) -> Self {
        Self {
            region: region.clone(),
            account: ACCOUNT.to_owned(),
            shown: 0,
            cluster_status: "available".to_owned(),
            instance_status: "available".to_owned(),
            instances: 2,
            endpoint: Some(endpoint(region)),
            failover_status: None,
            clock_ms: 0,
            says: None,
            state: None,
            writer: None,
            hold: None,
            declared: None,
            engine_version: ENGINE_VERSION.to_owned(),
            synchronization: None,
            class: "db.r6g.large".to_owned(),
            lag: LagHistory::default(),
            probe: ProbeMood::Answers,
            read_only_until_ms: i64::MIN,
            journal: None,
            journal_version: 0,
            readiness: None,
            readiness_version: 0,
            next_turn_ms: i64::MIN,
            run: None,
            snapshots: Shelf::default(),
            configuration: None,
        }
    }

    /// What its RDS endpoint says, where `writer` is the writer of the term that it shows.
    pub fn facts(&self, members: &[Region], writer: Option<&Region>) -> Facts {
        if let Some(facts) = &self.says {
            return facts.clone();
        }
        let members =
            members.iter().map(|member| (arn(&self.account, member), Some(member) == writer)).collect();
        let is_writer = Some(&self.region) == writer;
        Facts { global: Some(self.global(members)), cluster: Some(self.cluster(is_writer)) }
    }

    fn global(&self, members: Vec<(String, bool)>) -> GlobalFacts {
        let engine_version = Some(ENGINE_VERSION.to_owned());
        let listed = self.synchronization.clone().map(|status| (arn(&self.account, &self.region), status));
        GlobalFacts {
            members,
            failover_status: self.failover_status.clone(),
            engine_version,
            synchronization: listed.into_iter().collect(),
        }
    }

    fn cluster(&self, is_writer: bool) -> ClusterFacts {
        let instance = |at: usize| InstanceFacts {
            identifier: format!("{}-{}", cluster(&self.region), at + 1),
            is_writer: is_writer && at == 0,
            status: self.instance_status.clone(),
            class: self.class.clone(),
        };
        ClusterFacts {
            status: self.cluster_status.clone(),
            endpoint: self.endpoint.clone(),
            port: Some(PORT),
            is_replica: !is_writer,
            engine_version: Some(self.engine_version.clone()),
            serverless_acu: None,
            instances: (0..self.instances).map(instance).collect(),
        }
    }

    /// It lists its global cluster without a writer.
    pub fn name_nobody(&mut self) {
        let global = Some(self.global(Vec::new()));
        self.says = Some(Facts { global, cluster: Some(self.cluster(false)) });
    }

    /// Its cluster stands alone, promoted and in no global cluster.
    pub fn detach(&mut self) {
        self.says = Some(Facts { global: None, cluster: Some(self.cluster(true)) });
    }
}
