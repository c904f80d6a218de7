//! An emulated AWS without database servers, and one installation in it: what the contract and the chaos matrix play on.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use drill_emulator::{
    Region,
    rds::model::{GLOBAL_CLUSTER, Names},
};
use serde_json::{Value, json};

use crate::{
    aurora::AuroraSettings,
    cloud::{Cloud, CloudSettings},
    error::CloudError,
    functions::{Function, FunctionSpec, Package},
    no_servers::NoServers,
    seed::SeedRecord,
};

/// The installation's prefix.
pub const PREFIX: &str = "/failover-responder";
/// The writer parameter.
pub const PARAMETER: &str = "/todo/database/writer";
/// The state parameter.
pub const STATE: &str = "/failover-responder/state/todo";
/// The writer record.
pub const RECORD: &str = "writer.db.todo.internal";
/// The ownership record.
pub const OWNERSHIP: &str = "_failover-responder.writer.db.todo.internal";
/// The records' time to live, in seconds.
pub const TTL_SECONDS: u32 = 5;
/// When the writer was published: long enough ago to have settled.
pub const PUBLISHED_AT: &str = "2026-01-01T00:00:00Z";
/// The epoch of that publication.
pub const EPOCH: u64 = 7;

/// An emulated AWS with a global database whose writer is in Seoul.
#[derive(Debug)]
pub struct Installation {
    /// The emulated AWS.
    pub cloud: Cloud,
    /// The hosted zone's id.
    pub zone: String,
}

impl Installation {
    /// Nothing is configured or published yet. A server does at once what the emulated Aurora tells it.
    pub async fn bare(ministack: &Path, aurora: AuroraSettings) -> Result<Self, CloudError> {
        let mut settings = CloudSettings::new(ministack);
        settings.aurora = aurora;
        let cloud = Cloud::start(&settings, Arc::new(NoServers)).await?;
        let zone = cloud.seed().zone("db.todo.internal").await?;
        Ok(Self { cloud, zone })
    }

    /// Configures the database so; its writer was published long ago, and every channel agrees.
    pub async fn publish(&self, configuration: &Value) -> Result<(), CloudError> {
        let seed = self.cloud.seed();
        seed.parameter(&format!("{PREFIX}/databases/todo"), &configuration.to_string()).await?;
        let records = [cname(&endpoint(Region::Seoul)), txt(EPOCH, Region::Seoul, PUBLISHED_AT)];
        seed.records(&self.zone, &records).await?;
        seed.parameter(PARAMETER, &endpoint(Region::Seoul)).await?;
        seed.parameter(STATE, &self.state_of(Region::Seoul, EPOCH).to_string()).await
    }

    /// The database's configuration.
    pub fn configuration(&self) -> Value {
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

    /// A state parameter of that publication, whose Region named the same writer.
    pub fn state_of(&self, writer: Region, epoch: u64) -> Value {
        json!({
            "epoch": epoch, "writer": writer.id(), "endpoint": endpoint(writer), "at": PUBLISHED_AT,
            "memory": { "writer": writer.id(), "epoch": epoch }, "owns": self.owns(),
        })
    }

    /// What the configured database owns, as its state says it.
    pub fn owns(&self) -> Value {
        json!({ "parameter": PARAMETER, "record": format!("{}/{RECORD}", self.zone.to_ascii_uppercase()) })
    }

    /// The record of that name and type.
    pub async fn find_record(&self, name: &str, kind: &str) -> Result<Option<SeedRecord>, CloudError> {
        let records = self.cloud.seed().read_records(&self.zone).await?;
        Ok(records.into_iter().find(|record| record.name == name && record.kind == kind))
    }

    /// The writer record's value and the epoch that its ownership record names.
    pub async fn find_published(&self) -> Result<Option<(String, u64)>, CloudError> {
        let cname = self.find_record(RECORD, "CNAME").await?;
        let text = self.find_record(OWNERSHIP, "TXT").await?;
        let epoch = text.and_then(|text| {
            text.value.split(',').find_map(|field| field.strip_prefix("epoch="))?.parse().ok()
        });
        Ok(cname.map(|cname| cname.value).zip(epoch))
    }

    /// Waits until no operation of the emulated Aurora runs; whether that was so in time.
    pub async fn has_settled(&self) -> bool {
        for _ in 0..1_000 {
            if !self.cloud.aurora.is_busy() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    /// A new function of that program in `region`, and so a cold one.
    pub async fn deploy(
        &self,
        program: &Path,
        region: Region,
        name: String,
        timeout: Duration,
    ) -> Result<Function, CloudError> {
        self.deploy_with(program, region, name, timeout, BTreeMap::new()).await
    }

    /// The same, with these variables over the usual ones.
    pub async fn deploy_with(
        &self,
        program: &Path,
        region: Region,
        name: String,
        timeout: Duration,
        variables: BTreeMap<String, String>,
    ) -> Result<Function, CloudError> {
        let mut environment = BTreeMap::from([
            ("AWS_ENDPOINT_URL".to_owned(), self.cloud.front.endpoint()),
            ("PARAMETER_PREFIX".to_owned(), PREFIX.to_owned()),
        ]);
        environment.extend(self.cloud.pages().variables(region));
        environment.extend(variables);
        let spec = FunctionSpec { name, environment, timeout };
        // A bootstrap of one line: the binary itself need not travel.
        let script = format!("#!/bin/sh\nexec '{}'\n", program.display());
        let package = Package::of_bootstrap(script.as_bytes())?;
        Function::create(&self.cloud.emulator, region, &package, &spec).await
    }
}

/// The writer endpoint of a Region's cluster.
pub fn endpoint(region: Region) -> String {
    Names::of(region).endpoint()
}

/// The writer record with that value.
pub fn cname(value: &str) -> SeedRecord {
    SeedRecord::cname(RECORD, TTL_SECONDS, value)
}

/// The ownership record of that publication.
pub fn txt(epoch: u64, writer: Region, at: &str) -> SeedRecord {
    let text = format!(
        "heritage=failover-responder,owner={PREFIX},database=todo,epoch={epoch},writer={writer},at={at}"
    );
    SeedRecord::txt(OWNERSHIP, TTL_SECONDS, text)
}
