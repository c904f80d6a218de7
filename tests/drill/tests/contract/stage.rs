//! What each test plays on: an emulated AWS of its own with one installation in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use drill_cloud::aurora::{GLOBAL_CLUSTER, Names};
use drill_cloud::front::{Change, Entry};
use drill_cloud::{
    AuroraSettings, Cloud, CloudSettings, Function, FunctionSpec, Invocation, Package, Region, SeedRecord,
};
use serde_json::{Value, json};

use crate::storage::NoServers;

/// The installation's prefix.
pub(crate) const PREFIX: &str = "/failover-responder";
/// The writer parameter.
pub(crate) const PARAMETER: &str = "/todo/database/writer";
/// The state parameter.
pub(crate) const STATE: &str = "/failover-responder/state/todo";
/// The hold switch.
pub(crate) const HOLD: &str = "/failover-responder/hold/todo";
/// The writer record.
pub(crate) const RECORD: &str = "writer.db.todo.internal";
/// The ownership record.
pub(crate) const OWNERSHIP: &str = "_failover-responder.writer.db.todo.internal";
/// The records' time to live, in seconds.
pub(crate) const TTL_SECONDS: u32 = 5;
/// When the writer was published before a test: long enough ago to have settled.
pub(crate) const PUBLISHED_AT: &str = "2026-01-01T00:00:00Z";
/// The epoch of that publication.
pub(crate) const EPOCH: u64 = 7;

/// How long an invocation may take. The last eight seconds of it are for one whole pass, so that a watch
/// looks once more and ends.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(9);

/// An emulated AWS with a global database whose writer is in Seoul.
pub(crate) struct Stage {
    pub(crate) cloud: Cloud,
    pub(crate) zone: String,
    functions: AtomicU32,
}

impl Stage {
    /// Nothing is configured or published yet.
    pub(crate) async fn bare() -> Self {
        let mut settings = CloudSettings::new(ministack());
        settings.aurora = AuroraSettings {
            view_delay: Duration::ZERO,
            peer_lag: Duration::from_millis(10),
            step: Duration::from_millis(1),
            ..AuroraSettings::default()
        };
        let cloud = Cloud::start(&settings, Arc::new(NoServers)).await.unwrap();
        let zone = cloud.seed().zone("db.todo.internal").await.unwrap();
        Self { cloud, zone, functions: AtomicU32::new(0) }
    }

    /// The database is configured, and its writer was published long ago; every channel agrees.
    pub(crate) async fn published() -> Self {
        let stage = Self::bare().await;
        stage.configure("todo", &stage.configuration()).await;
        let cname = cname(&endpoint(Region::Seoul));
        stage
            .cloud
            .seed()
            .records(&stage.zone, &[cname, txt(EPOCH, Region::Seoul, PUBLISHED_AT)])
            .await
            .unwrap();
        stage.put(PARAMETER, &endpoint(Region::Seoul)).await;
        stage.put(STATE, &stage.state_of(Region::Seoul, EPOCH).to_string()).await;
        stage
    }

    /// The configuration that [`Stage::published`] starts with.
    pub(crate) fn configuration(&self) -> Value {
        json!({
            "global_cluster": GLOBAL_CLUSTER,
            "members": {
                Region::Seoul.id(): Names::of(Region::Seoul).cluster_arn(),
                Region::Osaka.id(): Names::of(Region::Osaka).cluster_arn(),
            },
            "record": { "zone_id": self.zone, "name": RECORD, "ttl_seconds": TTL_SECONDS },
            "parameter": PARAMETER,
            "settle_seconds": 0,
        })
    }

    /// The configuration of one more database over the same clusters, with channels of its own.
    pub(crate) fn configuration_of(&self, database: &str) -> Value {
        let mut configuration = self.configuration();
        configuration["record"]["name"] = json!(format!("{database}.db.todo.internal"));
        configuration["parameter"] = json!(format!("/{database}/database/writer"));
        configuration
    }

