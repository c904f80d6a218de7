//! One database's configuration: the SSM parameter `<prefix>/databases/<database>`, checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words::failure::visible;
use crate::words::names::{ClusterArn, DatabaseName, NameError, Region, arn_region};

pub mod installation;
pub mod owned;

mod drills;
#[cfg(test)]
mod fault_tests;
mod faults;
mod format;
#[cfg(test)]
mod tests;

pub use format::FORMAT;

/// Most members that a global cluster can have: one writer and ten readers.
pub const MEMBERS_MAX: usize = 11;
/// The default of `settle_seconds`.
pub const SETTLE_SECONDS_DEFAULT: u32 = 60;

/// A configuration that was refused. Reads as one sentence that names the parameter and every field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("configuration parameter {parameter}: {}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct ConfigError {
    /// The SSM parameter's name.
    pub parameter: String,
    /// All that is wrong, at least one.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Fault {
    /// The field's path, such as `members.ap-northeast-2`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Fault {
    /// This problem with that field. Either may repeat what somebody wrote.
    pub fn new(field: impl AsRef<str>, problem: impl AsRef<str>) -> Self {
        Self { field: visible(field.as_ref()), problem: visible(problem.as_ref()) }
    }
}

/// One database that an installation looks after. Only [`Database::parse`] makes one, so it is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    name: DatabaseName,
    prefix: String,
    raw: Raw,
    text: String,
    warnings: Vec<String>,
}

/// The writer record's place in Route 53.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecordConfig {
    /// The hosted zone's id.
    pub zone_id: String,
    /// The CNAME's name, lower case, without a trailing dot.
    pub name: String,
    /// The records' time to live, in seconds.
    pub ttl_seconds: u32,
}

/// When health alarms may start a failover.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FailoverConfig {
    /// What an alarm may do.
    #[serde(default)]
    pub mode: FailoverMode,
    /// ARNs of the alarms that together say that the application is down.
    #[serde(default)]
    pub health_alarms: Vec<String>,
    /// ARNs of the alarms that together say that the database's writer is down.
    #[serde(default)]
    pub writer_alarms: Vec<String>,
    /// The largest replication lag before the outage, in seconds, at which an automatic failover starts.
    #[serde(default = "max_lag_seconds_default")]
    pub max_lag_seconds: u32,
    /// What a lag that nobody knows means.
    #[serde(default)]
    pub unknown_lag: UnknownLag,
    /// The least time, in seconds, between two transitions.
    #[serde(default = "cooldown_seconds_default")]
    pub cooldown_seconds: u32,
    /// The Regions that take over, in order; by name where it is left out.
    #[serde(default)]
    pub targets: Vec<Region>,
    /// The SNS topic that people listen to, one for all Regions.
    #[serde(default)]
    pub topic_arn: Option<String>,
    /// The SNS topic of each Region that people listen to.
    #[serde(default)]
    pub topic_arns: BTreeMap<Region, String>,
}

/// What an alarm may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailoverMode {
    /// Nothing beyond the pass that every trigger runs.
    #[default]
    Off,
    /// Tell people what would be done and how.
    Advise,
    /// Start the failover when every check passes.
    Automatic,
}

/// What a replication lag that nobody knows means for an automatic failover.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownLag {
    /// Nothing is started.
    #[default]
    Refuse,
    /// It is started all the same, and every message says so.
    Allow,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Raw {
    #[serde(default = "format_default")]
    format: u32,
    global_cluster: String,
    members: BTreeMap<Region, ClusterArn>,
    record: RecordConfig,
    parameter: String,
    #[serde(default = "settle_seconds_default")]
    settle_seconds: u32,
    #[serde(default)]
    adopt: bool,
    #[serde(default)]
    priority: u32,
    #[serde(default)]
    endpoints: BTreeMap<Region, String>,
    /// The function in each Region that says by SQL whether an endpoint takes writes.
    #[serde(default)]
    probe: BTreeMap<Region, String>,
    #[serde(default)]
    failover: FailoverConfig,
    home_region: Option<Region>,
    rto_seconds: Option<u32>,
    rpo_seconds: Option<u32>,
    min_capacity: Option<u32>,
}

const fn format_default() -> u32 {
    1
}
const fn settle_seconds_default() -> u32 {
    SETTLE_SECONDS_DEFAULT
}
const fn max_lag_seconds_default() -> u32 {
    5
}
const fn cooldown_seconds_default() -> u32 {
    3600
}

impl Database {
    /// Reads the parameter `<prefix>/databases/<database>` for a function in the Region `own`.
    pub fn parse(prefix: &str, name: &DatabaseName, json: &str, own: &Region) -> Result<Self, ConfigError> {
        let refuse =
            |faults: Vec<Fault>| ConfigError { parameter: format!("{prefix}/databases/{name}"), faults };
        let (mut raw, unknown) = format::read(json).map_err(|fault| refuse(vec![fault]))?;
        raw.record.name = raw.record.name.trim_end_matches('.').to_ascii_lowercase();
        let mut faults = faults::all(&raw, prefix, name, own);
        let mut warnings = Vec::new();
        if raw.format > FORMAT && !unknown.is_empty() {
            warnings.push(format::newer(raw.format, &unknown));
            raw.failover.mode = FailoverMode::Off;
        } else {
            faults.extend(
                unknown.into_iter().map(|field| Fault::new(field, "is not a field that this version knows")),
            );
        }
        if !faults.is_empty() {
            return Err(refuse(faults));
        }
        Ok(Self { name: name.clone(), prefix: prefix.to_owned(), raw, text: json.to_owned(), warnings })
    }

