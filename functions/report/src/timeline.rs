//! What happened when, by lane: the raw material of the drawing.

use serde::{Deserialize, Serialize};

/// A row of the drawing. The order of the variants is the order of the rows.
///
/// In JSON a lane is its name: `database`, `health ap-northeast-3`, `alarms`, `events`, `failover ap-northeast-3`,
/// `follow ap-northeast-3`, `record`, `parameter`, `dns`, `users ap-northeast-3`, `messages`, `clients`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Lane {
    /// The database: writer, reader, replication.
    Database,
    /// The health check of one Region's application.
    Health(String),
    /// The health alarms and their states.
    Alarms,
    /// Events and triggers on their way to the functions.
    Events,
    /// The `failover` function of one Region.
    Failover(String),
    /// The `follow` function of one Region.
    Follow(String),
    /// The writer record in Route 53.
    Record,
    /// The writer parameter in SSM.
    Parameter,
    /// What a resolver answers.
    Dns,
    /// The users that one Region's application serves.
    Users(String),
    /// Messages that people got.
    Messages,
    /// The applications and their writes.
    Clients,
    /// A lane of another name.
    Other(String),
}

impl From<String> for Lane {
    fn from(name: String) -> Self {
        match name.as_str() {
            "database" => Self::Database,
            "alarms" => Self::Alarms,
            "events" => Self::Events,
            "record" => Self::Record,
            "parameter" => Self::Parameter,
            "dns" => Self::Dns,
            "messages" => Self::Messages,
            "clients" => Self::Clients,
            other => match other.split_once(' ') {
                Some(("health", region)) => Self::Health(region.to_owned()),
                Some(("failover", region)) => Self::Failover(region.to_owned()),
                Some(("follow", region)) => Self::Follow(region.to_owned()),
                Some(("users", region)) => Self::Users(region.to_owned()),
                _ => Self::Other(name),
            },
        }
    }
}

impl From<Lane> for String {
    fn from(lane: Lane) -> Self {
        let name = match lane {
            Lane::Database => "database",
            Lane::Alarms => "alarms",
            Lane::Events => "events",
            Lane::Health(region) => return format!("health {region}"),
            Lane::Users(region) => return format!("users {region}"),
            Lane::Failover(region) => return format!("failover {region}"),
            Lane::Follow(region) => return format!("follow {region}"),
            Lane::Record => "record",
            Lane::Parameter => "parameter",
            Lane::Dns => "dns",
            Lane::Messages => "messages",
            Lane::Clients => "clients",
            Lane::Other(name) => return name,
        };
        name.to_owned()
    }
}

/// What sort of thing happened. The order of the variants is the order of weight: where marks would cover one another,
/// the weightiest is shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A state that holds or began.
    State,
    /// A message that was sent or delivered.
    Event,
    /// A function decided that nothing needs doing.
    Decision,
    /// A function decided to hold.
    Hold,
    /// Something was published, or became visible.
    Publish,
    /// The drill or an operator asked for something.
    Action,
    /// Something failed.
    Error,
    /// A fault that the drill injected.
    Fault,
    /// A kind of another name.
    #[serde(untagged)]
    Other(String),
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// When, or when it began, in milliseconds from the scenario's start.
    pub at_ms: u64,
    /// When it ended, in milliseconds from the scenario's start, for something that lasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<u64>,
    /// In which row it is drawn.
    pub lane: Lane,
    /// What sort of thing it was.
    pub kind: EventKind,
    /// What happened, in a few words.
    pub text: String,
}

impl TimelineEvent {
    /// Something that happened at one moment, in milliseconds from the scenario's start.
    pub fn at(at_ms: u64, lane: Lane, kind: EventKind, text: impl Into<String>) -> Self {
        Self { at_ms, until_ms: None, lane, kind, text: text.into() }
    }

    /// The same, lasting until `until_ms` milliseconds from the scenario's start.
    #[must_use]
    pub fn until(mut self, until_ms: u64) -> Self {
        self.until_ms = Some(until_ms);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_survives_its_name() {
        for name in [
            "database",
            "health ap-northeast-2",
            "alarms",
            "events",
            "failover ap-northeast-3",
            "follow ap-northeast-2",
            "record",
            "parameter",
            "dns",
            "users ap-northeast-3",
            "messages",
            "clients",
            "moon",
        ] {
            let lane = Lane::from(name.to_owned());
            assert_eq!(String::from(lane.clone()), name);
            assert_eq!(lane == Lane::Other(name.to_owned()), name == "moon");
        }
    }

    #[test]
    fn an_unknown_kind_is_kept() {
        let json = r#"{"at_ms":1,"lane":"dns","kind":"cached","text":"answer from the cache"}"#;
        let event: TimelineEvent = serde_json::from_str(json).unwrap();
        assert_eq!(event.kind, EventKind::Other("cached".into()));
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
    }
}
