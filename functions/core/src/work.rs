//! What a function does for one database of its fleet.

use crate::aftermath::aftermath;
use crate::config::Database;
use crate::failover::ports::FailoverPorts;
use crate::failover::respond::respond;
use crate::names::Region;
use crate::ports::{Notices, Ports};
use crate::reconcile::{Known, Outcome};
use crate::timestamp::Timestamp;
use crate::trigger::Trigger;
use crate::watch::watch;

/// What a function does for one database.
pub trait Work<P> {
    /// Does it, until `deadline` is near.
    fn run(
        &self,
        ports: &P,
        database: &Database,
        own: &Region,
        known: &mut Known,
        trigger: &Trigger,
        deadline: Timestamp,
    ) -> impl Future<Output = Outcome>;
}

/// `follow`: publish the current writer, and stay while a transition is under way. Nothing that it is handed could
/// start one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Follow;

impl<P: Ports + Notices> Work<P> for Follow {
    async fn run(
        &self,
        ports: &P,
        database: &Database,
        own: &Region,
        known: &mut Known,
        trigger: &Trigger,
        deadline: Timestamp,
    ) -> Outcome {
        let mut outcome = watch(ports, database, own, known, trigger, deadline).await;
        aftermath(ports, database, own, trigger, &mut outcome).await;
        outcome
    }
}

/// `failover`: the same pass once, and for an alarm that the database names what its policy says. It does not stay
/// for what it did not start: one invocation runs at a time, and the next alarm must not wait for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Failover;

impl<P: FailoverPorts> Work<P> for Failover {
    async fn run(
        &self,
        ports: &P,
        database: &Database,
        own: &Region,
        known: &mut Known,
        trigger: &Trigger,
        deadline: Timestamp,
    ) -> Outcome {
        let mut outcome = respond(ports, database, own, known, trigger, deadline).await;
        aftermath(ports, database, own, trigger, &mut outcome).await;
        outcome
    }
}
