//! The snapshots of a Region's cluster: AWS takes one of an old writer when its Region is back, a copy takes its time, and a
//! listing may be older than the last copy.

use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::snapshot::{Copied, Copy, OF_A_FAILOVER, Snapshot};

use crate::configuration::{ACCOUNT, cluster};

/// What a Region keeps, and how it behaves. All fields are open.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// Those that there are.
    pub kept: Vec<Snapshot>,
    /// So many of the next listings show no copy yet.
    pub stale_listings: u32,
    /// What RDS says instead of copying.
    pub refusal: Option<Copied>,
}

/// A snapshot that AWS took of this Region's old writer.
pub fn taken(region: &Region, status: &str, created: Option<Timestamp>, number: u32) -> Snapshot {
    let identifier = format!("{OF_A_FAILOVER}{}-{number}", cluster(region));
    Snapshot {
        arn: arn(region, &identifier),
        identifier,
        status: status.to_owned(),
        created,
        ..Snapshot::default()
    }
}

fn arn(region: &Region, identifier: &str) -> String {
    format!("arn:aws:rds:{region}:{ACCOUNT}:cluster-snapshot:{identifier}")
}

impl Shelf {
    /// As a listing shows them.
    pub(crate) fn listed(&mut self) -> Vec<Snapshot> {
        let is_stale = self.stale_listings > 0;
        self.stale_listings = self.stale_listings.saturating_sub(1);
        let is_shown = |it: &&Snapshot| !is_stale || it.copy_of.is_none();
        self.kept.iter().filter(is_shown).cloned().collect()
    }

    /// A copy, where nothing is in its way.
    pub(crate) fn copy(&mut self, region: &Region, copy: &Copy) -> Copied {
        if let Some(refusal) = &self.refusal {
            return refusal.clone();
        }
        if self.kept.iter().any(|it| it.identifier == copy.name) {
            return Copied::NameTaken;
        }
        let Some(original) = self.kept.iter().find(|it| it.identifier == copy.original).cloned() else {
            return Copied::NotNow("there is none".to_owned());
        };
        self.kept.push(Snapshot {
            identifier: copy.name.clone(),
            arn: arn(region, &copy.name),
            status: "copying".to_owned(),
            copy_of: Some(original.arn.clone()),
            tags: copy.tags.clone(),
            ..original
        });
        Copied::Started
    }
}
