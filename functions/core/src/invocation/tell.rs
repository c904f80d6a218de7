//! Telling people: by the topic of the own Region first, and by the others where that fails.

use crate::pass::context::Pass;
use crate::ports::{Notices, PortError};
use crate::words::notice::Notice;

/// Publishes to the first topic that takes it; `false` where none is configured. An error is the last topic's.
pub(crate) async fn tell<P: Notices>(pass: Pass<'_, P>, notice: &Notice) -> Result<bool, PortError> {
    let mut last = None;
    for topic in pass.database.topics(pass.own) {
        match pass.ports.publish(topic, notice).await {
            Ok(()) => return Ok(true),
            Err(error) => last = Some(error),
        }
    }
    last.map_or(Ok(false), Err)
}
