//! The emulator, ministack, as a process of our own, and what stands in it before a measurement.
//!
//! `drill-cloud` has one too. It is not used here, because its DNS, its database and six more SDKs would be built for release
//! before anything could be measured.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::error::BenchError;
use crate::fleet::{ACCOUNT, Fleet, OSAKA, REGIONS, TABLE, ZONE, cluster};

const READY: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// A running emulator; dropping it ends it.
pub(crate) struct Emulator {
    address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    _child: Child,
    _directory: TempDir,
}

impl Emulator {
    /// Starts the given program on a free loopback port.
    pub(crate) async fn start(program: &Path) -> Result<Self, BenchError> {
        let directory = tempfile::tempdir().map_err(BenchError::io("make the emulator's directory"))?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.map_err(BenchError::io("find a free port"))?;
        let log = File::create(directory.path().join("log")).map_err(BenchError::io("make its log"))?;
        // It ends with the bench, however that ends.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", directory.path())
            .env("TMPDIR", directory.path())
            .env("S3_DATA_DIR", directory.path().join("s3"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", address.port().to_string())
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .env("LOG_LEVEL", "WARNING")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(BenchError::io("start the emulator"))?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let started = Self { address, client, _child: child, _directory: directory };
        started.ready().await?;
        Ok(started)
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    async fn ready(&self) -> Result<(), BenchError> {
        for _ in 0..READY.as_millis() / POLL.as_millis() {
            let uri = format!("http://{}/_ministack/health", self.address);
            let request = Request::get(uri).body(Full::default());
            let request = request.map_err(|error| BenchError::Emulator(error.to_string()))?;
            if self.client.request(request).await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            sleep(POLL).await;
        }
        Err(BenchError::Emulator(format!("not ready within {READY:?}")))
    }

    /// Makes the zone; answers its id.
    pub(crate) async fn zone(&self) -> Result<String, BenchError> {
        let body = format!(
            "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{ZONE}</Name>\
             <CallerReference>bench</CallerReference></CreateHostedZoneRequest>"
        );
        let answer = self.post("route53", OSAKA, "/2013-04-01/hostedzone", "", body).await?;
        let id = answer.split("<Id>/hostedzone/").nth(1).and_then(|rest| rest.split('<').next());
        id.map(str::to_owned).ok_or_else(|| BenchError::Emulator(format!("no zone in {answer}")))
    }

    /// Puts all of the fleet's parameters, records and rows.
    pub(crate) async fn seed(&self, fleet: &Fleet) -> Result<(), BenchError> {
        for region in REGIONS {
            for (name, value) in fleet.parameters() {
                let body = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
                self.json("ssm", region, "AmazonSSM.PutParameter", &body).await?;
            }
        }
        let changes = fleet.records().into_iter().map(|(name, kind, ttl, value)| {
            let value = value.replace('"', "&quot;");
            format!(
                "<Change><Action>UPSERT</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><TTL>{ttl}</TTL>\
                 <ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords>\
                 </ResourceRecordSet></Change>"
            )
        });
        let body = format!(
            "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch>\
             <Changes>{}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>",
            changes.collect::<String>()
        );
        let path = format!("/2013-04-01/hostedzone/{}/rrset/", fleet.zone_id);
        self.post("route53", OSAKA, &path, "", body).await?;
        self.table(fleet).await
    }

    async fn table(&self, fleet: &Fleet) -> Result<(), BenchError> {
        let table = json!({
            "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "cluster", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "cluster", "KeyType": "HASH" }],
        });
        self.json("dynamodb", OSAKA, "DynamoDB_20120810.CreateTable", &table).await?;
        for database in &fleet.databases {
            for region in REGIONS {
                let name = database.name().as_str();
                let item = crate::cloud::row(name, &fleet.zone_id, &cluster(name, region));
                let body = json!({ "TableName": TABLE, "Item": item });
                self.json("dynamodb", OSAKA, "DynamoDB_20120810.PutItem", &body).await?;
            }
        }
        Ok(())
    }

    async fn json(&self, service: &str, region: &str, target: &str, body: &Value) -> Result<(), BenchError> {
        self.post(service, region, "/", target, body.to_string()).await.map(drop)
    }

    async fn post(
        &self,
        service: &str,
        region: &str,
        path: &str,
        target: &str,
        body: String,
    ) -> Result<String, BenchError> {
        let failed =
            |error: &dyn std::fmt::Display| BenchError::Emulator(format!("{service} {target}: {error}"));
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let mut request =
            Request::post(format!("http://{}{path}", self.address)).header("authorization", scope);
        if !target.is_empty() {
            request =
                request.header("x-amz-target", target).header("content-type", "application/x-amz-json-1.0");
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| failed(&error))?;
        let answer = self.client.request(request).await.map_err(|error| failed(&error))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        if status.is_success() { Ok(body) } else { Err(failed(&format!("{status} {body}"))) }
    }
}
