//! The configuration that the fakes run: one todo database in two or three Regions.

use responder_core::config::Database;
use responder_core::config::FailoverMode;
use responder_core::words::names::Region;

/// Seoul, the writer's Region at the start of every world.
pub const SEOUL: &str = "ap-northeast-2";
/// Osaka.
pub const OSAKA: &str = "ap-northeast-3";
/// Tokyo, the third Region of a world that has three.
pub const TOKYO: &str = "ap-northeast-1";

/// The health alarm, where a database has one.
pub const ALARM: &str = "arn:aws:cloudwatch:ap-northeast-3:123456789012:alarm:todo-writer-unreachable";
/// The topic that people listen to.
pub const TOPIC: &str = "arn:aws:sns:ap-northeast-3:123456789012:todo-failover";

/// What a test may want otherwise in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The settle time, in seconds.
    pub settle_seconds: u32,
    /// Whether a record without an owner is taken over.
    pub adopt: bool,
    /// Whether the database names a health alarm.
    pub has_alarm: bool,
    /// What an alarm may do.
    pub mode: FailoverMode,
}

impl Default for Settings {
    fn default() -> Self {
        Self { settle_seconds: 60, adopt: false, has_alarm: false, mode: FailoverMode::Advise }
    }
}

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

/// The ARN of a Region's cluster.
pub(crate) fn arn(region: &Region) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:{}", cluster(region))
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
    let members: Vec<String> =
        regions.iter().map(|region| format!("\"{region}\":\"{}\"", arn(region))).collect();
    let alarms = if settings.has_alarm { &format!("\"{ALARM}\"") } else { "" };
    let json = format!(
        r#"{{"global_cluster":"todo","members":{{{members}}},
            "record":{{"zone_id":"Z0123456789","name":"writer.db.todo.internal","ttl_seconds":5}},
            "parameter":"/todo/database/writer","home_region":"{home}","settle_seconds":{settle},"adopt":{adopt},
            "failover":{{"mode":"{mode}","health_alarms":[{alarms}],"topic_arn":"{TOPIC}"}}}}"#,
        members = members.join(","),
        mode = match settings.mode {
            FailoverMode::Off => "off",
            FailoverMode::Advise => "advise",
            FailoverMode::Automatic => "automatic",
        },
        home = regions.first().expect("a Region"),
        settle = settings.settle_seconds,
        adopt = settings.adopt,
    );
    let name = "todo".parse().expect("a database's name");
    let own = regions.first().expect("a Region");
    Database::parse("/failover-responder", &name, &json, own).expect("a valid configuration")
}
