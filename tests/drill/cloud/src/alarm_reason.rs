//! Why an alarm changed, as CloudWatch writes it beside the state: the datapoints that it evaluated, dated by the start of
//! their minutes. They date the beginning of an outage.
//!
//! At the drill's usual pace an alarm changes sooner than its periods would let it. Its datapoints are dated by AWS's minutes
//! all the same, so that the functions reckon as they would there.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::clock::rfc3339;

/// The alarms' period, in seconds.
pub(crate) const PERIOD_S: i32 = 60;

/// The datapoints that an alarm evaluated when it changed, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datapoints {
    /// How long each is, in seconds.
    pub period_s: i32,
    /// How many there are.
    pub count: i32,
    /// When the newest began.
    pub newest: OffsetDateTime,
}

impl Datapoints {
    /// The whole minutes before the change.
    pub(crate) fn of_minutes_before(changed: OffsetDateTime, count: i32) -> Self {
        let newest = Self::begin(changed, PERIOD_S) - Duration::seconds(i64::from(PERIOD_S));
        Self { period_s: PERIOD_S, count, newest }
    }

    /// When the period began in which this moment is: CloudWatch's begin at whole ones.
    pub fn begin(moment: OffsetDateTime, period_s: i32) -> OffsetDateTime {
        let into = moment.unix_timestamp().rem_euclid(i64::from(period_s.max(1)));
        moment.replace_nanosecond(0).unwrap_or(moment) - Duration::seconds(into)
    }
}

/// What an evaluation of an alarm with a threshold of 1 found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reason {
    pub(crate) statistic: &'static str,
    /// How long each datapoint is, in seconds.
    pub(crate) period_s: i32,
    /// Each period's beginning and what it came to, newest first; none where there was no data.
    pub(crate) points: Vec<(OffsetDateTime, Option<f64>)>,
}

impl Reason {
    /// These datapoints, of the same value each.
    pub(crate) fn uniform(of: Datapoints, value: f64) -> Self {
        let period = Duration::seconds(i64::from(of.period_s));
        let points = (0..of.count).map(|index| (of.newest - period * index, Some(value)));
        Self { statistic: "Minimum", period_s: of.period_s, points: points.collect() }
    }

    /// `StateReasonData` of an alarm that was evaluated then.
    pub(crate) fn data(&self, evaluated: OffsetDateTime) -> String {
        let point = |(at, value): &(OffsetDateTime, Option<f64>)| match value {
            Some(value) => json!({ "timestamp": zoned(*at), "sampleCount": 6.0, "value": value }),
            None => json!({ "timestamp": zoned(*at) }),
        };
        json!({
            "version": "1.0",
            "queryDate": zoned(evaluated),
            "startDate": zoned(self.points.last().map_or(evaluated, |(at, _)| *at)),
            "statistic": self.statistic,
            "period": self.period_s,
            "recentDatapoints": self.points.iter().filter_map(|(_, value)| *value).collect::<Vec<_>>(),
            "threshold": 1.0,
            "evaluatedDatapoints": self.points.iter().map(point).collect::<Vec<Value>>(),
        })
        .to_string()
    }
}

/// As CloudWatch writes it: with a zone that has no colon.
fn zoned(at: OffsetDateTime) -> String {
    rfc3339(at).replace('Z', "+0000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_datapoints_are_the_whole_minutes_before_the_change_newest_first() {
        let changed = OffsetDateTime::from_unix_timestamp(1_764_206_525).unwrap();
        let data = Reason::uniform(Datapoints::of_minutes_before(changed, 2), 0.0).data(changed);
        let data: Value = serde_json::from_str(&data).unwrap();
        let points = data["evaluatedDatapoints"].as_array().unwrap();
        let dated: Vec<_> = points.iter().map(|point| point["timestamp"].as_str().unwrap()).collect();
        assert_eq!(dated, ["2025-11-27T01:21:00+0000", "2025-11-27T01:20:00+0000"]);
        assert!(points.iter().all(|point| point["value"] == 0.0));
        assert_eq!((data["period"].as_i64(), data["threshold"].as_f64()), (Some(60), Some(1.0)));
        assert_eq!(data["startDate"], "2025-11-27T01:20:00+0000");
    }

    #[test]
    fn shorter_datapoints_are_dated_by_the_start_of_their_own_period() {
        let changed = OffsetDateTime::from_unix_timestamp(1_764_206_525).unwrap();
        let newest = Datapoints::begin(changed, 10);
        let data = Reason::uniform(Datapoints { period_s: 10, count: 3, newest }, 0.0).data(changed);
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(data["evaluatedDatapoints"][0]["timestamp"], "2025-11-27T01:22:00+0000");
        assert_eq!(data["evaluatedDatapoints"][2]["timestamp"], "2025-11-27T01:21:40+0000");
        assert_eq!(data["period"], 10);
    }

    #[test]
    fn a_period_without_data_is_shown_without_a_value() {
        let newest = OffsetDateTime::from_unix_timestamp(1_764_206_520).unwrap();
        let points = vec![(newest, Some(0.0)), (newest - Duration::seconds(10), None)];
        let data = Reason { statistic: "Maximum", period_s: 10, points }.data(newest);
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!((&data["statistic"], &data["recentDatapoints"]), (&json!("Maximum"), &json!([0.0])));
        assert_eq!(data["evaluatedDatapoints"][1], json!({ "timestamp": "2025-11-27T01:21:50+0000" }));
    }
}
