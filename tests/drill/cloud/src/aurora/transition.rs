//! Switchover, failover, detachment and what follows them, step by step in the order of AWS's events.

use std::time::Duration;

use drill_emulator::{
    Region,
    rds::{
        model::{AVAILABLE, Kind, Role, Transition},
        refusal::Refusal,
    },
};
use tokio::time::{sleep, timeout};

use crate::{
    aurora::{
        control::{Aurora, Moment},
        events::Happening,
    },
    error::Source,
};

/// Longer than a healthy server needs to say that it is up, shorter than anybody waits for a dead one.
const ALIVE_TIMEOUT: Duration = Duration::from_secs(1);

/// A database server did not do its part of a transition.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error("{step}: {source}")]
    Failed { step: &'static str, source: Source },
    #[error("{step}: not done after {waited:?}")]
    TimedOut { step: &'static str, waited: Duration },
}

impl Aurora {
    /// Starts a switchover to that Region; it plays in the background, see [`Aurora::notices`].
    pub fn switchover(&self, target: Region) -> Result<(), Refusal> {
        self.begin(Kind::Switchover, target)
    }

    /// Starts a failover to that Region, data loss allowed; it plays in the background.
    pub fn failover(&self, target: Region) -> Result<(), Refusal> {
        self.begin(Kind::Failover, target)
    }

    /// Removes that Region's secondary from the global cluster and promotes it on its own.
    pub fn detach(&self, region: Region) -> Result<(), Refusal> {
        if self.truth().clusters.get(region).role != Role::Reader {
            return Err(Refusal::global_state(
                "Only a secondary DB cluster can be removed while there are others.",
            ));
        }
        self.begin_operation()?;
        let aurora = self.clone();
        self.0.views.change(|truth| {
            let cluster = truth.clusters.get_mut(region);
            cluster.role = Role::Detached;
            cluster.set_status("promoting", "rebooting");
        });
        self.publish_to_all();
        tokio::spawn(async move {
            let promoted = aurora.promote_detached(region).await;
            aurora.conclude(promoted, Happening::FailoverFailed, region);
        });
        Ok(())
    }

    /// Brings a former writer back as a secondary, rewound if it had gone its own way; returns when it follows.
    pub async fn rejoin(&self, region: Region) -> Result<(), Refusal> {
        self.begin_operation()?;
        // Before the cluster gets a new volume AWS tries to keep what the old one had alone.
        let former = self.truth().clusters.get(region).clone();
        if former.role == Role::Reader && !former.synchronized {
            self.take_snapshot(region);
        }
        self.emit(Happening::ResynchronizationStarted, region);
        let followed = self.follow_peer(region).await;
        if followed.is_ok() {
            self.emit(Happening::ResynchronizationFinished, region);
        }
        self.end_operation();
        followed.map_err(|error| Refusal::internal(error.to_string()))
    }

    fn begin(&self, kind: Kind, target: Region) -> Result<(), Refusal> {
        let from = target.peer();
        self.require_can_move(kind, from, target)?;
        self.begin_operation()?;
        self.0.views.change(|truth| {
            truth.transition = Some(Transition { kind, running: false, from, to: target });
        });
        self.publish_to_all();
        self.notify(Moment::Started { kind, to: target });
        let aurora = self.clone();
        tokio::spawn(async move {
            let (played, failed) = match kind {
                Kind::Switchover => (aurora.play_switchover(from, target).await, Happening::SwitchoverFailed),
                Kind::Failover => (aurora.play_failover(from, target).await, Happening::FailoverFailed),
            };
            aurora.conclude(played, failed, target);
        });
        Ok(())
    }

    fn require_can_move(&self, kind: Kind, from: Region, to: Region) -> Result<(), Refusal> {
        if self.is_busy() {
            return Err(Refusal::global_state("An operation is in progress."));
        }
        let truth = self.truth();
        let (old, new) = (truth.clusters.get(from), truth.clusters.get(to));
        let obstacle = if new.role == Role::Writer {
            Some("The target DB cluster already is the primary.")
        } else if new.role == Role::Detached || old.role != Role::Writer {
            Some("The target DB cluster isn't a secondary of the global cluster.")
        } else if new.instance.is_none() {
            Some("The target DB cluster has no DB instance.")
        } else if !new.is_available() || (kind == Kind::Switchover && !old.is_available()) {
            Some("The DB cluster isn't available.")
        } else if new.engine_version != old.engine_version {
            Some("The DB clusters' engine versions differ.")
        } else {
            None
        };
        obstacle.map_or(Ok(()), |reason| Err(Refusal::cluster_state(reason)))
    }

    async fn play_switchover(&self, from: Region, to: Region) -> Result<(), StepError> {
        self.emit_in_both(Happening::SwitchoverStarted, from);
        self.pause().await;
        self.start_running(Some(from));
        if let Err(error) = self.hand_over(from, to).await {
            self.restore(from).await;
            return Err(error);
        }
        self.promote(to, Duration::ZERO, Happening::NewPrimaryPromoted).await?;
        sleep(self.0.settings.peer_lag).await;
        self.publish_to_all();
        // Seen on real clusters: the demoted one reports the promotion, too.
        self.emit(Happening::NewPrimaryPromoted, from);
        self.follow_peer(from).await?;
        self.emit_in_both(Happening::SwitchoverFinished, to);
        Ok(())
    }

    /// The old writer ends, and everything that it ever acknowledged is with the new one.
    async fn hand_over(&self, from: Region, to: Region) -> Result<(), StepError> {
        let storage = &self.0.storage;
        self.step("stop the old writer", storage.stop(from)).await?;
        self.notify(Moment::Stopped(from));
        self.emit(Happening::OldPrimaryStopped, from);
        self.pause().await;
        self.emit(Happening::WaitingForSynchronization, to);
        self.step("receive everything", storage.receive_everything(to)).await
    }

    /// A switchover that fails before the promotion leaves the old writer in its place.
    async fn restore(&self, region: Region) {
        match self.step("start the old writer again", self.0.storage.start(region)).await {
            Ok(()) => self.update(region, |it| it.set_status(AVAILABLE, AVAILABLE)),
            Err(error) => tracing::warn!(%error, %region, "the old writer is gone"),
        }
    }

    /// There is no event for a failover's start, and a dead or unreachable old writer is left alone.
    async fn play_failover(&self, from: Region, to: Region) -> Result<(), StepError> {
        self.pause().await;
        self.start_running(None);
        let blocked = self.block_writes(from).await;
        self.promote(to, self.0.settings.promotion, Happening::FailoverCompleted).await?;
        self.0.views.change(|truth| truth.clusters.get_mut(from).synchronized = false);
        self.emit(if blocked { Happening::WriteBlockSucceeded } else { Happening::WriteBlockTimedOut }, from);
        sleep(self.0.settings.peer_lag).await;
        self.publish_to_all();
        Ok(())
    }

    async fn promote_detached(&self, region: Region) -> Result<(), StepError> {
        self.step("promote", self.0.storage.promote(region)).await?;
        self.notify(Moment::Promoted(region));
        self.update(region, |cluster| cluster.set_status(AVAILABLE, AVAILABLE));
        self.emit(Happening::Detached, region);
        Ok(())
    }

    /// The fence of a managed failover, best effort: a writer that answers is stopped.
    async fn block_writes(&self, region: Region) -> bool {
        if self.0.views.is_cut(region) {
            return false;
        }
        let alive = timeout(ALIVE_TIMEOUT, self.0.storage.is_up(region)).await;
        if !alive.unwrap_or(false) {
            return false;
        }
        let stopped = self.step("stop the old writer", self.0.storage.stop(region));
        match stopped.await {
            Ok(()) => {
                self.notify(Moment::Stopped(region));
                true
            }
            Err(error) => {
                tracing::warn!(%error, %region, "the old writer could not be fenced");
                false
            }
        }
    }

    /// The new writer's own Region says so first, and it says so before it is ready. `done` is the event that it is, and like
    /// the status it may be hasty.
    async fn promote(&self, region: Region, takes: Duration, done: Happening) -> Result<(), StepError> {
        self.0.views.change(|truth| {
            truth.set_writer(region);
            let cluster = truth.clusters.get_mut(region);
            cluster.set_status("promoting", "rebooting");
            cluster.synchronized = true;
        });
        self.0.views.publish(region);
        sleep(takes).await;
        let hasty = self.hasty();
        if !hasty.is_zero() {
            self.update(region, |cluster| cluster.set_status(AVAILABLE, AVAILABLE));
            self.emit(done, region);
            sleep(hasty).await;
        }
        let promoted = self.step("promote", self.0.storage.promote(region)).await;
        if promoted.is_ok() {
            self.notify(Moment::Promoted(region));
        }
        self.0.views.change(|truth| {
            if promoted.is_err() {
                truth.set_writer(region.peer());
            }
            let cluster = truth.clusters.get_mut(region);
            cluster.set_status(AVAILABLE, AVAILABLE);
        });
        self.0.views.publish(region);
        if promoted.is_ok() && hasty.is_zero() {
            self.emit(done, region);
        }
        promoted
    }

    async fn follow_peer(&self, region: Region) -> Result<(), StepError> {
        self.update(region, |it| it.set_status("modifying", "rebooting"));
        self.step("follow the writer", self.0.storage.rejoin(region)).await?;
        self.update(region, |cluster| {
            cluster.set_status(AVAILABLE, AVAILABLE);
            cluster.role = Role::Reader;
            cluster.synchronized = true;
        });
        self.notify(Moment::Rejoined(region));
        Ok(())
    }

    /// The transition runs; the cluster that is about to be stopped is not available any more.
    fn start_running(&self, stopping: Option<Region>) {
        self.0.views.change(|truth| {
            if let Some(transition) = &mut truth.transition {
                transition.running = true;
            }
            if let Some(region) = stopping {
                truth.clusters.get_mut(region).set_status("modifying", "rebooting");
            }
        });
        self.publish_to_all();
    }

    fn conclude(&self, played: Result<(), StepError>, failed: Happening, region: Region) {
        self.0.views.change(|truth| truth.transition = None);
        self.publish_to_all();
        self.end_operation();
        match played {
            Ok(()) => self.notify(Moment::Finished),
            Err(error) => {
                tracing::warn!(%error, "a transition failed");
                self.emit(failed, region);
                self.notify(Moment::Failed(error.to_string()));
            }
        }
    }

    fn emit_in_both(&self, happening: Happening, first: Region) {
        self.emit(happening, first);
        self.emit(happening, first.peer());
    }

    async fn pause(&self) {
        sleep(self.0.settings.step).await;
    }

    async fn step(
        &self,
        step: &'static str,
        work: impl Future<Output = Result<(), Source>> + Send,
    ) -> Result<(), StepError> {
        let waited = self.0.settings.storage_timeout;
        match timeout(waited, work).await {
            Ok(done) => done.map_err(|source| StepError::Failed { step, source }),
            Err(_) => Err(StepError::TimedOut { step, waited }),
        }
    }
}
