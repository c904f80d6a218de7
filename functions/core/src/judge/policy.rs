//! The policy: a pure total function of what was seen to whether a failover may be started. No I/O; it cannot fail.
//!
//! Every check is evaluated, so that a person sees all that is wrong at once. A check is `pass`, `fail` or `unknown`, and
//! unknown never passes:
//!
//! | check | passes when |
//! | --- | --- |
//! | `alarms_in_alarm` | every health alarm, read again now, is in ALARM, and its actions are not disabled, suppressed or muted |
//! | `writer_down` | the database itself is in trouble: see [`crate::judge::writer_down`]; fails when the writer is well |
//! | `no_hold` | no hold switch, by the own Parameter Store and every other that answers; read once more right before a call |
//! | `no_transition` | no Region that answers shows an operation; one within the writer's Region has had its time |
//! | `region_is_target` | this Region is the first of `targets` that is not the writer, and its own endpoint names the published writer |
//! | `target_ready` | the own cluster is an available replica, was connected when the outage began, and has `min_capacity` |
//! | `versions_equal` | the own cluster runs a version that RDS accepts beside the global cluster's |
//! | `replication_lag` | the last sample from before the outage is within `max_lag_seconds`: see [`crate::judge::replication`] |
//! | `cooldown` | the last transition is older than `cooldown_seconds` |
//! | `single_flight` | no attempt of this Region is open, and the pause after a refused call is over |
//!
//! An alarm in the published writer's silent Region is left out, if one outside it remains. Single flight rests on three
//! things: the attempt is written to the own Region before the call, that write returned the version right after the one
//! that was read, and RDS refuses a second operation. None of them needs Route 53 or reserved concurrency.

use crate::answer::failover::ActionKind;
use crate::answer::result::{Check, CheckVerdict};
use crate::config::FailoverMode;
use crate::judge::case::{Case, CheckOf};
use crate::judge::checks::CHECKS;
use crate::judge::permit::Authorized;

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

impl Judgement {
    /// Whether only checks that nobody can answer yet are in the way: a later look may find that they pass.
    pub fn waits(&self) -> bool {
        let failed = self.checks.iter().any(|check| check.verdict() == CheckVerdict::Fail);
        self.action == Action::Refused && !failed
    }
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
