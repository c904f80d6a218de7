//! AWS's side of the global database: its state, what each Region sees of it, and who is told.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::broadcast;

use drill_emulator::{
    Pair, Region,
    lock::lock,
    rds::{
        model::{AVAILABLE, Cluster, Kind, Topology, Transition},
        refusal::Refusal,
        snapshots::Snapshot,
    },
};

use crate::aurora::{
    events::{self, Happening, RdsEvent},
    storage::Storage,
    view::Views,
};

/// Room for subscribers that fall behind; a transition makes about a dozen of each.
const BACKLOG: usize = 1_024;

/// How quick the emulated AWS is.
#[derive(Debug, Clone, Copy)]
pub struct AuroraSettings {
    /// How long after a change a Region's own view shows it.
    pub view_delay: Duration,
    /// How much later than the new writer's Region the old writer's learns of a promotion.
    pub peer_lag: Duration,
    /// The pause between two steps of a transition.
    pub step: Duration,
    /// How long a failover promotes, beside what the database server takes.
    pub promotion: Duration,
    /// How long one step of the database servers may take.
    pub storage_timeout: Duration,
}

impl Default for AuroraSettings {
    fn default() -> Self {
        Self {
            view_delay: Duration::from_millis(50),
            peer_lag: Duration::from_millis(300),
            step: Duration::from_millis(100),
            promotion: Duration::ZERO,
            storage_timeout: Duration::from_secs(30),
        }
    }
}

/// A moment of a transition, by the emulated AWS's own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub moment: Moment,
}

/// What happened in a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// A transition to that Region began.
    Started {
        /// How the writer moves.
        kind: Kind,
        /// Where it moves to.
        to: Region,
    },
    /// That Region's old writer takes no more writes.
    Stopped(Region),
    /// That Region's server takes writes.
    Promoted(Region),
    /// The transition is over and its state is cleared.
    Finished,
    /// That Region's server follows its peer again.
    Rejoined(Region),
    /// Something went wrong, in words.
    Failed(String),
}

pub(super) struct Inner {
    pub(super) views: Views,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) settings: AuroraSettings,
    /// How long before a promoted server takes writes its status says that it does.
    hasty: Mutex<Duration>,
    pub(super) snapshots: Mutex<Pair<Vec<Snapshot>>>,
    /// How long a snapshot, and a copy, takes until it is available.
    pub(super) snapshot_time: Mutex<Duration>,
    busy: Mutex<bool>,
    events: broadcast::Sender<RdsEvent>,
    notices: broadcast::Sender<Notice>,
    numbers: AtomicU64,
}

/// The emulated global database. Clones are handles of the same one.
#[derive(Clone)]
pub struct Aurora(pub(super) Arc<Inner>);

impl fmt::Debug for Aurora {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Aurora").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Aurora {
    /// A healthy global database whose writer is in that Region.
    pub fn new(storage: Arc<dyn Storage>, writer: Region, settings: AuroraSettings) -> Self {
        let views = Views::new(Topology::with_writer(writer), settings.view_delay);
        Self(Arc::new(Inner {
            views,
            storage,
            settings,
            hasty: Mutex::new(Duration::ZERO),
            snapshots: Mutex::new(Pair::each(|_| Vec::new())),
            snapshot_time: Mutex::new(Duration::ZERO),
            busy: Mutex::new(false),
            events: broadcast::Sender::new(BACKLOG),
            notices: broadcast::Sender::new(BACKLOG),
            numbers: AtomicU64::new(1),
        }))
    }

    /// How things are, whoever can see it.
    pub fn truth(&self) -> Topology {
        self.0.views.truth()
    }

    /// What that Region's RDS endpoint says now.
    pub fn seen_by(&self, region: Region) -> Topology {
        self.0.views.seen_by(region)
    }

    /// The database servers below.
    pub fn storage(&self) -> &dyn Storage {
        self.0.storage.as_ref()
    }

