//! A move of the writer on a real account, which a person or the policy asked for: who, why, how far, against which advice, and what is different from the last time.

use serde::{Deserialize, Serialize};

/// A move of the writer that a person asked for, or that a database's policy started by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// The run's id; the same request again goes on with it while it is in progress.
    pub run: String,
    /// What was asked for, such as `switchover`.
    pub action: String,
    /// The database.
    pub database: String,
    /// The Region that the writer was in.
    pub from: String,
    /// The Region that it was to go to.
    pub target: String,
    /// How far it has come.
    pub progress: Progress,
    /// Who asked, by his own word; none when he said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Why, by the same word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The invocation's id, under which AWS knows who it was.
    pub request_id: String,
    /// Whether the database's policy started it, and no person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_itself: bool,
    /// Where people find the page about it; none where no bucket keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// What did not pass and was done all the same.
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// The drill of this database before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
}

/// How far a transition has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It goes on; the same request again picks it up.
    InProgress,
    /// The new writer is published and was read back.
    Done,
    /// It ended without a new writer.
    Failed,
}

impl Progress {
    /// The word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::InProgress => "in progress",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A check that did not pass and that the request overrode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The check's name.
    pub check: String,
    /// What it found.
    pub value: String,
    /// The field of the request that overrode it.
    pub by: String,
}

/// The drill before this one, and what is different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its run's id.
    pub run: String,
    /// What it was, in a few words.
    pub title: String,
    /// How long each phase took to come then and now.
    pub differences: Vec<Difference>,
}

/// One time, then and now, in milliseconds from the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What was timed.
    pub name: String,
    /// Then; none when it was not reached.
    pub before_ms: Option<u64>,
    /// Now; none when it was not reached.
    pub now_ms: Option<u64>,
}
