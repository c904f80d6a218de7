//! The snapshots of a Region, as a function lists and copies them.

use responder_core::config::Database;
use responder_core::ports::PortError;
use responder_core::ports::operator::Snapshots;
use responder_core::words::names::Region;
use responder_core::world::snapshot::{Copied, Copy, Snapshot};

use crate::actor::Actor;
use crate::call::Operation;
use crate::cloud::Cloud;

impl Snapshots for Actor {
    async fn snapshots(&self, _: &Database, region: &Region) -> Result<Vec<Snapshot>, PortError> {
        let call = self.call_of(Operation::Snapshots, Some(region));
        let list = |_: &_, cloud: &mut Cloud| {
            let at = cloud.at(region);
            cloud.sites[at].snapshots.listed()
        };
        self.call(call, list, |_, _| ()).await
    }

    async fn copy_snapshot(&self, _: &Database, region: &Region, copy: &Copy) -> Result<Copied, PortError> {
        let call = self.call_of(Operation::CopySnapshot, Some(region));
        let copied = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(region);
                cloud.sites[at].snapshots.copy(region, copy)
            },
            |call, copied| self.log(call, || format!("{copied:?}")),
        );
        copied.await
    }
}
