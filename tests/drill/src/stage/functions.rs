//! The functions that are deployed in each Region.

use std::time::Duration;

use drill_cloud::{Cloud, Function, FunctionSpec, Pair, Region};

use super::error::DrillError;
use super::installation::PREFIX;
use super::props::Props;
use super::wakes::Wakes;

/// The name of the function that people invoke.
pub(crate) const DRILL: &str = "failover-responder-drill";
/// How long one invocation of a function that events wake may take, as Terraform deploys it.
const FOLLOW_TIMEOUT: Duration = Duration::from_secs(30);
/// The same of `failover`, which watches what it started.
const FAILOVER_TIMEOUT: Duration = Duration::from_mins(15);
/// Most invocations of `follow` in one Region at once, as its reserved concurrency would have it.
const FOLLOW_SLOTS: usize = 4;
/// The same of `failover`, the least that the module takes.
const FAILOVER_SLOTS: usize = 1;

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
    pub(crate) async fn deploy(props: &Props, cloud: &Cloud) -> Result<Self, DrillError> {
        let (follow, failover) = tokio::try_join!(
            deploy(props, cloud, "follow", FOLLOW_TIMEOUT),
            deploy(props, cloud, "failover", FAILOVER_TIMEOUT)
        )?;
        Ok(Self {
            follow,
            failover,
            follow_slots: FOLLOW_SLOTS,
            failover_slots: FAILOVER_SLOTS,
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
    let spec = FunctionSpec {
        name: format!("failover-responder-{name}"),
        environment: [
            ("AWS_ENDPOINT_URL".to_owned(), cloud.front.endpoint()),
            ("PARAMETER_PREFIX".to_owned(), PREFIX.to_owned()),
            ("RUST_LOG".to_owned(), "info".to_owned()),
        ]
        .into(),
        timeout,
    };
    let create = |region| Function::create(&cloud.emulator, region, &package, &spec);
    let (seoul, osaka) = tokio::try_join!(create(Region::Seoul), create(Region::Osaka))?;
    Ok(Pair { seoul, osaka })
}
