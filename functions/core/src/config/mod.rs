//! One database's configuration: the SSM parameter `<prefix>/databases/<database>`, checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words::names::{ClusterArn, DatabaseName, Region, is_host_name};

pub mod installation;

mod drills;

/// Most members that a global cluster can have here: one writer and five readers.
pub const MEMBERS_MAX: usize = 6;
/// The default of `settle_seconds`.
pub const SETTLE_SECONDS_DEFAULT: u32 = 60;

/// A configuration that was refused. Reads as one sentence that names the parameter and the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("configuration parameter {parameter}: {field}: {problem}")]
pub struct ConfigError {
    /// The SSM parameter's name.
    pub parameter: String,
    /// The field's path, such as `members.ap-northeast-2`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

/// One database that an installation looks after. Only [`Database::parse`] makes one, so it is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    name: DatabaseName,
    prefix: String,
    raw: Raw,
    text: String,
}

/// The writer record's place in Route 53.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
pub struct FailoverConfig {
    /// What an alarm may do.
    #[serde(default)]
    pub mode: FailoverMode,
    /// ARNs of the alarms that together say that the writer is dead.
    #[serde(default)]
    pub health_alarms: Vec<String>,
    /// The largest replication lag, in seconds, at which an automatic failover starts.
    #[serde(default = "max_lag_seconds_default")]
    pub max_lag_seconds: u32,
    /// The least time, in seconds, between two transitions.
    #[serde(default = "cooldown_seconds_default")]
    pub cooldown_seconds: u32,
    /// The SNS topic that people listen to.
    #[serde(default)]
    pub topic_arn: Option<String>,
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

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
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
    failover: FailoverConfig,
    home_region: Option<Region>,
    rto_seconds: Option<u32>,
    rpo_seconds: Option<u32>,
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
        let refuse = |field: &str, problem: String| ConfigError {
            parameter: format!("{prefix}/databases/{name}"),
            field: field.to_owned(),
            problem,
        };
        let mut reader = serde_json::Deserializer::from_str(json);
        let broken = |error: &serde_json::Error| refuse("the document", format!("is not JSON: {error}"));
        let mut raw: Raw = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            match error.inner() {
                inner if !inner.is_data() => broken(inner),
                inner => refuse(if path == "." { "the document" } else { &path }, plain(inner)),
            }
        })?;
        reader.end().map_err(|error| broken(&error))?;
        raw.record.name = raw.record.name.trim_end_matches('.').to_ascii_lowercase();
        match first_fault(&raw, prefix, own) {
            Some((field, problem)) => Err(refuse(&field, problem)),
            None => Ok(Self { name: name.clone(), prefix: prefix.to_owned(), raw, text: json.to_owned() }),
        }
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
        self.raw.members.iter().find(|(_, member)| member.as_str() == arn).map(|(region, _)| region)
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

    /// The name of the parameter in which an operator declares a promotion.
    pub fn declared_parameter(&self) -> String {
        format!("{}/declared/{}", self.prefix, self.name)
    }

    /// The ownership record's name.
    pub fn ownership_name(&self) -> String {
        format!("_failover-responder.{}", self.raw.record.name)
    }
}

fn first_fault(raw: &Raw, prefix: &str, own: &Region) -> Option<(String, String)> {
    let fault = |field: &str, problem: &str| Some((field.to_owned(), problem.to_owned()));
    if raw.global_cluster.is_empty() {
        return fault("global_cluster", "is empty");
    }
    if !(2..=MEMBERS_MAX).contains(&raw.members.len()) {
        return fault("members", "a global database has 2 to 6 members here");
    }
    for (region, arn) in &raw.members {
        if arn.region() != region {
            return Some((
                format!("members.{region}"),
                format!("{arn} is a cluster of {}, not of {region}", arn.region()),
            ));
        }
    }
    if !raw.members.contains_key(own) {
        return Some(("members".to_owned(), format!("this function runs in {own}, which has no member")));
    }
    if raw.record.zone_id.is_empty() {
        return fault("record.zone_id", "is empty");
    }
    if !is_host_name(&raw.record.name) {
        return Some(("record.name".to_owned(), format!("{:?} is not a DNS name", raw.record.name)));
    }
    if !(1..=86_400).contains(&raw.record.ttl_seconds) {
        return fault("record.ttl_seconds", "is not between 1 and 86400");
    }
    if raw.parameter.is_empty() || raw.parameter.contains(char::is_whitespace) {
        return Some((
            "parameter".to_owned(),
            format!("{:?} is not the name of an SSM parameter", raw.parameter),
        ));
    }
    if raw.parameter.starts_with(&format!("{prefix}/")) {
        return fault(
            "parameter",
            "lies below the installation's own prefix, where its configuration and state live",
        );
    }
    if let Some(fault) = drills::fault(raw) {
        return Some(fault);
    }
    if let Some(topic) = raw.failover.topic_arn.as_ref().filter(|topic| topic_region(topic).is_none()) {
        return Some(("failover.topic_arn".to_owned(), format!("{topic:?} is not the ARN of an SNS topic")));
    }
    raw.failover.health_alarms.iter().enumerate().find(|(_, arn)| alarm_region(arn).is_none()).map(
        |(at, arn)| {
            (format!("failover.health_alarms[{at}]"), format!("{arn:?} is not the ARN of a CloudWatch alarm"))
        },
    )
}

