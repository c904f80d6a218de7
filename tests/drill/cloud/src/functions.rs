//! Lambda functions in the emulated AWS: pack, create, invoke, delete.

use std::{
    collections::BTreeMap,
    fmt::Display,
    io::{Cursor, Write},
    time::{Duration, Instant},
};

use aws_sdk_lambda::{
    primitives::Blob,
    types::{Architecture, Environment, FunctionCode, Runtime, State},
};
use drill_emulator::{Region, rds::model::ACCOUNT};
use serde_json::Value;
use tokio::time::sleep;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{clients::Clients, error::CloudError};

/// ministack answers a creation with `Pending` and is done half a second later.
const ACTIVE_TIMEOUT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// An invocation is given this much more than the function itself has.
pub(crate) const INVOCATION_MARGIN: Duration = Duration::from_secs(5);

/// A deployment package: an archive whose `bootstrap` is the function.
#[derive(Debug, Clone)]
pub struct Package(Vec<u8>);

impl Package {
    /// Packs the bytes of an executable, in memory.
    pub fn of_bootstrap(executable: &[u8]) -> Result<Self, CloudError> {
        pack(executable).map(Self).map_err(|error| CloudError::Package { source: error.into() })
    }

    /// The archive's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn pack(executable: &[u8]) -> Result<Vec<u8>, zip::result::ZipError> {
    // Stored, not deflated: the archive travels over loopback, once.
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o755);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("bootstrap", options)?;
    archive.write_all(executable)?;
    Ok(archive.finish()?.into_inner())
}

/// What to create.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// The function's name.
    pub name: String,
    /// Its environment. `AWS_ENDPOINT_URL` must be the front's, or it would find no AWS at all;
    /// credentials and `AWS_REGION` are the emulator's to give, and it gives each Region its own.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take, whole seconds.
    pub timeout: Duration,
}

/// A function that exists in a Region of the emulated AWS.
///
/// ministack runs one as a plain process in its own process group. The process stays warm between
/// invocations; invocations that overlap get a process each, as on AWS. `P` is where it is: one of the two Regions, or the name of
/// any.
#[derive(Debug, Clone)]
pub struct Function<P = Region> {
    name: String,
    region: P,
    lambda: aws_sdk_lambda::Client,
}

/// How an invocation went.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// What the function answered; its error document when it failed.
    pub payload: Value,
    /// AWS's word for a failed invocation, such as `Unhandled`.
    pub function_error: Option<String>,
    /// How long it took, the emulator's own share (some 50 ms) included.
    pub duration: Duration,
}

impl<P: Copy + Display> Function<P> {
    /// Creates the function and waits until it can be invoked. `emulator` goes past the front: the
    /// drill's own calls are no part of what it observes.
    pub async fn create(
        emulator: &Clients,
        region: P,
        package: &Package,
        spec: &FunctionSpec,
    ) -> Result<Self, CloudError> {
        let lambda = emulator.lambda(&region.to_string(), spec.timeout + INVOCATION_MARGIN);
        let function = Self::of(&spec.name, region, lambda);
        let code = FunctionCode::builder().zip_file(Blob::new(package.bytes())).build();
        let environment = Environment::builder()
            .set_variables(Some(spec.environment.clone().into_iter().collect()))
            .build();
        function
            .lambda
            .create_function()
            .function_name(&spec.name)
            .runtime(Runtime::Providedal2023)
            .architectures(architecture())
            .role(format!("arn:aws:iam::{ACCOUNT}:role/{}", spec.name))
            .handler("bootstrap")
            .timeout(i32::try_from(spec.timeout.as_secs()).unwrap_or(i32::MAX))
            .environment(environment)
            .code(code)
            .send()
            .await
            .map_err(CloudError::aws(function.operation("CreateFunction")))?;
        function.wait_until_active().await?;
        Ok(function)
    }

    pub(crate) fn of(name: &str, region: P, lambda: aws_sdk_lambda::Client) -> Self {
        Self { name: name.to_owned(), region, lambda }
    }

    /// The Region it runs in.
    pub const fn region(&self) -> P {
        self.region
    }

    /// Invokes it and waits for the answer. A function that fails is an answer, not an error.
    pub async fn invoke(&self, event: &Value) -> Result<Invocation, CloudError> {
        let bytes = serde_json::to_vec(event)
            .map_err(|source| CloudError::Json { operation: "write an event", source })?;
        let started = Instant::now();
        let answer = self
            .lambda
            .invoke()
            .function_name(&self.name)
            .payload(Blob::new(bytes))
            .send()
            .await
            .map_err(CloudError::aws(self.operation("Invoke")))?;
        let duration = started.elapsed();
        let payload = answer.payload().map_or(&[][..], |blob| blob.as_ref());
        let payload = serde_json::from_slice(payload)
            .map_err(|source| CloudError::Json { operation: "read a function's answer", source })?;
        Ok(Invocation { payload, function_error: answer.function_error().map(str::to_owned), duration })
    }

    /// Deletes it; its processes end.
    pub async fn delete(self) -> Result<(), CloudError> {
        let deleted = self.lambda.delete_function().function_name(&self.name);
        deleted.send().await.map(|_| ()).map_err(CloudError::aws(self.operation("DeleteFunction")))
    }

    async fn wait_until_active(&self) -> Result<(), CloudError> {
        let started = Instant::now();
        loop {
            let answer = self
                .lambda
                .get_function_configuration()
                .function_name(&self.name)
                .send()
                .await
                .map_err(CloudError::aws(self.operation("GetFunctionConfiguration")))?;
            let state = answer.state();
            if state == Some(&State::Active) {
                return Ok(());
            }
            if started.elapsed() > ACTIVE_TIMEOUT || state == Some(&State::Failed) {
                return Err(CloudError::FunctionNotActive {
                    function: format!("{} in {}", self.name, self.region),
                    state: state.map_or("unknown", State::as_str).to_owned(),
                    waited: started.elapsed(),
                });
            }
            sleep(POLL).await;
        }
    }

    fn operation(&self, operation: &str) -> String {
        format!("{operation} of {} in {}", self.name, self.region)
    }
}

/// The machine's own: the emulator runs the binary as it is.
const fn architecture() -> Architecture {
    if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X8664 }
}
