//! The ports that only the `drill` function is given: one trait a capability.

use crate::judge::permit::Switchover;
use std::future::Future;

use crate::config::Database;
use crate::ports::PortError;
use crate::ports::failover::FailoverPorts;
use crate::words::names::Region;
use crate::world::evidence::Declaration;
use crate::world::run::Run;
use crate::world::snapshot::{Copied, Copy, Snapshot};

/// The call that moves the writer without loss.
pub trait StartSwitchover {
    /// Starts a switchover. An error whose kind is `Refused` says that nothing was started; any other leaves it open.
    /// Never tries again by itself after an answer that got lost.
    fn start_switchover(&self, switchover: &Switchover) -> impl Future<Output = Result<(), PortError>>;
}

/// The switches that an operator has in each Region's Parameter Store.
pub trait OperatorSwitches {
    /// Sets the hold switch.
    fn put_hold(
        &self,
        database: &Database,
        region: &Region,
        reason: &str,
    ) -> impl Future<Output = Result<(), PortError>>;

    /// Takes the hold switch away; `false` when it was not set.
    fn delete_hold(
        &self,
        database: &Database,
        region: &Region,
    ) -> impl Future<Output = Result<bool, PortError>>;

    /// Declares a promotion.
    fn put_declared(
        &self,
        database: &Database,
        region: &Region,
        declared: &Declaration,
    ) -> impl Future<Output = Result<(), PortError>>;
}

/// What each Region's `drill` function remembers of its last run.
pub trait Runs {
    /// Reads it in `region`; `None` when there is none, an error when it cannot be read.
    fn read_run(
        &self,
        database: &Database,
        region: &Region,
    ) -> impl Future<Output = Result<Option<Run>, PortError>>;

    /// Writes it in the own Region.
    fn put_run(&self, database: &Database, run: &Run) -> impl Future<Output = Result<(), PortError>>;
}

/// The snapshots of a database's member. There is no port that deletes one.
pub trait Snapshots {
    /// All of them that `region`'s own endpoint lists, AWS's and those that people made.
    fn snapshots(
        &self,
        database: &Database,
        region: &Region,
    ) -> impl Future<Output = Result<Vec<Snapshot>, PortError>>;

    /// Copies one within its Region, under the same key. After an answer that got lost the copy may be there.
    fn copy_snapshot(
        &self,
        database: &Database,
        region: &Region,
        copy: &Copy,
    ) -> impl Future<Output = Result<Copied, PortError>>;
}

/// Everything that a drill needs.
pub trait DrillPorts: FailoverPorts + StartSwitchover + OperatorSwitches + Runs + Snapshots {}

impl<T: FailoverPorts + StartSwitchover + OperatorSwitches + Runs + Snapshots> DrillPorts for T {}
