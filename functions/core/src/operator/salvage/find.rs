//! Which snapshot of a Region's listing is the evidence, and how far it is kept: pure.

use crate::operator::salvage::answer::{RegionSalvage, Rescue};
use crate::ports::PortError;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::snapshot::{Copy, OF_A_FAILOVER, Snapshot};

/// Whose snapshots they are, and from when on they count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) database: &'a str,
    pub(super) region: &'a Region,
    pub(super) cluster: &'a str,
    pub(super) since: Timestamp,
}

/// What a listing comes to.
#[derive(Debug)]
pub(super) enum Found {
    /// There is nothing to be copied.
    Settled(RegionSalvage),
    /// This is to be copied.
    ToCopy(RegionSalvage, Copy),
}

impl Wanted<'_> {
    /// What an answer to the listing comes to.
    pub(super) fn find(&self, listed: Result<Vec<Snapshot>, PortError>) -> Found {
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return Found::Settled(self.unlisted(&error)),
        };
        let mut evidence: Vec<Snapshot> = listed.iter().filter(|it| it.is_of_a_failover()).cloned().collect();
        evidence.sort_by(|a, b| b.age_key().cmp(&a.age_key()));
        let Some(newest) = evidence.first().cloned() else {
            let said = format!(
                "no snapshot {OF_A_FAILOVER}… of {} is listed in {}: AWS takes it once the cluster gets its new volume, if it can",
                self.cluster, self.region
            );
            return Found::Settled(self.part(Rescue::NotYet, said));
        };
        let mut part = self.part(Rescue::Older, String::new());
        part.snapshots = evidence;
        if !newest.is_since(self.since) {
            part.said = self.only_older(&newest);
            return Found::Settled(part);
        }
        part.snapshot = Some(newest.identifier.clone());
        part.taken = newest.created;
        self.judge(part, &newest, &listed)
    }

    fn judge(&self, mut part: RegionSalvage, original: &Snapshot, listed: &[Snapshot]) -> Found {
        let copies = || listed.iter().filter(|it| it.is_copy_of(original));
        let copy = Copy::of(original, self.database);
        if let Some(kept) = copies().find(|it| it.is_available()) {
            return Found::Settled(self.kept(part, original, kept));
        }
        if let Some(copying) = copies().find(|it| !it.is_broken()) {
            part.copy = Some(copying.identifier.clone());
            part.undo = Some(self.delete(&copying.identifier));
            let said = format!(
                "{} is being copied to {} ({})",
                original.identifier, copying.identifier, copying.status
            );
            return Found::Settled(RegionSalvage { state: Rescue::Copying, said, ..part });
        }
        if let Some(there) = listed.iter().find(|it| it.identifier.eq_ignore_ascii_case(&copy.name)) {
            return Found::Settled(self.in_the_way(part, original, there));
        }
        if original.is_broken() {
            let said = format!("{} is {}: there is nothing to copy", original.identifier, original.status);
            return Found::Settled(RegionSalvage { state: Rescue::Broken, said, ..part });
        }
        if !original.is_available() {
            let said = format!(
                "{} is {}: not now, it is copied when it is available",
                original.identifier, original.status
            );
            return Found::Settled(RegionSalvage { state: Rescue::Creating, said, ..part });
        }
        Found::ToCopy(part, copy)
    }

    fn kept(&self, part: RegionSalvage, original: &Snapshot, kept: &Snapshot) -> RegionSalvage {
        let engine = kept.engine.as_deref().or(original.engine.as_deref()).unwrap_or("aurora-postgresql");
        let restore = format!(
            "aws rds restore-db-cluster-from-snapshot --region {} --snapshot-identifier {} --engine {engine} --db-cluster-identifier {}-lost",
            self.region, kept.identifier, self.cluster
        );
        RegionSalvage {
            state: Rescue::Kept,
            said: format!(
                "{} is kept as {}, until somebody deletes it",
                original.identifier, kept.identifier
            ),
            copy: Some(kept.identifier.clone()),
            restore: Some(restore),
            undo: Some(self.delete(&kept.identifier)),
            ..part
        }
    }

    /// What has the copy's name, and is none or a broken one.
    fn in_the_way(&self, part: RegionSalvage, original: &Snapshot, there: &Snapshot) -> RegionSalvage {
        let name = &there.identifier;
        if there.is_copy_of(original) {
            let said = format!("the copy {name} is {}: delete it, and ask again", there.status);
            let (copy, undo) = (Some(name.clone()), Some(self.delete(name)));
            return RegionSalvage { state: Rescue::Broken, said, copy, undo, ..part };
        }
        let said = format!(
            "{name} is somebody else's snapshot and no copy of {}: nothing was copied. Rename that one, or copy by hand to another name",
            original.identifier
        );
        RegionSalvage { state: Rescue::NameTaken, said, ..part }
    }

    fn only_older(&self, newest: &Snapshot) -> String {
        let taken = newest.created.map(|at| at.to_string()).unwrap_or_default();
        format!(
            "the newest of {} is {}, taken {taken}, before {}: if that is the one, ask with since {taken}; else AWS has not taken it yet",
            self.cluster, newest.identifier, self.since
        )
    }

    fn unlisted(&self, error: &PortError) -> RegionSalvage {
        let state = refusal(error);
        let said = match state {
            Rescue::Silent => format!("{} cannot be asked now: {error}", self.region),
            _ => format!("{} does not let its snapshots be listed: {error}", self.region),
        };
        self.part(state, said)
    }

    fn delete(&self, name: &str) -> String {
        format!(
            "aws rds delete-db-cluster-snapshot --region {} --db-cluster-snapshot-identifier {name}",
            self.region
        )
    }

    /// A part that knows no more than this.
    fn part(&self, state: Rescue, said: String) -> RegionSalvage {
        RegionSalvage {
            cluster: self.cluster.to_owned(),
            state,
            said,
            snapshot: None,
            taken: None,
            copy: None,
            restore: None,
            undo: None,
            snapshots: Vec::new(),
        }
    }
}

/// What an error leaves of a call that changes nothing.
pub(super) fn refusal(error: &PortError) -> Rescue {
    let is_denied = error.detail.as_deref().is_some_and(|detail| {
        ["AccessDenied", "not authorized", "UnauthorizedOperation"].iter().any(|word| detail.contains(word))
    });
    if error.is_retryable() {
        return Rescue::Silent;
    }
    if is_denied { Rescue::Denied } else { Rescue::Refused }
}
