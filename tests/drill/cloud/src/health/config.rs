//! The health checks as the emulated Route 53 stores them.

use std::time::Duration;

use aws_sdk_route53::types::{HealthCheck, HealthCheckType};

use crate::error::CloudError;

/// Where Route 53 has health checkers: what `HealthCheckRegion` of its API lists, and all of them where a health check
/// names none.
pub const LOCATIONS: [&str; 8] = [
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
];
/// What Route 53 takes where a health check says nothing else.
const DEFAULT_INTERVAL: i32 = 30;
const DEFAULT_THRESHOLD: i32 = 3;
const HTTP: i32 = 80;
const HTTPS: i32 = 443;

/// A health check of an endpoint over HTTP or HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckConfig {
    /// Its id.
    pub id: String,
    /// The host name that is resolved and asked.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What is asked for.
    pub path: String,
    /// How often each location asks.
    pub interval: Duration,
    /// How many checks in a row change a location's verdict.
    pub threshold: u32,
    /// Whether nothing is asked at all.
    pub disabled: bool,
    /// Whether its status is the other way round.
    pub inverted: bool,
    /// Where it is asked from.
    pub locations: Vec<String>,
}

impl CheckConfig {
    fn of(check: &HealthCheck) -> Result<Self, CloudError> {
        let operation = || format!("ListHealthChecks, of {}", check.id());
        let missing = |field| CloudError::Incomplete { operation: operation(), field };
        let config = check.health_check_config().ok_or_else(|| missing("HealthCheckConfig"))?;
        let port = match config.r#type() {
            HealthCheckType::Http => HTTP,
            HealthCheckType::Https => HTTPS,
            other => {
                let kind = other.as_str().to_owned();
                return Err(CloudError::HealthCheckType { id: check.id().to_owned(), kind });
            }
        };
        let host = config.fully_qualified_domain_name().ok_or_else(|| missing("FullyQualifiedDomainName"))?;
        let interval = config.request_interval().unwrap_or(DEFAULT_INTERVAL);
        let threshold = config.failure_threshold().unwrap_or(DEFAULT_THRESHOLD);
        let named = config.regions().iter().map(|region| region.as_str().to_owned());
        let mut locations: Vec<String> = named.collect();
        if locations.is_empty() {
            locations = LOCATIONS.map(str::to_owned).to_vec();
        }
        Ok(Self {
            id: check.id().to_owned(),
            host: host.to_owned(),
            port: u16::try_from(config.port().unwrap_or(port)).map_err(|_| missing("Port in its range"))?,
            path: config.resource_path().unwrap_or("/").to_owned(),
            interval: Duration::from_secs(u64::try_from(interval).map_err(|_| missing("RequestInterval"))?),
            threshold: u32::try_from(threshold).map_err(|_| missing("FailureThreshold"))?,
            disabled: config.disabled().unwrap_or(false),
            inverted: config.inverted().unwrap_or(false),
            locations,
        })
    }
}

/// All health checks as they are stored now.
pub(super) async fn read(route53: &aws_sdk_route53::Client) -> Result<Vec<CheckConfig>, CloudError> {
    let mut checks = Vec::new();
    let mut marker = None;
    loop {
        let page = route53.list_health_checks().set_marker(marker).send();
        let page = page.await.map_err(CloudError::aws("ListHealthChecks"))?;
        checks.extend(page.health_checks().iter().map(CheckConfig::of).collect::<Result<Vec<_>, _>>()?);
        marker = page.next_marker().map(str::to_owned);
        if !page.is_truncated() || marker.is_none() {
            return Ok(checks);
        }
    }
}
