//! The writer alarms, until there is a probe: a check of the database behind the writer record, from Osaka and from the
//! witness in Tokyo, and what an alarm over three of three of its checks makes of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use drill_cloud::dns::DnsClient;
use drill_cloud::{Alarm, AlarmState, Pair};
use drill_postgres::Server;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::Stage;
use super::error::DrillError;
use super::front_door::paced;
use super::lock::lock;
use super::policy::WRITER_ALARMS;

/// How often each place checks, in AWS's seconds.
const EVERY_SECONDS: u32 = 10;
/// How many checks in a row must fail.
const THRESHOLD: u32 = 3;
/// How long one may take: what it bounds is no quicker here.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The running checks, one for each writer alarm; dropping them stops them.
pub(crate) struct WriterChecks {
    failed: [Arc<Mutex<u32>>; 2],
    _checking: Vec<AbortOnDropHandle<()>>,
}

impl WriterChecks {
    /// Begins to check whatever the writer record leads to.
    pub(crate) fn start(stage: &Stage) -> Result<Self, DrillError> {
        let dns = DnsClient::new(stage.cloud.dns.address())?;
        let failed = [Arc::default(), Arc::default()];
        let checking = failed.iter().map(|failed| {
            let check = Check {
                dns: dns.clone(),
                record: stage.installation.record.clone(),
                servers: stage.servers.clone(),
            };
            AbortOnDropHandle::new(tokio::spawn(check.keep_checking(Arc::clone(failed))))
        });
        let checking = checking.collect();
        Ok(Self { failed, _checking: checking })
    }

    /// What that writer alarm makes of its checks now.
    pub(crate) fn state(&self, alarm: Alarm) -> AlarmState {
        let mut places = WRITER_ALARMS.iter().zip(&self.failed);
        let failed = places.find(|(its, _)| **its == alarm).map(|(_, failed)| *lock(failed));
        if failed.is_some_and(|failed| failed >= THRESHOLD) { AlarmState::Alarm } else { AlarmState::Ok }
    }
}

/// One place's check.
struct Check {
    dns: DnsClient,
    record: String,
    servers: Pair<Arc<Server>>,
}

impl Check {
    /// Counts the checks that failed in a row.
    async fn keep_checking(self, failed: Arc<Mutex<u32>>) {
        let mut ticks = interval(paced(EVERY_SECONDS));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let takes_writes = timeout(TIMEOUT, self.takes_writes()).await.unwrap_or(false);
            let mut failed = lock(&failed);
            *failed = if takes_writes { 0 } else { failed.saturating_add(1) };
        }
    }

    async fn takes_writes(&self) -> bool {
        let Ok(resolved) = self.dns.resolve(&self.record).await else { return false };
        let servers = [&self.servers.seoul, &self.servers.osaka];
        let server = servers.into_iter().find(|server| server.config().address == resolved.address);
        let Some(server) = server else { return false };
        matches!(server.is_in_recovery().await, Ok(false))
    }
}
