//! What the health checkers see.

use std::time::Instant;

use crate::health::status::Reports;

/// One check by one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The id of the health check.
    pub check: String,
    /// Where it was made.
    pub location: String,
    /// When it began.
    pub began: Instant,
    /// When its result was there.
    pub ended: Instant,
    /// Why it failed, in a few words; `None` when it passed.
    pub problem: Option<String>,
    /// What the location reports from now on; `None` without enough data.
    pub verdict: Option<bool>,
}

/// A health check's new status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// Since when.
    pub at: Instant,
    /// The id of the health check.
    pub check: String,
    /// Whether it is healthy now.
    pub healthy: bool,
    /// What the locations reported.
    pub reports: Reports,
}
