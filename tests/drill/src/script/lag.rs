//! The replication lag as Aurora would report it: measured on the real standby, put into the emulated CloudWatch.

use std::sync::Arc;
use std::time::Duration;

use drill_cloud::{Aurora, LagMetric, Pair, Region};
use drill_postgres::Server;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::play::Play;

/// How often it is measured. Aurora's own metric has a sample a minute.
const PERIOD: Duration = Duration::from_millis(500);
/// A writer that does not answer by then leaves no sample: nobody knows how far its standby is behind.
const MEASURE_TIMEOUT: Duration = Duration::from_millis(400);

/// Measures and reports until it is dropped.
#[derive(Debug)]
pub(crate) struct LagMeter {
    reported: watch::Receiver<Option<Duration>>,
    _task: AbortOnDropHandle<()>,
}

impl LagMeter {
    /// Begins to measure whichever Region's server is the standby.
    pub(crate) fn start(play: &Play) -> Self {
        let (sender, reported) = watch::channel(None);
        let measuring =
            measure(play.aurora().clone(), play.stage.servers.clone(), play.stage.cloud.lag(), sender);
        Self { reported, _task: AbortOnDropHandle::new(tokio::spawn(measuring)) }
    }

    /// What was reported last.
    pub(crate) fn last(&self) -> Option<Duration> {
        *self.reported.borrow()
    }
}

async fn measure(
    aurora: Aurora,
    servers: Pair<Arc<Server>>,
    metric: LagMetric,
    reported: watch::Sender<Option<Duration>>,
) {
    loop {
        let writer = aurora.truth().writer().unwrap_or(Region::Seoul);
        let (primary, standby) = (servers.get(writer), servers.get(writer.peer()));
        let measured = timeout(MEASURE_TIMEOUT, standby.replication_lag(primary)).await;
        if let Some(lag) = measured.ok().and_then(Result::ok).and_then(|lag| lag.age)
            && metric.put(writer.peer(), lag).await.is_ok()
        {
            reported.send_replace(Some(lag));
        }
        sleep(PERIOD).await;
    }
}
