//! The functions that are deployed in each Region.

use std::time::Duration;

use drill_cloud::{Cloud, Function, FunctionSpec, Pair, Region};

use super::error::DrillError;
use super::installation::PREFIX;
use super::pace::Pace;
use super::props::Props;
use super::wakes::Wakes;

/// The name of the function that people invoke.
pub(crate) const DRILL: &str = "failover-responder-drill";
/// How long one invocation of `failover` may take, which watches what it started, as the module `responder` has it.
const FAILOVER_TIMEOUT: Duration = Duration::from_mins(15);
/// Most invocations of `follow` in one Region at once: `follow_concurrency` of the module `responder`.
const FOLLOW_CONCURRENCY: usize = 5;
/// The same of `failover`: `failover_concurrency`.
const FAILOVER_CONCURRENCY: usize = 5;

/// What is deployed in each Region, and what wakes it.
#[derive(Debug, Clone)]
pub(crate) struct Functions {
    pub(crate) follow: Pair<Function>,
    pub(crate) failover: Pair<Function>,
    /// Most invocations of `follow` in one Region at once, as its reserved concurrency has it.
    pub(crate) follow_slots: usize,
    /// The same of `failover`.
    pub(crate) failover_slots: usize,
    /// Whom an RDS event wakes.
    pub(crate) wakes: Wakes,
}

impl Functions {
    /// Deploys both in both Regions; every event wakes `follow`.
    pub(crate) async fn deploy(props: &Props, cloud: &Cloud, pace: Pace) -> Result<Self, DrillError> {
        let (follow, failover) = tokio::try_join!(
            deploy(props, cloud, "follow", pace.follow_timeout()),
            deploy(props, cloud, "failover", FAILOVER_TIMEOUT)
        )?;
        Ok(Self {
            follow,
            failover,
            follow_slots: FOLLOW_CONCURRENCY,
            failover_slots: FAILOVER_CONCURRENCY,
            wakes: Wakes::Follow,
        })
    }
}

/// Deploys one function in both Regions, told where AWS is.
pub(crate) async fn deploy(
    props: &Props,
    cloud: &Cloud,
    name: &str,
    timeout: Duration,
) -> Result<Pair<Function>, DrillError> {
    let package = props.package(name)?;
    let create = async |region| {
        let told = [
            ("AWS_ENDPOINT_URL".to_owned(), cloud.front.endpoint()),
            ("PARAMETER_PREFIX".to_owned(), PREFIX.to_owned()),
            ("RUST_LOG".to_owned(), "info".to_owned()),
        ];
        let environment = told.into_iter().chain(cloud.pages().variables(region)).collect();
        let spec = FunctionSpec { name: format!("failover-responder-{name}"), environment, timeout };
        Function::create(&cloud.emulator, region, &package, &spec).await
    };
    let (seoul, osaka) = tokio::try_join!(create(Region::Seoul), create(Region::Osaka))?;
    Ok(Pair { seoul, osaka })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default of that variable of the module `responder`.
    fn default_of(variable: &str) -> usize {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/modules/responder/variables.tf");
        let text = std::fs::read_to_string(file).unwrap();
        let (_, block) = text.split_once(&format!("variable \"{variable}\" {{")).unwrap();
        let line = block.lines().find(|line| line.trim_start().starts_with("default")).unwrap();
        line.split('=').nth(1).unwrap().trim().parse().unwrap()
    }

    #[test]
    fn as_many_run_at_once_as_terraform_reserves() {
        assert_eq!(FOLLOW_CONCURRENCY, default_of("follow_concurrency"));
        assert_eq!(FAILOVER_CONCURRENCY, default_of("failover_concurrency"));
        let timeout = usize::try_from(Pace::Real.follow_timeout().as_secs()).unwrap();
        assert_eq!(timeout, default_of("follow_timeout_seconds"));
    }
}
