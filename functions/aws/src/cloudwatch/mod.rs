//! What health alarms say, each asked in its own Region.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use futures_util::future::join_all;
use responder_core::Region;
use responder_core::evidence::Alarms;
use responder_core::ports::PortError;
use tokio::time::Instant;

use crate::budget::within;
use crate::clients::Clients;
use crate::failure::Failed;

/// Names a call: the most that CloudWatch takes.
const NAMES_MAX: usize = 100;

/// The alarms.
#[derive(Debug)]
pub(crate) struct CloudWatch {
    clients: Arc<Clients>,
}

impl CloudWatch {
    pub(crate) const fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }

    /// What the alarms with these ARNs say together. One that is known not to be in ALARM settles it;
    /// one that is missing or did not answer is never taken for ALARM.
    pub(crate) async fn state_of(&self, arns: &[String]) -> Alarms {
        let deadline = Instant::now() + self.clients.budgets().alarms;
        let calls = by_region(arns).into_iter().flat_map(|(region, named)| {
            let chunks: Vec<Vec<_>> = named.chunks(NAMES_MAX).map(<[_]>::to_vec).collect();
            chunks.into_iter().map(move |chunk| self.describe(region.clone(), chunk, deadline))
        });
        let mut in_alarm: BTreeMap<String, bool> = BTreeMap::new();
        for answer in join_all(calls).await {
            match answer {
                Ok(states) => in_alarm.extend(states),
                Err(failed) => {
                    tracing::warn!(error = %PortError::from(failed), "health alarms not read");
                }
            }
        }
        let mut states = arns.iter().map(|arn| in_alarm.get(arn).copied());
        if states.clone().any(|state| state == Some(false)) {
            Alarms::NotAll
        } else if !arns.is_empty() && states.all(|state| state == Some(true)) {
            Alarms::AllInAlarm
        } else {
            Alarms::Unknown
        }
    }

    /// Each alarm's ARN and whether it is in ALARM.
    async fn describe(
        &self,
        region: Region,
        names: Vec<&str>,
        deadline: Instant,
    ) -> Result<Vec<(String, bool)>, Failed> {
        let operation = format!("cloudwatch:DescribeAlarms in {region}");
        let client = self.clients.cloudwatch(&region);
        within(deadline, &operation, pages(&client, &operation, &names)).await
    }
}

async fn pages(client: &Client, operation: &str, names: &[&str]) -> Result<Vec<(String, bool)>, Failed> {
    let mut call =
        client.describe_alarms().alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
    for name in names {
        call = call.alarm_names(*name);
    }
    let mut pages = call.into_paginator().send();
    let mut states = Vec::new();
    let mut note = |arn: Option<&str>, state: Option<&StateValue>| {
        if let (Some(arn), Some(state)) = (arn, state) {
            states.push((arn.to_owned(), *state == StateValue::Alarm));
        }
    };
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Failed::of(operation, error))?;
        for alarm in page.metric_alarms() {
            note(alarm.alarm_arn(), alarm.state_value());
        }
        for alarm in page.composite_alarms() {
            note(alarm.alarm_arn(), alarm.state_value());
        }
    }
    Ok(states)
}

/// The alarms' names by Region; an ARN that is none of an alarm is left out, and so stays unknown.
fn by_region(arns: &[String]) -> BTreeMap<Region, Vec<&str>> {
    let mut regions: BTreeMap<Region, Vec<&str>> = BTreeMap::new();
    for arn in arns {
        // A name may hold colons: it is everything behind `alarm:`.
        let parts: Vec<&str> = arn.splitn(7, ':').collect();
        if let ["arn", _, "cloudwatch", region, _, "alarm", name] = parts.as_slice()
            && let Ok(region) = region.parse()
        {
            regions.entry(region).or_default().push(name);
        }
    }
    regions
}
