//! A CloudWatch alarm: its state, its last change, and what it says when it is read again.

use std::fmt;

use crate::config::{Database, alarm_region};
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;

/// The state of an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmState {
    /// `ALARM`.
    Alarm,
    /// `OK`.
    Ok,
    /// `INSUFFICIENT_DATA`.
    InsufficientData,
    /// A state that nobody knows yet: never taken for ALARM.
    Other(String),
}

impl AlarmState {
    /// From CloudWatch's word.
    pub fn of(word: &str) -> Self {
        match word {
            "ALARM" => Self::Alarm,
            "OK" => Self::Ok,
            "INSUFFICIENT_DATA" => Self::InsufficientData,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for AlarmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alarm => "ALARM",
            Self::Ok => "OK",
            Self::InsufficientData => "INSUFFICIENT_DATA",
            Self::Other(word) => word,
        })
    }
}

/// An alarm changed its state, says an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmChange {
    /// The alarm's ARN; SNS messages of old alarms lack it.
    pub arn: Option<String>,
    /// The alarm's name.
    pub name: String,
    /// What it changed to.
    pub state: AlarmState,
    /// When it changed.
    pub at: Option<Timestamp>,
    /// Told by one of its contributors: one of its time series changed to that state, and perhaps the alarm did too. Whether
    /// and when it did is what it says when it is read.
    pub is_contributor: bool,
}

impl AlarmChange {
    /// What an alarm's reading tells of its last change.
    pub fn of(arn: &str, reading: &AlarmReading) -> Option<Self> {
        let AlarmReading::Known { state, since } = reading else { return None };
        let name = name_of(arn)?.to_owned();
        Some(Self {
            arn: Some(arn.to_owned()),
            name,
            state: state.clone(),
            at: *since,
            is_contributor: false,
        })
    }

    /// Whether this is the alarm with that ARN.
    pub fn is_of(&self, arn: &str) -> bool {
        match &self.arn {
            Some(own) => own == arn,
            None => name_of(arn) == Some(self.name.as_str()),
        }
    }

    /// Whether `database` names this alarm among its health alarms.
    pub fn concerns(&self, database: &Database) -> bool {
        database.failover().health_alarms.iter().any(|arn| self.is_of(arn))
    }
}

/// The name in an alarm's ARN: everything behind `alarm:`, which may hold colons.
pub fn name_of(arn: &str) -> Option<&str> {
    arn.splitn(7, ':').nth(6)
}

/// What one alarm says when it is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmReading {
    /// Its own Region says this.
    Known {
        /// The state.
        state: AlarmState,
        /// Since when.
        since: Option<Timestamp>,
    },
    /// Its Region does not answer, or has no such alarm; why. Never taken for ALARM.
    Unknown(String),
}

impl AlarmReading {
    /// Whether it is known to be in ALARM.
    pub fn is_alarm(&self) -> bool {
        matches!(self, Self::Known { state: AlarmState::Alarm, .. })
    }
}

impl fmt::Display for AlarmReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known { state, since: Some(since) } => write!(f, "{state} since {since}"),
            Self::Known { state, since: None } => state.fmt(f),
            Self::Unknown(why) => write!(f, "unknown ({why})"),
        }
    }
}

/// An alarm's name with its Region, for people.
pub fn short_name(arn: &str) -> String {
    let region = alarm_region(arn).as_ref().map(Region::to_string);
    match (name_of(arn), region) {
        (Some(name), Some(region)) => format!("{name} in {region}"),
        _ => arn.to_owned(),
    }
}
