//! What the Terraform module `app_failover` makes, in the emulated Route 53 and CloudWatch: two health checks, two
//! failover records over them, two alarms on them. And what external-dns keeps beside it: the Regions' own hosts.
//!
//! The constants are the module's values and defaults; a test reads them out of its files. The zone and the host names are
//! those of its examples.

use std::net::IpAddr;

use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, HealthCheckConfig, HealthCheckType, ResourceRecord, ResourceRecordSet,
    ResourceRecordSetFailover, RrType,
};

use drill_emulator::{Pair, Region};

pub use crate::alarms::{ALARM_PERIOD_SECONDS, ALARM_PERIODS, PRIMARY_ALARM, SECONDARY_ALARM};
use crate::{
    alarms::{Alarm, Alarms},
    clients::Clients,
    error::CloudError,
    seed::Seed,
};

/// The public hosted zone.
pub const ZONE: &str = "example.com";
/// What users type.
pub const HOST: &str = "todo.example.com";
/// What the health checkers ask for.
pub const HEALTH_PATH: &str = "/readyz";
/// On which port.
pub const PORT: u16 = 443;
/// How often, in seconds.
pub const CHECK_INTERVAL_SECONDS: u32 = 10;
/// How many checks in a row must fail, or succeed.
pub const FAILURE_THRESHOLD: u32 = 3;
/// The failover records' time to live, in seconds.
pub const TTL_SECONDS: u32 = 30;
/// The time to live of a load balancer's own addresses, in seconds.
const ADDRESS_TTL_SECONDS: u32 = 60;

/// The Region whose host is answered while it is healthy.
pub const PRIMARY: Region = Region::Seoul;

/// The Region's own host, such as `seoul.todo.example.com`.
pub fn region_host(region: Region) -> String {
    format!("{}.{HOST}", region.city().to_lowercase())
}

/// `primary` or `secondary`: the module's words, and the records' set identifiers.
pub fn role(region: Region) -> &'static str {
    if region == PRIMARY { "primary" } else { "secondary" }
}

/// The alarm on the health check of the Region's host.
pub fn alarm(region: Region) -> Alarm {
    if region == PRIMARY { PRIMARY_ALARM } else { SECONDARY_ALARM }
}

/// What was made.
#[derive(Debug, Clone)]
pub struct AppFailover {
    /// The zone's id.
    pub zone: String,
    /// The ids of the health checks of the Regions' hosts.
    pub checks: Pair<String>,
}

impl AppFailover {
    /// Makes all of it, past the front; `addresses` are where the Regions' apps are.
    pub async fn create(emulator: &Clients, addresses: Pair<IpAddr>) -> Result<Self, CloudError> {
        let zone = Seed::new(emulator.clone()).zone(ZONE).await?;
        let seoul = health_check(emulator, Region::Seoul).await?;
        let osaka = health_check(emulator, Region::Osaka).await?;
        let created = Self { zone, checks: Pair { seoul, osaka } };
        let mut changes = Vec::new();
        for region in Region::ALL {
            changes.push(created.host_record(region, *addresses.get(region))?);
            changes.push(created.failover_record(region)?);
        }
        created.change(emulator, changes).await?;
        let alarms = Alarms::new(emulator.clone());
        for region in Region::ALL {
            alarms.create_of_health_check(alarm(region), created.checks.get(region)).await?;
        }
        Ok(created)
    }

    /// The Region whose host that health check asks.
    pub fn region_of(&self, check: &str) -> Option<Region> {
        Region::ALL.into_iter().find(|region| self.checks.get(*region) == check)
    }

    fn failover_record(&self, region: Region) -> Result<Change, CloudError> {
        let failover = if region == PRIMARY {
            ResourceRecordSetFailover::Primary
        } else {
            ResourceRecordSetFailover::Secondary
        };
        let set = ResourceRecordSet::builder()
            .name(HOST)
            .r#type(RrType::Cname)
            .ttl(i64::from(TTL_SECONDS))
            .set_identifier(role(region))
            .failover(failover)
            .health_check_id(self.checks.get(region));
        created(HOST, set, &region_host(region))
    }

    fn host_record(&self, region: Region, address: IpAddr) -> Result<Change, CloudError> {
        let host = region_host(region);
        let kind = if address.is_ipv4() { RrType::A } else { RrType::Aaaa };
        let set = ResourceRecordSet::builder().name(&host).r#type(kind).ttl(i64::from(ADDRESS_TTL_SECONDS));
        created(&self.zone, set, &address.to_string())
    }

    async fn change(&self, emulator: &Clients, changes: Vec<Change>) -> Result<(), CloudError> {
        let operation = || format!("ChangeResourceRecordSets in {}", self.zone);
        let batch = ChangeBatch::builder().set_changes(Some(changes)).build();
        let batch = batch.map_err(CloudError::aws(operation()))?;
        let change = emulator.route53().change_resource_record_sets().hosted_zone_id(&self.zone);
        let sent = change.change_batch(batch).send().await;
        sent.map(|_| ()).map_err(CloudError::aws(operation()))
    }
}

/// The creation of a record set with one value.
fn created(
    what: &str,
    set: aws_sdk_route53::types::builders::ResourceRecordSetBuilder,
    value: &str,
) -> Result<Change, CloudError> {
    let operation = || format!("ChangeResourceRecordSets of {what}");
    let record = ResourceRecord::builder().value(value).build().map_err(CloudError::aws(operation()))?;
    let set = set.resource_records(record).build().map_err(CloudError::aws(operation()))?;
    let change = Change::builder().action(ChangeAction::Create).resource_record_set(set).build();
    change.map_err(CloudError::aws(operation()))
}

/// Creates the health check of the Region's host; answers its id.
async fn health_check(emulator: &Clients, region: Region) -> Result<String, CloudError> {
    let host = region_host(region);
    let operation = format!("CreateHealthCheck of {host}");
    let config = HealthCheckConfig::builder()
        .r#type(HealthCheckType::Https)
        .fully_qualified_domain_name(&host)
        .port(i32::from(PORT))
        .enable_sni(true)
        .resource_path(HEALTH_PATH)
        .request_interval(i32::try_from(CHECK_INTERVAL_SECONDS).map_err(CloudError::aws(operation.clone()))?)
        .failure_threshold(i32::try_from(FAILURE_THRESHOLD).map_err(CloudError::aws(operation.clone()))?)
        .build()
        .map_err(CloudError::aws(operation.clone()))?;
    let create = emulator.route53().create_health_check().caller_reference(&host).health_check_config(config);
    let answer = create.send().await.map_err(CloudError::aws(operation.clone()))?;
    let check = answer.health_check().ok_or(CloudError::Incomplete { operation, field: "HealthCheck" })?;
    Ok(check.id().to_owned())
}