    /// Configures a database in both Regions.
    pub(crate) async fn configure(&self, database: &str, configuration: &Value) {
        self.put(&format!("{PREFIX}/databases/{database}"), &configuration.to_string()).await;
    }

    /// Puts a parameter in both Regions, past the front.
    pub(crate) async fn put(&self, name: &str, value: &str) {
        self.cloud.seed().parameter(name, value).await.unwrap();
    }

    /// A parameter's value in one Region.
    pub(crate) async fn parameter(&self, region: Region, name: &str) -> Option<String> {
        self.cloud.seed().read_parameter(region, name).await.unwrap()
    }

    /// Deletes a parameter in both Regions, past the front.
    pub(crate) async fn delete(&self, name: &str) {
        for region in Region::ALL {
            self.cloud.seed().delete_parameter(region, name).await.unwrap();
        }
    }

    /// The state parameter of one Region.
    pub(crate) async fn state(&self, region: Region) -> Value {
        serde_json::from_str(&self.parameter(region, STATE).await.unwrap()).unwrap()
    }

    /// A state parameter of that publication, whose Region named the same writer.
    pub(crate) fn state_of(&self, writer: Region, epoch: u64) -> Value {
        json!({
            "epoch": epoch, "writer": writer.id(), "endpoint": endpoint(writer), "at": PUBLISHED_AT,
            "memory": { "writer": writer.id(), "epoch": epoch }, "owns": self.owns(),
        })
    }

    /// What the configured database owns, as its state says it.
    pub(crate) fn owns(&self) -> Value {
        json!({ "parameter": PARAMETER, "record": format!("{}/{RECORD}", self.zone.to_ascii_uppercase()) })
    }

    /// The record of that name and type.
    pub(crate) async fn record(&self, name: &str, kind: &str) -> Option<SeedRecord> {
        let records = self.cloud.seed().read_records(&self.zone).await.unwrap();
        records.into_iter().find(|record| record.name == name && record.kind == kind)
    }

    /// Replaces records, past the front.
    pub(crate) async fn replace(&self, old: &[SeedRecord], new: &[SeedRecord]) {
        self.cloud.seed().replace_records(&self.zone, old, new).await.unwrap();
    }

    /// The writer record's value and the epoch that its ownership record names.
    pub(crate) async fn published_writer(&self) -> (String, u64) {
        let cname = self.record(RECORD, "CNAME").await.unwrap().value;
        let text = self.record(OWNERSHIP, "TXT").await.unwrap().value;
        let epoch = text.split(',').find_map(|field| field.strip_prefix("epoch=")).unwrap();
        (cname, epoch.parse().unwrap())
    }

    /// Fails the database over, and waits until Aurora is done with it.
    pub(crate) async fn fail_over(&self, to: Region) {
        self.cloud.aurora.failover(to).unwrap();
        self.settled().await;
    }

