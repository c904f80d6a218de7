//! What a request is answered with.

use crate::world::course::Course;
use serde::{Deserialize, Serialize};

use crate::answer::result::Check;
use crate::operator::job::Job;
use crate::operator::refusal::DrillError;
use crate::operator::rehearsal::calls::ApiCall;
use crate::operator::salvage::answer::Salvage;
use crate::operator::status::Statuses;
use crate::operator::switches::{Declared, Switched};
use crate::words::names::Region;
use crate::world::run::{Kind, Override};

/// The answer to one request.
#[derive(Debug)]
pub enum Reply {
    /// How things are.
    Statuses(Statuses),
    /// What would be called.
    Plan(TransitionPlan),
    /// What would be called, planned or not.
    Plans(TransitionPlans),
    /// A transition's course; a report is made of it.
    Course(Box<Course>),
    /// The hold switch was set or taken away.
    Switched(Switched),
    /// A promotion was declared.
    Declared(Declared),
    /// What a failover lost is kept, or why not yet.
    Salvaged(Box<Salvage>),
}

/// What a transition would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitionPlan {
    /// The action.
    pub action: Kind,
    /// The database.
    pub database: String,
    /// Where to.
    pub target_region: Region,
    /// Always: nothing was changed.
    pub dry_run: bool,
    /// Whether it would be started now.
    pub would_start: bool,
    /// In a sentence.
    pub reason: String,
    /// Every check, with its value.
    pub checks: Vec<Check>,
    /// The checks that the request would override.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// Every API call that would be made, each reading one once.
    pub calls: Vec<ApiCall>,
}

/// The plans of both ways to bring the writer to a Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitionPlans {
    /// The database.
    pub database: String,
    /// Where to.
    pub target_region: Region,
    /// Planned, nothing is lost.
    pub switchover: TransitionPlan,
    /// Unplanned, data loss allowed.
    pub failover: TransitionPlan,
}

impl TransitionPlan {
    /// From how the rehearsal ended and the calls that it wrote down.
    pub(super) fn of(
        job: &Job<'_>,
        ended: Result<Course, DrillError>,
        calls: Vec<ApiCall>,
    ) -> Result<Self, DrillError> {
        let plan = |would_start, reason, checks, overrides, calls| Self {
            action: job.kind,
            database: job.database.name().to_string(),
            target_region: job.target.clone(),
            dry_run: true,
            would_start,
            reason,
            checks,
            overrides,
            calls,
        };
        match ended {
            Ok(course) if course.resumed => {
                let reason = format!("the run {} is not over: it would be gone on with", course.run.id);
                Ok(plan(false, reason, course.run.checks, course.run.overrides, calls))
            }
            Ok(course) => {
                let reason = "every check passes, or is overridden by the request".to_owned();
                Ok(plan(true, reason, course.run.checks, course.run.overrides, calls))
            }
            Err(DrillError::Refused { checks, .. }) => {
                let failed = checks.iter().filter(|check| !check.pass);
                let names: Vec<&str> = failed.map(|check| check.name.as_str()).collect();
                let reason = format!("it would be refused: {}", names.join(", "));
                let reads = calls.into_iter().filter(|call| !call.changes).collect();
                Ok(plan(false, reason, checks, Vec::new(), reads))
            }
            Err(error) => Err(error),
        }
    }
}
