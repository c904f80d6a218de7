//! The one call that can lose data. It is made once: after an answer that got lost nobody knows whether RDS took it,
//! and only RDS's own state can tell.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_rds::Client;
use aws_sdk_rds::config::retry::RetryConfig;
use responder_core::failover::Authorized;
use responder_core::ports::FailureKind;
use tokio::time::Instant;

use crate::budget::within;
use crate::failure::Failed;

/// Tries while RDS throttles: such an answer says for certain that nothing was started.
const TRIES: u32 = 4;
/// The pause before the next try; it doubles.
const PAUSE: Duration = Duration::from_millis(200);

/// Codes that say "not taken, too many requests".
const THROTTLED: [&str; 4] =
    ["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"];

pub(super) async fn start(client: &Client, authorized: &Authorized, budget: Duration) -> Result<(), Failed> {
    let operation = format!("rds:FailoverGlobalCluster in {}", authorized.target().region());
    let deadline = Instant::now() + budget;
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match within(deadline, &operation, once(client, authorized, &operation, budget)).await {
            Err(failed) if is_throttled(&failed) => tokio::time::sleep(pause).await,
            answer => return answer,
        }
        pause *= 2;
    }
    let last = within(deadline, &operation, once(client, authorized, &operation, budget)).await;
    last.map_err(|failed| if is_throttled(&failed) { failed.with_kind(FailureKind::Refused) } else { failed })
}

fn is_throttled(failed: &Failed) -> bool {
    failed.code().is_some_and(|code| THROTTLED.contains(&code))
}

async fn once(
    client: &Client,
    authorized: &Authorized,
    operation: &str,
    budget: Duration,
) -> Result<(), Failed> {
    let patience = TimeoutConfig::builder().operation_attempt_timeout(budget).build();
    let patient =
        aws_sdk_rds::config::Builder::new().retry_config(RetryConfig::disabled()).timeout_config(patience);
    client
        .failover_global_cluster()
        .global_cluster_identifier(authorized.global_cluster())
        .target_db_cluster_identifier(authorized.target().as_str())
        .allow_data_loss(true)
        .customize()
        .config_override(patient)
        .send()
        .await
        .map(drop)
        .map_err(|error| Failed::of(operation, error))
}
