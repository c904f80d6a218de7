//! What a function answers: one result a database, with every check, its value and its verdict.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::answer::failover::FailoverResult;
use crate::answer::readiness::ReadinessKind;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;

/// The answer of `follow`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// One result for each database, the one that the event names first.
    pub results: Vec<DatabaseResult>,
}

/// What was decided and done about one database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseResult {
    /// The database's name.
    pub database: String,
    /// The decision.
    pub decision: DecisionKind,
    /// The hold's name, for `hold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldKind>,
    /// Why, in a sentence.
    pub reason: String,
    /// What is wrong with the configuration, for `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The epoch that is published now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// The writer that is published now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writer>,
    /// What became of each channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Channels>,
    /// Every check, its value and its verdict.
    pub checks: Vec<Check>,
    /// What went wrong on the way, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
    /// Whether what stands in a channel differed from what is published, outside a transition.
    #[serde(skip)]
    pub drift: bool,
    /// Whether the record or the own Region's parameter could not be published: the invocation fails.
    #[serde(skip)]
    pub unpublished: Vec<String>,
    /// What else could not be done and has to be tried again: the invocation of `failover` fails.
    #[serde(skip)]
    pub undone: Vec<String>,
    /// Whether another Region's cluster could take over; `None` when nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standby: Option<bool>,
    /// Whether RDS says that the old writer could not be kept from writing: two may.
    #[serde(skip)]
    pub is_unfenced: bool,
    /// What the failover policy came to, for an alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failover: Option<FailoverResult>,
    /// What the look ahead came to, where it was time for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Box<ReadinessResult>>,
    /// What a person should know of the configuration, though it is followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Whether nothing was looked at, because nothing had to be: it is not logged.
    #[serde(skip)]
    pub idle: bool,
    /// How long it took, in milliseconds.
    pub elapsed_ms: i64,
}

/// What one look ahead came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessResult {
    /// The verdict.
    pub verdict: ReadinessKind,
    /// Since when that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Why, in a sentence.
    pub reason: String,
    /// Every check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// How many messages the topic took.
    pub messages: u32,
}

/// The decision's name in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionKind {
    /// The writer was moved.
    Publish,
    /// Everything is as it should be.
    Unchanged,
    /// Nothing moves.
    Hold,
    /// The configuration is bad.
    Error,
}

/// Why nothing moves, by its name in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HoldKind {
    /// The hold switch is set.
    Held,
    /// The claim is as old as the publication.
    StaleClaim,
    /// More than one Region claims the writer.
    WriterConflict,
    /// Regions answer, and none of them is the writer.
    NoWriter,
    /// The writer's Region does not answer.
    WriterUnreachable,
    /// The new writer cannot take writes yet.
    WriterNotReady,
    /// A fresh claim has not been seen often enough.
    Corroborating,
    /// The last publication is too recent.
    Settling,
    /// No Region tells anything.
    Blind,
    /// The record is not this installation's.
    ForeignRecord,
    /// A promotion that nobody has declared.
    UndeclaredPromotion,
}

impl fmt::Display for HoldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The published writer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// Its Region.
    pub region: Region,
    /// Its endpoint.
    pub endpoint: String,
}

/// What became of each channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels {
    /// The writer record.
    pub record: Channel,
    /// The writer parameter of each Region.
    pub parameter: BTreeMap<Region, Channel>,
}

/// What became of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// It was written, and the write accepted.
    Updated,
    /// It did not need to be written.
    Unchanged,
    /// It does not answer.
    Unreachable,
    /// The write was refused.
    Failed,
}

/// One check: what was looked at, what it was, and whether that is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CheckWords")]
pub struct Check {
    /// The check's name.
    pub name: String,
    /// What was seen.
    pub value: String,
    /// What was wanted, where that is not plain from the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Whether it is as it should be.
    pub pass: bool,
    verdict: CheckVerdict,
}

/// Whether what a check saw is as it should be. What is unknown does not pass, and is no failure either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckVerdict {
    /// It is as it should be.
    Pass,
    /// Nobody can say.
    Unknown,
    /// It is not.
    Fail,
}

impl CheckVerdict {
    /// Both of two: the worse of them.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Check {
    /// One check.
    pub fn new<L: Into<String>>(
        name: impl Into<String>,
        value: impl Into<String>,
        limit: Option<L>,
        verdict: CheckVerdict,
    ) -> Self {
        let (name, value, limit) = (name.into(), value.into(), limit.map(Into::into));
        Self { name, value, limit, pass: verdict == CheckVerdict::Pass, verdict }
    }

    /// Its verdict; `pass` is the same as a yes or no.
    pub const fn verdict(&self) -> CheckVerdict {
        self.verdict
    }
}

/// A check as it was written; one of an older version has no verdict.
#[derive(Deserialize)]
struct CheckWords {
    name: String,
    value: String,
    limit: Option<String>,
    pass: bool,
    verdict: Option<CheckVerdict>,
}

impl From<CheckWords> for Check {
    fn from(words: CheckWords) -> Self {
        let CheckWords { name, value, limit, pass, verdict } = words;
        let verdict = verdict.unwrap_or(if pass { CheckVerdict::Pass } else { CheckVerdict::Fail });
        Self { name, value, limit, pass, verdict }
    }
}

impl DatabaseResult {
    /// The result for a configuration that was refused.
    pub fn of_error(database: &str, error: &crate::config::ConfigError) -> Self {
        Self::refused(database, error.to_string())
    }

    /// The result for a configuration that cannot be acted on, and why.
    pub fn refused(database: &str, error: String) -> Self {
        Self {
            database: database.to_owned(),
            decision: DecisionKind::Error,
            hold: None,
            reason: "the configuration was refused; the other databases are not affected".to_owned(),
            error: Some(error),
            epoch: None,
            writer: None,
            channels: None,
            checks: Vec::new(),
            failures: Vec::new(),
            drift: false,
            unpublished: Vec::new(),
            undone: Vec::new(),
            standby: None,
            is_unfenced: false,
            failover: None,
            readiness: None,
            warnings: Vec::new(),
            idle: false,
            elapsed_ms: 0,
        }
    }
}
