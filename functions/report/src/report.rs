//! The whole report.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Scenario, timestamp};

/// The version of the JSON format that this crate reads and writes.
pub const FORMAT: u64 = 1;

/// What the figures of an emulated drill show and what they do not: it stands wherever they are shown.
pub const DISCLAIMER: &str = "These figures were measured against an emulated AWS on one machine. They prove our logic \
     and the shape of the protocol, not AWS's behaviour: the emulated promotion and the emulated DNS propagation, for \
     example, are much quicker than the real ones. Only a drill in the real account tells how long a real transition takes.";

/// [`DISCLAIMER`] in one line of a terminal.
pub const DISCLAIMER_LINE: &str =
    "Emulated AWS on one machine: this proves our logic and protocol shape, not AWS's behaviour.";

/// A drill's report. [`Report::parse`] reads one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Report {
    /// Whether AWS was emulated. If so, the report carries [`DISCLAIMER`].
    pub emulated: bool,
    /// When the drill began.
    #[serde(deserialize_with = "timestamp::deserialize")]
    pub started_at: OffsetDateTime,
    /// How long the whole drill took, in milliseconds.
    pub duration_ms: u64,
    /// Where and with what it was run.
    pub environment: Environment,
    /// The scenarios in the order in which they were played.
    pub scenarios: Vec<Scenario>,
}

impl Report {
    /// What the reader must know about these figures; none when AWS was the real one.
    pub fn disclaimer(&self) -> Option<&'static str> {
        self.emulated.then_some(DISCLAIMER)
    }
}

/// Where and with what a drill was run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Whether the applications' connections to the database used TLS with `verify-full`.
    pub tls_exercised: bool,
    /// Versions and settings, such as the PostgreSQL version and its origin, the emulator, `schedule_seconds`.
    #[serde(default)]
    pub details: Vec<NamedValue>,
}

/// A name and a value, both as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// What it is.
    pub name: String,
    /// Its value, with its unit.
    pub value: String,
}

impl NamedValue {
    /// A name with its value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}
