//! Apply: perform exactly the plan. The record first, because it is the fence; then the parameters and
//! states of all Regions at once. It chooses nothing.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::config::Database;
use crate::names::Region;
use crate::plan::{Plan, RegionPlan};
use crate::ports::{Exchanged, PortError, Ports};

/// How each write of a plan ended; `None` where none was planned.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) record: Option<Result<Exchanged, PortError>>,
    pub(crate) regions: BTreeMap<Region, RegionApplied>,
}

/// How the writes in one Region's Parameter Store ended.
#[derive(Debug, Default)]
pub(crate) struct RegionApplied {
    pub(crate) writer: Option<Result<(), PortError>>,
    pub(crate) state: Option<Result<(), PortError>>,
}

impl Applied {
    pub(crate) fn fence_lost(&self) -> bool {
        matches!(self.record, Some(Ok(Exchanged::FenceLost)))
    }
}

/// Performs `plan`. When the fence is lost nothing else is written: somebody else has published.
pub(crate) async fn apply<P: Ports>(ports: &P, database: &Database, plan: Plan) -> Applied {
    let record = match &plan.exchange {
        Some(exchange) => Some(ports.exchange(database, exchange).await),
        None => None,
    };
    let mut applied = Applied { record, regions: BTreeMap::new() };
    if applied.fence_lost() {
        return applied;
    }
    // Route 53 down is degraded, not failed: the parameters are published all the same, and say so.
    let record_pending = matches!(applied.record, Some(Err(_)));
    let writes = plan.regions.into_iter().map(|(region, plan)| async move {
        let outcome = apply_region(ports, database, &region, plan, record_pending).await;
        (region, outcome)
    });
    applied.regions = join_all(writes).await.into_iter().collect();
    applied
}

async fn apply_region<P: Ports>(
    ports: &P,
    database: &Database,
    region: &Region,
    mut plan: RegionPlan,
    record_pending: bool,
) -> RegionApplied {
    if let Some(state) = &mut plan.state {
        state.record_pending |= record_pending;
    }
    let writer = async {
        match &plan.writer {
            Some(endpoint) => Some(ports.put_writer(database, region, endpoint).await),
            None => None,
        }
    };
    let state = async {
        match &plan.state {
            Some(state) => Some(ports.put_state(database, region, state).await),
            None => None,
        }
    };
    let (writer, state) = futures_util::future::join(writer, state).await;
    RegionApplied { writer, state }
}
