//! The SDK's configuration: the writer parameter is read, and tokens are signed, with what the environment has.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls;

/// The most that connecting to a service may take.
const CONNECT_BUDGET: Duration = Duration::from_secs(1);
/// The most that one call may take, from the first byte to the last.
const READ_BUDGET: Duration = Duration::from_secs(2);

/// The configuration in `region`; the standard variables for credentials and endpoints apply.
pub(crate) async fn configuration(region: String) -> SdkConfig {
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
