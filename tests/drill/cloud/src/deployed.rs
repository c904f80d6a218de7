//! A function that somebody else deployed, as the emulated Lambda describes it.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;

use drill_emulator::Region;

use crate::{
    clients::Clients,
    error::CloudError,
    functions::{Function, INVOCATION_MARGIN},
};

/// What a function was deployed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its memory, in MB.
    pub memory_mb: i32,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// How many invocations may run at once; `None` when nothing is reserved.
    pub reserved_concurrency: Option<usize>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// The SHA-256 of its package, in base 64.
    pub code_sha256: String,
}

impl Function {
    /// Finds a function that is there, and says how it was deployed. `emulator` goes past the front.
    pub async fn find(
        emulator: &Clients,
        region: Region,
        name: &str,
    ) -> Result<(Self, Deployment), CloudError> {
        // Only asked here, so any bound will do; the one for invocations follows from what is answered.
        let client = emulator.lambda(region.id(), INVOCATION_MARGIN);
        let told = client.get_function_configuration().function_name(name).send().await;
        let told =
            told.map_err(CloudError::aws(format!("GetFunctionConfiguration of {name} in {region}")))?;
        let reserved = client.get_function_concurrency().function_name(name).send().await;
        let reserved =
            reserved.map_err(CloudError::aws(format!("GetFunctionConcurrency of {name} in {region}")))?;
        let reserved = reserved.reserved_concurrent_executions().and_then(|it| usize::try_from(it).ok());
        let deployment = deployment(&told, reserved);
        let lambda = emulator.lambda(region.id(), deployment.timeout + INVOCATION_MARGIN);
        Ok((Self::of(name, region, lambda), deployment))
    }
}

fn deployment(told: &GetFunctionConfigurationOutput, reserved_concurrency: Option<usize>) -> Deployment {
    let environment = told.environment().and_then(|it| it.variables()).cloned().unwrap_or_default();
    Deployment {
        memory_mb: told.memory_size().unwrap_or_default(),
        timeout: Duration::from_secs(u64::try_from(told.timeout().unwrap_or_default()).unwrap_or_default()),
        reserved_concurrency,
        environment: environment.into_iter().collect(),
        code_sha256: told.code_sha256().unwrap_or_default().to_owned(),
    }
}