    /// Waits until no operation runs.
    pub(crate) async fn settled(&self) {
        for _ in 0..1_000 {
            if !self.cloud.aurora.is_busy() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("an operation of the emulated Aurora is still running");
    }

    /// A new `follow` in `region`, and so a cold one.
    pub(crate) async fn follow(&self, region: Region) -> Function {
        self.usual("follow", region).await
    }

    /// A new `failover` in `region`, and so a cold one.
    pub(crate) async fn failover(&self, region: Region) -> Function {
        self.usual("failover", region).await
    }

    /// A new `drill` in `region`.
    pub(crate) async fn drill(&self, region: Region) -> Function {
        self.usual("drill", region).await
    }

    /// A new function that has time to watch.
    pub(crate) async fn patient(&self, binary: &str, region: Region) -> Function {
        self.deploy(binary, region, Duration::from_secs(15), BTreeMap::new()).await
    }

    async fn usual(&self, binary: &str, region: Region) -> Function {
        self.deploy(binary, region, FUNCTION_TIMEOUT, BTreeMap::new()).await
    }

    /// A new function with that much time for an invocation and these variables over the usual ones.
    pub(crate) async fn deploy(
        &self,
        binary: &str,
        region: Region,
        timeout: Duration,
        variables: BTreeMap<String, String>,
    ) -> Function {
        let number = self.functions.fetch_add(1, Ordering::Relaxed);
        let mut environment = BTreeMap::from([
            ("AWS_ENDPOINT_URL".to_owned(), self.cloud.front.endpoint()),
            ("PARAMETER_PREFIX".to_owned(), PREFIX.to_owned()),
        ]);
        environment.extend(variables);
        let spec = FunctionSpec { name: format!("{binary}-{number}"), environment, timeout };
        Function::create(&self.cloud.emulator, region, &package(binary), &spec).await.unwrap()
    }

    /// A warm function: it has run one pass.
    pub(crate) async fn warm(&self, region: Region) -> Function {
        let function = self.follow(region).await;
        assert_eq!(result(&function, &json!({})).await["decision"], "unchanged");
        function
    }

    /// The changes that were asked for since then, in words.
    pub(crate) fn writes(&self, since: Instant) -> Vec<String> {
        self.cloud.front.journal().writes_since(since).iter().map(|entry| words(entry)).collect()
    }

    /// The change batches that Route 53 accepted since then.
    pub(crate) fn accepted(&self, since: Instant) -> Vec<Arc<Entry>> {
        let writes = self.cloud.front.journal().writes_since(since);
        writes.into_iter().filter(|entry| entry.call.service == "route53" && entry.applied()).collect()
    }
}

fn words(entry: &Entry) -> String {
    let region = entry.call.region.map_or("", Region::id);
    match &entry.change {
        Some(Change::Parameter { name, .. }) => format!("{} {name} {region}", entry.call.operation),
        _ => entry.call.operation.clone(),
    }
}

/// The writer endpoint of a Region's cluster.
pub(crate) fn endpoint(region: Region) -> String {
    Names::of(region).endpoint()
}

/// The writer record with that value.
pub(crate) fn cname(value: &str) -> SeedRecord {
    SeedRecord::cname(RECORD, TTL_SECONDS, value)
}

/// The ownership record of that publication.
pub(crate) fn txt(epoch: u64, writer: Region, at: &str) -> SeedRecord {
    let text = format!(
        "heritage=failover-responder,owner={PREFIX},database=todo,epoch={epoch},writer={writer},at={at}"
    );
    SeedRecord::txt(OWNERSHIP, TTL_SECONDS, text)
}

/// What a function answered; it may not have failed.
pub(crate) fn answered(invocation: &Invocation) -> &Value {
    assert_eq!(invocation.function_error, None, "{:#}", invocation.payload);
    &invocation.payload
}

/// Invokes `function`, which has to answer with one result.
pub(crate) async fn result(function: &Function, event: &Value) -> Value {
    let invocation = function.invoke(event).await.unwrap();
    let results = answered(&invocation)["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{results:#?}");
    results[0].clone()
}

/// Invokes `function`, which has to fail; the error's type and message.
pub(crate) async fn failure(function: &Function, event: &Value) -> (String, String) {
    let invocation = function.invoke(event).await.unwrap();
    assert!(invocation.function_error.is_some(), "it did not fail: {:#}", invocation.payload);
    let text = |key: &str| invocation.payload[key].as_str().unwrap().to_owned();
    (text("errorType"), text("errorMessage"))
}

/// The built function behind a bootstrap of one line: the binary itself need not travel.
fn package(binary: &str) -> Package {
    let script = format!("#!/bin/sh\nexec '{}'\n", built(binary).display());
    Package::of_bootstrap(script.as_bytes()).unwrap()
}

/// A program of this workspace, two folders above the test's own: in `target/debug`.
fn built(name: &str) -> PathBuf {
    let program = profile_folder().join(name);
    assert!(program.is_file(), "{name} is not built: run `make test`");
    program
}

fn ministack() -> PathBuf {
    let program = profile_folder().join("../venv/bin/ministack");
    assert!(program.is_file(), "the AWS emulator is not installed: run `make test`");
    program
}

fn profile_folder() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_owned()
}
