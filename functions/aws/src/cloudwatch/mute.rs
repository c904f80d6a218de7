//! Which alarms' actions are muted by a rule now. A muted alarm goes on changing its state, so only its rules tell.
//!
//! There is hardly ever an active rule, and one call a Region says so for all alarms; each alarm is asked for by its name
//! only where there is one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmMuteRuleStatus, AlarmMuteRuleSummary};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use responder_core::ports::PortError;
use responder_core::words::names::Region;
use responder_core::world::alarm::name_of;
use tokio::time::Instant;

use super::{CALLS_MAX, CloudWatch, by_region};
use crate::budget::patiently;
use crate::coalesce::Asked;
use crate::failure::Failed;

/// The rule that mutes each alarm, by the alarm's ARN.
pub(super) type Muted = BTreeMap<String, Result<Option<String>, Failed>>;

/// What an endpoint answers that does not know the operation: some emulators. Whether an alarm is muted is not known then.
const UNKNOWN_OPERATION: [&str; 4] =
    ["UnknownOperation", "UnknownOperationException", "InvalidAction", "NotImplemented"];

/// Whether people were told that an endpoint does not know mute rules: once is enough.
#[derive(Debug, Default)]
pub(super) struct Knows(AtomicBool);

impl Knows {
    fn note(&self, failed: &Failed) {
        let unknown = failed.code().is_some_and(|code| UNKNOWN_OPERATION.contains(&code));
        if unknown && !self.0.swap(true, Ordering::Relaxed) {
            let error = PortError::from(failed.clone());
            tracing::warn!(error = %error, "this endpoint knows no mute rules: no alarm is known to be unmuted");
        }
    }
}

impl CloudWatch {
    /// Why each of these alarms is muted, where it is. One that cannot be asked for has an error.
    pub(crate) async fn mute_rules(
        &self,
        arns: &[String],
    ) -> BTreeMap<String, Result<Option<String>, PortError>> {
        let regions = by_region(arns).into_iter().map(|(region, arns)| self.muted(region, arns));
        let all = join_all(regions).await.into_iter().flatten();
        let why = |rule| format!("its actions are muted by the rule {rule}");
        all.map(|(arn, rule)| (arn, rule.map(|rule| rule.map(why)).map_err(PortError::from))).collect()
    }

    async fn muted(&self, region: Region, arns: Vec<String>) -> Muted {
        let operation = format!("cloudwatch:ListAlarmMuteRules in {region}");
        let client = self.clients.cloudwatch(&region);
        let round = Round { client, operation: operation.clone(), knows: Arc::clone(&self.knows_mute_rules) };
        let run = move |asked, deadline| round.run(asked, deadline);
        let answer = self.mute_rules.ask(&region, arns.clone(), run).await;
        answer.unwrap_or_else(|| {
            arns.into_iter().map(|arn| (arn, Err(Failed::out_of_time(&operation)))).collect()
        })
    }
}

/// One round of questions to one Region.
struct Round {
    client: Client,
    operation: String,
    knows: Arc<Knows>,
}

impl Round {
    async fn run(self, asked: Vec<Asked<Vec<String>, Muted>>, deadline: Instant) {
        let any = self.rule(None, deadline).await;
        if let Err(failed) = &any {
            self.knows.note(failed);
        }
        let all = asked.iter().flat_map(|it| it.question.iter().cloned());
        let rules: Muted = match any {
            Ok(Some(_)) => {
                let calls: Vec<_> = all.map(|arn| self.of_alarm(arn, deadline)).collect();
                stream::iter(calls).buffer_unordered(CALLS_MAX).collect().await
            }
            none => all.map(|arn| (arn, none.clone())).collect(),
        };
        for asked in asked {
            let own = asked.question.iter();
            let own = own.filter_map(|arn| Some((arn.clone(), rules.get(arn)?.clone()))).collect();
            asked.answer(own);
        }
    }

    async fn of_alarm(&self, arn: String, deadline: Instant) -> (String, Result<Option<String>, Failed>) {
        let rule = self.rule(name_of(&arn), deadline).await;
        (arn, rule)
    }

    /// The first active rule about this alarm, or about any.
    async fn rule(&self, alarm: Option<&str>, deadline: Instant) -> Result<Option<String>, Failed> {
        patiently(deadline, &self.operation, || self.first(alarm)).await
    }

    async fn first(&self, alarm: Option<&str>) -> Result<Option<String>, Failed> {
        let call = self.client.list_alarm_mute_rules().set_alarm_name(alarm.map(str::to_owned));
        let mut pages = call.statuses(AlarmMuteRuleStatus::Active).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Failed::of(&self.operation, error))?;
            let mut active = page.alarm_mute_rule_summaries().iter().filter(|rule| is_active(rule));
            if let Some(rule) = active.next() {
                return Ok(Some(named(rule)));
            }
        }
        Ok(None)
    }
}

/// Whether a rule that was listed as active mutes now: only one that says otherwise does not.
fn is_active(rule: &AlarmMuteRuleSummary) -> bool {
    !matches!(rule.status(), Some(AlarmMuteRuleStatus::Expired | AlarmMuteRuleStatus::Scheduled))
}

/// The rule's name: the last part of `arn:aws:cloudwatch:<region>:<account>:alarm-mute-rule:<name>`.
fn named(rule: &AlarmMuteRuleSummary) -> String {
    let arn = rule.alarm_mute_rule_arn().unwrap_or("without a name");
    name_of(arn).unwrap_or(arn).to_owned()
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::operation::list_alarm_mute_rules::ListAlarmMuteRulesError;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::client::result::SdkError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    #[test]
    fn an_endpoint_that_does_not_know_the_operation_is_told_of_and_no_other_failure() {
        for (code, is_noted) in [("UnknownOperation", true), ("InvalidAction", true), ("AccessDenied", false)]
        {
            let error = ListAlarmMuteRulesError::generic(ErrorMetadata::builder().code(code).build());
            let answer = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
            let failed = Failed::of("cloudwatch:ListAlarmMuteRules", SdkError::service_error(error, answer));
            let knows = Knows::default();
            knows.note(&failed);
            assert_eq!(knows.0.load(Ordering::Relaxed), is_noted, "{code}");
        }
    }
}
