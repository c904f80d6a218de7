//! Functions run as real processes in both Regions, and end with the emulator.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use drill_cloud::{Cloud, Function, FunctionSpec, Package, Region};
use serde_json::json;
use support::{cloud, eventually};

/// Speaks the runtime API: answers with what it was told and where it runs; fails when told so.
const BOOTSTRAP: &str = r#"#!/usr/bin/env python3
import json, os, time, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
count = 0
while True:
    request = urllib.request.urlopen(f"{api}/next")
    name, event = request.headers["Lambda-Runtime-Aws-Request-Id"], json.load(request)
    count += 1
    time.sleep(event.get("sleep", 0))
    kind, answer = "response", {
        "pid": os.getpid(), "count": count, "region": os.environ["AWS_REGION"],
        "endpoint": os.environ.get("AWS_ENDPOINT_URL"), "prefix": os.environ.get("PARAMETER_PREFIX")}
    if event.get("fail"):
        kind, answer = "error", {"errorMessage": "told to", "errorType": "Told"}
    data = json.dumps(answer).encode()
    urllib.request.urlopen(urllib.request.Request(f"{api}/{name}/{kind}", data=data, method="POST"))
"#;

async fn function(cloud: &Cloud, region: Region) -> Function {
    let spec = FunctionSpec {
        name: "follow".into(),
        environment: BTreeMap::from([
            ("AWS_ENDPOINT_URL".into(), cloud.front.endpoint()),
            ("PARAMETER_PREFIX".into(), "/failover-responder".into()),
        ]),
        timeout: Duration::from_mins(1),
    };
    let package = Package::of_bootstrap(BOOTSTRAP.as_bytes()).unwrap();
    Function::create(&cloud.emulator, region, &package, &spec).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_runs_in_each_region_and_stays_warm() {
    let cloud = cloud(Arc::default()).await;
    for region in Region::ALL {
        let function = function(&cloud, region).await;
        let first = function.invoke(&json!({})).await.unwrap();
        assert_eq!(first.function_error, None, "{first:?}");
        assert_eq!(first.payload["region"], region.id());
        assert_eq!(first.payload["endpoint"], cloud.front.endpoint());
        assert_eq!(first.payload["prefix"], "/failover-responder");
        let second = function.invoke(&json!({})).await.unwrap();
        assert_eq!(
            (second.payload["pid"].clone(), second.payload["count"].clone()),
            (first.payload["pid"].clone(), json!(2))
        );
        let failed = function.invoke(&json!({"fail": true})).await.unwrap();
        assert!(failed.function_error.is_some());
        assert_eq!(failed.payload["errorMessage"], "told to");
        function.delete().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_invocations_run_side_by_side_and_end_with_the_cloud() {
    let cloud = cloud(Arc::default()).await;
    let function = function(&cloud, Region::Osaka).await;
    let event = json!({"sleep": 1});
    let (one, two) = tokio::join!(function.invoke(&event), function.invoke(&event));
    let pids = [one.unwrap().payload["pid"].clone(), two.unwrap().payload["pid"].clone()];
    assert_ne!(pids[0], pids[1]);
    drop(cloud);
    for pid in pids {
        let process = format!("/proc/{pid}");
        eventually("the function's process is gone", || async { !runs(&process) }).await;
    }
}

/// A killed process may stay in the table as a zombie until whoever inherited it looks.
fn runs(process: &str) -> bool {
    std::fs::read_to_string(format!("{process}/status")).is_ok_and(|status| !status.contains("State:\tZ"))
}
