//! The replication lag as Aurora would report it: measured on the real standby, put into the emulated CloudWatch.
//!
//! As at AWS, a sample comes late, dated by its minute; there are samples of the minutes before, in which a standby followed as
//! it does when it is measured first, so that nobody has to wait for them before the play or after a move; and while the
//! writer does not answer, the lag grows with the clock.

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
use crate::stage::pace::Pace;

/// How often it is measured; how often that makes a sample is a matter of the pace.
const PERIOD: Duration = Duration::from_millis(500);
/// A writer that does not answer by then leaves the standby further behind, by as long as that lasts.
const MEASURE_TIMEOUT: Duration = Duration::from_millis(400);
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
        let stage = &play.stage;
        let reports = Reports { metric: stage.cloud.lag(), pace: stage.pace, late: VecDeque::new() };
        let measuring = measure(play.aurora().clone(), stage.servers.clone(), reports, sender);
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
    mut reports: Reports,
    reported: watch::Sender<Option<Duration>>,
) {
    let mut measured: Option<(Region, Instant, Duration)> = None;
    let mut due = Instant::now();
    loop {
        let writer = aurora.truth().writer().unwrap_or(Region::Seoul);
        let (primary, standby) = (servers.get(writer), servers.get(writer.peer()));
        let age = timeout(MEASURE_TIMEOUT, standby.replication_lag(primary)).await;
        if let Some(age) = age.ok().and_then(Result::ok).and_then(|lag| lag.age) {
            if measured.is_none_or(|(standby, ..)| standby != writer.peer()) {
                reports.minutes_before(writer.peer(), age);
            }
            measured = Some((writer.peer(), Instant::now(), age));
        }
        let due_now = measured.filter(|_| due <= Instant::now());
        let lag = due_now.map(|(standby, at, age)| (standby, age + at.elapsed()));
        if let Some((standby, lag)) = lag {
            reports.late.push_back((standby, lag, SystemTime::now()));
            due = Instant::now() + reports.pace.lag_period();
        }
        reports.send().await;
        if let Some((_, lag)) = lag {
            reported.send_replace(Some(lag));
        }
        sleep(PERIOD).await;
    }
}

/// What CloudWatch is told, and when.
struct Reports {
    metric: LagMetric,
    pace: Pace,
    /// Samples that it does not have yet, oldest first.
    late: VecDeque<(Region, Duration, SystemTime)>,
}

impl Reports {
    /// Samples of the minutes before, as if there had been a standby that was as far behind.
    fn minutes_before(&mut self, standby: Region, lag: Duration) {
        let minutes = (1..=MINUTES_BEFORE).rev();
        self.late.extend(minutes.map(|minutes| (standby, lag, minutes_ago(minutes))));
        // Those of another standby may be later.
        self.late.make_contiguous().sort_by_key(|(.., at)| *at);
    }

    /// Reports the samples that CloudWatch has by now.
    async fn send(&mut self) {
        while let Some((region, lag, at)) = self.late.front()
            && at.elapsed().is_ok_and(|age| age >= self.pace.lag_late())
        {
            if self.metric.put_at(*region, *lag, *at).await.is_err() {
                return; // It is tried again.
            }
            self.late.pop_front();
        }
    }
}

fn minutes_ago(minutes: u32) -> SystemTime {
    SystemTime::now() - Duration::from_mins(u64::from(minutes))
}

impl Play {
    /// As if Osaka's standby had been this far behind in each of the minutes before.
    pub(crate) async fn lag_before(&self, lag: Duration) -> Result<(), DrillError> {
        for minutes in 1..=MINUTES_BEFORE {
            self.stage.cloud.lag().put_at(Region::Osaka, lag, minutes_ago(minutes)).await?;
        }
        Ok(())
    }
}
