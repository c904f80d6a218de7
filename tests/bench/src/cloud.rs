//! The emulated AWS that is measured against: the drill's front, with the databases in memory behind it, and either
//! ministack (Route 53, Parameter Store, the table) or the same few operations in memory as well.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_emulator::Region;
use drill_emulator::front::{Certificate, Change, Entry, Front, Journal, Outcome};
use drill_emulator::lock::lock;
use drill_emulator::memory::Memory;
use responder_core::config::Database;
use responder_core::world::state::State;
use tokio::time::sleep;

use crate::error::BenchError;
use crate::fleet::{self, Fleet, PREFIX};

/// The counts of one measurement.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    /// Calls by kind, those that were refused for their quota included.
    pub(crate) calls: BTreeMap<String, u64>,
    /// Of these, how many were refused for their quota.
    pub(crate) throttled: BTreeMap<String, u64>,
    /// When the answers were sent that said that a record was accepted, one for each record.
    pub(crate) accepted: Vec<Instant>,
    /// How much of the front's journal is in it, or was before it was reset.
    read: usize,
}

impl Ledger {
    fn take_in(&mut self, journal: &Journal) {
        for entry in journal.entries_from(self.read) {
            self.read += 1;
            self.count(&entry);
        }
    }

    fn count(&mut self, entry: &Entry) {
        let fate = match entry.outcome {
            Outcome::BlackHoled => " (no answer)",
            Outcome::Refused => " (refused)",
            _ => "",
        };
        let name = format!("{}:{}{fate}", entry.call.service, entry.call.operation);
        if entry.outcome == Outcome::Throttled {
            *self.throttled.entry(name.clone()).or_default() += 1;
        }
        *self.calls.entry(name).or_default() += 1;
        if let (true, Some(Change::Records(changes))) = (entry.applied(), &entry.change) {
            let moved = changes.iter().filter(|it| it.kind == "CNAME" && it.action != "DELETE").count();
            self.accepted.extend(std::iter::repeat_n(entry.ended, moved));
        }
    }
}

/// The running AWS; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Cloud {
    /// Its endpoint, with delays, faults and quotas.
    pub(crate) front: Front,
    memory: Memory,
    ledger: Mutex<Ledger>,
}

impl Cloud {
    /// Starts with these databases, in front of the emulator at `emulator` or all in memory. With the emulator, what the
    /// fleet needs there is there already.
    pub(crate) async fn start(fleet: &Fleet, emulator: Option<SocketAddr>) -> Result<Self, BenchError> {
        let store = fleet.store();
        let memory = if emulator.is_some() { Memory::of_rds(store) } else { Memory::of_everything(store) };
        Self::with(memory, emulator).await
    }

    /// Starts with these databases, all in memory but CloudWatch, which the emulator plays.
    pub(crate) async fn with_alarms(fleet: &Fleet, emulator: SocketAddr) -> Result<Self, BenchError> {
        Self::with(Memory::beside_cloudwatch(fleet.store()), Some(emulator)).await
    }

    /// Starts with these databases, all in memory, asked by TLS with this certificate.
    pub(crate) async fn by_tls(fleet: &Fleet, certificate: &Certificate) -> Result<Self, BenchError> {
        let memory = Memory::of_everything(fleet.store());
        let front = Front::start_tls(certificate, None, Arc::new(memory.clone())).await?;
        Ok(Self { front, memory, ledger: Mutex::default() })
    }

    async fn with(memory: Memory, emulator: Option<SocketAddr>) -> Result<Self, BenchError> {
        let front = Front::start(emulator, Arc::new(memory.clone())).await?;
        Ok(Self { front, memory, ledger: Mutex::default() })
    }

    /// Changes a parameter, past the front.
    pub(crate) fn change_parameter(&self, region: Region, name: &str, change: impl FnOnce(&str) -> String) {
        self.memory.with(|store| {
            let parameters = store.parameters.get_mut(region);
            let value = change(parameters.get(name).map_or("", String::as_str));
            parameters.insert(name.to_owned(), value);
        });
    }

    /// When a call of this operation came in, of those that were answered; waits for it.
    pub(crate) async fn called(&self, operation: &str, patience: Duration) -> Option<Instant> {
        let began = Instant::now();
        while began.elapsed() < patience {
            let entries = self.front.journal().entries_from(0);
            let mut calls =
                entries.iter().filter(|entry| entry.call.operation == operation && entry.applied());
            if let Some(call) = calls.next() {
                return Some(call.received);
            }
            sleep(Duration::from_millis(2)).await;
        }
        None
    }

    /// Makes `region` the writer of every database, by every Region's word.
    pub(crate) fn transition(&self, region: Region) {
        self.memory.with(|store| store.databases.iter_mut().for_each(|it| it.topology.set_writer(region)));
    }

    /// From now on `region` goes on seeing what it sees, or learns of everything again.
    pub(crate) fn stays_behind(&self, region: Region, stays: bool) {
        self.memory.with(|store| {
            *store.behind.get_mut(region) = stays.then(|| store.databases.clone());
        });
    }

    /// Another actor publishes one database at the next epoch, so that whoever knows only the old one has lost its fence.
    pub(crate) fn overtake(&self, database: &Database) {
        let records = fleet::overtaken(database).into_iter().flatten();
        self.memory.with(|store| {
            records.for_each(|(name, kind, ttl, value)| store.records.put(&name, kind, ttl, value));
        });
    }

    /// How many databases have this Region's endpoint in their parameter there, and in their state.
    pub(crate) fn published_in(&self, region: Region) -> (usize, usize) {
        self.memory.with(|store| {
            let parameters = store.parameters.get(region);
            let is_writer = |name: &str| {
                parameters.get(&format!("/{name}/database/writer"))
                    == Some(&fleet::names(name, region).endpoint())
            };
            let is_state = |name: &str| {
                let json = parameters.get(&format!("{PREFIX}/state/{name}"));
                let state = json.and_then(|json| serde_json::from_str::<State>(json).ok());
                let names = |it: &responder_core::words::names::Region| it.as_str() == region.id();
                state.is_some_and(|it| names(&it.writer) && it.memory.is_some_and(|it| names(&it.writer)))
            };
            let count = |is: &dyn Fn(&str) -> bool| store.databases.iter().filter(|it| is(&it.name)).count();
            (count(&is_writer), count(&is_state))
        })
    }

    /// Forgets what was counted.
    pub(crate) fn reset_ledger(&self) {
        let read = self.ledger().read;
        *lock(&self.ledger) = Ledger { read, ..Ledger::default() };
    }

    /// What was counted so far.
    pub(crate) fn ledger(&self) -> Ledger {
        let mut ledger = lock(&self.ledger);
        ledger.take_in(self.front.journal());
        ledger.clone()
    }

    /// How many records were accepted so far.
    pub(crate) fn accepted(&self) -> usize {
        let mut ledger = lock(&self.ledger);
        ledger.take_in(self.front.journal());
        ledger.accepted.len()
    }
}
