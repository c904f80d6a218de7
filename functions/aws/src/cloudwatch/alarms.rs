//! What alarms say, each asked in its own Region, a hundred a call, for all databases that ask now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::AlarmType;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use responder_core::ports::PortError;
use responder_core::words::failure::{FailureKind, NoAnswer};
use responder_core::words::names::Region;
use responder_core::world::alarm::{AlarmReading, name_of};

use super::{CALLS_MAX, CloudWatch, by_region, status};
use crate::budget::{Patience, patiently};
use crate::coalesce::Asked;
use crate::failure::Failed;

/// Names a call, and alarms a page: the most that CloudWatch takes and gives.
const NAMES_MAX: usize = 100;
const PAGE: i32 = 100;

/// What each alarm says, by its ARN.
pub(super) type Readings = BTreeMap<String, AlarmReading>;

impl CloudWatch {
    /// What each alarm with one of these ARNs says. One that is missing or did not answer is unknown, and why.
    pub(crate) async fn readings(&self, arns: impl Iterator<Item = &String>) -> Readings {
        let regions = by_region(arns).into_iter().map(|(region, arns)| self.in_region(region, arns));
        join_all(regions).await.into_iter().flatten().collect()
    }

    async fn in_region(&self, region: Region, arns: Vec<String>) -> Readings {
        let operation = format!("cloudwatch:DescribeAlarms in {region}");
        let round = Round {
            client: self.clients.cloudwatch(&region),
            region: region.clone(),
            operation: operation.clone(),
            silent: Mutex::new(None),
        };
        let page = self.clients.budgets().alarms;
        let run = move |asked, first| round.run(asked, Patience { first, page });
        let answer = self.alarms.ask(&region, arns.clone(), run).await;
        answer.unwrap_or_else(|| {
            let late = NoAnswer::silent(PortError::from(Failed::out_of_time(&operation)).to_string());
            arns.into_iter().map(|arn| (arn, AlarmReading::Unknown(late.clone()))).collect()
        })
    }
}

/// One round of questions to one Region.
struct Round {
    client: Client,
    region: Region,
    operation: String,
    /// Why nothing more is asked: the Region was silent for a call's whole budget.
    silent: Mutex<Option<Failed>>,
}

impl Round {
    async fn run(self, asked: Vec<Asked<Vec<String>, Readings>>, patience: Patience) {
        let arns: BTreeSet<String> = asked.iter().flat_map(|it| it.question.iter().cloned()).collect();
        let arns: Vec<String> = arns.into_iter().collect();
        let calls = arns.chunks(NAMES_MAX).map(|chunk| self.read(chunk.to_vec(), patience));
        let calls: Vec<_> = calls.collect();
        let chunks: Vec<Readings> = stream::iter(calls).buffer_unordered(CALLS_MAX).collect().await;
        let readings: Readings = chunks.into_iter().flatten().collect();
        for asked in asked {
            let own = asked.question.iter();
            let own = own.filter_map(|arn| Some((arn.clone(), readings.get(arn)?.clone()))).collect();
            asked.answer(own);
        }
    }

    /// A reading for each of these alarms.
    async fn read(&self, arns: Vec<String>, patience: Patience) -> Readings {
        let answer = self.describe(&arns, patience).await.map_err(PortError::from);
        if let Err(error) = &answer {
            tracing::warn!(error = %error, "alarms not read");
        }
        let reading = |arn: &String| match &answer {
            Ok(known) => known.get(arn).cloned().unwrap_or_else(|| self.missing()),
            Err(error) => AlarmReading::Unknown(error.no_answer()),
        };
        arns.iter().map(|arn| (arn.clone(), reading(arn))).collect()
    }

    fn missing(&self) -> AlarmReading {
        let why = format!("{} has no such alarm", self.region);
        AlarmReading::Unknown(NoAnswer { why, kind: FailureKind::Refused })
    }

    /// One call, unless one before it got nothing but silence: a dead Region costs one budget, not one for each call.
    async fn describe(&self, arns: &[String], patience: Patience) -> Result<Readings, Failed> {
        let silent = || self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failed) = silent().clone() {
            return Err(failed);
        }
        let answer = patiently(patience.now(), &self.operation, || self.pages(arns)).await;
        if let Err(failed) = answer.as_ref()
            && failed.kind().is_silence()
        {
            *silent() = Some(failed.clone());
        }
        answer
    }

    async fn pages(&self, arns: &[String]) -> Result<Readings, Failed> {
        let kinds = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm, AlarmType::LogAlarm];
        let names = arns.iter().filter_map(|arn| name_of(arn)).map(str::to_owned).collect();
        let call = self.client.describe_alarms().set_alarm_types(Some(kinds.to_vec()));
        let call = call.set_alarm_names(Some(names)).max_records(PAGE);
        let mut pages = call.into_paginator().send();
        let mut readings = Readings::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Failed::of(&self.operation, error))?;
            readings.extend(status::all(&page));
        }
        Ok(readings)
    }
}
