//! How a reconcile ended.

use std::collections::BTreeSet;

use crate::answer::result::{DatabaseResult, DecisionKind};
use crate::config::Database;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::evidence::Evidence;

/// How a reconcile ended.
#[derive(Debug)]
pub struct Outcome {
    /// What to answer.
    pub result: DatabaseResult,
    /// Whether to look again soon.
    pub watch: bool,
    /// When what is published now was published.
    pub published_at: Option<Timestamp>,
    /// Other Regions that did not answer.
    pub silent: BTreeSet<Region>,
    /// The configuration was changed since it was read: read it anew and start again.
    pub reconfigured: bool,
    /// It was written and not read back, because that took so long: another pass verifies it.
    pub unverified: bool,
    /// All that the last round saw.
    pub evidence: Evidence,
}

impl Outcome {
    /// Nothing was looked at, because no alarm says that it has to be.
    pub fn idle(database: &Database, reason: &str) -> Self {
        let result = DatabaseResult {
            decision: DecisionKind::Unchanged,
            reason: reason.to_owned(),
            error: None,
            idle: true,
            ..DatabaseResult::refused(database.name().as_str(), String::new())
        };
        Self {
            result,
            watch: false,
            published_at: None,
            silent: BTreeSet::new(),
            reconfigured: false,
            unverified: false,
            evidence: Evidence::default(),
        }
    }
}
