//! The call that moves the writer without loss. It is made once, as the failover's is: when its answer got lost, only RDS's
//! own state tells whether RDS took it.

use std::time::Duration;

use aws_sdk_rds::Client;
use responder_core::judge::permit::Switchover;

use super::failover::{asked_once, patient};
use crate::failure::Failed;

pub(super) async fn start(client: &Client, switchover: &Switchover, budget: Duration) -> Result<(), Failed> {
    let operation = format!("rds:SwitchoverGlobalCluster in {}", switchover.writer());
    asked_once(&operation, budget, || once(client, switchover, &operation, budget)).await
}

async fn once(
    client: &Client,
    switchover: &Switchover,
    operation: &str,
    budget: Duration,
) -> Result<(), Failed> {
    client
        .switchover_global_cluster()
        .global_cluster_identifier(switchover.global_cluster())
        .target_db_cluster_identifier(switchover.target().as_str())
        .customize()
        .config_override(patient(budget))
        .send()
        .await
        .map(drop)
        .map_err(|error| Failed::of(operation, error))
}
