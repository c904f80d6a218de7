//! Figures for people.

use crate::stats::Stats;

/// A count, to be drawn or divided.
#[expect(clippy::cast_precision_loss, reason = "smaller than 2^52")]
pub(super) const fn exact(count: u64) -> f64 {
    count as f64
}

/// The same of a size.
pub(super) fn size(count: usize) -> f64 {
    exact(u64::try_from(count).unwrap_or_default())
}

/// An amount in its unit.
pub(crate) fn amount(value: f64, unit: &str) -> String {
    match unit {
        "bytes" if value >= 1e6 => format!("{:.1} MB", value / 1e6),
        "bytes" => format!("{:.1} kB", value / 1e3),
        "ms" => format!("{value:.1} ms"),
        _ => format!("{value:.3} $"),
    }
}

/// A median, and the 99th percentile in brackets.
pub(super) fn spread(stats: &Stats, unit: &str) -> String {
    format!("{} ({})", amount(stats.median, unit), amount(stats.p99, unit))
}

/// A duration.
pub(super) fn seconds(ms: f64) -> String {
    if ms < 1_000.0 { format!("{ms:.0} ms") } else { format!("{:.2} s", ms / 1_000.0) }
}
