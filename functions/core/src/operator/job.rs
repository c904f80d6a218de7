//! One transition that a person asked for: what, where, for whom and until when.

use futures_util::future::LocalBoxFuture;

use crate::config::Database;
use crate::config::installation::Installation;
use crate::pass::context::Pass;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::run::{Caller, Kind};
use crate::world::trigger::BY_HAND;

/// A future on the heap: those of whole transitions are large, and their types deep.
pub(super) fn boxed<'a, T>(future: impl Future<Output = T> + 'a) -> LocalBoxFuture<'a, T> {
    Box::pin(future)
}

/// Where a request is performed, for whom and until when.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The databases of the installation.
    pub installation: &'a Installation,
    /// The function's own Region.
    pub own: &'a Region,
    /// Who asks.
    pub caller: &'a Caller,
    /// When the invocation ends.
    pub deadline: Timestamp,
}
/// What is to be done, where and until when.
#[derive(Debug, Clone)]
pub(super) struct Job<'a> {
    pub(super) database: &'a Database,
    pub(super) own: &'a Region,
    pub(super) kind: Kind,
    pub(super) target: Region,
    pub(super) caller: &'a Caller,
    pub(super) deadline: Timestamp,
}

impl<'a> Place<'a> {
    /// A pass over one of its databases.
    pub(super) fn pass<P>(self, ports: &'a P, database: &'a Database) -> Pass<'a, P> {
        Pass { ports, database, own: self.own, trigger: &BY_HAND, deadline: self.deadline }
    }
}

impl<'a> Job<'a> {
    /// A pass over its database.
    pub(super) fn pass<P>(&self, ports: &'a P) -> Pass<'a, P> {
        Pass { ports, database: self.database, own: self.own, trigger: &BY_HAND, deadline: self.deadline }
    }

    pub(super) fn new(place: Place<'a>, database: &'a Database, kind: Kind, target: Region) -> Self {
        Self { database, own: place.own, kind, target, caller: place.caller, deadline: place.deadline }
    }
}
