//! What `failover` found when it looked ahead, in one word.

use serde::{Deserialize, Serialize};

/// Whether a Region could take a database over, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessKind {
    /// Every check passes.
    Ready,
    /// At least one check fails.
    NotReady,
    /// The Region holds the writer itself: there is nothing to take over.
    Writer,
    /// Another Region takes over first.
    NotFirst,
    /// It could not be judged in this look, and the next one tries again. Never remembered.
    NotNow,
    /// No check fails, and at least one is not known. A word of a later version is taken for this.
    #[serde(other)]
    Unknown,
}

impl ReadinessKind {
    /// The metric's value; `None` where there is nothing to say. What is unknown is not ready.
    pub const fn metric(self) -> Option<u8> {
        match self {
            Self::Ready => Some(1),
            Self::NotReady | Self::Unknown => Some(0),
            Self::Writer | Self::NotFirst | Self::NotNow => None,
        }
    }
}
