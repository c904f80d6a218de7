//! AWS SDK clients that can reach nothing but a loopback endpoint.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_ssm::config::{Credentials, Region as SdkRegion, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use drill_emulator::Region;

use crate::booleans::Booleans;

/// No operation of the drill's own clients takes longer, except invocations.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(20);

/// Makes SDK clients for one endpoint, with credentials that are worth nothing anywhere.
#[derive(Debug, Clone)]
pub struct Clients {
    endpoint: String,
    http: SharedHttpClient,
}

impl Clients {
    /// Clients of the endpoint at that URL.
    pub fn new(endpoint: impl Into<String>) -> Self {
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        Self { endpoint: endpoint.into(), http }
    }

    /// The configuration for that AWS Region name: endpoint and credentials are explicit, so nothing
    /// of the environment or of a profile is ever looked at.
    pub fn config(&self, region: &str) -> SdkConfig {
        let credentials = Credentials::new("AKIALOCALDRILL", "not-a-secret", None, None, "drill");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(self.http.clone())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .region(SdkRegion::new(region.to_owned()))
            .endpoint_url(&self.endpoint)
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::builder().operation_timeout(OPERATION_TIMEOUT).build())
            .build()
    }

    /// Route 53, which is one service for all Regions, at `us-east-1`.
    pub fn route53(&self) -> aws_sdk_route53::Client {
        let config = aws_sdk_route53::config::Builder::from(&self.config("us-east-1"));
        aws_sdk_route53::Client::from_conf(config.interceptor(Booleans).build())
    }

    /// SSM of that Region.
    pub fn ssm(&self, region: Region) -> aws_sdk_ssm::Client {
        aws_sdk_ssm::Client::new(&self.config(region.id()))
    }

    /// CloudWatch of the Region of that name, which may be a third one.
    pub fn cloudwatch(&self, region: &str) -> aws_sdk_cloudwatch::Client {
        aws_sdk_cloudwatch::Client::new(&self.config(region))
    }

    /// EventBridge of that Region.
    pub fn eventbridge(&self, region: Region) -> aws_sdk_eventbridge::Client {
        aws_sdk_eventbridge::Client::new(&self.config(region.id()))
    }

    /// SNS of that Region.
    pub fn sns(&self, region: Region) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.config(region.id()))
    }

    /// Lambda of the Region of that name, which may be a third one; `invocation` bounds one call, which is never repeated, since a repeated
    /// invocation would run the function twice.
    pub fn lambda(&self, region: &str, invocation: Duration) -> aws_sdk_lambda::Client {
        let config = aws_sdk_lambda::config::Builder::from(&self.config(region))
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_timeout(invocation).build())
            .build();
        aws_sdk_lambda::Client::from_conf(config)
    }
}
