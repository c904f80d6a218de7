//! What was seen of one endpoint, and what it means.
//!
//! | seen | `WriterWritable` | an asker's `writable` |
//! | --- | --- | --- |
//! | a heartbeat committed | 1 | `true` |
//! | in recovery, read-only, starting up, recovering | 0 | `false` |
//! | shutting down, refused, silent, closed, no route, full, broken | 0 | `null` |
//! | the probe's own means failed ([`Fault::Means`]) | no value | `null` |

use serde::{Deserialize, Serialize};

use super::trouble::{Fault, Trouble};
use crate::words::names::Region;
use crate::world::probe::ProbeWord;

/// What a committed heartbeat is told as.
const COMMITTED: &str = "a heartbeat committed";

/// A heartbeat that committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// Its number in this Region's row.
    pub sequence: i64,
    /// How long its statement took, commit included, in milliseconds.
    pub took_ms: u64,
}

/// The newest heartbeat that an endpoint shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Whose probe wrote it.
    pub region: String,
    /// Its number.
    pub sequence: i64,
    /// Its age by the clock of the server that shows it, in milliseconds.
    pub age_ms: u64,
}

/// What a server that answered showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The heartbeat, or why there was none.
    pub beat: Result<Beat, Trouble>,
    /// Whether it is a replica.
    pub in_recovery: bool,
    /// The newest heartbeat before this one; none where nobody wrote one yet.
    pub newest: Result<Option<Heartbeat>, Trouble>,
    /// The lag of its Region by `aurora_global_db_status()`, in milliseconds, where that exists and says one.
    pub aurora_lag_ms: Option<u64>,
    /// The highest LSN that its Region has written, by the same function: after a failover, how far the old writer had come.
    pub lsn: Option<i64>,
}

/// One look at one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What was seen, or what was in the way of seeing anything.
    pub seen: Result<Seen, Trouble>,
}

impl Sight {
    /// A look that showed nothing.
    pub const fn nothing(trouble: Trouble, took_ms: u64) -> Self {
        Self { took_ms, seen: Err(trouble) }
    }

    /// The heartbeat, or what was in its way.
    pub fn beat(&self) -> Result<Beat, &Trouble> {
        self.seen.as_ref().and_then(|seen| seen.beat.as_ref().copied())
    }

    /// The metric's value: none where the probe's own means failed.
    pub fn writable(&self) -> Option<bool> {
        match self.beat() {
            Ok(_) => Some(true),
            Err(trouble) => (trouble.fault() == Fault::Server).then_some(false),
        }
    }

    /// As a sentence.
    pub fn said(&self) -> String {
        self.beat().map_or_else(ToString::to_string, |_| COMMITTED.to_owned())
    }

    /// What whoever asks before a publication is told.
    pub fn word(&self) -> ProbeWord {
        let writable = match self.beat() {
            Ok(_) => Some(true),
            Err(trouble) => trouble.is_denial().then_some(false),
        };
        ProbeWord { writable, took_ms: self.took_ms, said: self.said() }
    }
}

/// What a writer record leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSight {
    /// The host name that it is an alias of, where it could be looked up.
    pub leads_to: Option<String>,
    /// The Region of that endpoint, where it is configured.
    pub region: Option<Region>,
    /// What was seen there, or what was in the way.
    pub sight: Sight,
}
