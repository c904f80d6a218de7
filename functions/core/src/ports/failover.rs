//! The ports that only a function that may start a failover is given: one trait a capability.

use crate::world::lag::Lag;
use std::future::Future;

use crate::config::Database;
use crate::judge::permit::Authorized;
use crate::ports::{Notices, PortError, Ports};
use crate::words::names::Region;
use crate::world::attempt::Journal;

/// The replication lag.
pub trait ReplicationLag {
    /// The last sample about `region`'s cluster, asked in that Region, where alone it is measured; `None` when there is none.
    fn lag(
        &self,
        database: &Database,
        region: &Region,
    ) -> impl Future<Output = Result<Option<Lag>, PortError>>;
}

/// What this Region's `failover` function tried and saw.
pub trait Journals {
    /// Reads it; one that does not exist is empty, one that cannot be read is an error.
    fn read_journal(&self, database: &Database) -> impl Future<Output = Result<Journal, PortError>>;

    /// Writes it.
    fn put_journal(
        &self,
        database: &Database,
        journal: &Journal,
    ) -> impl Future<Output = Result<(), PortError>>;
}

/// The one call that can lose data.
pub trait StartFailover {
    /// Starts a failover, data loss allowed. An error whose kind is `Refused` says that nothing was started; any other
    /// leaves it open. Never tries again by itself after an answer that got lost.
    fn start_failover(&self, authorized: &Authorized) -> impl Future<Output = Result<(), PortError>>;
}

/// Everything that the policy needs beside a pass.
pub trait FailoverPorts: Ports + ReplicationLag + Journals + StartFailover + Notices {}

impl<T: Ports + ReplicationLag + Journals + StartFailover + Notices> FailoverPorts for T {}
