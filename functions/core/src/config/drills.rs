//! The optional fields for drills: the home Region, and the objectives of a transition.

use std::collections::BTreeMap;

use crate::config::Fault;
use crate::config::UnknownLag;
use crate::config::{
    Database, FailoverConfig, FailoverMode, Raw, cooldown_seconds_default, max_lag_seconds_default,
};
use crate::words::names::Region;

/// The largest objective, in seconds: a day. What is larger is a slip of the keyboard.
const OBJECTIVE_SECONDS_MAX: u32 = 86_400;

impl FailoverMode {
    /// The mode's name in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Advise => "advise",
            Self::Automatic => "automatic",
        }
    }
}

/// What holds where `failover` is left out as a whole: its limits are also those of a drill.
impl Default for FailoverConfig {
    fn default() -> Self {
        Self {
            mode: FailoverMode::Off,
            health_alarms: Vec::new(),
            writer_alarms: Vec::new(),
            max_lag_seconds: max_lag_seconds_default(),
            unknown_lag: UnknownLag::default(),
            cooldown_seconds: cooldown_seconds_default(),
            targets: Vec::new(),
            topic_arn: None,
            topic_arns: BTreeMap::new(),
        }
    }
}

impl Database {
    /// The Region to which `failback` brings the writer.
    pub fn home_region(&self) -> Option<&Region> {
        self.raw.home_region.as_ref()
    }

    /// How long a transition may take, in seconds, from the call until the new writer is published.
    pub fn rto_seconds(&self) -> Option<u32> {
        self.raw.rto_seconds
    }

    /// How many seconds of writes a failover may lose.
    pub fn rpo_seconds(&self) -> Option<u32> {
        self.raw.rpo_seconds
    }
}

/// The faults of these fields.
pub(super) fn faults(raw: &Raw) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(home) = raw.home_region.as_ref().filter(|home| !raw.members.contains_key(home)) {
        faults.push(Fault::new("home_region", format!("{home} has no member")));
    }
    let mut in_range = |field: &str, seconds: Option<u32>, least: u32| {
        if seconds.is_some_and(|seconds| !(least..=OBJECTIVE_SECONDS_MAX).contains(&seconds)) {
            faults.push(Fault::new(field, format!("is not between {least} and {OBJECTIVE_SECONDS_MAX}")));
        }
    };
    in_range("rto_seconds", raw.rto_seconds, 1);
    in_range("rpo_seconds", raw.rpo_seconds, 0);
    faults
}

#[cfg(test)]
mod tests {
    use crate::config::Database;

    fn parse(more: &str) -> Result<Database, String> {
        let json = format!(
            r#"{{"global_cluster":"todo","members":{{
                "ap-northeast-2":"arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul",
                "ap-northeast-3":"arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka"}},
                "record":{{"zone_id":"Z1","name":"writer.db.todo.internal","ttl_seconds":5}},
                "parameter":"/todo/database/writer"{more}}}"#
        );
        let own = "ap-northeast-2".parse().unwrap();
        Database::parse("/failover-responder", &"todo".parse().unwrap(), &json, &own)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn home_and_objectives_may_be_left_out_and_are_checked() {
        let plain = parse("").unwrap();
        assert_eq!((plain.home_region(), plain.rto_seconds(), plain.rpo_seconds()), (None, None, None));
        let limits = (plain.failover().max_lag_seconds, plain.failover().cooldown_seconds);
        assert_eq!(limits, (5, 3600), "a failover section that is left out has the same defaults");
        let full = parse(r#","home_region":"ap-northeast-2","rto_seconds":120,"rpo_seconds":0"#).unwrap();
        assert_eq!(full.home_region().unwrap().as_str(), "ap-northeast-2");
        assert_eq!((full.rto_seconds(), full.rpo_seconds()), (Some(120), Some(0)));
        let parameter = "configuration parameter /failover-responder/databases/todo";
        for (bad, field, problem) in [
            (r#","home_region":"eu-west-1""#, "home_region", "eu-west-1 has no member"),
            (
                r#","home_region":"Seoul""#,
                "home_region",
                "\"Seoul\" is not an AWS Region such as ap-northeast-2",
            ),
            (r#","rto_seconds":0"#, "rto_seconds", "is not between 1 and 86400"),
            (r#","rpo_seconds":86401"#, "rpo_seconds", "is not between 0 and 86400"),
        ] {
            assert_eq!(parse(bad).unwrap_err(), format!("{parameter}: {field}: {problem}"));
        }
    }
}
