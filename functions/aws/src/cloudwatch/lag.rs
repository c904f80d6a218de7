//! The replication lag of a secondary, which CloudWatch has in that secondary's Region only.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use aws_smithy_types::DateTime;
use responder_core::words::names::ClusterArn;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::lag::Lag;
use tokio::time::Instant;

use super::CloudWatch;
use crate::budget::within;
use crate::failure::Failed;

/// Where Aurora's metrics are.
const NAMESPACE: &str = "AWS/RDS";
/// The metrics that tell how far a secondary is behind, in milliseconds. Of two, the greater counts.
const METRICS: [&str; 2] = ["AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag"];
/// A sample a minute.
const PERIOD_S: i32 = 60;
/// How far back to look: what is older is unknown anyhow, and its age is worth showing.
const WINDOW_MS: i64 = 15 * 60_000;

impl CloudWatch {
    /// The last sample about `cluster`, asked in its own Region.
    pub(crate) async fn lag(&self, cluster: &ClusterArn, now: Timestamp) -> Result<Option<Lag>, Failed> {
        let region = cluster.region();
        let operation = format!("cloudwatch:GetMetricData in {region}");
        let deadline = Instant::now() + self.clients.budgets().lag;
        let client = self.clients.cloudwatch(region);
        within(deadline, &operation, latest(&client, &operation, cluster, now)).await
    }
}

async fn latest(
    client: &Client,
    operation: &str,
    cluster: &ClusterArn,
    now: Timestamp,
) -> Result<Option<Lag>, Failed> {
    let mut call = client
        .get_metric_data()
        .start_time(DateTime::from_millis(now.plus_ms(-WINDOW_MS).as_ms()))
        // The minute that runs has samples already.
        .end_time(DateTime::from_millis(now.plus_ms(i64::from(PERIOD_S) * 1000).as_ms()))
        .scan_by(ScanBy::TimestampDescending);
    for (at, metric) in METRICS.into_iter().enumerate() {
        call = call.metric_data_queries(query(&format!("m{at}"), metric, cluster));
    }
    let answer = call.send().await.map_err(|error| Failed::of(operation, error))?;
    let results =
        answer.metric_data_results.ok_or_else(|| Failed::malformed(operation, "MetricDataResults"))?;
    let samples = results.iter().filter_map(|result| {
        let pairs = result.timestamps().iter().zip(result.values());
        pairs.filter_map(|(at, value)| sample(at, *value)).max_by_key(|lag| lag.at)
    });
    // Both are of the same minute when all is well; an old one says nothing beside a new one.
    Ok(samples.max_by_key(|lag| (lag.at, lag.lag_ms)))
}

/// A sample, unless it is nonsense. A fraction of a millisecond counts as a whole one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
fn sample(at: &DateTime, value: f64) -> Option<Lag> {
    let sane = value.is_finite() && (0.0..1e15).contains(&value);
    let at = Timestamp::from_ms(at.to_millis().ok()?);
    sane.then(|| Lag { lag_ms: value.ceil() as u64, at })
}

fn query(id: &str, metric: &str, cluster: &ClusterArn) -> MetricDataQuery {
    let dimension = Dimension::builder().name("DBClusterIdentifier").value(cluster.identifier()).build();
    let metric = Metric::builder().namespace(NAMESPACE).metric_name(metric).dimensions(dimension).build();
    let stat = MetricStat::builder().metric(metric).period(PERIOD_S).stat("Maximum").build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}