    /// What a person should know of this configuration, though it is followed.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The database's name.
    pub fn name(&self) -> &DatabaseName {
        &self.name
    }

    /// The installation's prefix, which is also the owner in the ownership record.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The configuration's text, by which a change is noticed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The configuration parameter's name.
    pub fn configuration_parameter(&self) -> String {
        format!("{}/databases/{}", self.prefix, self.name)
    }

    /// The global cluster's identifier.
    pub fn global_cluster(&self) -> &str {
        &self.raw.global_cluster
    }

    /// The member cluster of each Region.
    pub fn members(&self) -> &BTreeMap<Region, ClusterArn> {
        &self.raw.members
    }

    /// All Regions with a member, in order.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.raw.members.keys()
    }

    /// The Region whose member this ARN is.
    pub fn region_of(&self, arn: &str) -> Option<&Region> {
        let is_it = |member: &ClusterArn| member.as_str().eq_ignore_ascii_case(arn);
        self.raw.members.iter().find(|(_, member)| is_it(member)).map(|(region, _)| region)
    }

    /// The writer record.
    pub fn record(&self) -> &RecordConfig {
        &self.raw.record
    }

    /// The writer parameter's name, the same in each Region.
    pub fn parameter(&self) -> &str {
        &self.raw.parameter
    }

    /// How long after a publication nothing moves without an operator, in milliseconds.
    pub fn settle_ms(&self) -> i64 {
        i64::from(self.raw.settle_seconds) * 1000
    }

    /// How important it is among the others: the greater is looked at and written first; 0 where it is left out.
    pub fn priority(&self) -> u32 {
        self.raw.priority
    }

    /// Whether a record without an ownership may be taken over.
    pub fn adopt(&self) -> bool {
        self.raw.adopt
    }

    /// The name that is published for `region` in its cluster endpoint's place, where one is configured: an RDS Proxy, a
    /// pooler, a name of one's own.
    pub fn endpoint_of(&self, region: &Region) -> Option<&str> {
        self.raw.endpoints.get(region).map(String::as_str)
    }

    /// The function in `region` that says by SQL whether an endpoint takes writes, where one is configured.
    pub fn probe_in(&self, region: &Region) -> Option<&str> {
        self.raw.probe.get(region).map(String::as_str)
    }

    /// The Regions whose probes are asked about `region`'s cluster by a function in `own`, in order.
    pub fn probes_about<'a>(&'a self, region: &'a Region, own: &'a Region) -> Vec<(&'a Region, &'a str)> {
        let others = Some(own).filter(|own| *own != region);
        let regions = std::iter::once(region).chain(others);
        regions.filter_map(|region| Some((region, self.probe_in(region)?))).collect()
    }

    /// The least capacity that a Region has to have to take over: ACU, or the instance class's vCPU.
    pub fn min_capacity(&self) -> Option<u32> {
        self.raw.min_capacity
    }

    /// The Regions that take over, in order; the published writer's among them.
    pub fn targets(&self) -> Vec<&Region> {
        let named = &self.raw.failover.targets;
        if named.is_empty() { self.regions().collect() } else { named.iter().collect() }
    }

    /// The topics that people listen to, in the order in which a function in `own` tries them.
    pub fn topics(&self, own: &Region) -> Vec<&str> {
        let topics = &self.raw.failover.topic_arns;
        let first = topics.get(own).into_iter();
        let others = topics.iter().filter(|(region, _)| *region != own).map(|(_, topic)| topic);
        let mut all: Vec<&str> =
            first.chain(others).chain(&self.raw.failover.topic_arn).map(String::as_str).collect();
        all.dedup();
        all
    }

    /// The failover policy.
    pub fn failover(&self) -> &FailoverConfig {
        &self.raw.failover
    }

    /// The state parameter's name.
    pub fn state_parameter(&self) -> String {
        format!("{}/state/{}", self.prefix, self.name)
    }

    /// The hold switch's name.
    pub fn hold_parameter(&self) -> String {
        format!("{}/hold/{}", self.prefix, self.name)
    }

    /// The name of the parameter in which the own Region's `failover` function remembers what it did.
    pub fn attempt_parameter(&self) -> String {
        format!("{}/attempt/{}", self.prefix, self.name)
    }

    /// The name of the parameter in which a Region's `failover` function remembers what it found when it last looked ahead.
    pub fn readiness_parameter(&self) -> String {
        format!("{}/readiness/{}", self.prefix, self.name)
    }

    /// The name of the parameter in which an operator declares a promotion.
    pub fn declared_parameter(&self) -> String {
        format!("{}/declared/{}", self.prefix, self.name)
    }

    /// The ownership record's name.
    pub fn ownership_name(&self) -> String {
        format!("_failover-responder.{}", self.raw.record.name)
    }
}

/// The Region of a topic's ARN, `arn:aws:sns:<region>:<account>:<name>`.
pub fn topic_region(arn: &str) -> Option<Region> {
    topic(arn).ok().flatten()
}

/// The same, and an error where it is in another partition than it says.
fn topic(arn: &str) -> Result<Option<Region>, NameError> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, "sns", region, _, name] if !name.is_empty() => arn_region(arn, partition, region),
        _ => Ok(None),
    }
}

/// The Region of an alarm's ARN, `arn:aws:cloudwatch:<region>:<account>:alarm:<name>`.
pub fn alarm_region(arn: &str) -> Option<Region> {
    alarm(arn).ok().flatten()
}

/// The same, and an error where it is in another partition than it says.
fn alarm(arn: &str) -> Result<Option<Region>, NameError> {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "cloudwatch", region, _, "alarm", name] if !name.is_empty() => {
            arn_region(arn, partition, region)
        }
        _ => Ok(None),
    }
}
