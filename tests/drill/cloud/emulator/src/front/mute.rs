//! CloudWatch's alarm mute rules, which the emulator does not know: the front answers who asks for them, in CloudWatch's CBOR.

use std::{collections::BTreeMap, sync::Mutex};

use hyper::Response;

use crate::{front::cbor, http::Body, lock::lock, rds::model::ACCOUNT, wire::call::Call};

/// The active rule of each Region that has one. It mutes every alarm there.
#[derive(Debug, Default)]
pub(super) struct MuteRules(Mutex<BTreeMap<String, String>>);

impl MuteRules {
    /// From now on the Region of that name has this rule, or none.
    pub(super) fn set(&self, region: &str, rule: Option<&str>) {
        let mut rules = lock(&self.0);
        match rule {
            Some(rule) => rules.insert(region.to_owned(), rule.to_owned()),
            None => rules.remove(region),
        };
    }

    /// The answer, where rules are asked for.
    pub(super) fn answer(&self, call: &Call) -> Option<Response<Body>> {
        if call.service != "monitoring" || call.operation != "ListAlarmMuteRules" {
            return None;
        }
        let rule = lock(&self.0).get(&call.signed_for).cloned();
        let arn = rule
            .map(|rule| format!("arn:aws:cloudwatch:{}:{ACCOUNT}:alarm-mute-rule:{rule}", call.signed_for));
        Some(cbor::response(200, document(arn.as_deref())))
    }
}

/// `{"AlarmMuteRuleSummaries": [{"AlarmMuteRuleArn": arn, "Status": "ACTIVE"}]}`, or an empty list.
fn document(arn: Option<&str>) -> Vec<u8> {
    let rule = |arn| cbor::map(&[("AlarmMuteRuleArn", cbor::text(arn)), ("Status", cbor::text("ACTIVE"))]);
    let rules: Vec<Vec<u8>> = arn.into_iter().map(rule).collect();
    cbor::map(&[("AlarmMuteRuleSummaries", cbor::list(&rules))])
}
