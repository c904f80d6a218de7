//! A transition that a person asks for: look, preflight, call, watch, publish, verify.
//!
//! A transition may be interrupted anywhere. What was remembered before the call says how to go on:
//!
//! - Nothing remembered: nothing was called. The request begins.
//! - Remembered, and nobody knows how its call ended: it is watched. When a Region shows the operation or its result, RDS took
//!   it. When none does for a minute, RDS never took it: that run is over, and the request begins anew.
//! - Remembered and taken: it is watched until the new writer is published and read back.

use crate::failover::survey::Survey;
use crate::operator::job::Job;
use crate::operator::runs::last_run;

use crate::judge::preflight::{Go, Preflight, preflight};
use crate::operator::job::boxed;
use crate::operator::look::{Overview, look};
use crate::operator::refusal::DrillError;
use crate::operator::rehearsal::desk::Desk;
use crate::operator::request::RequestError;
use crate::operator::track::{End, Tracking};
use crate::ports::operator::{DrillPorts, Runs};
use crate::ports::{Clock, PortError};
use crate::words::failure::FailureKind;
use crate::words::timestamp::Timestamp;
use crate::world::attempt::Started;
use crate::world::course::{Course, Progress};
use crate::world::publication::Published;
use crate::world::run::Run;

/// Performs it, or goes on with the one that was begun.
pub(super) async fn perform<P: DrillPorts>(desk: &Desk<'_, P>, job: &Job<'_>) -> Result<Course, DrillError> {
    let mut last = last_run(job.pass(desk)).await?;
    let mut sight = look(job.pass(desk)).await;
    if let Some(run) = last.clone().filter(|run| is_to_be_resumed(run, job, &sight, desk.now())) {
        let tracking = Tracking::new(job, run, true);
        let (end, course) = if desk.is_rehearsal() {
            (End::InProgress, tracking.unseen(desk.now()))
        } else {
            boxed(tracking.track(desk)).await
        };
        if end != End::NotTaken {
            return ended(end, course);
        }
        last = Some(course.run);
        sight = look(job.pass(desk)).await;
    }
    boxed(begin(desk, job, last, &sight)).await
}

/// Whether this request is one for `run` again, and that may still lead somewhere, or has just done so.
fn is_to_be_resumed(run: &Run, job: &Job<'_>, sight: &Overview, now: Timestamp) -> bool {
    let published = sight.evidence.published();
    let is_open = published.is_none_or(|published| run.is_open(published.epoch, now));
    let is_published =
        published.is_some_and(|published| published.writer == run.target && published.epoch > run.epoch);
    let claims = sight.evidence.view(&run.target).is_some_and(|view| view.claims(&run.target));
    run.ended.is_none() && run.is_for(job.kind, &job.target) && (is_open || is_published || claims)
}

/// Checks, remembers, calls and follows.
async fn begin<P: DrillPorts>(
    desk: &Desk<'_, P>,
    job: &Job<'_>,
    last: Option<Run>,
    sight: &Overview,
) -> Result<Course, DrillError> {
    let Some(published) = sight.evidence.published() else {
        let (_, _, reason) = sight.words();
        return Err(DrillError::Impossible(format!("nothing is known to be published: {reason}")));
    };
    if published.writer == job.target {
        let (region, database) = (job.target.to_string(), job.database.name().to_string());
        return Err(RequestError::AlreadyWriter { region, database }.into());
    }
    let mut survey =
        Survey::of(job.pass(desk), &job.target, Some(&published.writer), false, None, None).await;
    survey.remember(job.database, job.own, &sight.evidence, desk.now());
    let case = survey.case(job.database, job.own, &job.target, &sight.evidence, desk.now());
    let Preflight { checks, overrides, go } = preflight(case, job.kind, last.as_ref());
    let Some(go) = go else {
        return Err(DrillError::Refused {
            action: job.kind.as_str(),
            database: job.database.name().to_string(),
            target: job.target.to_string(),
            checks,
        });
    };
    let lag_ms = survey.lag.got().and_then(|lags| lags.latest(desk.now())).map(|lag| lag.lag_ms);
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
    let called = call_of(go, desk).await;
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
        let mut tracking = Tracking::new(job, run, false);
        tracking.remember(desk).await;
        return ended(End::Failed, tracking.unseen(desk.now()));
    }
    let mut tracking = Tracking::new(job, run, false);
    tracking.failures = failures;
    tracking.remember(desk).await;
    let (end, course) = boxed(tracking.track(desk)).await;
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

/// Makes the call that the preflight allows.
async fn call_of<P: DrillPorts>(go: &Go, ports: &P) -> Result<(), PortError> {
    match go {
        Go::Switchover(switchover) => ports.start_switchover(switchover).await,
        Go::Failover(authorized) => ports.start_failover(authorized).await,
    }
}

#[cfg(test)]
mod tests;
