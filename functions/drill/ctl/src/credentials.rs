//! Whose credentials: found out before anything is asked, so that what is missing is said once, and by its name.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_lambda::config::ProvideCredentials;
use aws_types::os_shim_internal::{Env, Fs};
use responder_core::words::failure::sentence;

use crate::error::CtlError;

/// An instance's metadata, a container's credentials or a role of another account may take some seconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// How the SDK says that a profile needs what this build has not: the sign-in of IAM Identity Center, or that of the console.
const NOT_BUILT: &str = "cargo feature(s) enabled";

/// The profile that is named, by the option or by the environment; an error where no file has it.
pub(crate) async fn profile(option: Option<&str>) -> Result<Option<String>, CtlError> {
    let of_environment = || std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let Some(name) = option.map(str::to_owned).or_else(of_environment) else { return Ok(None) };
    let files = EnvConfigFiles::default();
    let read = aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await;
    let profiles = read.map_err(|error| CtlError::Credentials(sentence(&error)))?;
    if profiles.get_profile(&name).is_some() {
        return Ok(Some(name));
    }
    let mut known: Vec<&str> = profiles.profiles().collect();
    known.sort_unstable();
    let known = if known.is_empty() {
        "there is none".to_owned()
    } else {
        format!("there are: {}", known.join(", "))
    };
    Err(CtlError::Credentials(format!("no AWS profile is called {name:?}; {known}")))
}

/// Whether there are credentials at all.
pub(crate) async fn check(config: &SdkConfig, profile: Option<&str>) -> Result<(), CtlError> {
    let Some(provider) = config.credentials_provider() else { return Ok(()) };
    let Ok(found) = tokio::time::timeout(PATIENCE, provider.provide_credentials()).await else {
        let text = format!("no credentials within {} s from {}", PATIENCE.as_secs(), source(profile));
        return Err(CtlError::Credentials(text));
    };
    found.map(drop).map_err(|error| CtlError::Credentials(missing(&sentence(&error), profile)))
}

fn missing(why: &str, profile: Option<&str>) -> String {
    let flag = profile.map(|name| format!(" --profile {name}")).unwrap_or_default();
    if why.contains(NOT_BUILT) {
        return format!(
            "{} signs in through a browser, which this command leaves to AWS's: run `aws sso login{flag}` or `aws login{flag}`, \
             then eval \"$(aws configure export-credentials{flag} --format env)\"",
            source(profile)
        );
    }
    if why.contains("no credentials found in chain") || why.contains("IMDS") {
        return format!(
            "no AWS credentials in {}, nor of a container or an instance: give --profile, set AWS_PROFILE, or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            source(profile)
        );
    }
    format!("{} gives no credentials: {why}", source(profile))
}

fn source(profile: Option<&str>) -> String {
    profile.map_or_else(
        || "the environment and the default profile".to_owned(),
        |name| format!("profile {name}"),
    )
}
