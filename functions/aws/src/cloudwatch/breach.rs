//! Since when an alarm's datapoints have breached, by its `StateReasonData`: JSON with what was evaluated, newest first. It
//! dates the beginning of an outage, so a datapoint that cannot be read makes all of it unknown: it may be the oldest one.

use aws_sdk_cloudwatch::types::ComparisonOperator;
use responder_core::words::timestamp::Timestamp;
use serde_json::Value;

/// What makes a datapoint a breach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit<'a> {
    pub(super) threshold: Option<f64>,
    pub(super) operator: Option<&'a ComparisonOperator>,
    /// Whether a datapoint that is missing breaches.
    pub(super) missing_breaches: bool,
}

impl Limit<'_> {
    /// Whether a value breaches; `None` where that cannot be told: a band has no threshold of its own.
    fn is_breached(self, value: f64, threshold: Option<f64>) -> Option<bool> {
        let threshold = threshold.or(self.threshold)?;
        match self.operator? {
            ComparisonOperator::GreaterThanOrEqualToThreshold => Some(value >= threshold),
            ComparisonOperator::GreaterThanThreshold => Some(value > threshold),
            ComparisonOperator::LessThanOrEqualToThreshold => Some(value <= threshold),
            ComparisonOperator::LessThanThreshold => Some(value < threshold),
            _ => None,
        }
    }
}

/// Why an alarm is in its state, in its own words; null where there are none or they are no JSON.
#[derive(Debug)]
pub(super) struct Reason(Value);

impl Reason {
    pub(super) fn of(json: Option<&str>) -> Self {
        Self(json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default())
    }

    /// How long a datapoint is.
    pub(super) fn period_ms(&self) -> Option<i64> {
        self.0.get("period").and_then(Value::as_i64)?.checked_mul(1000)
    }

    /// The oldest datapoint that breached.
    pub(super) fn breaching_since(&self, limit: Limit<'_>) -> Option<Timestamp> {
        let points = self.0.get("evaluatedDatapoints").and_then(Value::as_array)?;
        let mut oldest: Option<Timestamp> = None;
        for point in points {
            let at = moment(point.get("timestamp")?.as_str()?)?;
            if self.breaches(point, limit)? {
                oldest = Some(oldest.map_or(at, |oldest| oldest.min(at)));
            }
        }
        oldest
    }

    fn breaches(&self, point: &Value, limit: Limit<'_>) -> Option<bool> {
        let Some(value) = point.get("value") else { return Some(limit.missing_breaches) };
        // The threshold as it was when this was evaluated; the alarm may have another one now.
        let threshold = point.get("threshold").or_else(|| self.0.get("threshold"));
        limit.is_breached(value.as_f64()?, threshold.and_then(Value::as_f64))
    }
}

