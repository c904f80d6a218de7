//! The SDK clients of one function, made once: one HTTPS client, one set of credentials, and for each
//! Region a client when it is first needed.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_ssm::config::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_types::service_config::ServiceConfigKey;
use http::Uri;
use responder_core::words::names::Region;
use responder_core::words::partition::Partition;

use crate::bucket::Way;
use crate::budget::Budgets;
use crate::environment::Environment;
use crate::https::Https;
use crate::lock::lock;
use crate::whole_document::WholeDocument;

/// The SDK clients that the adapters call.
#[derive(Debug)]
pub struct Clients {
    config: SdkConfig,
    budgets: Budgets,
    unpooled: SharedHttpClient,
    far: Option<Far>,
    rds: PerRegion<aws_sdk_rds::Client>,
    rds_anew: PerRegion<aws_sdk_rds::Client>,
    ssm: PerRegion<aws_sdk_ssm::Client>,
    cloudwatch: PerRegion<aws_sdk_cloudwatch::Client>,
    sns: PerRegion<aws_sdk_sns::Client>,
    lambda: PerRegion<aws_sdk_lambda::Client>,
    route53: aws_sdk_route53::Client,
}

/// The service that is the farthest away, and when it was asked last.
#[derive(Debug)]
struct Far {
    https: Https,
    url: Uri,
    used: Mutex<Instant>,
}

/// Connections that were idle for so long may have been closed on the other side.
const IDLE: Duration = Duration::from_secs(20);

impl Clients {
    /// For a function in `environment`, with the credentials that Lambda puts beside it. The SDK's own reading of the
    /// environment is left out: it ends the process at what it does not like, and looks for files that are not there.
    pub fn from_environment(environment: &Environment) -> Self {
        let budgets = Budgets::default();
        let https = Https::keeping(budgets.connect);
        let credentials = EnvironmentVariableCredentialsProvider::new();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(https.client())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .region(aws_config::Region::new(environment.region().as_str().to_owned()));
        let far = environment.route53_url().map(|url| Far { https, url, used: Mutex::new(Instant::now()) });
        let clients = Self {
            far,
            unpooled: Https::unpooled(budgets.connect).client(),
            ..Self::new(environment.applied_to(config).build(), budgets)
        };
        clients.open_ahead();
        clients
    }

    /// Opens what the first move will need, while the function gets ready, or after it slept: the record's service is the
    /// farthest away, and one call reads the record while another moves it.
    fn open_ahead(&self) {
        if let Some(Far { https, url, .. }) = &self.far {
            https.open_ahead(url, 2);
        }
    }

    /// The function was woken: where it slept for a while its connections may be gone.
    pub(crate) fn wake(&self) {
        let Some(far) = &self.far else { return };
        let slept = std::mem::replace(&mut *lock(&far.used), Instant::now()).elapsed() > IDLE;
        if slept {
            self.open_ahead();
        }
    }

    /// With the HTTP client, credentials and endpoints of `config`; its time limits and retries are
    /// replaced by those of `budgets`.
    pub fn new(config: SdkConfig, budgets: Budgets) -> Self {
        let config = config
            .into_builder()
            .timeout_config(budgets.timeouts())
            .retry_config(RetryConfig::disabled())
            // Answers are small and every call has a budget: watching their throughput only costs.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let own = config.region().map_or("", |region| region.as_ref());
        let route53 = aws_sdk_route53::config::Builder::from(&config)
            .region(aws_sdk_route53::config::Region::new(Partition::of(own).route53))
            .interceptor(WholeDocument)
            .build();
        Self {
            budgets,
            unpooled: config.http_client().unwrap_or_else(|| Https::unpooled(budgets.connect).client()),
            far: None,
            rds: PerRegion::default(),
            rds_anew: PerRegion::default(),
            ssm: PerRegion::default(),
            cloudwatch: PerRegion::default(),
            sns: PerRegion::default(),
            lambda: PerRegion::default(),
            route53: aws_sdk_route53::Client::from_conf(route53),
            config,
        }
    }

    pub(crate) const fn budgets(&self) -> Budgets {
        self.budgets
    }

    /// Opens a connection for each call.
    pub(crate) fn unpooled(&self) -> SharedHttpClient {
        self.unpooled.clone()
    }

    /// How S3 is reached: there as the SDK would reach it.
    pub(crate) fn way_to_s3(&self) -> Way {
        let key =
            ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url");
        let own = key.build().ok().and_then(|key| self.config.service_config()?.load_config(key));
        Way {
            endpoint: own.or_else(|| self.config.endpoint_url().map(str::to_owned)),
            fips: self.config.use_fips() == Some(true),
            dual_stack: self.config.use_dual_stack() == Some(true),
        }
    }

    /// Who calls, for a request that is signed by hand.
    pub(crate) async fn identity(&self) -> Result<Identity, Box<dyn Error + Send + Sync>> {
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or("there are no credentials")?;
        Ok(provider.provide_credentials().await?.into())
    }

    pub(crate) fn rds(&self, region: &Region) -> aws_sdk_rds::Client {
        self.rds.get(region, || rds(&self.in_region(region)))
    }

    /// One that opens a connection for each call: a kept one stays with its node of the API.
    pub(crate) fn rds_anew(&self, region: &Region) -> aws_sdk_rds::Client {
        self.rds_anew.get(region, || {
            rds(&self.in_region(region).into_builder().http_client(self.unpooled.clone()).build())
        })
    }

    pub(crate) fn ssm(&self, region: &Region) -> aws_sdk_ssm::Client {
        self.ssm.get(region, || aws_sdk_ssm::Client::new(&self.in_region(region)))
    }

    pub(crate) fn cloudwatch(&self, region: &Region) -> aws_sdk_cloudwatch::Client {
        self.cloudwatch.get(region, || aws_sdk_cloudwatch::Client::new(&self.in_region(region)))
    }

    pub(crate) fn sns(&self, region: &Region) -> aws_sdk_sns::Client {
        self.sns.get(region, || aws_sdk_sns::Client::new(&self.in_region(region)))
    }

    pub(crate) fn lambda(&self, region: &Region) -> aws_sdk_lambda::Client {
        self.lambda.get(region, || aws_sdk_lambda::Client::new(&self.in_region(region)))
    }

    pub(crate) fn route53(&self) -> aws_sdk_route53::Client {
        self.route53.clone()
    }

    fn in_region(&self, region: &Region) -> SdkConfig {
        self.config.to_builder().region(aws_config::Region::new(region.as_str().to_owned())).build()
    }
}

fn rds(config: &SdkConfig) -> aws_sdk_rds::Client {
    let config = aws_sdk_rds::config::Builder::from(config).interceptor(WholeDocument).build();
    aws_sdk_rds::Client::from_conf(config)
}

/// The clients of one service, each made when its Region is first asked.
#[derive(Debug)]
struct PerRegion<C>(Mutex<HashMap<Region, C>>);

impl<C> Default for PerRegion<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C: Clone> PerRegion<C> {
    fn get(&self, region: &Region, make: impl FnOnce() -> C) -> C {
        lock(&self.0).entry(region.clone()).or_insert_with(make).clone()
    }
}
