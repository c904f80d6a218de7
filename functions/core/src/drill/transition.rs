//! A transition that a person asks for: look, preflight, call, watch, publish, verify.
//!
//! What may be interrupted anywhere is told by what is remembered before the call:
//!
//! - Nothing remembered: nothing was called. The request begins.
//! - Remembered, its call's end unknown: it is watched. When a Region shows the operation or its result, it was taken. When
//!   none does for a minute, RDS never took it: that run is over, and the request begins anew.
//! - Remembered and taken: it is watched until the new writer is published and read back.

use futures_util::future::{join_all, join3};

use super::answer::{Course, Progress};
use super::desk::Desk;
use super::follow::{End, Following};
use super::look::{Sight, look};
use super::ports::{DrillPorts, Runs};
use super::preflight::{Go, Preflight, preflight};
use super::refusal::DrillError;
use super::request::RequestError;
use super::run::{Caller, Kind, Run};
use super::{Place, boxed};
use crate::config::Database;
use crate::evidence::Seen;
use crate::failover::policy::Case;
use crate::failover::ports::Lag;
use crate::failover::{Journal, Started};
use crate::names::Region;
use crate::ports::{Clock, FailureKind, PortError};
use crate::published::Published;
use crate::timestamp::Timestamp;

/// What is to be done, where and until when.
#[derive(Debug, Clone)]
pub(super) struct Job<'a> {
    pub(super) database: &'a Database,
    pub(super) own: &'a Region,
    pub(super) kind: Kind,
    pub(super) target: Region,
    pub(super) caller: &'a Caller,
    pub(super) deadline: Timestamp,
}

impl<'a> Job<'a> {
    pub(super) fn new(place: Place<'a>, database: &'a Database, kind: Kind, target: Region) -> Self {
        Self { database, own: place.own, kind, target, caller: place.caller, deadline: place.deadline }
    }
}

/// Performs it, or goes on with the one that was begun.
pub(super) async fn perform<P: DrillPorts>(desk: &Desk<'_, P>, job: &Job<'_>) -> Result<Course, DrillError> {
    let mut last = last_run(desk, job.database, job.own).await?;
    let mut sight = look(desk, job.database, job.own).await;
    if let Some(run) = last.clone().filter(|run| is_to_be_resumed(run, job, &sight, desk.now())) {
        let following = Following::new(job, run, true);
        let (end, course) = if desk.is_rehearsal() {
            (End::InProgress, following.unseen(desk.now()))
        } else {
            boxed(following.follow(desk)).await
        };
        if end != End::NotTaken {
            return ended(end, course);
        }
        last = Some(course.run);
        sight = look(desk, job.database, job.own).await;
    }
    boxed(begin(desk, job, last, &sight)).await
}

/// Whether this request is one for `run` again, and that may still lead somewhere, or has just done so.
fn is_to_be_resumed(run: &Run, job: &Job<'_>, sight: &Sight, now: Timestamp) -> bool {
    let published = sight.evidence.published();
    let is_open = published.is_none_or(|published| run.is_open(published.epoch, now));
    let is_published =
        published.is_some_and(|published| published.writer == run.target && published.epoch > run.epoch);
    let claims = sight.evidence.view(&run.target).is_some_and(|view| view.claims(&run.target));
    run.ended.is_none() && run.is_for(job.kind, &job.target) && (is_open || is_published || claims)
}

/// The last run that any Region remembers. The own Region's has to be read: it may hold one that is not over.
pub(super) async fn last_run<P: DrillPorts>(
    ports: &P,
    database: &Database,
    own: &Region,
) -> Result<Option<Run>, DrillError> {
    let reads =
        database.regions().map(|region| async move { (region, ports.read_run(database, region).await) });
    let mut last: Option<Run> = None;
    for (region, read) in join_all(reads).await {
        match read {
            Ok(Some(run)) => {
                last = Some(match last {
                    Some(known) => known.newer(run),
                    None => run,
                });
            }
            Err(error) if region == own => {
                return Err(DrillError::Impossible(format!("the last run is not known: {error}")));
            }
            Ok(None) | Err(_) => {}
        }
    }
    Ok(last)
}

/// What the preflight looks at beside the pass.
pub(super) struct Survey {
    pub(super) lag: Seen<Option<Lag>>,
    pub(super) journal: Seen<Journal>,
    pub(super) readings: std::collections::BTreeMap<String, crate::failover::alarm::AlarmReading>,
}

