//! The application's own failover, as the module `app_failover` makes it: Route 53's health checkers and failover records
//! before the apps, CloudWatch's alarms on the health checks. The module and its settings are stored in the emulated AWS;
//! who reads them there and acts on them, as Route 53 and CloudWatch do, is played here.

use std::time::{Duration, Instant};

use drill_cloud::app_failover::{
    ALARM_PERIOD_SECONDS, ALARM_PERIODS, CHECK_INTERVAL_SECONDS, FAILURE_THRESHOLD, HOST, TTL_SECONDS,
};
use drill_cloud::dns::DnsClient;
use drill_cloud::health::{CheckersSettings, Evaluation, Probe, StatusChange};
use drill_cloud::{AlarmState, AppFailover, Cloud, HealthCheckers, Region};

use super::app::{APP_ADDRESSES, region_of};
use super::error::DrillError;

/// What the times of Route 53 and of CloudWatch are divided by: intervals, times to live, periods. A drill is not worth the
/// minutes that they take. Timeouts stay, since what they bound is no quicker here.
pub(crate) const PACE: u32 = 10;

/// What the checkers and the users' resolvers take to notice: the checks that must fail and the one that was just made.
const NOTICED_SECONDS: u32 = CHECK_INTERVAL_SECONDS * (FAILURE_THRESHOLD + 1);
/// The most that the users may be without an answer when one app dies and the other works: until the checkers notice, the
/// time to live of the answer that they keep, and two seconds for this machine.
pub(crate) const LONGEST_REROUTE: Duration =
    paced(NOTICED_SECONDS + TTL_SECONDS).saturating_add(Duration::from_secs(2));
/// The most that the users may be out when the database fails over on the alarms: until the checkers notice, the alarms'
/// whole periods, and twelve seconds for the functions, the promotion and the apps on this machine.
pub(crate) const LONGEST_FAILOVER: Duration =
    paced(NOTICED_SECONDS + ALARM_PERIOD_SECONDS * ALARM_PERIODS).saturating_add(Duration::from_secs(12));

/// So many of AWS's seconds, at the drill's pace.
pub(crate) const fn paced(seconds: u32) -> Duration {
    Duration::from_millis(seconds as u64 * 1_000 / PACE as u64)
}

/// The period of the functions' schedule.
pub(crate) const fn schedule() -> Duration {
    paced(60)
}

/// Health checks, failover records and alarms, with those who act on them.
pub(crate) struct FrontDoor {
    made: AppFailover,
    checkers: HealthCheckers,
    dns: DnsClient,
    began: Instant,
}

impl FrontDoor {
    /// Makes it all, and starts the health checkers of the apps, which share `port`.
    pub(crate) async fn open(cloud: &Cloud, port: u16) -> Result<Self, DrillError> {
        let made = AppFailover::create(&cloud.emulator, APP_ADDRESSES).await?;
        let settings = CheckersSettings { pace: PACE, port: Some(port) };
        let checkers = cloud.health_checkers(settings).await?;
        let dns = DnsClient::new(cloud.dns.address())?;
        Ok(Self { made, checkers, dns, began: Instant::now() })
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

    /// The Region that the application's name leads to now.
    pub(crate) async fn answer(&self) -> Result<Option<Region>, DrillError> {
        Ok(region_of(self.dns.resolve(HOST).await?.address))
    }

    /// What the alarm on the health check of `region` makes of it now.
    pub(crate) fn alarm_state(&self, region: Region) -> AlarmState {
        let period = paced(ALARM_PERIOD_SECONDS);
        let since = |at: Instant| at.saturating_duration_since(self.began);
        let changes: Vec<_> =
            self.changes(region).iter().map(|change| (since(change.at), change.healthy)).collect();
        Evaluation { period, periods: ALARM_PERIODS }.state(&changes, since(Instant::now()))
    }
}
