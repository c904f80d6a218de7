//! The writer parameter's home: SSM Parameter Store in the app's own Region.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::SdkError;
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use aws_smithy_http_client::tls;
use futures_util::future::BoxFuture;

/// The most that connecting to SSM may take.
const CONNECT_BUDGET: Duration = Duration::from_secs(1);
/// The most that one read may take, from the first byte to the last.
const READ_BUDGET: Duration = Duration::from_secs(2);

/// Why SSM gave no value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SsmError {
    /// The call failed.
    #[error("GetParameter failed")]
    Call(#[source] Box<SdkError<GetParameterError>>),
    /// The call succeeded and there is no value in it.
    #[error("GetParameter answered without a value")]
    Empty,
}

/// Reads the parameter's value from where it is kept.
pub(crate) trait ReadParameter: Send + Sync {
    /// Reads the value of the parameter `name` now.
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<String, SsmError>>;
}

/// The SDK's configuration in `region`; the standard variables for credentials and endpoints apply.
pub(crate) async fn configuration(region: String) -> aws_config::SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_BUDGET).operation_timeout(READ_BUDGET).build();
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region))
        .http_client(http)
        .timeout_config(timeouts)
        // The next read comes by itself; a retry would only hold it up.
        .retry_config(RetryConfig::disabled())
        .load()
        .await
}

/// Reads parameters from SSM.
pub(crate) struct SsmParameter {
    client: Client,
}

impl SsmParameter {
    /// A reader in `region`.
    pub(crate) async fn new(region: String) -> Self {
        Self { client: Client::new(&configuration(region).await) }
    }

    async fn get(&self, name: &str) -> Result<String, SsmError> {
        let answer = self
            .client
            .get_parameter()
            .name(name)
            .with_decryption(true)
            .send()
            .await
            .map_err(|error| SsmError::Call(Box::new(error)))?;
        answer.parameter.and_then(|parameter| parameter.value).ok_or(SsmError::Empty)
    }
}

impl ReadParameter for SsmParameter {
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<String, SsmError>> {
        Box::pin(self.get(name))
    }
}
