//! What the health checkers have seen, and what follows from it.

use std::{collections::BTreeMap, sync::Mutex, time::Instant};

use drill_emulator::lock::lock;
use tokio::sync::watch;

use crate::health::{
    config::CheckConfig,
    location::Location,
    seen::{Probe, StatusChange},
    status::{Reports, Statuses},
};

/// The state of every health check, shared by all checkers.
#[derive(Debug)]
pub(super) struct Board {
    seen: Mutex<Seen>,
    statuses: watch::Sender<Statuses>,
}

#[derive(Debug, Default)]
struct Seen {
    checks: BTreeMap<String, Check>,
    probes: Vec<Probe>,
    changes: Vec<StatusChange>,
}

#[derive(Debug)]
struct Check {
    config: CheckConfig,
    locations: BTreeMap<String, Location>,
}

impl Board {
    /// An empty one, which tells `statuses` of every change.
    pub(super) fn new(statuses: watch::Sender<Statuses>) -> Self {
        Self { seen: Mutex::default(), statuses }
    }

    /// A health check that is new or was changed: its locations begin afresh.
    pub(super) fn begin(&self, config: CheckConfig) {
        let mut seen = lock(&self.seen);
        let fresh = |location: &String| (location.clone(), Location::new(config.threshold));
        let (id, locations) = (config.id.clone(), config.locations.iter().map(fresh).collect());
        seen.checks.insert(id.clone(), Check { config, locations });
        self.judge(&mut seen, &id);
    }

    /// A health check that is gone.
    pub(super) fn end(&self, id: &str) {
        lock(&self.seen).checks.remove(id);
        self.statuses.send_modify(|statuses| statuses.remove(id));
    }

    /// What one check of one location came to.
    pub(super) fn saw(&self, probe: Probe) {
        let mut seen = lock(&self.seen);
        let id = probe.check.clone();
        let location = seen.checks.get_mut(&id).and_then(|check| check.locations.get_mut(&probe.location));
        // A check that ended after its health check was taken away.
        let Some(location) = location else { return };
        location.saw(probe.problem.is_none());
        let probe = Probe { verdict: location.verdict(), ..probe };
        seen.probes.push(probe);
        self.judge(&mut seen, &id);
    }

    fn judge(&self, seen: &mut Seen, id: &str) {
        let Some(Check { config, locations }) = seen.checks.get(id) else { return };
        let reports = Reports::count(locations.values().map(Location::verdict));
        let healthy = reports.status(config.disabled, config.inverted);
        let change = StatusChange { at: Instant::now(), check: id.to_owned(), healthy, reports };
        let changed = self.statuses.send_if_modified(|statuses| statuses.set(id, healthy));
        if changed {
            seen.changes.push(change);
        }
    }

    /// All checks so far.
    pub(super) fn probes(&self) -> Vec<Probe> {
        lock(&self.seen).probes.clone()
    }

    /// Drops the checks that ended before then.
    pub(super) fn forget(&self, before: Instant) {
        lock(&self.seen).probes.retain(|probe| probe.ended >= before);
    }

    /// All changes of a status so far.
    pub(super) fn changes(&self) -> Vec<StatusChange> {
        lock(&self.seen).changes.clone()
    }

    /// Whether that health check is healthy.
    pub(super) fn is_healthy(&self, id: &str) -> bool {
        self.statuses.borrow().is_healthy(id)
    }
}
