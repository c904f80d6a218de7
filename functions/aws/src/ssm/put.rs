//! Writes to a Parameter Store, within its quota.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::ParameterType;
use responder_core::words::names::Region;
use tokio::time::{Instant, sleep, sleep_until};

use super::Ssm;
use crate::budget::{Pauses, within};
use crate::failure::Failed;

impl Ssm {
    /// Until when turns are waited for, and refusals for the quota are answered by another try.
    pub(crate) fn no_turns_after(&self, end: Instant) {
        self.turns.end_at(end);
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
        let least = Instant::now() + budget;
        let end = self.turns.end().map_or(least, |end| end.max(least));
        let (mut pauses, mut deadline, mut heard) = (Pauses::default(), None, None);
        let given_up = |failed: Failed| {
            if failed.kind().is_silence() {
                self.turns.is_silent(region);
            }
            failed
        };
        loop {
            let Some(turn_at) = self.turns.send_at(region, end) else {
                let why = "too many writes wait for the quota; the next invocation goes on";
                return Err(given_up(heard.unwrap_or_else(|| Failed::throttled(&operation, why))));
            };
            sleep_until(turn_at).await;
            let sent_at = Instant::now();
            let until = *deadline.get_or_insert(sent_at + budget);
            let sent = within(until, &operation, Box::pin(put(&client, &operation, name, value))).await;
            let failed = match sent {
                Ok(version) => {
                    self.turns.note(region, sent_at, false);
                    return Ok(version);
                }
                Err(failed) => failed,
            };
            if failed.is_throttled() {
                self.turns.note(region, sent_at, true);
                (deadline, heard) = (None, Some(failed));
            } else if let Some(pause) = pauses.after(&failed, until) {
                heard.get_or_insert(failed);
                sleep(pause).await;
            } else {
                return Err(given_up(failed));
            }
        }
    }
}

async fn put(client: &Client, operation: &str, name: &str, value: &str) -> Result<u64, Failed> {
    let answer = client
        .put_parameter()
        .name(name)
        .value(value)
        .r#type(ParameterType::String)
        .overwrite(true)
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
