//! Time to horizontal position, and the ticks of the axis.

use crate::{Interval, format::as_f64};

/// A stretch of time drawn over a width in user units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    window: Interval,
    width: f64,
}

impl Scale {
    /// A drawing of `window`, `width` user units wide. An empty window is drawn as one millisecond.
    pub(crate) fn new(window: Interval, width: f64) -> Self {
        let to_ms = window.to_ms.max(window.from_ms.saturating_add(1));
        Self { window: Interval { from_ms: window.from_ms, to_ms }, width }
    }

    /// How wide the drawing is, in user units.
    pub(crate) fn width(&self) -> f64 {
        self.width
    }

    /// Whether a moment is inside the window.
    pub(crate) fn shows(&self, at_ms: u64) -> bool {
        (self.window.from_ms..=self.window.to_ms).contains(&at_ms)
    }

    /// Whether any of a stretch is inside the window.
    pub(crate) fn overlaps(&self, from_ms: u64, to_ms: u64) -> bool {
        from_ms <= self.window.to_ms && to_ms >= self.window.from_ms
    }

    /// Where a moment is drawn; one outside the window at the nearer edge.
    pub(crate) fn x(&self, at_ms: u64) -> f64 {
        let at_ms = at_ms.clamp(self.window.from_ms, self.window.to_ms);
        self.length(at_ms - self.window.from_ms)
    }

    /// How wide a stretch of `ms` milliseconds is drawn, wherever it lies.
    pub(crate) fn length(&self, ms: u64) -> f64 {
        as_f64(ms) / as_f64(self.window.length_ms()) * self.width
    }

    /// The moments of the axis' ticks, in milliseconds: round ones, not closer than `apart` user units.
    pub(crate) fn ticks(&self, apart: f64) -> Vec<u64> {
        let enough = |step: u64| self.length(step) >= apart;
        let Some(step) = round_steps().find(|step| enough(*step)) else {
            return Vec::new();
        };
        let first = self.window.from_ms.div_ceil(step);
        (first..=self.window.to_ms / step).map(|index| index * step).collect()
    }
}

/// Steps that people count in, in milliseconds: 1, 2, 5, 10 … 5 s, 10 s, 30 s, then minutes.
fn round_steps() -> impl Iterator<Item = u64> {
    let short = (0..5).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let long = [60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000];
    short.filter(|step| *step <= 20_000).chain([30_000]).chain(long)
}

/// A tick as text: with the decimals that its neighbours need.
pub(crate) fn tick_label(at_ms: u64, step_ms: u64) -> String {
    let seconds = at_ms / 1_000;
    match step_ms {
        60_000.. => format!("{} min", at_ms / 60_000),
        1_000.. => format!("{seconds} s"),
        100.. => format!("{seconds}.{} s", at_ms % 1_000 / 100),
        10.. => format!("{seconds}.{:02} s", at_ms % 1_000 / 10),
        _ => format!("{seconds}.{:03} s", at_ms % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(from_ms: u64, to_ms: u64) -> Scale {
        Scale::new(Interval { from_ms, to_ms }, 900.0)
    }

    #[test]
    fn moments_are_drawn_to_scale_and_inside() {
        let scale = over(1_000, 2_000);
        assert!((scale.x(1_500) - 450.0).abs() < 1e-9);
        assert!(scale.x(0).abs() < 1e-9);
        assert!((scale.x(9_000) - 900.0).abs() < 1e-9);
        assert!(scale.shows(2_000) && !scale.shows(2_001));
        assert!(scale.overlaps(0, 9_000) && scale.overlaps(0, 1_000) && !scale.overlaps(0, 999));
    }

    #[test]
    fn ticks_are_round_and_apart() {
        assert_eq!(over(0, 15_000).ticks(70.0), (0..=7).map(|index| index * 2_000).collect::<Vec<_>>());
        assert_eq!(over(2_050, 2_950).ticks(80.0).first(), Some(&2_100));
        assert_eq!(over(0, 3_600_000).ticks(80.0).get(1), Some(&600_000));
        for length in [1, 7, 640, 12_345, 900_000, 86_400_000] {
            assert!(over(0, length).ticks(80.0).len() <= 12, "{length}");
        }
    }

    #[test]
    fn an_empty_window_is_drawn() {
        assert!(over(5, 5).x(5).abs() < 1e-9);
    }

    #[test]
    fn ticks_say_no_more_than_they_must() {
        let shown = [(120_000, 60_000), (4_000, 2_000), (2_200, 200), (2_220, 20), (2_221, 1)];
        let texts = shown.map(|(at, step)| tick_label(at, step));
        assert_eq!(texts, ["2 min", "4 s", "2.2 s", "2.22 s", "2.221 s"]);
    }
}
