//! The replication lag as Aurora would report it: measured on the real standby, put into the emulated CloudWatch.
//!
//! As at AWS, a sample comes late, dated by its minute; there are samples of the minutes before, in which a standby followed as
//! it does when it is measured first, so that nobody has to wait for them before the play or after a move; and while the writer does not answer, the lag grows with the clock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use drill_cloud::{Aurora, LagMetric, Pair, Region};
use drill_postgres::Server;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::play::Play;
use crate::stage::error::DrillError;
use crate::stage::front_door::paced;

/// How often it is measured. Aurora's own metric has a sample a minute.
const PERIOD: Duration = Duration::from_millis(500);
/// A writer that does not answer by then leaves the standby further behind, by as long as that lasts.
const MEASURE_TIMEOUT: Duration = Duration::from_millis(400);
/// How late a sample comes, in AWS's seconds.
const LATE_SECONDS: u32 = 120;
/// How many minutes before the play have samples.
const MINUTES_BEFORE: u32 = 20;

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
    let mut late = VecDeque::new();
    let mut measured: Option<(Region, Instant, Duration)> = None;
    loop {
        let writer = aurora.truth().writer().unwrap_or(Region::Seoul);
        let (primary, standby) = (servers.get(writer), servers.get(writer.peer()));
        let age = timeout(MEASURE_TIMEOUT, standby.replication_lag(primary)).await;
        if let Some(age) = age.ok().and_then(Result::ok).and_then(|lag| lag.age) {
            let is_new = measured.is_none_or(|(standby, ..)| standby != writer.peer());
            if is_new && before(&metric, writer.peer(), age).await.is_err() {
                continue;
            }
            measured = Some((writer.peer(), Instant::now(), age));
        }
        if let Some((standby, at, age)) = measured {
            let lag = age + at.elapsed();
            late.push_back((standby, lag, SystemTime::now()));
            reported.send_replace(Some(lag));
        }
        report(&metric, &mut late).await;
        sleep(PERIOD).await;
    }
}

/// Reports the samples that CloudWatch has by now.
async fn report(metric: &LagMetric, late: &mut VecDeque<(Region, Duration, SystemTime)>) {
    while let Some((region, lag, at)) = late.front()
        && at.elapsed().is_ok_and(|age| age >= paced(LATE_SECONDS))
    {
        if metric.put_at(*region, *lag, *at).await.is_err() {
            return; // It is tried again.
        }
        late.pop_front();
    }
}

/// Reports that the standby was this far behind in each of the minutes before.
async fn before(metric: &LagMetric, standby: Region, lag: Duration) -> Result<(), DrillError> {
    for minutes in 1..=MINUTES_BEFORE {
        let at = SystemTime::now() - Duration::from_mins(u64::from(minutes));
        metric.put_at(standby, lag, at).await?;
    }
    Ok(())
}

impl Play {
    /// As if Osaka's standby had been this far behind in each of the minutes before.
    pub(crate) async fn lag_before(&self, lag: Duration) -> Result<(), DrillError> {
        before(&self.stage.cloud.lag(), Region::Osaka, lag).await
    }
}
