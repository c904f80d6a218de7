//! The replication lag as Aurora reports it: a CloudWatch metric in the secondary's own Region.

use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};

use drill_emulator::{Region, rds::model::Names};

use crate::{clients::Clients, error::CloudError};

const NAMESPACE: &str = "AWS/RDS";
const METRIC: &str = "AuroraGlobalDBReplicationLag";

/// Reports replication lag to the emulated CloudWatch, past the front. The emulator itself answers who reads it,
/// in periods of a minute as the function asks; nothing of it is answered by the front.
#[derive(Debug, Clone)]
pub struct LagMetric {
    emulator: Clients,
}

impl LagMetric {
    pub(crate) const fn new(emulator: Clients) -> Self {
        Self { emulator }
    }

    /// Reports that the cluster of `region` is this far behind, now.
    pub async fn put(&self, region: Region, lag: Duration) -> Result<(), CloudError> {
        self.put_at(region, lag, SystemTime::now()).await
    }

    /// Reports that the cluster of `region` was this far behind then: CloudWatch has a sample late.
    pub async fn put_at(&self, region: Region, lag: Duration, at: SystemTime) -> Result<(), CloudError> {
        let names = Names::of(region);
        let dimension = Dimension::builder().name("DBClusterIdentifier").value(names.cluster()).build();
        let datum = MetricDatum::builder()
            .metric_name(METRIC)
            .dimensions(dimension)
            .timestamp(DateTime::from(at))
            .unit(StandardUnit::Milliseconds)
            .value(lag.as_secs_f64() * 1000.0)
            .build();
        let cloudwatch = self.emulator.cloudwatch(region.id());
        let put = cloudwatch.put_metric_data().namespace(NAMESPACE).metric_data(datum);
        put.send().await.map(|_| ()).map_err(CloudError::aws(format!("PutMetricData {METRIC} in {region}")))
    }
}
