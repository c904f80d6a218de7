//! Where a label is cut, moved or stepped down, which ticks a window has, and how times are rounded: at the bounds themselves.

use super::label::{elided, place, text_width};
use super::scale::{Scale, tick_label};
use crate::Interval;
use crate::format::{counted, difference, duration, moment};

#[test]
fn a_text_is_cut_where_its_room_ends_and_no_sooner() {
    let whole = text_width("abcdefgh", 10.0);
    assert_eq!(elided("abcdefgh", 10.0, whole).as_deref(), Some("abcdefgh"));
    let room = "abcd"
        .chars()
        .fold(text_width("\u{2026}", 10.0), |room, it| room + text_width(&it.to_string(), 10.0));
    assert_eq!(elided("abcdefgh", 10.0, room).as_deref(), Some("abcd\u{2026}"));
    assert_eq!(elided("abcdefgh", 10.0, room - 0.5), None, "three letters say nothing");
    assert_eq!(
        elided("abcd efgh", 10.0, room + 4.0).as_deref(),
        Some("abcd\u{2026}"),
        "no blank before the dots"
    );
}

#[test]
fn a_label_that_just_fits_stays_where_it_is() {
    let rows = |labels: &[(f64, f64)], limit: f64| {
        place(labels, 5.0, limit).iter().map(|it| (it.row, it.left, it.right)).collect::<Vec<_>>()
    };
    assert_eq!(rows(&[(0.0, 1.0), (20.0, 80.0)], 105.0), [(0, 5.0, 6.0), (0, 25.0, 105.0)]);
    assert_eq!(rows(&[(0.0, 1.0), (20.0, 80.0)], 104.0), [(0, 5.0, 6.0), (1, 24.0, 104.0)]);
    assert_eq!(rows(&[(0.0, 1.0), (11.0, 1.0)], 105.0), [(0, 5.0, 6.0), (0, 16.0, 17.0)]);
    assert_eq!(rows(&[(0.0, 1.0), (10.5, 1.0)], 105.0), [(0, 5.0, 6.0), (1, 15.5, 16.5)]);
    assert_eq!(rows(&[(0.0, 200.0)], 105.0), [(0, 0.0, 200.0)]);
}

#[test]
fn every_round_step_is_used_where_it_is_the_first_with_enough_room() {
    let steps = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000,
        300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000,
    ];
    for step in steps {
        let scale = Scale::new(Interval { from_ms: 0, to_ms: step * 10 }, 900.0);
        let expected: Vec<u64> = (0..=10).map(|at| at * step).collect();
        assert_eq!(scale.ticks(89.9), expected, "{step}");
    }
    let scale = Scale::new(Interval { from_ms: 1, to_ms: 864_000_000 }, 9.0);
    assert!(scale.ticks(1.0).is_empty(), "no step is so long");
    let scale = Scale::new(Interval { from_ms: 10, to_ms: 20 }, 10.0);
    assert_eq!(scale.ticks(5.0), [10, 15, 20], "a step of just the room");
}

#[test]
fn a_tick_says_as_much_as_its_step_needs() {
    for (at_ms, step_ms, expected) in [
        (61_000, 60_000, "1 min"),
        (59_999, 59_999, "59 s"),
        (1_999, 1_000, "1 s"),
        (1_999, 999, "1.9 s"),
        (1_999, 100, "1.9 s"),
        (1_999, 99, "1.99 s"),
        (1_099, 10, "1.09 s"),
        (1_099, 9, "1.099 s"),
    ] {
        assert_eq!(tick_label(at_ms, step_ms), expected);
    }
}

#[test]
fn times_are_rounded_to_the_nearest() {
    for (ms, expected) in [
        (1_004, "1.00 s"),
        (1_005, "1.01 s"),
        (10_049, "10.0 s"),
        (10_050, "10.1 s"),
        (59_949, "59.9 s"),
        (59_950, "1 min 00 s"),
        (60_499, "1 min 00 s"),
        (60_500, "1 min 01 s"),
    ] {
        assert_eq!(duration(ms), expected);
    }
    assert_eq!((moment(0).as_str(), moment(61_006).as_str()), ("0.00 s", "61.01 s"));
    assert_eq!((difference(0), difference(-1)), ("0 ms".to_owned(), "\u{2212}1 ms".to_owned()));
    let write = |count| counted(count, "write", "writes");
    assert_eq!([0, 1, 2, 1_000].map(write), ["0 writes", "1 write", "2 writes", "1,000 writes"]);
}
