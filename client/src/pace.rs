//! How often a source is asked.

use std::time::Duration;

/// How often a source is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The least and the most time between two reads. A TTL counts within these; without one it is the most.
    pub between: (Duration, Duration),
    /// The time between two reads while nothing was ever read, or while it is said to be
    /// [searched](crate::Watch::search).
    pub searching: Duration,
    /// The shortest time between two reads, however many connections fail.
    pub shortest: Duration,
}

impl Pace {
    /// For a source that says a TTL, such as a nameserver: after it, between once a second and twice a minute.
    pub const BY_TTL: Self = Self {
        between: (Duration::from_secs(1), Duration::from_secs(30)),
        searching: Duration::from_millis(250),
        shortest: Duration::from_millis(100),
    };

    /// For a source that says none, such as a parameter: that often, and twice a second at most.
    pub fn every(refresh: Duration) -> Self {
        let shortest = Duration::from_millis(500);
        let refresh = refresh.max(shortest);
        Self { between: (refresh, refresh), searching: refresh.min(Duration::from_secs(1)), shortest }
    }
}
