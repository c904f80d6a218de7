//! Writes to a Parameter Store, within its quota.

use std::time::Duration;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::config::retry::RetryConfig;
use aws_sdk_ssm::types::ParameterType;
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use tokio::time::{Instant, sleep, sleep_until};

use super::Ssm;
use crate::budget::within;
use crate::clock;
use crate::failure::Failed;

/// Tries of a write that fails for another reason than the quota.
const TRIES: u32 = 3;
/// The pause before the next of them.
const PAUSE: Duration = Duration::from_millis(100);

impl Ssm {
    /// Until when turns are waited for, and refusals for the quota are answered by another try.
    pub(crate) fn no_turns_after(&self, end: Timestamp) {
        let left = u64::try_from(end.since_ms(clock::now())).unwrap_or_default();
        self.turns.end_at(Instant::now() + Duration::from_millis(left));
    }

    /// Writes one parameter of type `String`. Neither the writer nor the state is a secret; a parameter
    /// that somebody made a `SecureString` is not overwritten, because Parameter Store refuses to change a type.
    ///
    /// The budget runs from each time it is sent, not while it waits to be: a refusal for the quota says for certain that
    /// nothing was written, and that the service is there.
    ///
    /// Answers the version that it made: whoever knows the one before sees whether somebody wrote in between.
    pub(crate) async fn put(&self, region: &Region, name: &str, value: &str) -> Result<u64, Failed> {
        let operation = format!("ssm:PutParameter {name} in {region}");
        let budget = self.clients.budgets().parameters;
        let client = self.clients.ssm(region);
        let mut tries = 1;
        let mut deadline = None;
        loop {
            let send_at = self.turns.send_at(region);
            if self.turns.end().is_some_and(|end| send_at >= end.max(Instant::now() + budget)) {
                return Err(Failed::throttled(
                    &operation,
                    "too many writes wait for the quota; the next invocation goes on",
                ));
            }
            sleep_until(send_at).await;
            let until = *deadline.get_or_insert_with(|| Instant::now() + budget);
            let sent = within(until, &operation, Box::pin(put(&client, &operation, name, value))).await;
            let failed = match sent {
                Ok(version) => {
                    self.turns.note(region, false);
                    return Ok(version);
                }
                Err(failed) => failed,
            };
            if failed.is_throttled() && self.turns.end().is_some_and(|end| Instant::now() < end) {
                self.turns.note(region, true);
                deadline = None;
            } else if failed.is_transient() && tries < TRIES {
                tries += 1;
                sleep(PAUSE).await;
            } else {
                if failed.kind() == FailureKind::Unreachable {
                    self.turns.is_silent(region);
                }
                return Err(failed);
            }
        }
    }
}

/// One attempt; the SDK's own retries would take tokens of the quota from those whose turn it is.
async fn put(client: &Client, operation: &str, name: &str, value: &str) -> Result<u64, Failed> {
    let answer = client
        .put_parameter()
        .name(name)
        .value(value)
        .r#type(ParameterType::String)
        .overwrite(true)
        .customize()
        .config_override(aws_sdk_ssm::config::Builder::new().retry_config(RetryConfig::disabled()))
        .send()
        .await
        .map_err(|error| Failed::of(operation, error))?;
    version(operation, answer.version)
}

/// A parameter's version, of which the first is 1: where an answer has none, the SDK reads 0.
pub(super) fn version(operation: &str, version: i64) -> Result<u64, Failed> {
    let version = u64::try_from(version).ok().filter(|version| *version > 0);
    version.ok_or_else(|| Failed::malformed(operation, "the parameter's Version"))
}
