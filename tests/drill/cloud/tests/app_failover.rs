//! The application's own failover: health checks and failover records as the module `app_failover` makes them, read out
//! of the emulated Route 53, checked from several locations, and answered by DNS.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use aws_sdk_route53::types::{HealthCheckType, ResourceRecordSetFailover, RrType};
use drill_cloud::{
    AppFailover, Cloud, DnsClient, HealthCheckers, Pair, Region,
    app_failover::{self, HOST},
    health::{CheckersSettings, LOCATIONS, Probe},
};
use support::{cloud, eventually};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_util::task::AbortOnDropHandle;

const ADDRESSES: Pair<IpAddr> = Pair {
    seoul: IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 1, 20)),
    osaka: IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 2, 20)),
};

/// A check every 100 ms.
const PACE: u32 = 100;

/// An app that is healthy for the first so many locations only.
struct Stub {
    healthy_for: Arc<AtomicUsize>,
    _serving: AbortOnDropHandle<()>,
}

impl Stub {
    async fn start(address: SocketAddr) -> (Self, u16) {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let healthy_for = Arc::new(AtomicUsize::new(LOCATIONS.len()));
        let serving = AbortOnDropHandle::new(tokio::spawn(serve(listener, Arc::clone(&healthy_for))));
        (Self { healthy_for, _serving: serving }, port)
    }

    fn is_healthy_for(&self, locations: usize) {
        self.healthy_for.store(locations, Ordering::Relaxed);
    }
}

async fn serve(listener: TcpListener, healthy_for: Arc<AtomicUsize>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 1_024];
        let length = stream.read(&mut request).await.unwrap_or(0);
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        assert!(request.starts_with("GET /readyz HTTP/1.1\r\n"), "{request}");
        let place = LOCATIONS.iter().position(|location| request.contains(location)).unwrap();
        let healthy = place < healthy_for.load(Ordering::Relaxed);
        let line = if healthy { "204 No Content" } else { "503 Service Unavailable" };
        let answer = format!("HTTP/1.1 {line}\r\nconnection: close\r\n\r\n");
        // A checker that has lost its patience is gone.
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

struct Stage {
    cloud: Cloud,
    made: AppFailover,
    checkers: HealthCheckers,
    apps: Pair<Stub>,
    dns: DnsClient,
}

impl Stage {
    async fn start() -> Self {
        let cloud = cloud(Arc::default()).await;
        let made = AppFailover::create(&cloud.emulator, ADDRESSES).await.unwrap();
        let (seoul, port) = Stub::start(SocketAddr::new(ADDRESSES.seoul, 0)).await;
        let (osaka, _) = Stub::start(SocketAddr::new(ADDRESSES.osaka, port)).await;
        let settings = CheckersSettings { pace: PACE, port: Some(port) };
        let checkers = cloud.health_checkers(settings).await.unwrap();
        let dns = DnsClient::new(cloud.dns.address()).unwrap();
        let stage = Self { cloud, made, checkers, apps: Pair { seoul, osaka }, dns };
        stage.leads_to(Region::Seoul).await;
        stage
    }

    async fn leads_to(&self, region: Region) {
        let what = format!("{HOST} leads to {}", region.city());
        eventually(&what, || async {
            self.dns.resolve(HOST).await.is_ok_and(|it| it.address == *ADDRESSES.get(region))
        })
        .await;
    }

    async fn becomes(&self, region: Region, healthy: bool) {
        let id = self.made.checks.get(region);
        eventually("the status changes", || async { self.checkers.is_healthy(id) == healthy }).await;
    }

