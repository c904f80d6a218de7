//! The moments of `aws_lambda_events` as ours.

use chrono::{DateTime, Utc};
use responder_core::words::timestamp::Timestamp;

pub(super) fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp::from_ms(time.timestamp_millis())
}
