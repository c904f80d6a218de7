//! Who says when a call takes effect: nothing at all in a unit test, the scheduler in the simulation.

use futures_util::future::LocalBoxFuture;
use responder_core::ports::Connection;
use responder_core::words::names::Region;
use responder_core::world::facts::Facts;
use responder_core::world::record::Exchange;
use responder_core::world::state::State;

use crate::call::{Call, Fault};

/// When one call takes effect and when its answer arrives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fate {
    /// Until it takes effect, in milliseconds.
    pub request_ms: i64,
    /// From there until its answer arrives, in milliseconds.
    pub answer_ms: i64,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// A listing of RDS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// `DescribeGlobalClusters`.
    GlobalClusters,
    /// `DescribeDBClusters`.
    Clusters,
    /// `DescribeDBInstances`.
    Instances,
}

/// In what a view is less than what its Region has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whim {
    /// So many terms ago the node was whose word on the global cluster it is.
    pub global_terms: usize,
    /// The same of the Region's own cluster.
    pub cluster_terms: usize,
    /// The instances have this status, by a node that has not heard of another.
    pub instances: Option<&'static str>,
    /// This listing lacks what it should have.
    pub left_out: Option<Listing>,
}

impl Whim {
    pub(crate) fn change(self, facts: &mut Facts) {
        match self.left_out {
            Some(Listing::GlobalClusters) => facts.global = None,
            Some(Listing::Clusters) => facts.cluster = None,
            Some(Listing::Instances) | None => {}
        }
        let Some(cluster) = &mut facts.cluster else { return };
        if self.left_out == Some(Listing::Instances) {
            cluster.instances.clear();
        }
        for instance in &mut cluster.instances {
            if let Some(status) = self.instances {
                status.clone_into(&mut instance.status);
            }
        }
    }
}

/// What a call did to the world, or learnt of it.
#[derive(Debug)]
pub enum Effect<'a> {
    /// A view was taken of this Region, when it showed this term and named this Region as the writer.
    Viewed {
        /// The Region whose endpoint answered.
        region: &'a Region,
        /// The term that it shows, which nobody outside the fakes can know.
        term: usize,
        /// The writer that it names, if it names one.
        named: Option<&'a Region>,
    },
    /// An exchange was tried.
    Exchanged {
        /// What was asked.
        exchange: &'a Exchange,
        /// Whether the fence held.
        accepted: bool,
    },
    /// A writer parameter was written.
    WriterPut {
        /// Where.
        region: &'a Region,
        /// Its value.
        endpoint: &'a str,
    },
    /// A probe was asked about this Region's cluster.
    Probed {
        /// The Region whose cluster it is.
        region: &'a Region,
        /// What it said.
        writable: Option<bool>,
    },
    /// A failover was asked for.
    FailoverAsked {
        /// The Region that is to have the writer.
        target: &'a Region,
        /// Whether RDS took it.
        taken: bool,
    },
    /// A state parameter was written.
    StatePut {
        /// Where.
        region: &'a Region,
        /// Its value.
        state: &'a State,
    },
}

/// Says when each call takes effect, and is told of it.
pub trait Conductor {
    /// The fate of this call.
    fn fate(&self, call: &Call) -> Fate;

    /// What the nodes of a Region's RDS endpoint make of a view on such a connection, where the Region has come to the term
    /// `shown` and the world to `now`.
    fn whim(&self, _: &Call, _: Connection, _shown: usize, _now: usize) -> Whim {
        Whim::default()
    }

    /// How old what Route 53 or Parameter Store reads to this call is, in milliseconds.
    fn age_ms(&self, _: &Call) -> i64 {
        0
    }

    /// Waits.
    fn pause(&self, ms: i64) -> LocalBoxFuture<'static, ()>;

    /// Is told what a call did.
    fn note(&self, call: &Call, effect: &Effect<'_>);

    /// Whether the world writes its log; a hundred thousand runs do without.
    fn keeps_log(&self) -> bool {
        false
    }
}
