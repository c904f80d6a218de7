//! Ports that break the rule on purpose: the variants of the model that must find a violation.

use std::collections::BTreeMap;
use std::time::Duration;

use responder_core::config::Database;
use responder_core::ports::{
    Clock, Connection, Exchanged, HealthAlarms, Parameters, PortError, RegionViews, Turn, Write, WriterRecord,
};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::AlarmReading;
use responder_core::world::evidence::RegionParameters;
use responder_core::world::record::{Exchange, RecordSet};
use responder_core::world::state::Memory;
use responder_core::world::state::State;
use responder_core::world::topology::RegionView;
use responder_fakes::Actor;

use crate::audit::ownership_of;

/// How the loop is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// As it is.
    Rule,
    /// Route 53 never looks at what a batch deletes.
    NoFence,
    /// Each function sees its own Region only, and its memory looks fresh.
    OwnView,
    /// Every memory looks fresh.
    NoFreshness,
    /// The views are older than what is read of the record and the states.
    ViewsFirst,
    /// A claim is looked at again on the connection that is there.
    KeptConnections,
}

impl Variant {
    /// Those that are broken.
    pub const BROKEN: [Self; 5] =
        [Self::NoFence, Self::OwnView, Self::NoFreshness, Self::ViewsFirst, Self::KeptConnections];
}

/// An actor's ports, broken.
pub(crate) struct Broken {
    pub(crate) actor: Actor,
    pub(crate) variant: Variant,
    /// The views as they were before anything else was read.
    pub(crate) before: BTreeMap<Region, RegionView>,
}

impl Broken {
    /// A memory of `region` that makes any claim of it look fresh now.
    fn fresh_memory(&self, region: &Region) -> Option<Memory> {
        let world = self.actor.world();
        let other = world.regions().iter().find(|other| *other != region)?;
        let epoch = ownership_of(&world.records())?.epoch;
        Some(Memory { writer: other.clone(), epoch })
    }

    fn is_hidden(&self, region: &Region) -> bool {
        self.variant == Variant::OwnView && region != self.actor.own()
    }
}

fn hidden() -> PortError {
    PortError::new("rds:DescribeGlobalClusters", FailureKind::Unreachable)
}

impl RegionViews for Broken {
    async fn view(
        &self,
        database: &Database,
        region: &Region,
        connection: Connection,
    ) -> Result<RegionView, PortError> {
        if self.is_hidden(region) {
            return Err(hidden());
        }
        match self.before.get(region) {
            Some(view) if self.variant == Variant::ViewsFirst => Ok(view.clone()),
            _ if self.variant == Variant::KeptConnections => {
                self.actor.view(database, region, Connection::Kept).await
            }
            _ => self.actor.view(database, region, connection).await,
        }
    }
}

impl WriterRecord for Broken {
    async fn read_record(&self, database: &Database) -> Result<RecordSet, PortError> {
        self.actor.read_record(database).await
    }

    async fn exchange(&self, database: &Database, exchange: &Exchange) -> Result<Exchanged, PortError> {
        self.actor.exchange(database, exchange).await
    }
}

impl Parameters for Broken {
    async fn turn(&self, database: &Database, region: &Region, write: Write) -> Result<Turn, PortError> {
        self.actor.turn(database, region, write).await
    }

    fn no_turns_after(&self, end: Timestamp) {
        self.actor.no_turns_after(end);
    }

    async fn read_parameters(
        &self,
        database: &Database,
        region: &Region,
    ) -> Result<RegionParameters, PortError> {
        let mut parameters = self.actor.read_parameters(database, region).await?;
        if matches!(self.variant, Variant::OwnView | Variant::NoFreshness)
            && let Some(state) = &mut parameters.state
        {
            state.memory = self.fresh_memory(region).or(state.memory.take());
        }
        Ok(parameters)
    }

    async fn put_writer(
        &self,
        database: &Database,
        region: &Region,
        endpoint: &str,
    ) -> Result<(), PortError> {
        self.actor.put_writer(database, region, endpoint).await
    }

    async fn put_state(&self, database: &Database, region: &Region, state: &State) -> Result<(), PortError> {
        self.actor.put_state(database, region, state).await
    }
}

impl HealthAlarms for Broken {
    async fn alarm_readings(&self, database: &Database) -> BTreeMap<String, AlarmReading> {
        self.actor.alarm_readings(database).await
    }

    async fn mute_rules(&self, database: &Database) -> BTreeMap<String, Result<Option<String>, PortError>> {
        self.actor.mute_rules(database).await
    }

    async fn cloudwatch_answers(&self, region: &Region) -> Result<(), PortError> {
        self.actor.cloudwatch_answers(region).await
    }
}

impl Clock for Broken {
    fn now(&self) -> Timestamp {
        self.actor.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.actor.sleep(duration).await;
    }
}