/// The Region of a topic's ARN, `arn:aws:sns:<region>:<account>:<name>`.
pub fn topic_region(arn: &str) -> Option<Region> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "sns", region, _, name] if !name.is_empty() => region.parse().ok(),
        _ => None,
    }
}

/// The Region of an alarm's ARN, `arn:aws:cloudwatch:<region>:<account>:alarm:<name>`.
pub fn alarm_region(arn: &str) -> Option<Region> {
    let mut parts = arn.splitn(7, ':');
    let head = [parts.next()?, parts.next()?, parts.next()?];
    let region = parts.next()?.parse().ok()?;
    let (_account, kind, name) = (parts.next()?, parts.next()?, parts.next()?);
    (head.first() == Some(&"arn")
        && head.get(2) == Some(&"cloudwatch")
        && kind == "alarm"
        && !name.is_empty())
    .then_some(region)
}

/// serde's sentence without its "at line 1 column 17": the parameter is one line to most people.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.find(" at line ") {
        Some(at) => text.get(..at).unwrap_or(&text).to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{
      "global_cluster": "todo",
      "members": {
        "ap-northeast-2": "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
        "ap-northeast-3": "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"
      },
      "record": { "zone_id": "Z0123456789", "name": "Writer.db.todo.internal.", "ttl_seconds": 5 },
      "parameter": "/todo/database/writer"
    }"#;

    fn parse(json: &str) -> Result<Database, ConfigError> {
        Database::parse(
            "/failover-responder",
            &"todo".parse().unwrap(),
            json,
            &"ap-northeast-3".parse().unwrap(),
        )
    }

    #[test]
    fn what_may_be_left_out_has_its_default() {
        let database = parse(GOOD).unwrap();
        assert_eq!(database.settle_ms(), 60_000);
        assert!(!database.adopt());
        assert_eq!(database.priority(), 0);
        assert_eq!(database.failover().mode, FailoverMode::Off);
        assert_eq!(database.ownership_name(), "_failover-responder.writer.db.todo.internal");
        assert_eq!(database.state_parameter(), "/failover-responder/state/todo");
    }

    /// Replaces `from` in the good configuration and expects a refusal of `field`.
    fn refused(from: &str, to: &str, field: &str) {
        assert!(GOOD.contains(from), "{from}");
        let error = parse(&GOOD.replace(from, to)).unwrap_err();
        assert_eq!(
            (error.parameter.as_str(), error.field.as_str()),
            ("/failover-responder/databases/todo", field),
            "{error}"
        );
    }

    #[test]
    fn every_refusal_names_the_parameter_and_the_field() {
        refused("\"global_cluster\": \"todo\",", "", "the document");
        refused("\"parameter\":", "\"surprise\": 1, \"parameter\":", "surprise");
        refused("\"ttl_seconds\": 5", "\"ttl_seconds\": \"5\"", "record.ttl_seconds");
        refused("\"ttl_seconds\": 5", "\"ttl_seconds\": 0", "record.ttl_seconds");
        refused("\"ttl_seconds\": 5", "\"ttl_seconds\": 5, \"x\": 1", "record.x");
        refused("cluster:todo-osaka", "db:todo-osaka", "members.ap-northeast-3");
        refused("arn:aws:rds:ap-northeast-3", "arn:aws:rds:ap-northeast-1", "members.ap-northeast-3");
        refused(
            "\"ap-northeast-3\": \"arn:aws:rds:ap-northeast-3",
            "\"us-east-1\": \"arn:aws:rds:us-east-1",
            "members",
        );
        refused("Writer.db.todo.internal.", "writer db", "record.name");
        refused("/todo/database/writer", "/failover-responder/state/todo", "parameter");
        refused("\"parameter\":", "\"failover\": {\"mode\": \"maybe\"}, \"parameter\":", "failover.mode");
        refused(
            "\"parameter\":",
            "\"failover\": {\"health_alarms\": [\"x\"]}, \"parameter\":",
            "failover.health_alarms[0]",
        );
        assert_eq!(parse("[").unwrap_err().field, "the document");
        assert_eq!(parse(&format!("{GOOD} x")).unwrap_err().field, "the document");
    }

    #[test]
    fn a_missing_field_is_named_in_the_sentence() {
        let error = parse(&GOOD.replace("\"zone_id\": \"Z0123456789\",", "")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "configuration parameter /failover-responder/databases/todo: record: missing field `zone_id`"
        );
    }
}