    /// Lets so many checks pass that anything that had to change would have.
    async fn rest(&self) {
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_led_by_the_documented_table() {
    let stage = Stage::start().await;
    let resolved = stage.dns.resolve(HOST).await.unwrap();
    assert_eq!(
        resolved.ttl,
        Duration::from_secs(u64::from(app_failover::TTL_SECONDS)),
        "the smallest of the chain"
    );
    stage.apps.seoul.is_healthy_for(0);
    stage.leads_to(Region::Osaka).await;
    // Both unhealthy: the primary.
    stage.apps.osaka.is_healthy_for(0);
    stage.becomes(Region::Osaka, false).await;
    stage.leads_to(Region::Seoul).await;
    assert!(!stage.checkers.is_healthy(&stage.made.checks.seoul));
    stage.apps.osaka.is_healthy_for(8);
    stage.leads_to(Region::Osaka).await;
    stage.apps.seoul.is_healthy_for(8);
    stage.leads_to(Region::Seoul).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_three_failures_in_a_row_from_each_location() {
    let stage = Stage::start().await;
    stage.rest().await;
    let since = Instant::now();
    stage.apps.seoul.is_healthy_for(0);
    stage.becomes(Region::Seoul, false).await;
    stage.rest().await;
    let probes = stage.checkers.probes();
    let is_of_seoul = |it: &&Probe| it.check == stage.made.checks.seoul && it.ended >= since;
    let of_seoul: Vec<&Probe> = probes.iter().filter(is_of_seoul).collect();
    let places: BTreeSet<&str> = of_seoul.iter().map(|it| it.location.as_str()).collect();
    assert_eq!(places, BTreeSet::from(LOCATIONS));
    for place in places {
        let mine = of_seoul.iter().filter(|it| it.location == place);
        let failed: Vec<_> = mine.filter(|it| it.problem.is_some()).collect();
        let before = failed.iter().take_while(|it| it.verdict != Some(false)).count();
        assert_eq!(before, 2, "the third changes the verdict: {failed:?}");
        assert_eq!(failed[0].problem.as_deref(), Some("HTTP 503"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_eighteen_percent_of_the_locations_are_enough() {
    let stage = Stage::start().await;
    stage.apps.seoul.is_healthy_for(2);
    stage.rest().await;
    assert!(stage.checkers.is_healthy(&stage.made.checks.seoul), "two of eight are 25%");
    stage.apps.seoul.is_healthy_for(1);
    stage.leads_to(Region::Osaka).await;
    let change = stage.checkers.changes().pop().unwrap();
    assert_eq!((change.healthy, change.reports.healthy, change.reports.of), (false, 1, 8), "12.5%");
    stage.apps.seoul.is_healthy_for(2);
    stage.leads_to(Region::Seoul).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_health_check_is_healthy_and_makes_no_check() {
    let stage = Stage::start().await;
    stage.apps.seoul.is_healthy_for(0);
    stage.leads_to(Region::Osaka).await;
    let id = &stage.made.checks.seoul;
    let update = stage.cloud.emulator.route53().update_health_check().health_check_id(id).disabled(true);
    update.send().await.unwrap();
    stage.leads_to(Region::Seoul).await;
    let count = || stage.checkers.probes().iter().filter(|it| it.check == *id).count();
    let before = count();
    stage.rest().await;
    assert_eq!(count(), before);
    // Inverted as well, it stops the traffic.
    let update = stage.cloud.emulator.route53().update_health_check().health_check_id(id).inverted(true);
    update.send().await.unwrap();
    stage.leads_to(Region::Osaka).await;
}

/// What is seeded is what the module's files say.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_what_the_module_makes() {
    let module = Module::read();
    let cloud = cloud(Arc::default()).await;
    let made = AppFailover::create(&cloud.emulator, ADDRESSES).await.unwrap();
    let route53 = cloud.emulator.route53();
    let sets = route53.list_resource_record_sets().hosted_zone_id(&made.zone).send().await.unwrap();
    for region in Region::ALL {
        let role = app_failover::role(region);
        let check = route53.get_health_check().health_check_id(made.checks.get(region)).send().await.unwrap();
        let config = check.health_check().unwrap().health_check_config().unwrap().clone();
        assert_eq!(config.r#type().as_str(), module.text("main.tf", "type"));
        assert_eq!(config.r#type(), &HealthCheckType::Https);
        assert_eq!(config.port().unwrap().to_string(), module.text("main.tf", "port"));
        assert_eq!(config.enable_sni().unwrap().to_string(), module.text("main.tf", "enable_sni"));
        assert_eq!(config.resource_path().unwrap(), module.default("health_path"));
        assert_eq!(config.request_interval().unwrap().to_string(), module.default("check_interval_seconds"));
        assert_eq!(config.failure_threshold().unwrap().to_string(), module.default("failure_threshold"));
        let set = sets.resource_record_sets().iter().find(|set| set.set_identifier() == Some(role)).unwrap();
        assert_eq!((set.name().trim_end_matches('.'), set.r#type()), (HOST, &RrType::Cname));
        assert!(module.main.contains("type            = \"CNAME\""));
        assert!(
            module.main.contains("hosts = { primary = var.primary_host, secondary = var.secondary_host }")
        );
        assert_eq!(set.ttl().unwrap().to_string(), module.default("ttl_seconds"));
        assert_eq!(set.health_check_id(), Some(made.checks.get(region).as_str()));
        assert_eq!(set.failover(), Some(&ResourceRecordSetFailover::from(role.to_uppercase().as_str())));
        assert_eq!(set.resource_records()[0].value(), config.fully_qualified_domain_name().unwrap());
    }
}

#[test]
fn the_alarms_are_evaluated_as_the_modules() {
    let module = Module::read();
    assert_eq!(module.text("alarms.tf", "period"), app_failover::ALARM_PERIOD_SECONDS.to_string());
    assert_eq!(module.text("alarms.tf", "evaluation_periods"), app_failover::ALARM_PERIODS.to_string());
    assert_eq!(module.text("alarms.tf", "statistic"), "Minimum");
    assert_eq!(module.text("alarms.tf", "metric_name"), "HealthCheckStatus");
    for region in Region::ALL {
        let alarm = app_failover::alarm(region);
        // The module's `name` is `todo` here.
        assert_eq!(alarm.name, format!("todo-{}-unhealthy", app_failover::role(region)));
        assert_eq!(alarm.region, "us-east-1");
    }
    assert!(module.alarms.contains("alarm_name          = \"${var.name}-${each.key}-unhealthy\""));
}

/// The module's files, as text.
struct Module {
    main: String,
    variables: String,
    alarms: String,
}

impl Module {
    fn read() -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../infra/modules/app_failover");
        let read = |file: &str| std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        Self { main: read("main.tf"), variables: read("variables.tf"), alarms: read("alarms.tf") }
    }

    /// The value of the first line that sets this attribute.
    fn text(&self, file: &str, attribute: &str) -> String {
        let text = if file == "alarms.tf" { &self.alarms } else { &self.main };
        value(text, attribute)
    }

    /// The default of a variable.
    fn default(&self, variable: &str) -> String {
        let from = self.variables.find(&format!("variable \"{variable}\"")).unwrap();
        value(&self.variables[from..], "default")
    }
}

fn value(text: &str, attribute: &str) -> String {
    let mut settings = text.lines().filter_map(|line| line.trim().split_once('='));
    let found = settings.find(|(name, _)| name.trim() == attribute);
    found.unwrap_or_else(|| panic!("no {attribute}")).1.trim().trim_matches('"').to_owned()
}
