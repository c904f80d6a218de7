//! The datapoints that CloudWatch has, those that are still on their way to it, and each alarm's state.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use time::OffsetDateTime;

use super::{
    embedded::Sample,
    evaluation::{RANGE, state},
    names::{NAMESPACE, WRITER_WRITABLE},
};
use crate::{
    alarm_reason::Reason,
    alarms::{Alarm, AlarmState},
};

/// How many datapoints of a Region are kept: more than an alarm looks at, at any pace.
const KEPT: usize = 20_000;

/// What a probe said, as CloudWatch of its Region has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The Region's name.
    pub place: &'static str,
    /// The metric.
    pub metric: String,
    /// The values of its dimensions, by their names.
    pub dimensions: BTreeMap<String, String>,
    /// The line's own moment, in ms since 1970.
    pub at_ms: i64,
    /// The value.
    pub value: f64,
}

/// One Region's.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// What was printed, with when CloudWatch will have it.
    coming: VecDeque<(Instant, Sample)>,
    has: VecDeque<Sample>,
    pub(super) is_dark: bool,
}

impl Place {
    /// A probe printed these; a dead Region's lines reach nobody.
    pub(super) fn printed(&mut self, samples: Vec<Sample>, has_them: Instant) {
        if !self.is_dark {
            self.coming.extend(samples.into_iter().map(|sample| (has_them, sample)));
        }
    }

    /// The Region dies, with what is on its way; or it is back.
    pub(super) fn set_dark(&mut self, dark: bool) {
        self.is_dark = dark;
        self.coming.clear();
    }

    /// What CloudWatch has from now on.
    pub(super) fn arrive(&mut self, now: Instant) -> Vec<Sample> {
        let mut arrived = Vec::new();
        while self.coming.front().is_some_and(|(due, _)| *due <= now) {
            arrived.extend(self.coming.pop_front().map(|(_, sample)| sample));
        }
        self.has.extend(arrived.iter().cloned());
        self.has.drain(..self.has.len().saturating_sub(KEPT));
        arrived
    }

    /// What it has, in the order in which it came.
    pub(super) fn seen(&self, place: &'static str) -> impl Iterator<Item = Seen> + '_ {
        self.has.iter().map(move |it| Seen {
            place,
            metric: it.metric.clone(),
            dimensions: it.dimensions.clone(),
            at_ms: it.at_ms,
            value: it.value,
        })
    }

    /// The greatest value of `WriterWritable` of that database in the period that begins then.
    fn maximum(&self, database: &str, from_ms: i64, length_ms: i64) -> Option<f64> {
        let is_it = |it: &&Sample| {
            it.metric == WRITER_WRITABLE
                && it.namespace == NAMESPACE
                && it.dimensions.len() == 1
                && it.dimensions.get("Database").is_some_and(|value| value == database)
                && (from_ms..from_ms + length_ms).contains(&it.at_ms)
        };
        // The latest are the last, give or take what two probes at once print.
        self.has.iter().filter(is_it).map(|it| it.value).reduce(f64::max)
    }
}

/// An alarm, and what its last evaluation came to.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) alarm: Alarm,
    pub(super) state: AlarmState,
    /// How many periods there were since 1970 when it was evaluated last.
    whole: i64,
}

impl Watched {
    pub(super) const fn new(alarm: Alarm) -> Self {
        Self { alarm, state: AlarmState::Ok, whole: 0 }
    }

    /// Evaluates it where a period is over and had `late` to arrive: the new state and its reason, if that is another one.
    pub(super) fn evaluate(
        &mut self,
        place: &Place,
        database: &str,
        now: OffsetDateTime,
        (period, late): (Duration, Duration),
    ) -> Option<(AlarmState, Reason)> {
        let (now_ms, late_ms) = (ms(now), i64::try_from(late.as_millis()).unwrap_or(i64::MAX));
        let length_ms = i64::try_from(period.as_millis()).unwrap_or(i64::MAX).max(1);
        let whole = (now_ms - late_ms).div_euclid(length_ms);
        // Before the first datapoint it is what it was made: as if it had stood there for long.
        if place.is_dark || place.has.is_empty() || whole == self.whole {
            return None;
        }
        self.whole = whole;
        let begins = (1..=i64::try_from(RANGE).unwrap_or(1)).map(|age| (whole - age) * length_ms);
        let points: Vec<_> =
            begins.map(|from_ms| (from_ms, place.maximum(database, from_ms, length_ms))).collect();
        let breaches: Vec<_> = points.iter().map(|(_, value)| value.map(|value| value < 1.0)).collect();
        let next = state(&breaches).filter(|next| *next != self.state)?;
        self.state = next;
        let dated = |from_ms: i64| OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(from_ms);
        let points = points.into_iter().map(|(from_ms, value)| (dated(from_ms), value)).collect();
        let period_s = i32::try_from(period.as_secs()).unwrap_or(1).max(1);
        Some((next, Reason { statistic: "Maximum", period_s, points }))
    }
}

