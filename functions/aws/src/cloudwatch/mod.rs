//! What CloudWatch says: health alarms, each asked in its own Region, and the replication lag.

mod alarms;
mod lag;

use std::sync::Arc;

use crate::clients::Clients;

/// CloudWatch.
#[derive(Debug)]
pub(crate) struct CloudWatch {
    clients: Arc<Clients>,
}

impl CloudWatch {
    pub(crate) const fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }
}
