//! CloudWatch's alarm mute rules, which the emulator does not know: the front answers who asks for them, in CloudWatch's CBOR.

use std::{collections::BTreeMap, sync::Mutex};

use bytes::Bytes;
use hyper::{Response, header};

use crate::{
    http::{Body, full},
    lock::lock,
    rds::model::ACCOUNT,
    wire::call::Call,
};

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
        let mut response = Response::new(full(Bytes::from(document(arn.as_deref()))));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/cbor"));
        headers.insert("smithy-protocol", header::HeaderValue::from_static("rpc-v2-cbor"));
        Some(response)
    }
}

/// `{"AlarmMuteRuleSummaries": [{"AlarmMuteRuleArn": arn, "Status": "ACTIVE"}]}`, or an empty list: maps and lists without a
/// length, each ended by a break.
fn document(arn: Option<&str>) -> Vec<u8> {
    const MAP: &[u8] = &[0xbf];
    const LIST: &[u8] = &[0x9f];
    const END: &[u8] = &[0xff];
    let rule = arn.map(|arn| {
        [MAP, &text("AlarmMuteRuleArn"), &text(arn), &text("Status"), &text("ACTIVE"), END].concat()
    });
    [MAP, &text("AlarmMuteRuleSummaries"), LIST, &rule.unwrap_or_default(), END, END].concat()
}

/// A text with its length in two bytes.
fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[0x79][..], &length, text.as_bytes()].concat()
}
