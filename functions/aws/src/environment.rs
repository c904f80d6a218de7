//! What a function is told by its environment. All of it is read here and nowhere else, so that a mistake is one sentence.

use std::collections::BTreeMap;
use std::path::Path;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_types::sdk_config;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use http::Uri;
use responder_core::words::names::NameError;
use responder_core::words::names::Region;
use responder_core::words::partition::Partition;

use crate::bucket::{Bucket, Way};
use crate::https;

/// The prefix of an installation that names none.
const PREFIX_DEFAULT: &str = "/failover-responder";
/// The longest prefix, and its most levels: with a kind and a database's name behind it there are two more of Parameter
/// Store's 15, and the ownership record's text has to fit into 255 characters.
const PREFIX_MAX: usize = 128;
const LEVELS_MAX: usize = 13;
/// The variable that sends all services elsewhere than to AWS; with a service's name behind it, that service alone.
const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// The services that are called, as the variables name them.
const SERVICES: [&str; 7] = ["RDS", "ROUTE_53", "SSM", "CLOUDWATCH", "SNS", "LAMBDA", "S3"];
/// The bucket that pages are kept in, and where they are read, where that is not AWS's console.
const BUCKET: &str = "REPORT_BUCKET";
const BUCKET_URL: &str = "REPORT_URL";

/// One installation's place, as the environment of a function names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    prefix: String,
    region: Region,
    endpoints: Endpoints,
    fips: Option<bool>,
    dual_stack: Option<bool>,
    /// As they were given: what keeps pages only must not keep a function from starting.
    bucket: Option<String>,
    bucket_url: Option<String>,
}

/// Other endpoints than AWS's, by variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Endpoints(BTreeMap<String, String>);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_ascii_uppercase().replace(' ', "_");
        self.0.get(&format!("{}_{service}", key.env())).cloned()
    }
}

