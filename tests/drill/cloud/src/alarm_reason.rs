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

/// `StateReasonData` of an alarm below a threshold of 1 that changed then, after so many periods.
pub(crate) fn data(changed: OffsetDateTime, periods: i32, is_alarm: bool) -> String {
    let period = Duration::seconds(i64::from(PERIOD_S));
    let into_the_minute = changed.unix_timestamp().rem_euclid(i64::from(PERIOD_S));
    let minute = changed.replace_nanosecond(0).unwrap_or(changed) - Duration::seconds(into_the_minute);
    let value = if is_alarm { 0.0 } else { 1.0 };
    let point = |index: i32| json!({ "timestamp": zoned(minute - period * index), "sampleCount": 6.0, "value": value });
    // Newest first.
    let points: Vec<Value> = (1..=periods).map(point).collect();
    json!({
        "version": "1.0",
        "queryDate": zoned(changed),
        "startDate": zoned(minute - period * periods),
        "statistic": "Minimum",
        "period": PERIOD_S,
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
        let data: Value = serde_json::from_str(&data(changed, 2, true)).unwrap();
        let points = data["evaluatedDatapoints"].as_array().unwrap();
        let dated: Vec<_> = points.iter().map(|point| point["timestamp"].as_str().unwrap()).collect();
        assert_eq!(dated, ["2025-11-27T01:21:00+0000", "2025-11-27T01:20:00+0000"]);
        assert!(points.iter().all(|point| point["value"] == 0.0));
        assert_eq!((data["period"].as_i64(), data["threshold"].as_f64()), (Some(60), Some(1.0)));
    }
}
