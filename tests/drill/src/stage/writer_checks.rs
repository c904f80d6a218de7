//! The writer alarms, until there is a probe: a check of the database behind the writer record, from Osaka and from the
//! witness in Tokyo, and what an alarm over three of three of its checks makes of it. Each check is a datapoint of its own,
//! which is there when its period is over.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_cloud::dns::DnsClient;
use drill_cloud::{Alarm, AlarmState, Datapoints, Pair};
use drill_postgres::Server;
use time::OffsetDateTime;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::Stage;
use super::error::DrillError;
use super::lock::lock;
use super::pace::{EVERY_SECONDS, Pace};
use super::policy::WRITER_ALARMS;

/// How many checks in a row must fail.
const THRESHOLD: usize = 3;
/// How long one may take: what it bounds is no quicker here.
const TIMEOUT: Duration = Duration::from_secs(2);

/// When the checks began that failed in a row, by both clocks.
type Failed = Arc<Mutex<Vec<(Instant, OffsetDateTime)>>>;

/// The running checks, one for each writer alarm; dropping them stops them.
pub(crate) struct WriterChecks {
    failed: [Failed; 2],
    pace: Pace,
    _checking: Vec<AbortOnDropHandle<()>>,
}

impl WriterChecks {
    /// Begins to check whatever the writer record leads to.
    pub(crate) fn start(stage: &Stage) -> Result<Self, DrillError> {
        let dns = DnsClient::new(stage.cloud.dns.address())?;
        let (failed, pace) = ([Failed::default(), Failed::default()], stage.pace);
        let checking = failed.iter().map(|failed| {
            let check = Check {
                dns: dns.clone(),
                record: stage.installation.record.clone(),
                servers: stage.servers.clone(),
            };
            let every = pace.seconds(EVERY_SECONDS);
            AbortOnDropHandle::new(tokio::spawn(check.keep_checking(every, Arc::clone(failed))))
        });
        let checking = checking.collect();
        Ok(Self { failed, pace, _checking: checking })
    }

    /// What that writer alarm makes of its checks now.
    pub(crate) fn state(&self, alarm: Alarm) -> AlarmState {
        let every = self.pace.seconds(EVERY_SECONDS);
        let breached = self.last_that_counts(alarm).is_some_and(|(began, _)| began.elapsed() >= every);
        if breached { AlarmState::Alarm } else { AlarmState::Ok }
    }

    /// By which datapoints that alarm went off; `None` at a pace at which a period is not as long as AWS's.
    pub(crate) fn datapoints(&self, alarm: Alarm) -> Option<Datapoints> {
        let (_, began) = self.last_that_counts(alarm).filter(|_| self.pace == Pace::Real)?;
        let (period_s, count) = (i32::try_from(EVERY_SECONDS).ok()?, i32::try_from(THRESHOLD).ok()?);
        Some(Datapoints { period_s, count, newest: Datapoints::begin(began, period_s) })
    }

    /// When the check began that failed as the last one that the alarm needs.
    fn last_that_counts(&self, alarm: Alarm) -> Option<(Instant, OffsetDateTime)> {
        let mut places = WRITER_ALARMS.iter().zip(&self.failed);
        let (_, failed) = places.find(|(its, _)| **its == alarm)?;
        lock(failed).get(THRESHOLD - 1).copied()
    }
}

/// One place's check.
struct Check {
    dns: DnsClient,
    record: String,
    servers: Pair<Arc<Server>>,
}

impl Check {
    /// Notes the checks that failed in a row.
    async fn keep_checking(self, every: Duration, failed: Failed) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let began = (Instant::now(), OffsetDateTime::now_utc());
            let takes_writes = timeout(TIMEOUT, self.takes_writes()).await.unwrap_or(false);
            let mut failed = lock(&failed);
            if takes_writes {
                failed.clear();
            } else {
                failed.push(began);
            }
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