/// A moment as CloudWatch writes it: `2023-08-04T12:36:15.490+0000`, whose zone RFC 3339 wants with a colon; printed ones
/// have blanks in them.
fn moment(text: &str) -> Option<Timestamp> {
    let text: String = text.split_whitespace().collect();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let at = text.len().checked_sub(2)?;
    format!("{}:{}", text.get(..at)?, text.get(at..)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AT_LEAST: ComparisonOperator = ComparisonOperator::GreaterThanOrEqualToThreshold;

    fn since(points: &Value, operator: &ComparisonOperator, missing_breaches: bool) -> Option<String> {
        let data = json!({"version": "1.0", "period": 60, "threshold": 5.0, "evaluatedDatapoints": points});
        let limit = Limit { threshold: Some(99.0), operator: Some(operator), missing_breaches };
        let since = Reason::of(Some(&data.to_string())).breaching_since(limit);
        since.map(|at| at.to_string())
    }

    fn point(minute: u32, value: f64) -> Value {
        json!({"timestamp": format!("2023-08-04T12:{minute}:00.000+0000"), "sampleCount": 6.0, "value": value})
    }

    #[test]
    fn the_oldest_datapoint_that_breaches_counts_by_the_alarms_own_comparison() {
        let points = json!([point(33, 6.0), point(32, 4.0), point(31, 5.0), point(30, 4.9)]);
        for (operator, minute) in [
            (AT_LEAST, Some(31)),
            (ComparisonOperator::GreaterThanThreshold, Some(33)),
            (ComparisonOperator::LessThanThreshold, Some(30)),
            (ComparisonOperator::LessThanOrEqualToThreshold, Some(30)),
            (ComparisonOperator::LessThanLowerOrGreaterThanUpperThreshold, None),
            (ComparisonOperator::from("SomethingNew"), None),
        ] {
            let expected = minute.map(|minute| format!("2023-08-04T12:{minute}:00Z"));
            assert_eq!(since(&points, &operator, false), expected, "{operator:?}");
        }
    }

    #[test]
    fn a_missing_datapoint_breaches_where_the_alarm_says_so() {
        let points = json!([point(33, 6.0), {"timestamp": "2023-08-04T12:30:00.000+0000"}]);
        assert_eq!(since(&points, &AT_LEAST, true).as_deref(), Some("2023-08-04T12:30:00Z"));
        assert_eq!(since(&points, &AT_LEAST, false).as_deref(), Some("2023-08-04T12:33:00Z"));
    }

    #[test]
    fn a_datapoints_own_threshold_comes_first_and_the_alarms_last() {
        let own = json!([{"timestamp": "2023-08-04T12:30:00Z", "value": 6.0, "threshold": 7.0}]);
        assert_eq!(since(&own, &AT_LEAST, false), None);
        let limit = Limit { threshold: Some(5.0), operator: Some(&AT_LEAST), missing_breaches: false };
        let bare = json!({"evaluatedDatapoints": [point(30, 6.0)]}).to_string();
        assert!(Reason::of(Some(&bare)).breaching_since(limit).is_some());
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_no_part_of_it_is_guessed() {
        for bad in [
            json!([point(33, 6.0), {"timestamp": "soon", "value": 9.0}]),
            json!([point(33, 6.0), {"value": 9.0}]),
            json!([point(33, 6.0), {"timestamp": "2023-08-04T12:30:00Z", "value": "nine"}]),
            json!([point(33, 6.0), 7]),
            json!([point(33, 1.0)]),
            json!([]),
            json!("none"),
            json!(null),
        ] {
            assert_eq!(since(&bad, &AT_LEAST, true), None, "{bad}");
        }
        for data in [None, Some(""), Some("{"), Some("[]"), Some("null"), Some(r#"{"triggeringAlarms":[]}"#)]
        {
            let limit = Limit { threshold: None, operator: None, missing_breaches: true };
            assert_eq!(Reason::of(data).breaching_since(limit), None, "{data:?}");
            assert_eq!(Reason::of(data).period_ms(), None, "{data:?}");
        }
    }

    /// The words of AWS's own example, as `aws_lambda_events` prints it.
    #[test]
    fn awss_own_example_is_read() {
        let printed = r#"{"version": "1.0", "queryDate": "2023-08-04T12: 31: 29.591+0000", "statistic": "Average", "period": 60, "recentDatapoints": [], "threshold": 5.0, "evaluatedDatapoints": [{"timestamp": "2023-08-04T12: 30: 00.000+0000"},{"timestamp": "2023-08-04T12: 29: 00.000+0000"},{"timestamp": "2023-08-04T12: 28: 00.000+0000"},{"timestamp": "2023-08-04T12: 27: 00.000+0000"},{"timestamp": "2023-08-04T12: 26: 00.000+0000"}]}"#;
        let reason = Reason::of(Some(printed));
        let limit = Limit { threshold: None, operator: Some(&AT_LEAST), missing_breaches: true };
        assert_eq!(reason.breaching_since(limit).unwrap().to_string(), "2023-08-04T12:26:00Z");
        assert_eq!(reason.period_ms(), Some(60_000));
    }
}