fn ms(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALARM: Alarm = Alarm { name: "todo-writer", region: "ap-northeast-1" };
    const PACE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(5));

    fn said(second: i64, value: f64) -> Sample {
        Sample {
            namespace: NAMESPACE.to_owned(),
            metric: WRITER_WRITABLE.to_owned(),
            unit: None,
            dimensions: BTreeMap::from([("Database".to_owned(), "todo".to_owned())]),
            at_ms: second * 1000,
            value,
            by_the_second: true,
        }
    }

    fn at(second: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(second).unwrap()
    }

    /// Each second at which the alarm changes, with its new state, by what a probe says every five seconds.
    fn changes(
        place: &mut Place,
        seconds: std::ops::Range<i64>,
        value: impl Fn(i64) -> Option<f64>,
    ) -> Vec<(i64, AlarmState)> {
        let mut watched = Watched::new(ALARM);
        let began = Instant::now();
        let mut changes = Vec::new();
        for second in seconds {
            let now = began + Duration::from_secs(second.unsigned_abs());
            if let Some(value) = value(second).filter(|_| second % 5 == 2) {
                place.printed(vec![said(second, value)], now + PACE.1);
            }
            place.arrive(now);
            if let Some((state, _)) = watched.evaluate(place, "todo", at(second), PACE) {
                changes.push((second, state));
            }
        }
        changes
    }

    #[test]
    fn it_goes_off_when_three_whole_periods_and_their_delay_are_over() {
        let dies = |second: i64| move |at: i64| Some(if at >= second { 0.0 } else { 1.0 });
        let off = |second: i64| changes(&mut Place::default(), 0..300, dies(second));
        assert_eq!(off(100), [(135, AlarmState::Alarm)], "at the beginning of a period");
        assert_eq!(off(103), [(145, AlarmState::Alarm)], "right after a good look: the latest, 42 s");
        assert_eq!(off(108), [(145, AlarmState::Alarm)]);
    }

    #[test]
    fn it_is_over_with_the_first_good_period_and_nobody_knows_without_data() {
        let back = |at: i64| Some(if (100..160).contains(&at) { 0.0 } else { 1.0 });
        let (alarm, ok) = (AlarmState::Alarm, AlarmState::Ok);
        assert_eq!(changes(&mut Place::default(), 0..300, back), [(135, alarm), (175, ok)]);
        let silent = |at: i64| (at < 100).then_some(1.0);
        assert_eq!(changes(&mut Place::default(), 0..300, silent), [(155, AlarmState::Insufficient)]);
    }

    #[test]
    fn a_dead_region_evaluates_nothing_and_loses_what_is_on_its_way() {
        let mut place = Place::default();
        let now = Instant::now();
        place.printed(vec![said(1, 0.0)], now);
        place.set_dark(true);
        place.printed(vec![said(2, 0.0)], now);
        assert_eq!(place.arrive(now), []);
        assert_eq!(changes(&mut place, 0..100, |_| Some(0.0)), []);
        place.set_dark(false);
        place.printed(vec![said(3, 0.0)], now);
        assert_eq!(place.arrive(now), [said(3, 0.0)]);
    }

    #[test]
    fn its_reason_dates_each_period() {
        let mut place = Place::default();
        let now = Instant::now();
        place.printed(vec![said(72, 0.0), said(81, 0.0), said(93, 0.0)], now);
        place.arrive(now);
        let (state, reason) = Watched::new(ALARM).evaluate(&place, "todo", at(105), PACE).unwrap();
        assert_eq!((state, reason.period_s), (AlarmState::Alarm, 10));
        let dated: Vec<_> = reason.points.iter().map(|(at, value)| (at.unix_timestamp(), *value)).collect();
        assert_eq!(dated, [(90, Some(0.0)), (80, Some(0.0)), (70, Some(0.0)), (60, None), (50, None)]);
    }
}
