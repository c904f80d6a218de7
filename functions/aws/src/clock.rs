//! The time, as the system has it.

use std::time::{SystemTime, UNIX_EPOCH};

use responder_core::words::timestamp::Timestamp;

/// Now. A clock outside the range of a timestamp counts as its nearest end.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
