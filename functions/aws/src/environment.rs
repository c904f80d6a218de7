//! What a function is told by its environment.

use responder_core::words::names::NameError;
use responder_core::words::names::Region;

/// The prefix of an installation that names none.
const PREFIX_DEFAULT: &str = "/failover-responder";

/// One installation's place, as the environment of a function names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    prefix: String,
    region: Region,
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
}

impl Environment {
    /// A place with this prefix in this Region.
    pub fn new(prefix: impl Into<String>, region: Region) -> Result<Self, EnvironmentError> {
        let prefix = prefix.into();
        match fault(&prefix) {
            Some(fault) => Err(EnvironmentError::Prefix(prefix, fault)),
            None => Ok(Self { prefix, region }),
        }
    }

    /// From `PARAMETER_PREFIX` and `AWS_REGION` of the process.
    pub fn from_process() -> Result<Self, EnvironmentError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let region = variable("AWS_REGION").ok_or(EnvironmentError::NoRegion)?;
        let region = region.parse().map_err(EnvironmentError::Region)?;
        let prefix = variable("PARAMETER_PREFIX").unwrap_or_else(|| PREFIX_DEFAULT.to_owned());
        Self::new(prefix, region)
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

/// Why `prefix` cannot be one. It becomes a parameter's name and, as the owner, part of a TXT record.
fn fault(prefix: &str) -> Option<&'static str> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-');
    let reserved = ["/aws", "/ssm"];
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
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(prefix: Option<&str>, region: Option<&str>) -> Result<Environment, EnvironmentError> {
        Environment::from_variables(|name| match name {
            "PARAMETER_PREFIX" => prefix.map(str::to_owned),
            "AWS_REGION" => region.map(str::to_owned),
            _ => None,
        })
    }

    #[test]
    fn a_prefix_has_a_default_and_a_region_has_none() {
        let good = environment(None, Some("ap-northeast-2")).unwrap();
        assert_eq!(good.prefix(), "/failover-responder");
        assert_eq!(good.region().as_str(), "ap-northeast-2");
        let own = environment(Some("/team/todo"), Some("ap-northeast-3")).unwrap();
        assert_eq!(own.prefix(), "/team/todo");
        assert_eq!(environment(None, None), Err(EnvironmentError::NoRegion));
    }

    #[test]
    fn a_bad_environment_is_one_clear_sentence() {
        for bad in ["", "x", "/", "/x/", "/a//b", "/a b", "/a,b", "/aws/x", "/ssm-x"] {
            let error = environment(Some(bad), Some("ap-northeast-2")).unwrap_err();
            assert!(error.to_string().starts_with("PARAMETER_PREFIX: "), "{error}");
        }
        let error = environment(None, Some("Seoul")).unwrap_err();
        assert_eq!(error.to_string(), "AWS_REGION: \"Seoul\" is not an AWS Region such as ap-northeast-2");
    }
}
