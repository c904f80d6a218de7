//! The replication lag of a secondary, which CloudWatch has in that secondary's Region only: by AWS's own metrics, and where a
//! probe looks at it, by the probe's.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, StatusCode,
};
use aws_smithy_types::DateTime;
use responder_core::invocation::log_line;
use responder_core::ports::PortError;
use responder_core::probe::metrics::REPLICATION_LAG;
use responder_core::words::failure::FailureKind;
use responder_core::words::names::{ClusterArn, DatabaseName, Region};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::lag::{Lag, Lags, SAMPLE_MS, Source};

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
/// A probe looks every few seconds, and its metrics are of high resolution.
const PROBE_PERIOD_S: i32 = 10;
/// CloudWatch keeps periods below a minute for three hours, in milliseconds; a minute less, for the clocks' sake.
const FINE_MS_MAX: i64 = 3 * 3_600_000 - 60_000;

/// Whose lag is asked for.
#[derive(Debug)]
pub(crate) struct Measured<'a> {
    /// The secondary.
    pub(crate) cluster: &'a ClusterArn,
    /// The Regions of the other members: some accounts' metrics have the writer's as a dimension.
    pub(crate) others: Vec<&'a Region>,
    /// The database's name, where a probe looks at it in this Region.
    pub(crate) probed: Option<&'a DatabaseName>,
}

impl Measured<'_> {
    /// The sources that are asked.
    fn sources(&self) -> &'static [Source] {
        if self.probed.is_some() { &Source::ALL } else { &[Source::Aws] }
    }
}

/// What the series came to.
#[derive(Debug, Default)]
struct Series {
    /// How far behind at worst, by the beginning of each time.
    worst: BTreeMap<(Timestamp, Source), u64>,
    failed: BTreeMap<Source, Failed>,
}

impl CloudWatch {
    /// The samples from `since` on, oldest first, asked in the secondary's own Region, all in one call.
    pub(crate) async fn lag(
        &self,
        measured: &Measured<'_>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Lags, Failed> {
        let region = measured.cluster.region();
        let operation = format!("cloudwatch:GetMetricData in {region}");
        let client = self.clients.cloudwatch(region);
        let patience = Patience::from_now(self.clients.budgets().lag);
        let fine = if now.since_ms(since) < FINE_MS_MAX { PROBE_PERIOD_S } else { PERIOD_S };
        let queries = queries(measured, fine);
        let mut series = Series::default();
        let mut deadline = patience.first;
        let mut token: Option<String> = None;
        loop {
            let call = || page(&client, &operation, &queries, (since, now), token.as_deref());
            let (results, next) = patiently(deadline, &operation, call).await?;
            for result in &results {
                series.note(&operation, result);
            }
            if next.is_none() {
                break;
            }
            token = next;
            deadline = patience.now();
        }
        series.lags(measured.sources(), fine)
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

impl Series {
    /// Adds a series. One that CloudWatch could not read may hold the greatest lag, so then its source tells nothing.
    fn note(&mut self, operation: &str, result: &MetricDataResult) {
        let source = source(result.id().unwrap_or_default());
        let status = result.status_code().map_or("no status", StatusCode::as_str);
        let why = || format!("a series could not be read: {status}");
        let failed = match result.status_code() {
            Some(StatusCode::InternalError) => {
                Some(Failed::refused(operation, why()).with_kind(FailureKind::Busy))
            }
            Some(StatusCode::Forbidden) => Some(Failed::refused(operation, why())),
            _ => None,
        };
        self.failed.extend(failed.map(|failed| (source, failed)));
        for (at, value) in result.timestamps().iter().zip(result.values()) {
            if let Some((at, lag_ms)) = sample(at, *value) {
                let worst = self.worst.entry((at, source)).or_default();
                *worst = lag_ms.max(*worst);
            }
        }
    }

    /// What of it counts: each source that could be read; an error where none could.
    fn lags(mut self, sources: &[Source], fine_s: i32) -> Result<Lags, Failed> {
        if sources.iter().all(|source| self.failed.contains_key(source))
            && let Some((_, failed)) = self.failed.pop_last()
        {
            return Err(failed);
        }
        let lag = |((at, source), lag_ms)| match source {
            Source::Aws => Lag::of_minute(lag_ms, at),
            _ => Lag { length_ms: i64::from(fine_s) * 1000, source, ..Lag::of_minute(lag_ms, at) },
        };
        let read = self.worst.into_iter().filter(|((_, source), _)| !self.failed.contains_key(source));
        let samples = read.map(lag).collect();
        let said = |failed: Failed| PortError::from(failed).to_string();
        let unread = self.failed.into_iter().map(|(source, failed)| (source, said(failed))).collect();
        Ok(Lags { samples, unread })
    }
}

/// A sample, unless it is nonsense. A fraction of a millisecond counts as a whole one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
fn sample(at: &DateTime, value: f64) -> Option<(Timestamp, u64)> {
    let sane = value.is_finite() && (0.0..1e15).contains(&value);
    let at = Timestamp::from_ms(at.to_millis().ok()?);
    sane.then_some((at, value.ceil() as u64))
}

/// The letter that the ids of a source's queries begin with.
const fn letter(source: Source) -> char {
    match source {
        Source::AuroraStatus => 'a',
        Source::Heartbeat => 'h',
        Source::Aws => 'm',
    }
}

fn source(id: &str) -> Source {
    let is_it = |source: &Source| id.starts_with(letter(*source));
    Source::OF_A_PROBE.into_iter().find(is_it).unwrap_or(Source::Aws)
}

/// Each of AWS's metrics by the cluster alone, and by the cluster with each Region that may be the writer's; and a probe's.
fn queries(measured: &Measured<'_>, fine_s: i32) -> Vec<MetricDataQuery> {
    let of_cluster = dimension("DBClusterIdentifier", measured.cluster.identifier());
    let with_source =
        measured.others.iter().map(|it| vec![of_cluster.clone(), dimension("SourceRegion", it.as_str())]);
    let dimensions: Vec<_> = std::iter::once(vec![of_cluster.clone()]).chain(with_source).collect();
    let each = METRICS.iter().flat_map(|metric| dimensions.iter().map(move |it| (*metric, it)));
    let by_aws = each.enumerate().map(|(at, (name, dimensions))| {
        let metric = Metric::builder().namespace(NAMESPACE).metric_name(name);
        query(
            &format!("{}{at}", letter(Source::Aws)),
            metric.set_dimensions(Some(dimensions.clone())).build(),
            PERIOD_S,
        )
    });
    let probed = measured.probed.into_iter();
    let by_probe = probed.flat_map(|database| Source::OF_A_PROBE.map(|source| (database, source)));
    let by_probe = by_probe.map(|(database, source)| {
        let metric = Metric::builder()
            .namespace(log_line::NAMESPACE)
            .metric_name(REPLICATION_LAG)
            .dimensions(dimension("Database", database.as_str()))
            .dimensions(dimension("Member", measured.cluster.region().as_str()))
            .dimensions(dimension("Source", source.name()));
        query(&format!("{}0", letter(source)), metric.build(), fine_s)
    });
    by_aws.chain(by_probe).collect()
}

fn dimension(name: &str, value: &str) -> Dimension {
    Dimension::builder().name(name).value(value).build()
}

fn query(id: &str, metric: Metric, period_s: i32) -> MetricDataQuery {
    let stat = MetricStat::builder().metric(metric).period(period_s).stat("Maximum").build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}
