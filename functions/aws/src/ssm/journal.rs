//! What the `failover` function of this Region remembers of its own doing.

use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use responder_core::Region;
use responder_core::failover::Journal;
use tokio::time::Instant;

use super::Ssm;
use crate::budget::within;
use crate::failure::Failed;

impl Ssm {
    /// Reads the journal. One that does not exist is empty; one that cannot be read is an error, because it may hold an
    /// attempt.
    pub(crate) async fn read_journal(&self, region: &Region, name: &str) -> Result<Journal, Failed> {
        let operation = format!("ssm:GetParameter {name} in {region}");
        let deadline = Instant::now() + self.clients.budgets().parameters;
        let client = self.clients.ssm(region);
        let call = async {
            match client.get_parameter().name(name).send().await {
                Ok(answer) => {
                    let value = answer.parameter.and_then(|parameter| parameter.value);
                    let json = value.ok_or_else(|| Failed::malformed(&operation, "the parameter's Value"))?;
                    Journal::of_json(&json).map_err(|error| {
                        Failed::refused(&operation, format!("is no journal of ours: {error}"))
                    })
                }
                Err(error)
                    if error.as_service_error().is_some_and(GetParameterError::is_parameter_not_found) =>
                {
                    Ok(Journal::default())
                }
                Err(error) => Err(Failed::of(&operation, error)),
            }
        };
        within(deadline, &operation, call).await
    }
}