    /// Every RDS event from now on. Nothing delivers them but whoever listens here.
    pub fn events(&self) -> broadcast::Receiver<RdsEvent> {
        self.0.events.subscribe()
    }

    /// Every moment of a transition from now on.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.0.notices.subscribe()
    }

    /// Freezes the Region's view: what its control plane knew last is what it goes on knowing, and a
    /// transition leaves its server alone.
    pub fn cut(&self, region: Region) {
        self.0.views.cut(region);
    }

    /// The Region's view follows the truth again, after the view delay.
    pub fn heal(&self, region: Region) {
        self.0.views.heal(region);
    }

    /// Makes the Region's own endpoint claim the writer whatever the truth is, until it is unpinned:
    /// with the real writer's claim that is a split brain.
    pub fn pin_claim(&self, region: Region, claims: bool) {
        self.0.views.pin_claim(region, claims);
    }

    /// Takes the Region's only instance away, or gives it one.
    pub fn set_headless(&self, region: Region, headless: bool) {
        self.update(region, |cluster| {
            cluster.instance = (!headless).then(|| AVAILABLE.to_owned());
        });
    }

    /// Sets the engine version that the Region's cluster says it runs.
    pub fn set_engine_version(&self, region: Region, version: &str) {
        self.update(region, |cluster| {
            version.clone_into(&mut cluster.engine_version);
        });
    }

    /// Sets the statuses of the Region's cluster and instance, in AWS's words.
    pub fn set_status(&self, region: Region, cluster: &str, instance: &str) {
        self.update(region, |it| it.set_status(cluster, instance));
    }

    /// From now on a promoted cluster and its instance are called available so long before the server takes writes.
    pub fn set_hasty(&self, early: Duration) {
        *lock(&self.0.hasty) = early;
    }

    pub(super) fn hasty(&self) -> Duration {
        *lock(&self.0.hasty)
    }

    /// Shows a failover to that Region as pending in every view, and never plays it; `None` withdraws it.
    pub fn show_pending(&self, target: Option<Region>) -> Result<(), Refusal> {
        match target {
            Some(_) => self.begin_operation()?,
            None => self.end_operation(),
        }
        let pending = |to: Region| Transition { kind: Kind::Failover, running: false, from: to.peer(), to };
        self.0.views.change(|truth| truth.transition = target.map(pending));
        self.publish_to_all();
        Ok(())
    }

    /// Sends an event that has nothing to do with where the writer is: a new password in that Region.
    pub fn emit_unrelated(&self, region: Region) {
        self.emit(Happening::PasswordReset, region);
    }

    pub(super) fn update(&self, region: Region, change: impl FnOnce(&mut Cluster)) {
        self.0.views.change(|truth| change(truth.clusters.get_mut(region)));
        self.publish_to_all();
    }

    pub(super) fn publish_to_all(&self) {
        for region in Region::ALL {
            self.0.views.publish(region);
        }
    }

    pub(super) fn emit(&self, happening: Happening, region: Region) {
        let number = self.0.numbers.fetch_add(1, Ordering::Relaxed);
        // Nobody listening is how an event gets lost.
        let _ = self.0.events.send(events::event(happening, region, number));
    }

    pub(super) fn notify(&self, moment: Moment) {
        let at = Instant::now();
        tracing::debug!(?moment, "aurora");
        let _ = self.0.notices.send(Notice { at, moment });
    }

    pub(super) fn begin_operation(&self) -> Result<(), Refusal> {
        let mut busy = lock(&self.0.busy);
        if *busy {
            return Err(Refusal::global_state(
                "The global cluster is not available: another operation is in progress.",
            ));
        }
        *busy = true;
        Ok(())
    }

    pub(super) fn end_operation(&self) {
        *lock(&self.0.busy) = false;
    }

    /// Whether an operation runs.
    pub fn is_busy(&self) -> bool {
        *lock(&self.0.busy)
    }
}