/// An environment in which nothing can be done; one sentence that names the variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// `AWS_REGION` is missing.
    #[error("AWS_REGION is not set: a function has to know its own Region")]
    NoRegion,
    /// `AWS_REGION` is no Region.
    #[error("AWS_REGION: {0}")]
    Region(NameError),
    /// `PARAMETER_PREFIX` cannot be a prefix of parameter names.
    #[error("PARAMETER_PREFIX: {0:?} {1}")]
    Prefix(String, &'static str),
    /// Another variable's value is of no use.
    #[error("{name}: {value:?} {problem}")]
    Variable {
        /// The variable.
        name: String,
        /// Its value.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Environment {
    /// A place with this prefix in this Region.
    pub fn new(prefix: impl Into<String>, region: Region) -> Result<Self, EnvironmentError> {
        let prefix = prefix.into();
        if let Some(fault) = fault(&prefix) {
            return Err(EnvironmentError::Prefix(prefix, fault));
        }
        let (endpoints, bucket, bucket_url) = (Endpoints::default(), None, None);
        Ok(Self { prefix, region, endpoints, fips: None, dual_stack: None, bucket, bucket_url })
    }

    /// The same, with pages about moves in this bucket, which people read at `url` or else in AWS's console.
    #[must_use]
    pub fn keeping_pages(self, bucket: &str, url: Option<&str>) -> Self {
        Self { bucket: Some(bucket.to_owned()), bucket_url: url.map(str::to_owned), ..self }
    }

    /// As the process's environment says.
    pub fn from_process() -> Result<Self, EnvironmentError> {
        Self::from_variables(process)
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let region = variable("AWS_REGION").ok_or(EnvironmentError::NoRegion)?;
        let region = region.parse().map_err(EnvironmentError::Region)?;
        let prefix = variable("PARAMETER_PREFIX").unwrap_or_else(|| PREFIX_DEFAULT.to_owned());
        let place = Self::new(prefix, region)?;
        let endpoints = endpoints(&variable)?;
        let given = |name: &str| given(&variable, name);
        Ok(Self {
            endpoints,
            fips: switch("AWS_USE_FIPS_ENDPOINT", given)?,
            dual_stack: switch("AWS_USE_DUALSTACK_ENDPOINT", given)?,
            bucket: given(BUCKET),
            bucket_url: given(BUCKET_URL),
            ..place
        })
    }

    /// The SDK's configuration with the endpoints that are named here.
    pub(crate) fn applied_to(&self, mut config: sdk_config::Builder) -> sdk_config::Builder {
        config.set_endpoint_url(self.endpoints.0.get(ENDPOINT_URL).cloned());
        config.set_use_fips(self.fips);
        config.set_use_dual_stack(self.dual_stack);
        config.service_config(self.endpoints.clone())
    }

    /// Where Route 53 is, as far as that is known without the SDK: in AWS's other partitions, and with other kinds of
    /// endpoints, its name is another.
    pub(crate) fn route53_url(&self) -> Option<Uri> {
        let given = |name: &str| self.endpoints.0.get(name);
        let other = given("AWS_ENDPOINT_URL_ROUTE_53").or_else(|| given(ENDPOINT_URL));
        let is_plain = self.fips.is_none() && self.dual_stack.is_none();
        let is_aws = Partition::of(self.region.as_str()).name == "aws";
        let own = (is_plain && is_aws).then_some("https://route53.amazonaws.com");
        other.map(String::as_str).or(own)?.parse().ok()
    }

    /// The bucket that pages are kept in, where one is named, or what is wrong with how.
    pub(crate) fn bucket(&self, way: &Way) -> Option<Result<Bucket, EnvironmentError>> {
        let name = self.bucket.as_deref()?;
        let wrong = |name: &str, value: &str, problem| EnvironmentError::Variable {
            name: name.to_owned(),
            value: value.to_owned(),
            problem,
        };
        if let Some(url) = self.bucket_url.as_deref().filter(|url| !is_url(url)) {
            return Some(Err(wrong(BUCKET_URL, url, "is not a URL such as https://example.com")));
        }
        let bucket = Bucket::of(name, &self.region, way, self.bucket_url.as_deref());
        Some(bucket.ok_or_else(|| wrong(BUCKET, name, "is no name of a bucket")))
    }

    /// The installation's prefix, without a slash at its end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The function's own Region.
    pub fn region(&self) -> &Region {
        &self.region
    }
}

/// Checks the endpoints and authorities that this process's environment names: the SDK panics over what it cannot use.
pub fn check_process() -> Result<(), EnvironmentError> {
    endpoints(&process).map(drop)
}

/// What the SDK loaded for a command of a person, profile included; an endpoint that is empty is none.
pub fn without_empty_endpoints(config: &SdkConfig) -> SdkConfig {
    let mut builder = config.to_builder();
    builder.set_endpoint_url(config.endpoint_url().filter(|url| !url.is_empty()).map(str::to_owned));
    builder.service_config(Given(config.clone())).build()
}

/// What a configuration names for one service, where that is not empty.
#[derive(Debug)]
struct Given(SdkConfig);

impl LoadServiceConfig for Given {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.service_config()?.load_config(key).filter(|value| !value.is_empty())
    }
}

/// A variable of this process. What is no text becomes one that is refused; it does not count as unset.
fn process(name: &str) -> Option<String> {
    Some(std::env::var_os(name)?.to_string_lossy().into_owned())
}

