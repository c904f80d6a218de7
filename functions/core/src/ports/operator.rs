//! The ports that only the `drill` function is given: one trait a capability.

use crate::judge::permit::Switchover;
use std::future::Future;

use crate::config::Database;
use crate::ports::PortError;
use crate::ports::failover::FailoverPorts;
use crate::words::names::Region;
use crate::world::evidence::Declaration;
use crate::world::run::Run;

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

/// Everything that a drill needs.
pub trait DrillPorts: FailoverPorts + StartSwitchover + OperatorSwitches + Runs {}

impl<T: FailoverPorts + StartSwitchover + OperatorSwitches + Runs> DrillPorts for T {}
