//! CloudWatch's embedded metric format: the datapoints that a log line holds.

use std::collections::BTreeMap;

use serde_json::Value;

/// One datapoint of one metric.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) namespace: String,
    pub(super) metric: String,
    pub(super) unit: Option<String>,
    pub(super) dimensions: BTreeMap<String, String>,
    /// The line's own moment, in ms since 1970.
    pub(super) at_ms: i64,
    pub(super) value: f64,
    /// Whether it is kept by the second; else by the minute.
    pub(super) by_the_second: bool,
}

/// The datapoints of a line: one for each set of dimensions of each metric that it names and has a value for. A line that is
/// no JSON, or names no metrics, has none, and no more does a metric whose dimension is missing: CloudWatch leaves these out.
pub(super) fn samples(line: &str) -> Vec<Sample> {
    let Ok(line) = serde_json::from_str::<Value>(line) else { return Vec::new() };
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(at_ms) = line.pointer("/_aws/Timestamp").and_then(Value::as_i64) else { return Vec::new() };
    let mut found = Vec::new();
    for directive in list(line.pointer("/_aws/CloudWatchMetrics")) {
        let namespace = text(directive.get("Namespace")).unwrap_or_default();
        let sets: Vec<_> =
            list(directive.get("Dimensions")).iter().filter_map(|set| dimensions(&line, set)).collect();
        for metric in list(directive.get("Metrics")) {
            let Some(name) = text(metric.get("Name")) else { continue };
            for (dimensions, value) in
                sets.iter().flat_map(|set| values(&line, &name).map(move |it| (set, it)))
            {
                found.push(Sample {
                    namespace: namespace.clone(),
                    metric: name.clone(),
                    unit: text(metric.get("Unit")),
                    dimensions: dimensions.clone(),
                    at_ms,
                    value,
                    by_the_second: metric.get("StorageResolution").and_then(Value::as_i64) == Some(1),
                });
            }
        }
    }
    found
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

/// The values of the set's dimensions, if the line has them all.
fn dimensions(line: &Value, set: &Value) -> Option<BTreeMap<String, String>> {
    set.as_array()?
        .iter()
        .map(|name| {
            let name = name.as_str()?;
            Some((name.to_owned(), text(line.get(name))?))
        })
        .collect()
}

/// A number, or several.
fn values(line: &Value, name: &str) -> impl Iterator<Item = f64> {
    let value = line.get(name).cloned().unwrap_or_default();
    let values = value.as_array().cloned().unwrap_or_else(|| vec![value]);
    values.into_iter().filter_map(|it| it.as_f64())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(metrics: &Value) -> Value {
        json!({
            "_aws": { "Timestamp": 1_764_206_525_123_i64, "CloudWatchMetrics": [{
                "Namespace": "FailoverResponder", "Dimensions": [["Database"], ["Database", "Member"]], "Metrics": metrics,
            }] },
            "Database": "todo", "WriterWritable": 0, "WriteLatency": [3.5, 4],
        })
    }

    #[test]
    fn a_line_has_a_datapoint_for_each_metric_with_a_value_and_each_set_of_dimensions_that_is_there() {
        let line = line(&json!([
            { "Name": "WriterWritable", "StorageResolution": 1 }, { "Name": "WriteLatency", "Unit": "Milliseconds" },
            { "Name": "NotThere" },
        ]));
        let found = samples(&line.to_string());
        let short: Vec<_> = found.iter().map(|it| (it.metric.as_str(), it.value, it.by_the_second)).collect();
        assert_eq!(
            short,
            [("WriterWritable", 0.0, true), ("WriteLatency", 3.5, false), ("WriteLatency", 4.0, false)]
        );
        assert_eq!(found[0].dimensions, BTreeMap::from([("Database".to_owned(), "todo".to_owned())]));
        assert_eq!((found[0].at_ms, found[1].unit.as_deref()), (1_764_206_525_123, Some("Milliseconds")));
    }

    #[test]
    fn a_line_of_another_kind_has_none() {
        assert_eq!(samples("START RequestId: 1"), []);
        assert_eq!(samples("{\"message\": \"no metric\"}"), []);
        assert_eq!(samples(&line(&json!([])).to_string()), []);
    }
}