/// What is empty counts as unset, as in all of AWS's tools.
fn given(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

/// The endpoints that are named, and whether the authorities are there.
fn endpoints(variable: &impl Fn(&str) -> Option<String>) -> Result<Endpoints, EnvironmentError> {
    let names = SERVICES.iter().map(|service| format!("{ENDPOINT_URL}_{service}"));
    let mut endpoints = BTreeMap::new();
    for name in names.chain([ENDPOINT_URL.to_owned()]) {
        if let Some(url) = given(variable, &name) {
            check(&name, &url, is_url(&url), "is not a URL such as https://example.com")?;
            endpoints.insert(name, url);
        }
    }
    let authorities =
        [("SSL_CERT_FILE", https::is_bundle as fn(&Path) -> bool), ("SSL_CERT_DIR", https::has_bundle)];
    for (name, is_good) in authorities {
        if let Some(path) = variable(name) {
            check(name, &path, is_good(path.as_ref()), "holds no certificates that can be read")?;
        }
    }
    Ok(Endpoints(endpoints))
}

fn check(name: &str, value: &str, is_good: bool, problem: &'static str) -> Result<(), EnvironmentError> {
    let (name, value) = (name.to_owned(), value.to_owned());
    if is_good { Ok(()) } else { Err(EnvironmentError::Variable { name, value, problem }) }
}

/// A variable that says yes or no.
fn switch(name: &str, given: impl Fn(&str) -> Option<String>) -> Result<Option<bool>, EnvironmentError> {
    let Some(value) = given(name) else { return Ok(None) };
    let parsed = value.to_ascii_lowercase().parse().ok();
    check(name, &value, parsed.is_some(), "is neither true nor false")?;
    Ok(parsed)
}

/// Whether requests can be sent there: the SDK panics over what cannot.
fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let place = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let (host, port) =
        place.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).unwrap_or((place, "443"));
    !host.is_empty() && port.parse::<u16>().is_ok() && HttpRequest::empty().set_uri(text).is_ok()
}

