//! The one call that can lose data. It is made once: when its answer got lost, only RDS's own state tells whether RDS
//! took it.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_rds::Client;
use responder_core::judge::permit::Authorized;
use responder_core::words::failure::FailureKind;
use tokio::time::Instant;

use crate::budget::within;
use crate::failure::Failed;

/// Tries while RDS throttles: such an answer says for certain that nothing was started.
const TRIES: u32 = 4;
/// The pause before the next try; it doubles.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) async fn start(client: &Client, authorized: &Authorized, budget: Duration) -> Result<(), Failed> {
    let operation = format!("rds:FailoverGlobalCluster in {}", authorized.target().region());
    asked_once(&operation, budget, || once(client, authorized, &operation, budget)).await
}

/// Makes a call that must not be made twice: again only after an answer that says for certain that nothing was started.
pub(super) async fn asked_once<T, F: Future<Output = Result<T, Failed>>>(
    operation: &str,
    budget: Duration,
    call: impl Fn() -> F,
) -> Result<T, Failed> {
    let deadline = Instant::now() + budget;
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match within(deadline, operation, call()).await {
            Err(failed) if failed.is_throttled() => tokio::time::sleep(pause).await,
            answer => return answer,
        }
        pause *= 2;
    }
    let last = within(deadline, operation, call()).await;
    last.map_err(|failed| if failed.is_throttled() { failed.with_kind(FailureKind::Refused) } else { failed })
}

/// One attempt, as long as the whole call may take.
pub(super) fn patient(budget: Duration) -> aws_sdk_rds::config::Builder {
    let patience = TimeoutConfig::builder().operation_attempt_timeout(budget).build();
    aws_sdk_rds::config::Builder::new().timeout_config(patience)
}

async fn once(
    client: &Client,
    authorized: &Authorized,
    operation: &str,
    budget: Duration,
) -> Result<(), Failed> {
    client
        .failover_global_cluster()
        .global_cluster_identifier(authorized.global_cluster())
        .target_db_cluster_identifier(authorized.target().as_str())
        .allow_data_loss(true)
        .customize()
        .config_override(patient(budget))
        .send()
        .await
        .map(drop)
        .map_err(|error| Failed::of(operation, error))
}
