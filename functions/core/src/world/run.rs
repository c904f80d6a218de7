//! The last transition that a person asked this Region's `drill` function for: the parameter `<prefix>/run/<database>` of its
//! own Region. `drill` does not write to the attempts of `failover`: a parameter has no precondition, so each could overwrite
//! the other's.

use serde::{Deserialize, Serialize};

use crate::answer::result::Check;
use crate::config::Database;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::attempt::Started;
use crate::world::limits::BEGAN_MS_MAX;

/// Most bytes of a standard parameter are 4,096; what a report shows and nobody decides by gives way first.
const JSON_MAX: usize = 3_900;
/// Most characters that are kept of a check's value.
const VALUE_MAX: usize = 90;
/// Most characters that are kept of what the caller says of himself.
const WORDS_MAX: usize = 160;

/// How a person moves the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Planned, nothing is lost.
    Switchover,
    /// Unplanned, data loss allowed.
    Failover,
    /// A switchover to the home Region.
    Failback,
}

impl Kind {
    /// The action's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Switchover => "switchover",
            Self::Failover => "failover",
            Self::Failback => "failback",
        }
    }

    /// Whether the old writer has to be there and nothing is lost.
    pub const fn is_planned(self) -> bool {
        !matches!(self, Self::Failover)
    }
}

/// Who asked, as far as anybody said so. AWS's own record of it is in `CloudTrail`, under the request's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// By the caller's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Why, by the caller's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The id of the invocation.
    pub request_id: String,
}

impl Caller {
    /// What the caller says of himself, cut to what a parameter has room for.
    pub fn new(who: Option<String>, why: Option<String>, request_id: &str) -> Self {
        let tidy = |text: String| {
            let text: String = text.chars().filter(|it| !it.is_control()).take(WORDS_MAX).collect();
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        Self { who: who.and_then(tidy), why: why.and_then(tidy), request_id: request_id.to_owned() }
    }
}

/// A moment of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// `injected`, `accepted`, `under_way`, `promoted`, `decided`, `record_accepted`, `parameter_accepted`, `verified`.
    pub name: String,
    /// When, in milliseconds from the run's beginning.
    pub ms: i64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When, in milliseconds from the run's beginning.
    pub ms: i64,
    /// Whether the new writer is published.
    pub done: bool,
    /// In a sentence.
    pub why: String,
}

/// A check that did not pass and that the request overrode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The check's name.
    pub check: String,
    /// What it found.
    pub value: String,
    /// The field of the request that overrides it.
    pub by: String,
}

/// The run before this one, to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Its id.
    pub id: String,
    /// How the writer moved.
    pub kind: Kind,
    /// Where it moved to.
    pub target: Region,
    /// Whether it ended well.
    pub done: bool,
    /// Its phases.
    pub phases: Vec<Moment>,
}

/// One transition that a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// How the writer moves.
    pub kind: Kind,
    /// Where it was.
    pub from: Region,
    /// Where it goes.
    pub target: Region,
    /// The epoch that was published before.
    pub epoch: Epoch,
    /// When it began, in milliseconds since 1970.
    pub began_ms: i64,
    /// How its call ended.
    pub called: Started,
    /// Who asked.
    pub caller: Caller,
    /// What the preflight saw.
    pub checks: Vec<Check>,
    /// What the request overrode.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// How far the target was behind before the call, in milliseconds, where that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<u64>,
    /// What happened when.
    pub phases: Vec<Moment>,
    /// How it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// The run before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Past>,
}

impl Run {
    /// The id of a run of `database` that begins now. Two runs of one database never begin in the same millisecond of the
    /// same Region, because RDS takes one at a time.
    pub fn id(database: &Database, kind: Kind, now: Timestamp) -> String {
        let plain: String = now.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        let ms = now.as_ms().rem_euclid(1000);
        format!("{}-{}-{}.{ms:03}", database.name(), kind.as_str(), plain.trim_end_matches('Z'))
    }

    /// When it began.
    pub const fn began(&self) -> Timestamp {
        Timestamp::from_ms(self.began_ms)
    }

    /// Notes a moment, unless one of that name was noted before; true when it is new.
    pub fn note(&mut self, name: &str, at: Timestamp) -> bool {
        let is_new = self.at_ms(name).is_none();
        if is_new {
            self.phases.push(Moment { name: name.to_owned(), ms: at.since_ms(self.began()).max(0) });
        }
        is_new
    }

    /// The moment of this name, in milliseconds from the beginning.
    pub fn at_ms(&self, name: &str) -> Option<i64> {
        self.phases.iter().find(|moment| moment.name == name).map(|moment| moment.ms)
    }

    /// From the call until the new writer was published, in milliseconds.
    pub fn recovery_ms(&self) -> Option<i64> {
        let published = self.at_ms("record_accepted").or_else(|| self.at_ms("parameter_accepted"))?;
        Some(published.saturating_sub(self.at_ms("injected").unwrap_or_default()))
    }

    /// Ends it.
    pub fn end(&mut self, now: Timestamp, done: bool, why: impl Into<String>) {
        self.ended = Some(Ended { ms: now.since_ms(self.began()).max(0), done, why: why.into() });
    }

    /// Whether it may still move the writer, so that no other may begin.
    pub fn is_open(&self, published: Epoch, now: Timestamp) -> bool {
        self.ended.is_none() && self.epoch >= published && now.since_ms(self.began()) < BEGAN_MS_MAX
    }

    /// Whether a request for this is one for the same again.
    pub fn is_for(&self, kind: Kind, target: &Region) -> bool {
        self.kind == kind && self.target == *target
    }

    /// What of it the next run's report is compared with.
    pub fn past(&self) -> Past {
        Past {
            id: self.id.clone(),
            kind: self.kind,
            target: self.target.clone(),
            done: self.ended.as_ref().is_some_and(|ended| ended.done),
            phases: self.phases.clone(),
        }
    }

    /// The parameter's value. What only a report shows is shortened when a parameter has no room for it.
    pub fn to_json(&self) -> String {
        let mut short = self.clone();
        for check in &mut short.checks {
            check.limit = None;
            check.value = check.value.chars().take(VALUE_MAX).collect();
        }
        let json = |run: &Self| serde_json::to_string(run).unwrap_or_default();
        if json(&short).len() > JSON_MAX {
            short.previous = None;
        }
        if json(&short).len() > JSON_MAX {
            short.checks.retain(|check| !check.pass);
        }
        json(&short)
    }

    /// From the parameter's value; an error when it is none of ours, which is not the same as nothing.
    pub fn of_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The one of two that is newer, or has come further.
    pub(crate) fn newer(self, other: Self) -> Self {
        let rank = |run: &Self| (run.began_ms, run.ended.is_some(), run.phases.len());
        if rank(&other) > rank(&self) { other } else { self }
    }
}

impl Database {
    /// The name of the parameter in which the own Region's `drill` function remembers its last run.
    pub fn run_parameter(&self) -> String {
        format!("{}/run/{}", self.prefix(), self.name())
    }
}
