//! A CloudWatch alarm: its state, its last change, and what it says when it is read again.

use std::fmt;

use crate::config::{Database, alarm_region};
use crate::words::failure::NoAnswer;
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
    /// When it changed; not told by an event of one of its contributors, whose change is the alarm's and no news of its own.
    pub at: Option<Timestamp>,
}

impl AlarmChange {
    /// Whether this is the alarm with that ARN.
    pub fn is_of(&self, arn: &str) -> bool {
        match &self.arn {
            Some(own) => own == arn,
            None => name_of(arn) == Some(self.name.as_str()),
        }
    }

    /// Whether `database` names this alarm, of its health or of its database itself.
    pub fn concerns(&self, database: &Database) -> bool {
        let failover = database.failover();
        failover.health_alarms.iter().chain(&failover.writer_alarms).any(|arn| self.is_of(arn))
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
    Known(AlarmStatus),
    /// Its Region does not answer, or has no such alarm; why. Never taken for ALARM.
    Unknown(NoAnswer),
}

/// An alarm as `DescribeAlarms` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmStatus {
    /// The state.
    pub state: AlarmState,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Why its actions do not fire, where they do not: a person's word that nothing is to happen.
    pub quieted: Option<String>,
    /// The oldest breaching datapoint that was evaluated, by `StateReasonData`; dated by the start of its period.
    pub breaching_since: Option<Timestamp>,
    /// How long a datapoint is, in milliseconds; a composite alarm has none.
    pub period_ms: Option<i64>,
    /// How many datapoints are evaluated.
    pub evaluation_periods: Option<i64>,
}

impl AlarmStatus {
    /// An alarm of which no more is known than its state.
    pub const fn plain(state: AlarmState, since: Option<Timestamp>) -> Self {
        Self { state, since, quieted: None, breaching_since: None, period_ms: None, evaluation_periods: None }
    }
}

impl AlarmReading {
    /// An alarm of which no more is known than its state.
    pub const fn known(state: AlarmState, since: Option<Timestamp>) -> Self {
        Self::Known(AlarmStatus::plain(state, since))
    }

    /// The alarm, where it is known.
    pub const fn status(&self) -> Option<&AlarmStatus> {
        match self {
            Self::Known(status) => Some(status),
            Self::Unknown(_) => None,
        }
    }

    /// Whether it is known to be in ALARM.
    pub fn is_alarm(&self) -> bool {
        self.status().is_some_and(|status| status.state == AlarmState::Alarm)
    }

    /// Whether it is known not to be in ALARM.
    pub fn is_over(&self) -> bool {
        self.status().is_some_and(|status| status.state != AlarmState::Alarm)
    }
}

impl fmt::Display for AlarmReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(AlarmStatus { state, since, quieted, .. }) => {
                state.fmt(f)?;
                if let Some(since) = since {
                    write!(f, " since {since}")?;
                }
                quieted.as_ref().map_or(Ok(()), |why| write!(f, ", but {why}"))
            }
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
