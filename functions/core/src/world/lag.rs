//! How far a member is behind the writer.

use crate::words::timestamp::Timestamp;

/// The replication lag of a member, as CloudWatch had it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// How far behind the writer it was, in milliseconds.
    pub lag_ms: u64,
    /// When it was measured.
    pub at: Timestamp,
}
