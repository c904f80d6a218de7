//! One parameter alone: what is read or taken away by hand and is in no pass.

use aws_sdk_ssm::operation::delete_parameter::DeleteParameterError;
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use responder_core::words::names::Region;
use responder_core::world::run::Run;
use tokio::time::Instant;

use super::Ssm;
use super::put::version;
use crate::budget::patiently;
use crate::failure::Failed;

impl Ssm {
    /// One parameter's value and its version; `None` when it does not exist.
    pub(super) async fn get(
        &self,
        region: &Region,
        name: &str,
        operation: &str,
    ) -> Result<Option<(String, u64)>, Failed> {
        let deadline = Instant::now() + self.clients.budgets().parameters;
        let client = self.clients.ssm(region);
        let call = || async {
            match client.get_parameter().name(name).send().await {
                Ok(answer) => {
                    let pair = answer.parameter.and_then(|it| Some((it.value?, it.version)));
                    let (value, is) =
                        pair.ok_or_else(|| Failed::malformed(operation, "the parameter's Value"))?;
                    Ok(Some((value, version(operation, is)?)))
                }
                Err(error)
                    if error.as_service_error().is_some_and(GetParameterError::is_parameter_not_found) =>
                {
                    Ok(None)
                }
                Err(error) => Err(Failed::of(operation, error)),
            }
        };
        patiently(deadline, operation, call).await
    }

    /// Takes a parameter away; `false` when there was none.
    pub(crate) async fn delete(&self, region: &Region, name: &str) -> Result<bool, Failed> {
        let operation = format!("ssm:DeleteParameter {name} in {region}");
        let deadline = Instant::now() + self.clients.budgets().parameters;
        let client = self.clients.ssm(region);
        let call = || async {
            match client.delete_parameter().name(name).send().await {
                Ok(_) => Ok(true),
                Err(error)
                    if error.as_service_error().is_some_and(DeleteParameterError::is_parameter_not_found) =>
                {
                    Ok(false)
                }
                Err(error) => Err(Failed::of(&operation, error)),
            }
        };
        patiently(deadline, &operation, call).await
    }

    /// What a Region's `drill` function remembers. One that cannot be read is an error: it may be of a run that is not over.
    pub(crate) async fn read_run(&self, region: &Region, name: &str) -> Result<Option<Run>, Failed> {
        let operation = format!("ssm:GetParameter {name} in {region}");
        let Some((json, _)) = self.get(region, name, &operation).await? else { return Ok(None) };
        let run = Run::of_json(&json);
        run.map(Some).map_err(|error| Failed::refused(&operation, format!("is no run of ours: {error}")))
    }
}
