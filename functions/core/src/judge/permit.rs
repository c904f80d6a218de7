//! The permits: a move that every check allows. Only this folder can make one, and the ports that move a writer take
//! nothing else.

use crate::config::Database;
use crate::words::names::{ClusterArn, Region};

/// A failover that every check allows, or that a person asked for and overrode one check of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    global_cluster: String,
    target: ClusterArn,
}

impl Authorized {
    /// The failover of `database` to the member in `target`: for the policy and the preflight, when every check allows it.
    pub(super) fn of(database: &Database, target: &Region) -> Option<Self> {
        let target = database.members().get(target)?.clone();
        Some(Self { global_cluster: database.global_cluster().to_owned(), target })
    }

    /// The global cluster's identifier.
    pub fn global_cluster(&self) -> &str {
        &self.global_cluster
    }

    /// The cluster that is to become the writer. The call goes to its own Region.
    pub fn target(&self) -> &ClusterArn {
        &self.target
    }
}
/// A switchover that every check allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switchover {
    global_cluster: String,
    target: ClusterArn,
    writer: Region,
}

impl Switchover {
    /// The switchover of `database` from the Region `writer` to the Region `target`.
    pub(super) fn of(database: &Database, writer: &Region, target: &Region) -> Option<Self> {
        let target = database.members().get(target)?.clone();
        Some(Self { global_cluster: database.global_cluster().to_owned(), target, writer: writer.clone() })
    }

    /// The global cluster's identifier.
    pub fn global_cluster(&self) -> &str {
        &self.global_cluster
    }

    /// The cluster that is to become the writer.
    pub fn target(&self) -> &ClusterArn {
        &self.target
    }

    /// The writer's Region, where it is called.
    pub fn writer(&self) -> &Region {
        &self.writer
    }
}
