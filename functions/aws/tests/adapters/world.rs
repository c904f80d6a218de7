//! One installation of Seoul and Osaka, and its ports over a replayed service.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_rds::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use responder_aws::{AwsPorts, Budgets, Clients, Environment};
use responder_core::config::Database;
use responder_core::words::names::Region;

use crate::service::Service;

pub(crate) const PREFIX: &str = "/failover-responder";
pub(crate) const SEOUL_ARN: &str = "arn:aws:rds:ap-northeast-2:123456789012:cluster:todo-seoul";
pub(crate) const OSAKA_ARN: &str = "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka";

pub(crate) fn seoul() -> Region {
    "ap-northeast-2".parse().unwrap()
}

pub(crate) fn osaka() -> Region {
    "ap-northeast-3".parse().unwrap()
}

/// The configuration of the database `name`; `alarms` are its health alarms.
pub(crate) fn configuration(name: &str, alarms: &[&str]) -> String {
    serde_json::json!({
        "global_cluster": name,
        "members": {
            "ap-northeast-2": SEOUL_ARN.replace("todo", name),
            "ap-northeast-3": OSAKA_ARN.replace("todo", name),
        },
        "record": { "zone_id": "Z0123456789", "name": format!("writer.{name}.internal"), "ttl_seconds": 5 },
        "parameter": format!("/{name}/database/writer"),
        "failover": { "health_alarms": alarms },
    })
    .to_string()
}

pub(crate) fn database_with_alarms(name: &str, alarms: &[&str]) -> Database {
    Database::parse(PREFIX, &name.parse().unwrap(), &configuration(name, alarms), &osaka()).unwrap()
}

pub(crate) fn database(name: &str) -> Database {
    database_with_alarms(name, &[])
}

pub(crate) fn databases(count: usize) -> Vec<Database> {
    (0..count).map(|number| database(&format!("todo{number:03}"))).collect()
}

/// The ports of the function in Osaka.
pub(crate) fn ports(service: &Service) -> AwsPorts {
    AwsPorts::new(environment(), Clients::new(config(service.client()), Budgets::default()))
}

/// The ports of a function in `region`.
pub(crate) fn ports_in(service: &Service, region: &str) -> AwsPorts {
    let config = config(service.client()).into_builder().region(aws_config::Region::new(region.to_owned()));
    let environment = Environment::new(PREFIX, region.parse().unwrap()).unwrap();
    AwsPorts::new(environment, Clients::new(config.build(), Budgets::default()))
}

pub(crate) fn environment() -> Environment {
    Environment::new(PREFIX, osaka()).unwrap().keeping_pages("todo-reports", None)
}

/// With credentials that are worth nothing anywhere.
pub(crate) fn config(http: SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new("AKIATEST", "not-a-secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http)
        .build()
}
