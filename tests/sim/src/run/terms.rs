//! What is run, and how it ended.

use std::fmt;

use responder_fakes::{Unkind, Unkindness};

use crate::broken::Variant;

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// How many Regions there are, two or three.
    pub regions: usize,
    /// Whether transitions are further apart than the settle time; else they come as they like.
    pub is_spaced: bool,
    /// Whether the settle time is the default; else there is none.
    pub has_settle_time: bool,
    /// Whether the database has a probe in each Region.
    pub has_probes: bool,
    /// In what AWS is unkind.
    pub unkind: Unkindness,
    /// What is broken.
    pub variant: Variant,
    /// Whether what happens is written down.
    pub is_traced: bool,
}

impl Config {
    /// Of the rule as it is, as the seed wants it.
    ///
    /// Two Regions are held to the rule without a settle time as well, however fast the writer moves. Three
    /// have it always, because it is an assumption there: a Region that was made the writer twice, before its
    /// own endpoint has shown the term in between, renounces later on in favor of that term's writer. Without
    /// a settle time longer than the lag of a view, that word from before its own publication moves the record.
    pub fn of_seed(seed: u64) -> Self {
        let is_spaced = !seed.is_multiple_of(3);
        let regions = if seed % 5 == 4 { 3 } else { 2 };
        Self {
            regions,
            is_spaced,
            has_settle_time: is_spaced || regions > 2,
            has_probes: seed % 7 < 2,
            unkind: Unkindness::of_seed(seed),
            variant: Variant::Rule,
            is_traced: false,
        }
    }
}

impl Config {
    /// Whether AWS is unkind in this way.
    pub fn has(self, unkind: Unkind) -> bool {
        self.unkind.has(unkind)
    }

    /// The place whose cluster somebody has detached and promoted, in a world that has one.
    pub fn copy(self) -> Option<usize> {
        self.has(Unkind::Copies).then(|| self.regions - 1)
    }
}

/// How a run ended well.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Calls through the ports.
    pub steps: u32,
    /// Passes that were started.
    pub passes: u32,
    /// How often the record moved.
    pub moves: u32,
    /// What happened, where it was traced.
    pub trace: Vec<String>,
}

/// What was violated, and after what.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The seed that shows it again.
    pub seed: u64,
    /// What was violated.
    pub what: String,
    /// Calls through the ports until then.
    pub steps: u32,
    /// What happened, where it was traced.
    pub trace: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, what, steps, .. } = self;
        write!(f, "SEED={seed}: {what} (after {steps} calls)")
    }
}
