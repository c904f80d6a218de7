//! Whom an RDS event wakes: `follow` at once, or whatever the rules say that somebody made.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use drill_cloud::aurora::RdsEvent;
use drill_cloud::{Region, Rules};

use super::job::Job;
use super::lock::lock;

/// How an event finds its functions.
#[derive(Debug, Clone)]
pub(crate) enum Wakes {
    /// Every event reaches `follow` in its Region.
    Follow,
    /// Through the rules of its Region.
    Rules(Arc<Switchboard>),
}

impl Wakes {
    /// The jobs that the event is delivered to.
    pub(crate) async fn jobs(&self, event: &RdsEvent) -> Vec<Job> {
        match self {
            Self::Follow => vec![Job::Follow],
            Self::Rules(switchboard) => switchboard.connect(event).await,
        }
    }

    /// What came of the events so far, where rules decide.
    pub(crate) fn calls(&self) -> Option<Vec<Call>> {
        match self {
            Self::Follow => None,
            Self::Rules(switchboard) => Some(lock(&switchboard.calls).clone()),
        }
    }
}

/// What came of one event.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) at: Instant,
    pub(crate) region: Region,
    /// Such as `RDS-EVENT-0184`.
    pub(crate) event: &'static str,
    /// Each rule that it met, and the function that it was delivered to; or why nobody could say.
    pub(crate) reached: Result<Vec<(String, Job)>, String>,
}

/// Puts each event to the rules of its Region and keeps what came of it.
#[derive(Debug)]
pub(crate) struct Switchboard {
    rules: Rules,
    calls: Mutex<Vec<Call>>,
}

impl Switchboard {
    /// Connects by these rules.
    pub(crate) const fn of(rules: Rules) -> Self {
        Self { rules, calls: Mutex::new(Vec::new()) }
    }

    /// An event that meets no rule is delivered nowhere, and so is one about which the rules could not be asked.
    async fn connect(&self, event: &RdsEvent) -> Vec<Job> {
        let (at, reached) = (Instant::now(), self.reached(event).await);
        let jobs = reached.iter().flatten().map(|(_, job)| *job).collect();
        lock(&self.calls).push(Call { at, region: event.region, event: event.id, reached });
        jobs
    }

    async fn reached(&self, event: &RdsEvent) -> Result<Vec<(String, Job)>, String> {
        let met = self.rules.met_by(event.region, &event.event).await.map_err(|error| error.to_string())?;
        let targets = met.iter().flat_map(|rule| rule.targets.iter().map(|arn| (rule.name.clone(), arn)));
        targets.map(|(rule, arn)| job_of(arn, event.region).map(|job| (rule, job))).collect()
    }
}

/// The job of the function with that ARN, which has to be in the same Region, as EventBridge's own targets have to.
pub(crate) fn job_of(arn: &str, region: Region) -> Result<Job, String> {
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, "lambda", of, _, "function", name] = parts.as_slice() else {
        return Err(format!("the target {arn} is no function"));
    };
    if *of != region.id() {
        return Err(format!("the target {arn} is not in {region}"));
    }
    match name.rsplit('-').next() {
        Some("follow") => Ok(Job::Follow),
        Some("failover") => Ok(Job::Failover),
        _ => Err(format!("the target {arn} is none of the functions that events wake")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_function_of_the_same_region() {
        let arn = |region: &str, name: &str| format!("arn:aws:lambda:{region}:123456789012:function:{name}");
        let job = |arn: &str| job_of(arn, Region::Seoul);
        assert_eq!(job(&arn("ap-northeast-2", "failover-responder-follow")), Ok(Job::Follow));
        assert_eq!(job(&arn("ap-northeast-2", "failover-responder-failover")), Ok(Job::Failover));
        assert!(job(&arn("ap-northeast-3", "failover-responder-follow")).is_err());
        assert!(job(&arn("ap-northeast-2", "somebody-elses")).is_err());
        assert!(job("arn:aws:sqs:ap-northeast-2:123456789012:follow").is_err());
    }
}
