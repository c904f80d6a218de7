//! How far a member is behind the writer.

use std::fmt;

use crate::words::timestamp::Timestamp;
use crate::world::limits::LAG_AGE_MS_MAX;

/// How long a sample of AWS's own metrics is, in milliseconds: CloudWatch has one a minute, dated by its start.
pub const SAMPLE_MS: i64 = 60_000;

/// Who measured a lag, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A probe in the member's Region, by `aurora_global_db_status()`.
    AuroraStatus,
    /// A probe in the member's Region, by the age of the newest heartbeat that is visible there, less its pace.
    Heartbeat,
    /// AWS's own metrics.
    Aws,
}

impl Source {
    /// All of them, the best first.
    pub const ALL: [Self; 3] = [Self::AuroraStatus, Self::Heartbeat, Self::Aws];
    /// Those that a probe measures.
    pub const OF_A_PROBE: [Self; 2] = [Self::AuroraStatus, Self::Heartbeat];

    /// Its name, for a probe's also the dimension of its metric.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuroraStatus => "aurora_global_db_status",
            Self::Heartbeat => "heartbeat",
            Self::Aws => "AWS/RDS",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One sample of a member's replication lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// How far behind the writer it was at the worst, in milliseconds.
    pub lag_ms: u64,
    /// When its time began.
    pub at: Timestamp,
    /// How long that was, in milliseconds.
    pub length_ms: i64,
    /// Who measured it.
    pub source: Source,
}

impl Lag {
    /// A minute's worst by AWS's own metrics.
    pub const fn of_minute(lag_ms: u64, at: Timestamp) -> Self {
        Self { lag_ms, at, length_ms: SAMPLE_MS, source: Source::Aws }
    }

    /// When its time was over: what it says is of before.
    pub const fn until(&self) -> Timestamp {
        self.at.plus_ms(self.length_ms)
    }
}

/// What is known of a member's lag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lags {
    /// The samples, oldest first.
    pub samples: Vec<Lag>,
    /// The sources that could not be read, and why.
    pub unread: Vec<(Source, String)>,
}

impl From<Vec<Lag>> for Lags {
    fn from(samples: Vec<Lag>) -> Self {
        Self { samples, unread: Vec::new() }
    }
}

impl Lags {
    /// The samples of one source.
    pub fn of(&self, source: Source) -> impl Iterator<Item = &Lag> {
        self.samples.iter().filter(move |lag| lag.source == source)
    }

    /// The latest sample of the best source that has one of the last minutes before `now`; else the latest of all.
    pub fn latest(&self, now: Timestamp) -> Option<&Lag> {
        let of = |source| self.of(source).max_by_key(|lag| lag.at);
        let mut recent = Source::ALL.into_iter().filter_map(of);
        let is_recent = |lag: &&Lag| now.since_ms(lag.at) <= LAG_AGE_MS_MAX;
        recent.find(is_recent).or_else(|| self.samples.iter().max_by_key(|lag| lag.at))
    }
}
