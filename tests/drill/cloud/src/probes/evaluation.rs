//! What CloudWatch makes of an alarm's datapoints where missing ones are treated as missing, as many of as many.
//!
//! The rules are those of "Configuring how CloudWatch alarms treat missing data" in CloudWatch's user guide: an evaluation looks
//! at more periods than it needs (five for three in the guide's table); the most recent periods that have data count; where
//! they are too few, the alarm goes off all the same once the oldest of them is old enough and every one breaches; without
//! any data nobody knows.

use crate::alarms::AlarmState;

/// How many periods in a row have to breach.
pub(super) const NEEDED: usize = 3;
/// How many are looked at.
pub(super) const RANGE: usize = 5;

/// The state by these periods, newest first: whether each breaches, none where it has no data. `None` leaves it as it is.
pub(super) fn state(periods: &[Option<bool>]) -> Option<AlarmState> {
    let known: Vec<(usize, bool)> =
        periods.iter().enumerate().filter_map(|(age, breaches)| Some((age, (*breaches)?))).collect();
    let counted = known.get(..NEEDED).unwrap_or(&known);
    let Some((oldest, _)) = counted.last() else { return Some(AlarmState::Insufficient) };
    if counted.iter().any(|(_, breaches)| !breaches) {
        return Some(AlarmState::Ok);
    }
    // Not before its time: a single bad datapoint among missing ones.
    (oldest + 1 >= NEEDED).then_some(AlarmState::Alarm)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The guide's table, in its letters: the oldest first, `X` breaches, `0` does not, `-` is missing.
    fn of(periods: &str) -> Option<AlarmState> {
        let period = |it: char| match it {
            'X' => Some(true),
            '0' => Some(false),
            _ => None,
        };
        state(&periods.chars().rev().map(period).collect::<Vec<_>>())
    }

    #[test]
    fn the_documented_table_for_three_of_three_holds() {
        for (periods, wanted) in [
            ("0-X-X", AlarmState::Ok),
            ("----0", AlarmState::Ok),
            ("-----", AlarmState::Insufficient),
            ("0XX-X", AlarmState::Alarm),
            ("--X--", AlarmState::Alarm),
        ] {
            assert_eq!(of(periods), Some(wanted), "{periods}");
        }
    }

    #[test]
    fn three_in_a_row_set_it_off_and_one_good_period_ends_it() {
        assert_eq!(of("00XX0"), Some(AlarmState::Ok));
        assert_eq!(of("000XX"), Some(AlarmState::Ok));
        assert_eq!(of("00XXX"), Some(AlarmState::Alarm));
        assert_eq!(of("XXXX0"), Some(AlarmState::Ok));
        assert_eq!(of("---XX"), None, "not before its time");
        assert_eq!(of("----X"), None);
    }
}
