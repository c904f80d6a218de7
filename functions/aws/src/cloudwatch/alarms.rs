//! What health alarms say, each asked in its own Region.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use aws_smithy_types::DateTime;
use futures_util::future::join_all;
use responder_core::config;
use responder_core::ports::PortError;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmReading, AlarmState, name_of};
use tokio::time::Instant;

use super::CloudWatch;
use crate::budget::within;
use crate::failure::Failed;

/// Names a call: the most that CloudWatch takes.
const NAMES_MAX: usize = 100;

type Readings = BTreeMap<String, AlarmReading>;

impl CloudWatch {
    /// What each alarm with one of these ARNs says. One that is missing or did not answer is unknown, and why.
    pub(crate) async fn readings(&self, arns: &[String]) -> Readings {
        let deadline = Instant::now() + self.clients.budgets().alarms;
        let calls = by_region(arns).into_iter().flat_map(|(region, named)| {
            let chunks: Vec<Vec<_>> = named.chunks(NAMES_MAX).map(<[_]>::to_vec).collect();
            chunks.into_iter().map(move |chunk| self.read(region.clone(), chunk, deadline))
        });
        join_all(calls).await.into_iter().flatten().collect()
    }

    /// A reading for each of these alarms of one Region.
    async fn read(&self, region: Region, arns: Vec<&String>, deadline: Instant) -> Readings {
        let answer = self.describe(&region, &arns, deadline).await.map_err(PortError::from);
        if let Err(error) = &answer {
            tracing::warn!(error = %error, "health alarms not read");
        }
        let reading = |arn: &String| match &answer {
            Ok(known) => known
                .get(arn)
                .cloned()
                .unwrap_or_else(|| AlarmReading::Unknown(format!("{region} has no such alarm"))),
            Err(error) => AlarmReading::Unknown(error.to_string()),
        };
        arns.into_iter().map(|arn| (arn.clone(), reading(arn))).collect()
    }

    async fn describe(
        &self,
        region: &Region,
        arns: &[&String],
        deadline: Instant,
    ) -> Result<Readings, Failed> {
        let operation = format!("cloudwatch:DescribeAlarms in {region}");
        let client = self.clients.cloudwatch(region);
        let names: Vec<&str> = arns.iter().filter_map(|arn| name_of(arn)).collect();
        within(deadline, &operation, pages(&client, &operation, &names)).await
    }
}

async fn pages(client: &Client, operation: &str, names: &[&str]) -> Result<Readings, Failed> {
    let mut call =
        client.describe_alarms().alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
    for name in names {
        call = call.alarm_names(*name);
    }
    let mut pages = call.into_paginator().send();
    let mut readings = Readings::new();
    let mut note = |arn: Option<&str>, state: Option<&StateValue>, since: Option<&DateTime>| {
        if let (Some(arn), Some(state)) = (arn, state) {
            let since = since.and_then(|since| since.to_millis().ok()).map(Timestamp::from_ms);
            readings
                .insert(arn.to_owned(), AlarmReading::Known { state: AlarmState::of(state.as_str()), since });
        }
    };
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Failed::of(operation, error))?;
        for it in page.metric_alarms() {
            let since = it.state_transitioned_timestamp().or(it.state_updated_timestamp());
            note(it.alarm_arn(), it.state_value(), since);
        }
        for it in page.composite_alarms() {
            let since = it.state_transitioned_timestamp().or(it.state_updated_timestamp());
            note(it.alarm_arn(), it.state_value(), since);
        }
    }
    Ok(readings)
}

/// The alarms' ARNs by Region; one that is none of an alarm is left out, and so stays unknown.
fn by_region(arns: &[String]) -> BTreeMap<Region, Vec<&String>> {
    let mut regions: BTreeMap<Region, Vec<&String>> = BTreeMap::new();
    for arn in arns {
        if let Some(region) = config::alarm_region(arn) {
            regions.entry(region).or_default().push(arn);
        }
    }
    regions
}
