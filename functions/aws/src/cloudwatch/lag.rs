//! The replication lag of a secondary, which CloudWatch has in that secondary's Region only.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, StatusCode,
};
use aws_smithy_types::DateTime;
use responder_core::words::failure::FailureKind;
use responder_core::words::names::{ClusterArn, Region};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::lag::{Lag, SAMPLE_MS};

use super::CloudWatch;
use crate::budget::{Patience, next_page, patiently};
use crate::failure::Failed;

/// Where Aurora's metrics are.
const NAMESPACE: &str = "AWS/RDS";
/// The metrics that tell how far a secondary is behind, in milliseconds. At one moment the greatest counts.
const METRICS: [&str; 3] =
    ["AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag", "AuroraGlobalDBProgressLag"];
/// A sample a minute.
const PERIOD_S: i32 = 60;

/// How far behind at worst, by the minute's beginning.
type Samples = BTreeMap<Timestamp, u64>;

impl CloudWatch {
    /// The samples about `cluster` from `since` on, oldest first, asked in its own Region. `sources` are the Regions of the
    /// other members: some accounts' metrics have the writer's as a dimension.
    pub(crate) async fn lag(
        &self,
        cluster: &ClusterArn,
        sources: &[&Region],
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Lag>, Failed> {
        let region = cluster.region();
        let operation = format!("cloudwatch:GetMetricData in {region}");
        let client = self.clients.cloudwatch(region);
        let patience = Patience::from_now(self.clients.budgets().lag);
        let queries = queries(cluster, sources);
        let mut samples = Samples::new();
        let mut deadline = patience.first;
        let mut token: Option<String> = None;
        loop {
            let call = || page(&client, &operation, &queries, (since, now), token.as_deref());
            let (results, next) = patiently(deadline, &operation, call).await?;
            for result in &results {
                note(&operation, result, &mut samples)?;
            }
            if next.is_none() {
                break;
            }
            token = next;
            deadline = patience.now();
        }
        Ok(samples.into_iter().map(|(at, lag_ms)| Lag { lag_ms, at }).collect())
    }
}

async fn page(
    client: &Client,
    operation: &str,
    queries: &[MetricDataQuery],
    (since, now): (Timestamp, Timestamp),
    token: Option<&str>,
) -> Result<(Vec<MetricDataResult>, Option<String>), Failed> {
    let call = client
        .get_metric_data()
        .start_time(DateTime::from_millis(since.as_ms()))
        // The minute that runs has samples already.
        .end_time(DateTime::from_millis(now.plus_ms(SAMPLE_MS).as_ms()))
        .set_metric_data_queries(Some(queries.to_vec()))
        .set_next_token(token.map(str::to_owned));
    let answer = call.send().await.map_err(|error| Failed::of(operation, error))?;
    let results = answer.metric_data_results;
    let results = results.ok_or_else(|| Failed::malformed(operation, "MetricDataResults"))?;
    Ok((results, next_page(operation, token, answer.next_token)?))
}

/// Adds a series. One that CloudWatch could not read may hold the greatest lag, so then nothing is known.
fn note(operation: &str, result: &MetricDataResult, samples: &mut Samples) -> Result<(), Failed> {
    let why = || format!("a series could not be read: {:?}", result.status_code());
    match result.status_code() {
        Some(StatusCode::InternalError) => {
            return Err(Failed::refused(operation, why()).with_kind(FailureKind::Busy));
        }
        Some(StatusCode::Forbidden) => return Err(Failed::refused(operation, why())),
        _ => {}
    }
    for (at, value) in result.timestamps().iter().zip(result.values()) {
        if let Some(Lag { lag_ms, at }) = sample(at, *value) {
            let worst = samples.entry(at).or_default();
            *worst = lag_ms.max(*worst);
        }
    }
    Ok(())
}

/// A sample, unless it is nonsense. A fraction of a millisecond counts as a whole one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
fn sample(at: &DateTime, value: f64) -> Option<Lag> {
    let sane = value.is_finite() && (0.0..1e15).contains(&value);
    let at = Timestamp::from_ms(at.to_millis().ok()?);
    sane.then(|| Lag { lag_ms: value.ceil() as u64, at })
}

/// Each metric by the cluster alone, and by the cluster with each Region that may be the writer's.
fn queries(cluster: &ClusterArn, sources: &[&Region]) -> Vec<MetricDataQuery> {
    let of_cluster = Dimension::builder().name("DBClusterIdentifier").value(cluster.identifier()).build();
    let of_source =
        |region: &&Region| Dimension::builder().name("SourceRegion").value(region.as_str()).build();
    let with_source = sources.iter().map(|region| vec![of_cluster.clone(), of_source(region)]);
    let dimensions: Vec<_> = std::iter::once(vec![of_cluster.clone()]).chain(with_source).collect();
    let each = METRICS.iter().flat_map(|metric| dimensions.iter().map(move |it| (*metric, it)));
    each.enumerate().map(|(at, (metric, dimensions))| query(&format!("m{at}"), metric, dimensions)).collect()
}

fn query(id: &str, metric: &str, dimensions: &[Dimension]) -> MetricDataQuery {
    let metric = Metric::builder().namespace(NAMESPACE).metric_name(metric);
    let metric = metric.set_dimensions(Some(dimensions.to_vec())).build();
    let stat = MetricStat::builder().metric(metric).period(PERIOD_S).stat("Maximum").build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}
