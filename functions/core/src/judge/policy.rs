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

use crate::answer::failover::ActionKind;
use crate::judge::case::Case;
use crate::judge::case::CheckOf;
use crate::judge::permit::Authorized;

use crate::answer::result::Check;
use crate::config::FailoverMode;
use crate::judge::checks::CHECKS;

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

/// Judges one alarm of one database.
pub fn judge(case: Case<'_>) -> Judgement {
    judge_by(case, CHECKS.iter().map(|(_, check)| *check))
}

/// Judges by these checks: all of them in life, all but one in the test that shows what each is for.
pub(super) fn judge_by(case: Case<'_>, checks: impl Iterator<Item = CheckOf>) -> Judgement {
    if case.database.failover().mode == FailoverMode::Off {
        return Judgement { checks: Vec::new(), action: Action::Off };
    }
    let checks: Vec<Check> = checks.map(|check| check(case)).collect();
    let authorized =
        Authorized::of(case.database, case.candidate).filter(|_| checks.iter().all(|check| check.pass));
    let action = match (authorized, case.database.failover().mode) {
        (None, _) => Action::Refused,
        (Some(authorized), FailoverMode::Automatic) => Action::Start(authorized),
        (Some(authorized), FailoverMode::Advise | FailoverMode::Off) => Action::Advised(authorized),
    };
    Judgement { checks, action }
}

impl Action {
    /// The word for it, before anything is called.
    pub const fn kind(&self) -> ActionKind {
        match self {
            Self::Off | Self::Refused => ActionKind::Refused,
            Self::Advised(_) => ActionKind::Advised,
            Self::Start(_) => ActionKind::Started,
        }
    }
}
