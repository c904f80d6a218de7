//! Ports that break the rule on purpose: the variants of the model that must find a violation.

use std::collections::BTreeMap;
use std::time::Duration;

use responder_core::config::Database;
use responder_core::ports::{
    Clock, Connection, Exchanged, HealthAlarms, Parameters, PortError, Probes, RegionViews, Turn, Write,
    WriterRecord,
};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::AlarmReading;
use responder_core::world::evidence::RegionParameters;
use responder_core::world::probe::{ProbeWord, Question};
use responder_core::world::record::{Exchange, RecordSet};
use responder_core::world::state::Memory;
use responder_core::world::state::State;
use responder_core::world::topology::{RegionView, Word};
use responder_fakes::{Actor, Site, Unkind};

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
    /// A cluster that still replicates counts as ready.
    ReadyReplicas,
    /// Whoever answers without naming a writer renounces.
    SilenceRenounces,
    /// A cluster that stands alone is taken at its word.
    CopiesClaim,
    /// Every cluster is always ready.
    AlwaysReady,
    /// What Parameter Store refuses to tell is not set.
    FailsOpen,
    /// What was read of the hold switch before a function was frozen is as good as new.
    ThawedSwitch,
    /// A function acts on what was so when its event came.
    ActsOnEvents,
    /// A publication that is dated in the future is believed, and the clock is not.
    TrustedDates,
    /// A probe's no is not known.
    DeafToNo,
}

impl Variant {
    /// Those that are broken whatever AWS does.
    pub const BROKEN: [Self; 4] = [Self::NoFence, Self::OwnView, Self::NoFreshness, Self::ViewsFirst];
    /// Those of these that do no harm while AWS is kind.
    pub const HARMLESS: [Self; 6] = [
        Self::KeptConnections,
        Self::ReadyReplicas,
        Self::SilenceRenounces,
        Self::TrustedDates,
        Self::ActsOnEvents,
        Self::CopiesClaim,
    ];
    /// Those that are broken where AWS is unkind in this way, and what is violated then.
    pub const BROKEN_WHERE: [(Unkind, Self, &str); 12] = [
        (Unkind::Backwards, Self::KeptConnections, BACK),
        (Unkind::Nodes, Self::ReadyReplicas, BACK),
        (Unkind::Stale, Self::NoFence, BACK),
        (Unkind::Pages, Self::SilenceRenounces, BACK),
        (Unkind::Clocks, Self::TrustedDates, "the writer"),
        (Unkind::Statuses, Self::AlwaysReady, "takes no connections"),
        (Unkind::Buckets, Self::FailsOpen, "under a hold"),
        (Unkind::Retries, Self::ActsOnEvents, "moved back"),
        (Unkind::Thaw, Self::ThawedSwitch, "under a hold"),
        (Unkind::Late, Self::NoFence, BACK),
        (Unkind::Copies, Self::CopiesClaim, "saw nobody name"),
        (Unkind::ReadOnly, Self::DeafToNo, "took no writes"),
    ];
}

/// The record goes back, or to whom nobody named in the newest term that the function saw.
const BACK: &str = "moved back|saw nobody name";

/// An actor's ports, broken.
pub(crate) struct Broken {
    actor: Actor,
    variant: Variant,
    /// The views as they were before anything else was read.
    before: BTreeMap<Region, RegionView>,
}

impl Broken {
    pub(crate) fn new(actor: Actor, variant: Variant, before: BTreeMap<Region, RegionView>) -> Self {
        Self { actor, variant, before }
    }

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

    /// A view that names this writer, by a cluster that is well.
    fn well(&self, database: &Database, region: &Region, writer: &Region) -> RegionView {
        let facts = Site::new(region).facts(self.actor.world().regions(), Some(writer));
        RegionView::new(database, region, &facts)
    }

    /// What the variant makes of a view.
    fn changed(&self, database: &Database, region: &Region, view: RegionView) -> RegionView {
        let world = self.actor.world();
        let other = || world.regions().iter().find(|other| *other != region);
        let writer = match (self.variant, view.word()) {
            (Variant::AlwaysReady, Word::Writer(named)) => Some(named.clone()),
            (Variant::ReadyReplicas, Word::Writer(named)) if view.is_replica() => {
                let mut facts = world.site(region.as_str()).facts(world.regions(), Some(named));
                facts.cluster.iter_mut().for_each(|cluster| cluster.is_replica = false);
                return RegionView::new(database, region, &facts);
            }
            (Variant::CopiesClaim, Word::Detached) => Some(region.clone()),
            (Variant::SilenceRenounces, Word::Nobody | Word::Nothing | Word::Unlisted | Word::Detached) => {
                other().cloned()
            }
            _ => None,
        };
        writer.map_or(view, |writer| self.well(database, region, &writer))
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
        if let Some(view) = self.before.get(region) {
            return Ok(view.clone());
        }
        let is_kept = self.variant == Variant::KeptConnections;
        let connection = if is_kept { Connection::Kept } else { connection };
        let view = self.actor.view(database, region, connection).await?;
        Ok(self.changed(database, region, view))
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
        let read = self.actor.read_parameters(database, region).await;
        if read.is_err() && self.variant == Variant::FailsOpen {
            return Ok(RegionParameters::default());
        }
        let mut parameters = read?;
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

impl Probes for Broken {
    async fn probe(
        &self,
        region: &Region,
        function: &str,
        question: &Question,
    ) -> Result<ProbeWord, PortError> {
        let word = self.actor.probe(region, function, question).await?;
        let is_deaf = self.variant == Variant::DeafToNo;
        Ok(ProbeWord { writable: word.writable.filter(|it| *it || !is_deaf), ..word })
    }
}

impl Clock for Broken {
    fn now(&self) -> Timestamp {
        let date = ownership_of(&self.actor.world().records()).map(|ownership| ownership.at);
        date.filter(|_| self.variant == Variant::TrustedDates).max(Some(self.actor.now())).unwrap_or_default()
    }

    async fn sleep(&self, duration: Duration) {
        self.actor.sleep(duration).await;
    }
}
