//! Where a label is cut, moved or stepped down, which ticks a window has, and how times are rounded: at the bounds themselves.

use super::drawing::View;
use super::label::{elided, place, text_width};
use super::scale::{Scale, tick_label};
use super::{lane, strip};
use crate::format::{counted, difference, duration, moment};
use crate::{EventKind, Interval, Lane, Phase, PhaseName, TimelineEvent, WriteSeries};

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

/// The outage's text stands in its line where there is room for both, else beside it: on the right, then on the left.
#[test]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "places in a drawing"
)]
fn the_outages_text_is_in_its_line_right_of_it_or_left_of_it() {
    let scale = Scale::new(Interval { from_ms: 0, to_ms: 1_000 }, 1_000.0);
    let drawn = |from_ms: u64, to_ms: u64| {
        let outage = Interval { from_ms, to_ms };
        let width = text_width(
            &format!("worst client: no write acknowledged for {}", duration(outage.length_ms())),
            12.0,
        );
        let drawn = strip::dimension(outage, &scale, 50.0).into_string();
        let x: f64 = drawn
            .split("<text")
            .nth(1)
            .unwrap()
            .split("x=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        (width, x, drawn.matches('M').count(), drawn.contains("y=\"54"))
    };
    // A text of 300 ms has a width of its own: an outage of just that and 30 has room for it.
    let (width, ..) = drawn(0, 300);
    let just = (width + 30.0).ceil() as u64;
    let (width, x, strokes, _) = drawn(100, 100 + just);
    let middle = 100.0 + just as f64 / 2.0;
    assert!((x - (middle - width / 2.0)).abs() < 0.1 && strokes == 4, "{x} {strokes}");
    let (_, x, strokes, is_lower) = drawn(100, 100 + just - 2);
    assert!((x - (100 + just + 6) as f64).abs() < 0.1 && strokes == 3 && is_lower, "{x} {strokes}");
    let (width, ..) = drawn(600, 650);
    let room = (1_000.0 - 8.0 - width).floor() as u64;
    assert!((drawn(room - 50, room).1 - (room + 8) as f64).abs() < 0.1, "the last place on the right");
    let (width, x, ..) = drawn(room - 49, room + 1);
    assert!((x - ((room - 49) as f64 - 8.0 - width)).abs() < 0.1, "{x}");
    // What begins before the drawing has no tick there.
    let outside = Scale::new(Interval { from_ms: 100, to_ms: 1_000 }, 1_000.0);
    for (from_ms, ticks) in [(99, 1), (100, 2)] {
        let drawn = strip::dimension(Interval { from_ms, to_ms: 900 }, &outside, 50.0).into_string();
        assert_eq!(drawn.matches("v10").count(), ticks, "{from_ms}");
    }
}

#[test]
fn marks_that_would_cover_one_another_are_one_and_what_lasted_stands_alone() {
    let scale = Scale::new(Interval { from_ms: 0, to_ms: 1_000 }, 1_000.0);
    let event = |at_ms: u64, text: &str| TimelineEvent::at(at_ms, Lane::Database, EventKind::State, text);
    let count = |timeline: &[TimelineEvent]| {
        lane::row(&Lane::Database, timeline, &scale, 50.0).into_string().matches("<title>").count()
    };
    assert_eq!(count(&[event(100, "one"), event(110, "two")]), 1);
    assert_eq!(count(&[event(100, "one"), event(111, "two")]), 2, "as far apart as they are wide");
    assert_eq!(
        count(&[event(100, "one"), event(110, "two"), event(111, "three")]),
        2,
        "from the first of them"
    );
    let mut lasting = event(110, "two");
    lasting.until_ms = Some(400);
    assert!(count(&[event(100, "one"), lasting]) > 1);
}

#[test]
fn the_strip_in_words_counts_what_is_in_the_window() {
    let mut series = WriteSeries::new();
    for at_ms in [0, 150, 250, 950] {
        series.add_acknowledged(at_ms);
    }
    series.add_failed(260);
    let said = |from_ms, to_ms| strip::in_words(&series, &Scale::new(Interval { from_ms, to_ms }, 900.0));
    assert_eq!(said(0, 1_000), "Until 1.00 s, 4 writes were acknowledged and 1 failed.");
}

#[test]
fn one_write_a_bar_is_drawn_as_high_as_many() {
    let scale = Scale::new(Interval { from_ms: 0, to_ms: 1_000 }, 900.0);
    for writes in [1, 7] {
        let mut series = WriteSeries::new();
        (0..writes).for_each(|_| series.add_acknowledged(100));
        let drawn = strip::bars(&series, &scale, 50.0).into_string();
        assert!(drawn.contains("v-36.0") && drawn.contains(&format!("at most {writes} a bar")), "{drawn}");
    }
}

/// Two names that would touch stand in two rows, so that the drawing is a row higher; a little further apart they share one.
#[test]
fn a_phases_name_has_the_room_of_its_letters() {
    let window = Interval { from_ms: 0, to_ms: 922 };
    let height = |apart: u64| {
        let at = |at_ms| Phase::new(PhaseName::Other("one".to_owned()), at_ms);
        let phases = [at(100), at(100 + apart)];
        let (id, title) = ("it".to_owned(), "It".to_owned());
        let (lanes, timeline) = (&[][..], &[][..]);
        let view = View {
            id,
            title,
            window,
            lanes,
            timeline,
            phases: &phases,
            outage: None,
            series: None,
            magnified: None,
        };
        let drawn = view.draw().into_string();
        let height = drawn.split("viewBox=\"").nth(1).unwrap().split('"').next().unwrap();
        height.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let letters = (text_width("one", 12.0) + text_width(&moment(100), 12.0)) * 1.1;
    let places: Vec<u64> = (0..400).filter(|apart| height(*apart) < height(0)).collect();
    let first = crate::format::as_f64(places[0]);
    assert!((first - (letters + 8.0 + 12.0)).abs() < 1.5, "{first} for {letters}");
}
