//! What each Region's own RDS endpoint would say: a copy of the truth that lags, freezes, or lies.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use drill_emulator::{
    Pair, Region,
    lock::lock,
    rds::model::{Role, Topology},
};
use tokio::time::sleep;

#[derive(Debug)]
struct View {
    topology: Topology,
    revision: u64,
    cut: bool,
    claims: bool,
}

#[derive(Debug)]
struct Inner {
    truth: Topology,
    revision: u64,
    views: Pair<View>,
}

/// The truth, and each Region's view of it.
#[derive(Debug, Clone)]
pub(super) struct Views {
    inner: Arc<Mutex<Inner>>,
    delay: Duration,
}

impl Views {
    /// All views agree at first; later they follow a publication after `delay`.
    pub(super) fn new(truth: Topology, delay: Duration) -> Self {
        let views = Pair::each(|_| View { topology: truth.clone(), revision: 0, cut: false, claims: false });
        let inner = Inner { truth, revision: 0, views };
        Self { inner: Arc::new(Mutex::new(inner)), delay }
    }

    /// The truth.
    pub(super) fn truth(&self) -> Topology {
        lock(&self.inner).truth.clone()
    }

    /// What that Region's endpoint says now.
    pub(super) fn seen_by(&self, region: Region) -> Topology {
        let inner = lock(&self.inner);
        let view = inner.views.get(region);
        let mut seen = view.topology.clone();
        if view.claims && seen.clusters.get(region).role != Role::Detached {
            seen.set_writer(region);
        }
        seen
    }

    /// Changes the truth; nobody sees it before it is published.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Topology) -> T) -> T {
        let mut inner = lock(&self.inner);
        let changed = change(&mut inner.truth);
        inner.revision += 1;
        changed
    }

    /// Lets a Region's view follow the truth as it is now, after the delay; not while it is cut off.
    pub(super) fn publish(&self, region: Region) {
        let (truth, revision) = {
            let inner = lock(&self.inner);
            (inner.truth.clone(), inner.revision)
        };
        if self.delay.is_zero() {
            self.apply(region, truth, revision);
            return;
        }
        let views = self.clone();
        tokio::spawn(async move {
            sleep(views.delay).await;
            views.apply(region, truth, revision);
        });
    }

    /// A view never runs backwards: an older publication that comes late is dropped.
    fn apply(&self, region: Region, truth: Topology, revision: u64) {
        let mut inner = lock(&self.inner);
        let view = inner.views.get_mut(region);
        if !view.cut && revision >= view.revision {
            view.topology = truth;
            view.revision = revision;
        }
    }

    pub(super) fn cut(&self, region: Region) {
        lock(&self.inner).views.get_mut(region).cut = true;
    }

    pub(super) fn heal(&self, region: Region) {
        lock(&self.inner).views.get_mut(region).cut = false;
        self.publish(region);
    }

    pub(super) fn is_cut(&self, region: Region) -> bool {
        lock(&self.inner).views.get(region).cut
    }

    pub(super) fn pin_claim(&self, region: Region, claims: bool) {
        lock(&self.inner).views.get_mut(region).claims = claims;
    }
}
