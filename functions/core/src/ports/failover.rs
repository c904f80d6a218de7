//! The ports that only a function that may start a failover is given: one trait a capability.

use crate::world::lag::Lags;
use std::future::Future;

use crate::config::Database;
use crate::judge::permit::Authorized;
use crate::ports::{Notices, Pages, PortError, Ports};
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::attempt::{Journal, Kept};
use crate::world::readiness::{KeptReadiness, Readiness};

/// The replication lag.
pub trait ReplicationLag {
    /// The samples about `region`'s cluster from `since` on, oldest first, asked in that Region, where alone it is
    /// measured. AWS's own come one to three minutes late; each is dated by the start of its time. Where the configuration
    /// names a probe in that Region, its samples are among them. Fails where no source can be read.
    fn lag(
        &self,
        database: &Database,
        region: &Region,
        since: Timestamp,
    ) -> impl Future<Output = Result<Lags, PortError>>;
}

/// What this Region's `failover` function tried and saw.
pub trait Journals {
    /// Reads it with its version, 0 for one that does not exist; one that cannot be read is an error.
    fn read_journal(&self, database: &Database) -> impl Future<Output = Result<Kept, PortError>>;

    /// Writes it, and says which version that made: the one right after what was read, unless somebody wrote in between.
    fn put_journal(
        &self,
        database: &Database,
        journal: &Journal,
    ) -> impl Future<Output = Result<u64, PortError>>;
}

/// What each Region's `failover` function found when it last looked ahead.
pub trait Readinesses {
    /// Reads it in `region` with its version, 0 for one that does not exist; what is there and is none of ours is `None`.
    fn read_readiness(
        &self,
        database: &Database,
        region: &Region,
    ) -> impl Future<Output = Result<KeptReadiness, PortError>>;

    /// Writes it in the own Region, and says which version that made.
    fn put_readiness(
        &self,
        database: &Database,
        readiness: &Readiness,
    ) -> impl Future<Output = Result<u64, PortError>>;
}

/// The one call that can lose data.
pub trait StartFailover {
    /// Starts a failover, data loss allowed. An error whose kind is `Refused` says that nothing was started; any other
    /// leaves it open. Never tries again by itself after an answer that got lost.
    fn start_failover(&self, authorized: &Authorized) -> impl Future<Output = Result<(), PortError>>;
}

/// Everything that the policy needs beside a pass.
pub trait FailoverPorts:
    Ports + ReplicationLag + Journals + Readinesses + StartFailover + Notices + Pages
{
}

impl<T: Ports + ReplicationLag + Journals + Readinesses + StartFailover + Notices + Pages> FailoverPorts
    for T
{
}
