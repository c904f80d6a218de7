//! An IAM token for a database: a URL that is signed here, with the credentials that Lambda puts into the environment.

use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_rds::auth_token::{AuthTokenGenerator, Config};
use aws_types::sdk_config::{SharedCredentialsProvider, SharedTimeSource};
use responder_core::probe::secret::Secret;
use responder_core::probe::trouble::Trouble;

/// Signs tokens. No service is asked for anything.
#[derive(Debug)]
pub(crate) struct Signer(SdkConfig);

impl Signer {
    pub(crate) fn new() -> Self {
        let credentials = EnvironmentVariableCredentialsProvider::new();
        let config = SdkConfig::builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .time_source(SharedTimeSource::default());
        Self(config.build())
    }

    /// A token for a user at an endpoint, for the Region that the endpoint is in.
    pub(crate) async fn token(
        &self,
        host: &str,
        port: u16,
        region: &str,
        user: &str,
    ) -> Result<Secret, Trouble> {
        let config = Config::builder().hostname(host).port(port.into()).username(user);
        let config = config.region(aws_types::region::Region::new(region.to_owned())).build();
        let generator = config.map(AuthTokenGenerator::new).map_err(|_| Trouble::NoCredentials)?;
        let token = generator.auth_token(&self.0).await.map_err(|_| Trouble::NoCredentials)?;
        Ok(Secret::new(token.as_str()))
    }
}
