//! The policy: a pure total function of what was seen to whether a failover may be started. No I/O; it cannot fail.
//!
//! Every check is evaluated, so that a person sees all that is wrong at once, and a check whose value is
//! unknown does not pass:
//!
//! | check | passes when |
//! | --- | --- |
//! | `alarms_in_alarm` | every health alarm, read again now, is in ALARM |
//! | `no_hold` | no hold switch, by a Parameter Store that answers |
//! | `no_transition` | no Region that answers shows an operation under way, and the own one answers |
//! | `region_is_target` | this Region is the one to take over, and its own endpoint still names the published writer |
//! | `target_ready` | the own cluster is an available replica with an available instance |
//! | `versions_equal` | the own cluster runs the global cluster's engine version |
//! | `replication_lag` | the last sample is at most two minutes old and within `max_lag_seconds` |
//! | `cooldown` | the last transition is older than `cooldown_seconds` |
//! | `single_flight` | no attempt of this Region is open |
//!
//! Single flight rests on three things: the function's reserved concurrency is one, the attempt is written to
//! its own Region before the call, and RDS refuses a second operation. None of them needs Route 53.

use std::collections::BTreeMap;

use super::alarm::AlarmReading;
use super::attempt::Journal;
use super::checks::CHECKS;
use super::ports::Lag;
use crate::config::{Database, FailoverMode};
use crate::evidence::{Evidence, Seen};
use crate::names::{ClusterArn, Region};
use crate::report::Check;
use crate::timestamp::Timestamp;

/// All that the policy looks at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The database.
    pub database: &'a Database,
    /// The Region that the function runs in.
    pub own: &'a Region,
    /// What the pass right before saw.
    pub evidence: &'a Evidence,
    /// Each health alarm, read again now in its own Region.
    pub readings: &'a BTreeMap<String, AlarmReading>,
    /// The own cluster's replication lag.
    pub lag: &'a Seen<Option<Lag>>,
    /// What this Region's function remembers of its own doing.
    pub journal: &'a Seen<Journal>,
    /// Now.
    pub now: Timestamp,
}

impl Case<'_> {
    /// The Region that would take over: the first other one by name, so that of several only one can start it.
    pub fn target(&self) -> Option<&Region> {
        let writer = &self.evidence.published()?.writer;
        self.database.regions().find(|region| *region != writer)
    }
}

/// What the policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Every check, in the order above.
    pub checks: Vec<Check>,
    /// What may be done.
    pub action: Action,
}

/// What may be done about an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The mode is `off`: nothing beyond the pass.
    Off,
    /// At least one check does not pass: nothing is started, whatever the mode.
    Refused,
    /// Every check passes, and the mode leaves it to a person.
    Advised(Authorized),
    /// Every check passes, and the mode is `automatic`.
    Start(Authorized),
}

/// A failover that every check allows. Only the policy and a drill's preflight make one, and the port that starts a failover takes nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    global_cluster: String,
    target: ClusterArn,
}

impl Authorized {
    /// A failover that a person asked for, and that every check of the drill's preflight allows or a person overrode.
    pub(crate) fn by_person(database: &Database, target: &Region) -> Option<Self> {
        let target = database.members().get(target)?.clone();
        Some(Self { global_cluster: database.global_cluster().to_owned(), target })
    }

    /// The global cluster's identifier.
    pub fn global_cluster(&self) -> &str {
        &self.global_cluster
    }

    /// The cluster that is to become the writer. The call goes to its own Region.
    pub fn target(&self) -> &ClusterArn {
        &self.target
    }
}

/// Judges one alarm of one database.
pub fn judge(case: Case<'_>) -> Judgement {
    judge_by(case, CHECKS.iter().map(|(_, check)| *check))
}

/// One check of the policy.
pub(crate) type CheckOf = fn(Case<'_>) -> Check;

/// Judges by these checks: all of them in life, all but one in the test that shows what each is for.
pub(super) fn judge_by(case: Case<'_>, checks: impl Iterator<Item = CheckOf>) -> Judgement {
    if case.database.failover().mode == FailoverMode::Off {
        return Judgement { checks: Vec::new(), action: Action::Off };
    }
    let checks: Vec<Check> = checks.map(|check| check(case)).collect();
    let authorized = authorize(case).filter(|_| checks.iter().all(|check| check.pass));
    let action = match (authorized, case.database.failover().mode) {
        (None, _) => Action::Refused,
        (Some(authorized), FailoverMode::Automatic) => Action::Start(authorized),
        (Some(authorized), FailoverMode::Advise | FailoverMode::Off) => Action::Advised(authorized),
    };
    Judgement { checks, action }
}

/// The failover to this Region's own cluster.
fn authorize(case: Case<'_>) -> Option<Authorized> {
    let target = case.database.members().get(case.own)?.clone();
    Some(Authorized { global_cluster: case.database.global_cluster().to_owned(), target })
}
