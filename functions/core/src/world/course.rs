//! The course of a move that was called: how far it has come, and all that was seen of it.

use serde::Serialize;

use crate::answer::result::DatabaseResult;
use crate::config::Database;
use crate::words::timestamp::Timestamp;
use crate::world::run::Run;

/// How far a transition has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// The invocation ends before the transition: the same request again goes on with it.
    InProgress,
    /// The new writer is published and was read back.
    Done,
    /// It ended without a new writer.
    Failed,
}

/// A move that was called, with all that was seen of it.
#[derive(Debug, Clone)]
pub struct Course {
    /// The database.
    pub database: Database,
    /// What is remembered of it.
    pub run: Run,
    /// How far it has come.
    pub progress: Progress,
    /// Whether an earlier invocation began it.
    pub resumed: bool,
    /// What the pass that published answered, and the last one.
    pub results: Vec<DatabaseResult>,
    /// What went wrong on the way.
    pub failures: Vec<String>,
    /// Whether the database's policy called it, and no person.
    pub by_itself: bool,
    /// Where people find the page about it; nothing where no bucket is configured or none could be kept.
    pub page: Option<String>,
    /// When this answer was made.
    pub at: Timestamp,
}
