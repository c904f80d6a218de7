//! The installation on the stage: what it is called, and where it publishes the writer.

use drill_cloud::{Function, Pair};

use crate::stage;
use crate::wakes::Wakes;

/// Names and times of an installation and of its one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installation {
    /// Below which its own parameters are.
    pub(crate) prefix: String,
    /// The database's name in it.
    pub(crate) database: String,
    /// Id of the record's hosted zone.
    pub(crate) zone: String,
    /// The writer record.
    pub(crate) record: String,
    /// The writer parameter.
    pub(crate) parameter: String,
    /// The record's time to live.
    pub(crate) ttl_seconds: u32,
    /// For how long nothing moves after a publication.
    pub(crate) settle_seconds: u32,
}

impl Installation {
    /// The one that the drill makes by itself, in that hosted zone.
    pub(crate) fn seeded(zone: String) -> Self {
        Self {
            prefix: stage::PREFIX.to_owned(),
            database: "todo".to_owned(),
            zone,
            record: stage::RECORD.to_owned(),
            parameter: stage::PARAMETER.to_owned(),
            ttl_seconds: stage::TTL_SECONDS,
            settle_seconds: stage::SETTLE_SECONDS,
        }
    }

    /// The name of the parameter of that kind, such as `databases` or `state`.
    pub(crate) fn own_parameter(&self, kind: &str) -> String {
        format!("{}/{kind}/{}", self.prefix, self.database)
    }
}

/// What is deployed in each Region, and what wakes it.
#[derive(Debug, Clone)]
pub(crate) struct Functions {
    pub(crate) follow: Pair<Function>,
    pub(crate) failover: Pair<Function>,
    /// Most invocations of `follow` in one Region at once, as its reserved concurrency has it.
    pub(crate) follow_slots: usize,
    /// The same of `failover`.
    pub(crate) failover_slots: usize,
    /// Whom an RDS event wakes.
    pub(crate) wakes: Wakes,
}
