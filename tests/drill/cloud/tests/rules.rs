//! An event meets just the rules whose patterns it matches, and a function that is told nothing is sent to the front.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_sdk_eventbridge::types::{RuleState, Target};
use drill_cloud::{Cloud, CloudSettings, Function, FunctionSpec, Package, Region, Rules};
use serde_json::{Value, json};
use support::{FakeStorage, cloud, ministack};

const TARGET: &str = "arn:aws:lambda:ap-northeast-2:123456789012:function:follow";

async fn rule(cloud: &Cloud, name: &str, pattern: &Value, state: RuleState) {
    let events = cloud.emulator.eventbridge(Region::Seoul);
    events.put_rule().name(name).event_pattern(pattern.to_string()).state(state).send().await.unwrap();
    let target = Target::builder().id("one").arn(TARGET).build().unwrap();
    events.put_targets().rule(name).targets(target).send().await.unwrap();
}

fn event(id: &str) -> Value {
    json!({
        "version": "0", "id": "1", "source": "aws.rds", "detail-type": "RDS DB Cluster Event",
        "account": "123456789012", "time": "2026-11-25T00:00:00Z", "region": "ap-northeast-2", "resources": [],
        "detail": { "EventID": id, "SourceType": "CLUSTER" },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_meets_the_enabled_rules_of_its_region_that_name_it() {
    let cloud = cloud(Arc::new(FakeStorage::default())).await;
    let named = json!({ "source": ["aws.rds"], "detail": { "EventID": ["RDS-EVENT-0184"] } });
    rule(&cloud, "named", &named, RuleState::Enabled).await;
    rule(&cloud, "off", &named, RuleState::Disabled).await;
    let others = json!({ "detail": { "EventID": [{ "anything-but": ["RDS-EVENT-0184"] }] } });
    rule(&cloud, "others", &others, RuleState::Enabled).await;
    let rules = Rules::read(&cloud.emulator).await.unwrap();
    assert_eq!(rules.of(Region::Seoul).len(), 3);
    for (region, id, wanted) in [
        (Region::Seoul, "RDS-EVENT-0184", vec!["named"]),
        (Region::Seoul, "RDS-EVENT-0016", vec!["others"]),
        (Region::Osaka, "RDS-EVENT-0184", vec![]),
    ] {
        let met = rules.met_by(region, &event(id)).await.unwrap();
        assert_eq!(met.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), wanted);
        assert!(met.iter().all(|rule| rule.targets == [TARGET]));
    }
}

/// Answers once with where it was sent to.
const BOOTSTRAP: &str = r#"#!/usr/bin/env python3
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    request = urllib.request.urlopen(f"{api}/next")
    name = request.headers["Lambda-Runtime-Aws-Request-Id"]
    data = json.dumps({"endpoint": os.environ.get("AWS_ENDPOINT_URL")}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{api}/{name}/response", data=data, method="POST"))
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_not_told_where_aws_is_finds_the_front() {
    let mut settings = CloudSettings::new(ministack());
    settings.functions_to_front = true;
    let cloud = Cloud::start(&settings, Arc::new(FakeStorage::default())).await.unwrap();
    let spec =
        FunctionSpec { name: "follow".into(), environment: BTreeMap::new(), timeout: Duration::from_mins(1) };
    let package = Package::of_bootstrap(BOOTSTRAP.as_bytes()).unwrap();
    Function::create(&cloud.emulator, Region::Osaka, &package, &spec).await.unwrap();
    let (function, deployed) = Function::find(&cloud.emulator, Region::Osaka, "follow").await.unwrap();
    assert_eq!((deployed.timeout, deployed.reserved_concurrency), (Duration::from_mins(1), None));
    let answer = function.invoke(&json!({})).await.unwrap();
    assert_eq!(answer.payload["endpoint"], cloud.front.endpoint());
}
