//! Does a line rise? The rule that says so, whatever it is a line of.

/// The fewest values that are judged: each quarter has three then.
const FEWEST: usize = 12;

/// What a line is at two times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Growth {
    /// In its second quarter: the first one is warm-up.
    pub(super) early: u64,
    /// In its last quarter.
    pub(super) late: u64,
}

impl Growth {
    /// Of these values, in order, with what stands for a quarter: its median, or its least where a busy machine adds to the
    /// others. None where they are too few to tell.
    pub(super) fn of(values: &[u64], stands_for: fn(&[u64]) -> Option<u64>) -> Option<Self> {
        let quarter = values.len() / 4;
        if values.len() < FEWEST {
            return None;
        }
        let early = stands_for(values.get(quarter..2 * quarter)?)?;
        let late = stands_for(values.get(values.len() - quarter..)?)?;
        Some(Self { early, late })
    }

    /// By how much it rose.
    pub(super) const fn risen(self) -> u64 {
        self.late.saturating_sub(self.early)
    }
}

/// The middle one; of an even number the lower of the two.
pub(super) fn median(values: &[u64]) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

/// The least one.
pub(super) fn least(values: &[u64]) -> Option<u64> {
    values.iter().min().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn risen(values: impl IntoIterator<Item = u64>) -> u64 {
        Growth::of(&values.into_iter().collect::<Vec<_>>(), median).unwrap().risen()
    }

    #[test]
    fn a_rising_line_rises() {
        assert_eq!(risen(0..100), 50);
        assert_eq!(risen((0..100).map(|round| 20 + round / 10)), 5, "one more each tenth round");
        assert_eq!(risen((0..40).map(|round| 20 + round / 10)), 2, "also in a shorter run");
        assert_eq!(risen((0..100).map(|round| 8_000 + 40 * round)), 2_000, "40 kB a round");
        assert_eq!(risen((0..100).map(|round| 10 + round / 50 * 4)), 4, "a step in the middle");
    }

    #[test]
    fn noise_warm_up_and_spikes_do_not() {
        assert_eq!(risen(std::iter::repeat_n(7, 12)), 0);
        assert_eq!(risen((0..100).map(|round| 100 + round * 37 % 5)), 0, "noise");
        assert_eq!(
            risen((0..100).map(|round| round.min(20) * 50)),
            0,
            "the warm-up is over by the second quarter"
        );
        assert_eq!(risen((0..100).map(|round| if round % 9 == 0 { 900 } else { 5 })), 0, "spikes");
        assert_eq!(risen((0..100).rev()), 0, "a falling line");
    }

    #[test]
    fn the_least_of_a_quarter_rises_with_the_line_and_not_with_a_busy_machine() {
        let risen = |value: fn(u64) -> u64| {
            Growth::of(&(0..100).map(value).collect::<Vec<_>>(), least).unwrap().risen()
        };
        assert_eq!(risen(|round| if round < 60 || round % 10 == 0 { 6 } else { 22 }), 0, "busy later on");
        assert_eq!(risen(|round| 6 + round / 5 + round % 3), 10, "one more each fifth round");
    }

    #[test]
    fn too_few_values_say_nothing() {
        assert_eq!(Growth::of(&[1; 11], median), None);
        assert_eq!(Growth::of(&[], median), None);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(&[9, 1, 5]), Some(5));
        assert_eq!(median(&[4, 1, 3, 2]), Some(2));
        assert_eq!(median(&[]), None);
    }
}