impl Survey {
    /// Reads it, for a target.
    pub(super) async fn of<P: DrillPorts>(ports: &P, database: &Database, target: &Region) -> Self {
        let (lag, journal, readings) =
            join3(ports.lag(database, target), ports.read_journal(database), ports.alarm_readings(database))
                .await;
        Self { lag: seen(lag), journal: seen(journal), readings }
    }

    /// The policy's case, with the target as the Region that takes over.
    pub(super) fn case<'a>(
        &'a self,
        database: &'a Database,
        target: &'a Region,
        evidence: &'a crate::Evidence,
        now: Timestamp,
    ) -> Case<'a> {
        let Self { lag, journal, readings } = self;
        Case { database, own: target, evidence, readings, lag, journal, now }
    }
}

fn seen<T>(answer: Result<T, PortError>) -> Seen<T> {
    match answer {
        Ok(answer) => Seen::Got(answer),
        Err(error) => Seen::Unreachable(error.to_string()),
    }
}

/// Checks, remembers, calls and follows.
async fn begin<P: DrillPorts>(
    desk: &Desk<'_, P>,
    job: &Job<'_>,
    last: Option<Run>,
    sight: &Sight,
) -> Result<Course, DrillError> {
    let Some(published) = sight.evidence.published() else {
        let (_, _, reason) = sight.words();
        return Err(DrillError::Impossible(format!("nothing is known to be published: {reason}")));
    };
    if published.writer == job.target {
        let (region, database) = (job.target.to_string(), job.database.name().to_string());
        return Err(RequestError::AlreadyWriter { region, database }.into());
    }
    let survey = Survey::of(desk, job.database, &job.target).await;
    let case = survey.case(job.database, &job.target, &sight.evidence, desk.now());
    let Preflight { checks, overrides, go } = preflight(case, job.kind, last.as_ref());
    let Some(go) = go else {
        return Err(DrillError::Refused {
            action: job.kind.as_str(),
            database: job.database.name().to_string(),
            target: job.target.to_string(),
            checks,
        });
    };
    let lag_ms = survey.lag.got().and_then(|lag| lag.map(|lag| lag.lag_ms));
    let run = Run { checks, overrides, lag_ms, ..new_run(desk.now(), job, published, last.as_ref()) };
    boxed(call(desk, job, run, &go)).await
}

fn new_run(now: Timestamp, job: &Job<'_>, published: &Published, last: Option<&Run>) -> Run {
    Run {
        id: Run::id(job.database, job.kind, now),
        kind: job.kind,
        from: published.writer.clone(),
        target: job.target.clone(),
        epoch: published.epoch,
        began_ms: now.as_ms(),
        called: Started::Calling,
        caller: job.caller.clone(),
        checks: Vec::new(),
        overrides: Vec::new(),
        lag_ms: None,
        phases: Vec::new(),
        ended: None,
        previous: last.map(Run::past),
    }
}

/// Remembers the run before its call; without that nothing is called.
async fn call<P: DrillPorts>(
    desk: &Desk<'_, P>,
    job: &Job<'_>,
    mut run: Run,
    go: &Go,
) -> Result<Course, DrillError> {
    run.note("injected", desk.now());
    desk.put_run(job.database, &run).await.map_err(DrillError::Unremembered)?;
    let called = go.call(desk).await;
    let mut failures = Vec::new();
    run.called = match &called {
        Ok(()) => {
            run.note("accepted", desk.now());
            Started::Accepted
        }
        Err(error) if error.kind == FailureKind::Refused => Started::Refused,
        Err(error) => {
            failures.push(format!("nobody knows whether RDS took the call: {error}"));
            Started::Unknown
        }
    };
    if let (Started::Refused, Err(error)) = (run.called, &called) {
        run.end(desk.now(), false, format!("nothing was started: {error}"));
        let mut following = Following::new(job, run, false);
        following.remember(desk).await;
        return ended(End::Failed, following.unseen(desk.now()));
    }
    let mut following = Following::new(job, run, false);
    following.failures = failures;
    following.remember(desk).await;
    let (end, course) = boxed(following.follow(desk)).await;
    ended(end, course)
}

/// A transition that ended without a new writer is an error that carries all that was seen.
fn ended(end: End, course: Course) -> Result<Course, DrillError> {
    match end {
        End::Done | End::InProgress => Ok(course),
        End::Failed | End::NotTaken => {
            let why = course.run.ended.as_ref().map(|ended| ended.why.clone()).unwrap_or_default();
            let course = Box::new(Course { progress: Progress::Failed, ..course });
            Err(DrillError::Ended { why, course })
        }
    }
}
