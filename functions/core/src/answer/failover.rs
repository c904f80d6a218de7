//! What the policy came to, as a part of the answer.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::config::FailoverMode;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;

/// What was done about an alarm of one database. The policy's checks stand among the result's checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverResult {
    /// The configured mode.
    pub mode: FailoverMode,
    /// What was done.
    pub action: ActionKind,
    /// Why, in a sentence.
    pub reason: String,
    /// The Region that would take over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Region>,
    /// The checks that did not pass, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<String>,
    /// How many messages the topic took.
    pub messages: u32,
    /// When what happened, for a failover that was started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
}

/// What was done, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionKind {
    /// A check does not pass: nothing was started.
    Refused,
    /// A person was advised; nothing was started.
    Advised,
    /// RDS took the failover.
    Started,
    /// The call was made and not answered: RDS may have taken it.
    Unknown,
    /// RDS refused the failover, or it could not be asked: nothing was started.
    Failed,
}

impl ActionKind {
    /// Whether a failover is under way, or may be.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Started | Self::Unknown)
    }
}

/// One moment of a failover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// `alarm`, `decided`, `accepted`, `promoted`, `published` or `settled`.
    pub name: Cow<'static, str>,
    /// When, in UTC.
    pub at: Timestamp,
    /// Milliseconds since the first phase.
    pub at_ms: i64,
}

/// Gathers phases, each at its first time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phases(Vec<Phase>);

impl Phases {
    /// Notes a moment, unless one of that name was noted before.
    pub fn note(&mut self, name: &'static str, at: Timestamp) {
        if self.0.iter().all(|phase| phase.name != name) {
            let first = self.0.first().map_or(at, |phase| phase.at);
            self.0.push(Phase { name: name.into(), at, at_ms: at.since_ms(first) });
        }
    }

    /// The moment of this name.
    pub fn at(&self, name: &str) -> Option<Timestamp> {
        self.0.iter().find(|phase| phase.name == name).map(|phase| phase.at)
    }

    /// All of them in order.
    pub fn as_slice(&self) -> &[Phase] {
        &self.0
    }

    /// From the first to the one of this name, in milliseconds: the recovery time up to there.
    pub fn until_ms(&self, name: &str) -> Option<i64> {
        self.0.iter().find(|phase| phase.name == name).map(|phase| phase.at_ms)
    }
}
