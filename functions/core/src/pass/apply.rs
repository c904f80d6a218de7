//! Apply executes the plan and decides nothing. It writes the record first, because it is the fence; then the
//! parameters and states of all Regions at once.
//!
//! Where many databases write at once a parameter waits for its turn. A parameter has no fence of its own, so after a wait
//! the record is looked at again, and what was published meanwhile is not overwritten.

use crate::pass::context::Pass;
use crate::world::known::Known;
use crate::world::state::Memory;
use crate::world::state::State;
use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use crate::config::Database;
use crate::pass::plan::{Plan, RegionPlan};
use crate::ports::{Exchanged, PortError, Ports, Write};
use crate::words::failure::FailureKind;
use crate::words::names::Region;
use crate::world::record::RecordSet;

/// A wait that is no longer than one call's budget is as short as any call may be.
const WAIT_MAX: Duration = Duration::from_secs(2);

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

/// Performs `plan`. When the fence is lost nothing else is written: somebody else has published. `seen` is the record
/// that the plan was made for.
pub(crate) async fn apply<P: Ports>(pass: Pass<'_, P>, plan: Plan, seen: Option<&RecordSet>) -> Applied {
    let Pass { ports, database, .. } = pass;
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
    let stands = match &plan.exchange {
        Some(exchange) => Some(&exchange.to).filter(|_| !record_pending),
        None => seen,
    };
    let writing = &Writing { ports, database, stands };
    let writes = plan.regions.into_iter().map(|(region, plan)| async move {
        let outcome = writing.in_region(&region, plan, record_pending).await;
        (region, outcome)
    });
    applied.regions = join_all(writes).await.into_iter().collect();
    applied
}

/// The writes of one database's parameters.
struct Writing<'a, P> {
    ports: &'a P,
    database: &'a Database,
    /// The record that has to stand while they are written; unknown while Route 53 does not answer.
    stands: Option<&'a RecordSet>,
}

impl<P: Ports> Writing<'_, P> {
    async fn in_region(&self, region: &Region, mut plan: RegionPlan, record_pending: bool) -> RegionApplied {
        if let Some(state) = &mut plan.state {
            state.record_pending |= record_pending;
        }
        let (ports, database) = (self.ports, self.database);
        let writer = async {
            let put = ports.put_writer(database, region, plan.writer.as_ref()?);
            Some(self.in_turn(region, Write::Writer, put).await)
        };
        // What people have to be told stands in the state, so one that was not read is left to the round that verifies. While
        // Route 53 does not answer there is none, and the states alone tell what is published.
        let state = async {
            let state = plan.state.as_ref().filter(|_| record_pending || !plan.is_unread)?;
            let put = ports.put_state(database, region, state);
            Some(self.in_turn(region, Write::State, put).await)
        };
        let (writer, state) = futures_util::future::join(writer, state).await;
        RegionApplied { writer, state }
    }

    /// Waits for the turn of `put`, and makes it unless something else was published meanwhile.
    async fn in_turn(
        &self,
        region: &Region,
        write: Write,
        put: impl Future<Output = Result<(), PortError>>,
    ) -> Result<(), PortError> {
        let turn = self.ports.turn(self.database, region, write).await?;
        if turn.waited > WAIT_MAX
            && let Some(stands) = self.stands
            && let Ok(now) = self.ports.read_record(self.database).await
            && now != *stands
        {
            return Err(self.overtaken(region));
        }
        put.await
    }

    fn overtaken(&self, region: &Region) -> PortError {
        let operation = format!("ssm:PutParameter for {} in {region}", self.database.name());
        let detail = "the record was changed while the write waited for its turn; the next pass looks again";
        PortError { detail: Some(detail.to_owned()), ..PortError::new(operation, FailureKind::Throttled) }
    }
}

/// What a function knows after its writes.
impl Known {
    /// What was written is known, where at least one channel took it.
    pub(crate) fn note(&mut self, plan: &Plan, applied: &Applied) {
        if applied.fence_lost() {
            *self = Self { switches: std::mem::take(&mut self.switches), ..Self::default() };
            return;
        }
        for (region, outcome) in &applied.regions {
            let state = plan.regions.get(region).and_then(|plan| plan.state.as_ref());
            if let (Some(state), Some(Ok(()))) = (state, &outcome.state) {
                self.published = Some(state.published());
                self.remember(region, state.memory.clone());
            }
        }
        if matches!(applied.record, Some(Ok(_))) {
            let states = plan.regions.values().filter_map(|plan| plan.state.as_ref());
            self.published = states.map(State::published).next().or(self.published.take());
        }
    }

    fn remember(&mut self, region: &Region, memory: Option<Memory>) {
        if let Some(memory) = memory {
            self.memories.insert(region.clone(), memory);
        }
    }
}