/// Why `prefix` cannot be one. It becomes a parameter's name and, as the owner, part of a TXT record.
fn fault(prefix: &str) -> Option<&'static str> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-');
    let reserved = ["/aws", "/ssm"];
    let levels = prefix.matches('/').count();
    if !prefix.starts_with('/') {
        Some("does not begin with a slash")
    } else if prefix.ends_with('/') {
        Some("ends with a slash")
    } else if prefix.contains("//") {
        Some("has an empty part")
    } else if !prefix.bytes().all(allowed) {
        Some("has a character other than letters, digits, '/', '.', '_' and '-'")
    } else if reserved.iter().any(|word| prefix.to_ascii_lowercase().starts_with(word)) {
        Some("begins with a word that Parameter Store reserves")
    } else if prefix.len() > PREFIX_MAX || levels > LEVELS_MAX {
        Some("is longer than 128 characters or 13 levels")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Environment, EnvironmentError> {
        Environment::from_variables(|name| {
            variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn with(name: &str, value: &str) -> Result<Environment, EnvironmentError> {
        of(&[("AWS_REGION", "ap-northeast-2"), (name, value)])
    }

    #[test]
    fn a_prefix_has_a_default_and_a_region_has_none() {
        let good = of(&[("AWS_REGION", "ap-northeast-2")]).unwrap();
        assert_eq!(good.prefix(), "/failover-responder");
        assert_eq!(good.region().as_str(), "ap-northeast-2");
        assert_eq!(with("PARAMETER_PREFIX", "/team/todo").unwrap().prefix(), "/team/todo");
        assert_eq!(of(&[]), Err(EnvironmentError::NoRegion));
    }

    #[test]
    fn a_bad_environment_is_one_clear_sentence() {
        let (long, deep) = (format!("/{}", "x".repeat(128)), "/x".repeat(14));
        for bad in
            ["", "x", "/", "/x/", "/a//b", "/a b", "/a,b", "/a\u{fffd}", "/aws/x", "/ssm-x", &long, &deep]
        {
            let error = with("PARAMETER_PREFIX", bad).unwrap_err();
            assert!(error.to_string().starts_with("PARAMETER_PREFIX: "), "{error}");
        }
        for bad in ["", "Seoul", "ap-northeast-2 "] {
            let error = of(&[("AWS_REGION", bad)]).unwrap_err().to_string();
            assert_eq!(error, format!("AWS_REGION: {bad:?} is not an AWS Region such as ap-northeast-2"));
        }
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_RDS", "AWS_ENDPOINT_URL_ROUTE_53"] {
            for bad in
                ["x", "localhost:4566", "http://", "http:///x", "https://a b", "ftp://x", "http://x:99999"]
            {
                let error = with(name, bad).unwrap_err().to_string();
                assert_eq!(error, format!("{name}: {bad:?} is not a URL such as https://example.com"));
            }
        }
        let error = with("AWS_USE_FIPS_ENDPOINT", "yes").unwrap_err().to_string();
        assert_eq!(error, "AWS_USE_FIPS_ENDPOINT: \"yes\" is neither true nor false");
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            let error = with(name, "/dev/null").unwrap_err().to_string();
            assert_eq!(error, format!("{name}: \"/dev/null\" holds no certificates that can be read"));
        }
    }

    #[test]
    fn other_endpoints_are_taken_and_empty_ones_are_none() {
        let load = |environment: &Environment, service| {
            let key =
                ServiceConfigKey::builder().service_id(service).env(ENDPOINT_URL).profile("endpoint_url");
            environment.endpoints.load_config(key.build().unwrap())
        };
        let some = of(&[
            ("AWS_REGION", "ap-northeast-2"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
            ("AWS_ENDPOINT_URL_ROUTE_53", "https://route53.example.com/x"),
            ("AWS_ENDPOINT_URL_SSM", "http://[::1]:4566"),
            ("AWS_ENDPOINT_URL_RDS", ""),
            ("AWS_USE_FIPS_ENDPOINT", "True"),
        ]);
        let some = some.unwrap();
        assert_eq!(load(&some, "Route 53").as_deref(), Some("https://route53.example.com/x"));
        assert_eq!(load(&some, "SSM").as_deref(), Some("http://[::1]:4566"));
        assert_eq!(load(&some, "RDS"), None);
        assert_eq!((some.fips, some.dual_stack), (Some(true), None));
        let config = some.applied_to(SdkConfig::builder()).build();
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
        let none =
            of(&[("AWS_REGION", "ap-northeast-2"), ("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_RDS", "")]);
        assert_eq!(none, of(&[("AWS_REGION", "ap-northeast-2")]));
    }

    /// What is opened ahead goes where the SDK will go, or nowhere.
    #[test]
    fn where_route_53_is_is_known_in_one_partition_and_where_it_was_said() {
        let url = |variables: &[(&str, &str)]| of(variables).unwrap().route53_url().map(|it| it.to_string());
        let seoul = ("AWS_REGION", "ap-northeast-2");
        let aws = Some("https://route53.amazonaws.com/".to_owned());
        assert_eq!(url(&[seoul]), aws);
        for region in ["us-east-1", "me-central-1"] {
            assert_eq!(url(&[("AWS_REGION", region)]), aws, "{region}");
        }
        for region in ["cn-north-1", "us-gov-west-1", "eusc-de-east-1", "us-iso-east-1"] {
            assert_eq!(url(&[("AWS_REGION", region)]), None, "{region}");
        }
        for kind in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] {
            assert_eq!(url(&[seoul, (kind, "true")]), None, "{kind}");
        }
        let (all, own) =
            (("AWS_ENDPOINT_URL", "http://a.example/"), ("AWS_ENDPOINT_URL_ROUTE_53", "http://b.example/"));
        for (given, expected) in [
            (vec![all], "http://a.example/"),
            (vec![own], "http://b.example/"),
            (vec![all, own], "http://b.example/"),
        ] {
            let variables: Vec<_> = given.into_iter().chain([("AWS_REGION", "cn-north-1")]).collect();
            assert_eq!(url(&variables).as_deref(), Some(expected));
        }
    }
}

#[cfg(test)]
mod more_tests;
