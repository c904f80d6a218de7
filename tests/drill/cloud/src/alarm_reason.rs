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

/// `StateReasonData` of an alarm below a threshold of 1 that changed then, by these datapoints.
pub(crate) fn data(changed: OffsetDateTime, of: Datapoints, is_alarm: bool) -> String {
    let period = Duration::seconds(i64::from(of.period_s));
    let value = if is_alarm { 0.0 } else { 1.0 };
    let point = |index: i32| json!({ "timestamp": zoned(of.newest - period * index), "sampleCount": 6.0, "value": value });
    // Newest first.
    let points: Vec<Value> = (0..of.count).map(point).collect();
    json!({
        "version": "1.0",
        "queryDate": zoned(changed),
        "startDate": zoned(of.newest - period * (of.count - 1)),
        "statistic": "Minimum",
        "period": of.period_s,
        "recentDatapoints": vec![value; points.len()],
        "threshold": 1.0,
        "evaluatedDatapoints": points,
    })
    .to_string()
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
        let data = data(changed, Datapoints::of_minutes_before(changed, 2), true);
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
        let data = data(changed, Datapoints { period_s: 10, count: 3, newest }, true);
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(data["evaluatedDatapoints"][0]["timestamp"], "2025-11-27T01:22:00+0000");
        assert_eq!(data["evaluatedDatapoints"][2]["timestamp"], "2025-11-27T01:21:40+0000");
        assert_eq!(data["period"], 10);
    }
}
