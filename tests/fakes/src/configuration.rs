//! The configuration that the fakes run: one todo database in two or three Regions.

use std::collections::BTreeMap;

use responder_core::config::{Database, FailoverMode, UnknownLag};
use responder_core::words::names::Region;
use serde_json::{Value, json};

/// Seoul, the writer's Region at the start of every world.
pub const SEOUL: &str = "ap-northeast-2";
/// Osaka.
pub const OSAKA: &str = "ap-northeast-3";
/// Tokyo, the third Region of a world that has three.
pub const TOKYO: &str = "ap-northeast-1";

/// The health alarm, where a database has one.
pub const ALARM: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer-unreachable";
/// The function that says by SQL whether an endpoint takes writes.
pub const PROBE: &str = "failover-responder-probe";
/// The topic that people listen to.
pub const TOPIC: &str = "arn:aws:sns:ap-northeast-3:123456789012:todo-failover";
/// A topic for each of two Regions.
pub const TOPICS: &[(&str, &str)] =
    &[(SEOUL, "arn:aws:sns:ap-northeast-2:123456789012:todo-failover"), (OSAKA, TOPIC)];

/// What a test may want otherwise in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The settle time, in seconds.
    pub settle_seconds: u32,
    /// Whether a record without an owner is taken over.
    pub adopt: bool,
    /// The name that is published for each of these Regions in its cluster endpoint's place.
    pub endpoints: &'static [(&'static str, &'static str)],
    /// The Regions that have a probe.
    pub probes: &'static [&'static str],
    /// The health alarms' ARNs.
    pub health_alarms: &'static [&'static str],
    /// The writer alarms' ARNs.
    pub writer_alarms: &'static [&'static str],
    /// The Regions that take over, in order; left out where there are none.
    pub targets: &'static [&'static str],
    /// A topic for each of these Regions in the one topic's place; left out where there are none.
    pub topic_arns: &'static [(&'static str, &'static str)],
    /// What a lag that nobody knows means.
    pub unknown_lag: UnknownLag,
    /// The cooldown, in seconds.
    pub cooldown_seconds: u32,
    /// What an alarm may do.
    pub mode: FailoverMode,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            settle_seconds: 60,
            adopt: false,
            endpoints: &[],
            probes: &[],
            health_alarms: &[],
            writer_alarms: &[],
            targets: &[],
            topic_arns: &[],
            unknown_lag: UnknownLag::Refuse,
            cooldown_seconds: 3600,
            mode: FailoverMode::Advise,
        }
    }
}

/// The account of every cluster, where a test says nothing else.
pub(crate) const ACCOUNT: &str = "123456789012";

/// The Region of this name.
///
/// # Panics
///
/// When it is no Region's name.
pub fn region(name: &str) -> Region {
    name.parse().expect("a Region's name")
}

/// The identifier of a Region's cluster.
pub(crate) fn cluster(region: &Region) -> String {
    let city = match region.as_str() {
        SEOUL => "seoul",
        OSAKA => "osaka",
        TOKYO => "tokyo",
        other => other,
    };
    format!("todo-{city}")
}

/// The ARN of a Region's cluster in this account.
pub(crate) fn arn(account: &str, region: &Region) -> String {
    format!("arn:aws:rds:{region}:{account}:cluster:{}", cluster(region))
}

/// The host name of a Region's cluster, as it is when the world begins.
pub fn endpoint(region: &Region) -> String {
    format!("{}.cluster-abc.{region}.rds.amazonaws.com", cluster(region))
}

/// The database with a member in each of `regions`.
///
/// # Panics
///
/// When the Regions make no valid configuration.
pub fn database(regions: &[Region], settings: Settings) -> Database {
    let members: BTreeMap<&str, String> =
        regions.iter().map(|region| (region.as_str(), arn(ACCOUNT, region))).collect();
    let endpoints: BTreeMap<_, _> = settings.endpoints.iter().copied().collect();
    let probe: BTreeMap<_, _> = settings.probes.iter().map(|region| (*region, PROBE)).collect();
    let json = json!({
        "global_cluster": "todo", "probe": probe, "endpoints": endpoints, "members": members,
        "record": { "zone_id": "Z0123456789", "name": "writer.db.todo.internal", "ttl_seconds": 5 },
        "parameter": "/todo/database/writer", "home_region": regions.first().expect("a Region").as_str(),
        "settle_seconds": settings.settle_seconds, "adopt": settings.adopt, "failover": failover(settings),
    });
    let name = "todo".parse().expect("a database's name");
    let own = regions.first().expect("a Region");
    Database::parse("/failover-responder", &name, &json.to_string(), own).expect("a valid configuration")
}

fn failover(settings: Settings) -> Value {
    let mut json = json!({
        "mode": settings.mode, "health_alarms": settings.health_alarms, "writer_alarms": settings.writer_alarms,
        "targets": settings.targets, "unknown_lag": settings.unknown_lag,
        "cooldown_seconds": settings.cooldown_seconds,
    });
    if settings.topic_arns.is_empty() {
        json["topic_arn"] = TOPIC.into();
    } else {
        json["topic_arns"] =
            settings.topic_arns.iter().copied().collect::<BTreeMap<_, _>>().into_iter().collect();
    }
    json
}
