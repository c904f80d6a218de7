//! The application's own failover, as the module `app_failover` makes it: Route 53's health checkers and failover records
//! before the apps, CloudWatch's alarms on the health checks. The module and its settings are stored in the emulated AWS;
//! who reads them there and acts on them, as Route 53 and CloudWatch do, is played here.

use std::time::{Duration, Instant};

use drill_cloud::app_failover::{ALARM_PERIOD_SECONDS, ALARM_PERIODS, HOST};
use drill_cloud::dns::DnsClient;
use drill_cloud::health::{CheckersSettings, Evaluation, Probe, StatusChange};
use drill_cloud::{AlarmState, AppFailover, Cloud, Datapoints, HealthCheckers, Region};
use time::OffsetDateTime;

use super::app::{APP_ADDRESSES, region_of};
use super::error::DrillError;
use super::pace::Pace;

/// Health checks, failover records and alarms, with those who act on them.
pub(crate) struct FrontDoor {
    made: AppFailover,
    checkers: HealthCheckers,
    dns: DnsClient,
    metrics: Metrics,
    pace: Pace,
}

impl FrontDoor {
    /// Makes it all, and starts the health checkers of the apps, which share `port`.
    pub(crate) async fn open(cloud: &Cloud, port: u16, pace: Pace) -> Result<Self, DrillError> {
        let made = AppFailover::create(&cloud.emulator, APP_ADDRESSES).await?;
        let settings = CheckersSettings { pace: pace.divisor(), port: Some(port) };
        let checkers = cloud.health_checkers(settings).await?;
        let dns = DnsClient::new(cloud.dns.address())?;
        Ok(Self { made, checkers, dns, metrics: Metrics::begin(), pace })
    }

    /// Whether Route 53 calls the app of `region` healthy.
    pub(crate) fn is_healthy(&self, region: Region) -> bool {
        self.checkers.is_healthy(self.made.checks.get(region))
    }

    /// All changes of the health of the app of `region`.
    pub(crate) fn changes(&self, region: Region) -> Vec<StatusChange> {
        let check = self.made.checks.get(region);
        self.checkers.changes().into_iter().filter(|change| change.check == *check).collect()
    }

    /// When the app of `region` was first called healthy, or not, since then.
    pub(crate) fn called(&self, region: Region, healthy: bool, since: Instant) -> Option<Instant> {
        let changes = self.changes(region);
        let change = changes.into_iter().find(|change| change.at >= since && change.healthy == healthy);
        change.map(|change| change.at)
    }

    /// All checks of the app of `region` that ended since then.
    pub(crate) fn probes(&self, region: Region, since: Instant) -> Vec<Probe> {
        let check = self.made.checks.get(region);
        let probes = self.checkers.probes().into_iter();
        probes.filter(|probe| probe.check == *check && probe.ended >= since).collect()
    }

    /// Drops the checks that ended before then.
    pub(crate) fn forget(&self, before: Instant) {
        self.checkers.forget(before);
    }

    /// The Region that the application's name leads to now.
    pub(crate) async fn answer(&self) -> Result<Option<Region>, DrillError> {
        Ok(region_of(self.dns.resolve(HOST).await?.address))
    }

    /// What the alarm on the health check of `region` makes of it now.
    pub(crate) fn alarm_state(&self, region: Region) -> AlarmState {
        let since = |at: Instant| at.saturating_duration_since(self.metrics.since);
        let changes: Vec<_> =
            self.changes(region).iter().map(|change| (since(change.at), change.healthy)).collect();
        self.evaluation().state(&changes, since(Instant::now()))
    }

    /// By which datapoints an alarm changes that changes now; `None` at a pace at which a period is no minute.
    pub(crate) fn datapoints(&self) -> Option<Datapoints> {
        let Evaluation { period, periods, .. } = self.evaluation();
        let whole = self.evaluation().whole(self.metrics.since.elapsed());
        let newest = self.metrics.began + period * whole.checked_sub(1)?;
        let (period_s, count) = (i32::try_from(ALARM_PERIOD_SECONDS).ok()?, i32::try_from(periods).ok()?);
        (self.pace == Pace::Real).then_some(Datapoints { period_s, count, newest })
    }

    const fn evaluation(&self) -> Evaluation {
        let (period, late) = (self.pace.seconds(ALARM_PERIOD_SECONDS), self.pace.datapoint_late());
        Evaluation { period, periods: ALARM_PERIODS, late }
    }
}

/// When the health checks' metrics began, by both clocks: with a whole minute, as CloudWatch's periods do.
struct Metrics {
    since: Instant,
    began: OffsetDateTime,
}

impl Metrics {
    fn begin() -> Self {
        let (at, now) = (Instant::now(), OffsetDateTime::now_utc());
        let period_s = i32::try_from(ALARM_PERIOD_SECONDS).unwrap_or(i32::MAX);
        let minute = Datapoints::begin(now, period_s);
        let since = Duration::try_from(now - minute).ok().and_then(|into| at.checked_sub(into));
        since.map_or(Self { since: at, began: now }, |since| Self { since, began: minute })
    }
}
