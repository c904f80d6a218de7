//! What a request for the evidence of loss is answered with: data only, and what each state means.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::operator::rehearsal::calls::ApiCall;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::snapshot::Snapshot;
use crate::world::state::WriteBlockOutcome;

/// How far the evidence of one Region is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rescue {
    /// A copy is available.
    Kept,
    /// A copy is being made.
    Copying,
    /// RDS has just taken the wish for a copy.
    Asked,
    /// A copy would be asked for.
    WouldCopy,
    /// AWS is still taking its snapshot.
    Creating,
    /// There is no snapshot yet.
    NotYet,
    /// There are only older ones.
    Older,
    /// The Region does not answer, or only that it cannot now.
    Silent,
    /// The function may not ask, or may not copy.
    Denied,
    /// Somebody else's snapshot has the copy's name.
    NameTaken,
    /// The account may keep no more snapshots.
    NoRoom,
    /// The snapshot's key cannot be used.
    KeyUnusable,
    /// RDS says that the copy is there, and does not list it yet.
    NotListed,
    /// The wish for a copy was not answered.
    Unknown,
    /// RDS refuses for another reason.
    Refused,
    /// The snapshot or its copy failed.
    Broken,
}

/// What is to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// Nothing: it is kept.
    Kept,
    /// The same request, not as a dry run.
    WouldCopy,
    /// The same request again, later.
    Wait,
    /// Somebody has to mend what the sentence names.
    Blocked,
}

impl Rescue {
    /// What is to be done about it.
    pub const fn outlook(self) -> Outlook {
        match self {
            Self::Kept => Outlook::Kept,
            Self::WouldCopy => Outlook::WouldCopy,
            Self::Copying
            | Self::Asked
            | Self::Creating
            | Self::NotYet
            | Self::Older
            | Self::Silent
            | Self::NotListed
            | Self::Unknown => Outlook::Wait,
            Self::Denied
            | Self::NameTaken
            | Self::NoRoom
            | Self::KeyUnusable
            | Self::Refused
            | Self::Broken => Outlook::Blocked,
        }
    }

    /// Whether a snapshot of this failover was found.
    pub const fn is_found(self) -> bool {
        !matches!(self, Self::NotYet | Self::Older | Self::Silent | Self::Denied)
    }
}

/// One Region's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionSalvage {
    /// The cluster.
    pub cluster: String,
    /// How far it is.
    pub state: Rescue,
    /// In a sentence.
    pub said: String,
    /// AWS's snapshot that holds what was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// When it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Timestamp>,
    /// The copy that stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<String>,
    /// Makes a cluster of it, beside the global database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<String>,
    /// Takes the copy back; nobody here runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
    /// Every snapshot of a failover that is listed, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<Snapshot>,
}

/// What RDS said of the write block on the old writer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fence {
    /// The Region that heard it.
    pub region: Region,
    /// `succeeded` (RDS-EVENT-0390) or `timed_out` (RDS-EVENT-0391).
    pub outcome: WriteBlockOutcome,
    /// When.
    pub at: Timestamp,
}

/// The evidence of what a failover lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salvage {
    /// The action.
    pub action: Cow<'static, str>,
    /// The database.
    pub database: String,
    /// Whether nothing was copied because nothing was to be.
    pub dry_run: bool,
    /// What is to be done now.
    pub outlook: Outlook,
    /// In a sentence.
    pub reason: String,
    /// The moment from which on a snapshot counts.
    pub since: Timestamp,
    /// Where that is from.
    pub since_is: String,
    /// That the last run could not be read and what follows, where no run is known that led to the published writer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_unread: Option<String>,
    /// Each Region.
    pub regions: BTreeMap<Region, RegionSalvage>,
    /// Whether the old writer was kept from writing, where RDS said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<Fence>,
    /// How far the new writer was behind before the call, in milliseconds, where that is remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<u64>,
    /// The command that goes on, where there is something to wait for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    /// Every API call that would be made, in a dry run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ApiCall>,
}
