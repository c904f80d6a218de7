//! How far a member is behind the writer.

use crate::words::timestamp::Timestamp;

/// How long a sample is, in milliseconds: CloudWatch has one a minute, dated by its start.
pub const SAMPLE_MS: i64 = 60_000;

/// One sample of a member's replication lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// How far behind the writer it was at the worst, in milliseconds.
    pub lag_ms: u64,
    /// When its minute began.
    pub at: Timestamp,
}

impl Lag {
    /// When its minute was over: what it says is of before.
    pub const fn until(&self) -> Timestamp {
        self.at.plus_ms(SAMPLE_MS)
    }
}
