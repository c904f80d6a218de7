//! The snapshots that AWS takes of an old writer when its Region is back, and what is copied of them. They hold no data here.

use std::time::Duration;

use drill_emulator::{
    Region,
    lock::lock,
    rds::{
        form::Form,
        model::AVAILABLE,
        refusal::Refusal,
        snapshots::{self, Snapshot},
    },
};
use tokio::time::sleep;

use crate::{
    aurora::control::Aurora,
    clock::{now, rfc3339},
};

impl Aurora {
    /// From now on a snapshot, and a copy, takes so long until it is available.
    pub fn set_snapshot_time(&self, takes: Duration) {
        *lock(&self.0.snapshot_time) = takes;
    }

    /// That Region's snapshots.
    pub fn snapshots(&self, region: Region) -> Vec<Snapshot> {
        lock(&self.0.snapshots).get(region).clone()
    }

    /// Puts one there, whoever made it.
    pub fn keep_snapshot(&self, region: Region, snapshot: Snapshot) {
        lock(&self.0.snapshots).get_mut(region).push(snapshot);
    }

    /// AWS's own, of a volume that is about to be replaced.
    pub(super) fn take_snapshot(&self, region: Region) {
        let snapshot = Snapshot::of_a_failover(region, &rfc3339(now()));
        let name = snapshot.identifier.clone();
        self.keep_snapshot(region, snapshot);
        self.finish_snapshot(region, name);
    }

    pub(super) fn describe_snapshots(&self, region: Region, form: &Form) -> Result<String, Refusal> {
        snapshots::describe(region, &self.snapshots(region), form)
    }

    pub(super) fn ask_copy(&self, region: Region, form: &Form) -> Result<String, Refusal> {
        let copied = snapshots::copy(region, lock(&self.0.snapshots).get_mut(region), form);
        let (answer, name) = copied?;
        self.finish_snapshot(region, name);
        Ok(answer)
    }

    fn finish_snapshot(&self, region: Region, name: String) {
        let (aurora, takes) = (self.clone(), *lock(&self.0.snapshot_time));
        let finish = move || {
            let mut kept = lock(&aurora.0.snapshots);
            for it in kept.get_mut(region).iter_mut().filter(|it| it.identifier == name) {
                AVAILABLE.clone_into(&mut it.status);
            }
        };
        if takes.is_zero() {
            return finish();
        }
        tokio::spawn(async move {
            sleep(takes).await;
            finish();
        });
    }
}
