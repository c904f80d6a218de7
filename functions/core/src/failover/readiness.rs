//! The look ahead: would a failover start, were its alarms to fire now? Taken when nothing burns and all else of the invocation
//! is done; it reads, writes one parameter that no failover reads, and tells people of a change.
//!
//! When it is due follows from that parameter, read anew: what a warm function remembers of it only spares the reading, because
//! another invocation can only have looked later than it knows. "Not now" is no verdict: where the world throttles or is silent
//! the next tick looks again, and only what stays unknown is said, as unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join3;

use crate::answer::readiness::ReadinessKind;
use crate::answer::result::ReadinessResult;
use crate::answer::result::{Check, CheckVerdict};
use crate::failover::forewarning;
use crate::failover::survey::{Readings, Survey};
use crate::invocation::tell::tell;
use crate::judge::readiness::{Found, after, burns, readiness};
use crate::pass::context::Pass;
use crate::pass::hurry::within;
use crate::pass::observe::observe;
use crate::pass::sight::{Basis, Look, Seeing};
use crate::ports::PortError;
use crate::ports::failover::FailoverPorts;
use crate::words::failure::{FailureKind, NoAnswer};
use crate::words::names::Region;
use crate::world::alarm::AlarmReading;
use crate::world::known::Known;
use crate::world::readiness::{KeptReadiness, Readiness, TOLD_UNKNOWN, is_due, may_wait};

/// How long the reading may take, and the writing: an alarm that comes meanwhile may have to wait for this invocation, and where
/// the writes of a fleet have used the quota up, an attempt may have to.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a look ahead saw.
enum Seen {
    /// Another invocation has looked since.
    Done(KeptReadiness),
    /// An alarm is in ALARM: the policy speaks.
    Burning,
    /// It could not be judged now.
    NotNow(String),
    /// It was judged.
    Judged(Box<Judged>),
}

struct Judged {
    kept: KeptReadiness,
    found: Found,
    readiness: Readiness,
    writer: Option<Region>,
}

/// Looks ahead, if it is time to; nothing where it is not, or where something burns.
pub(super) async fn look_ahead<P: FailoverPorts>(
    pass: Pass<'_, P>,
    known: &mut Known,
) -> Option<ReadinessResult> {
    let name = pass.database.name().as_str();
    let is_early = |kept: &KeptReadiness| !is_due(kept.readiness.as_ref(), name, pass.ports.now());
    if known.readiness.as_ref().is_some_and(is_early) {
        return None;
    }
    match within(pass.ports, PATIENCE, see(pass)).await {
        None => Some(not_now("what it asked was not answered within 20 s")),
        Some(Seen::NotNow(why)) => Some(not_now(&why)),
        Some(Seen::Burning) => None,
        Some(Seen::Done(kept)) => {
            known.readiness = Some(kept);
            None
        }
        Some(Seen::Judged(judged)) => Some(note(pass, known, *judged).await),
    }
}

async fn see<P: FailoverPorts>(pass: Pass<'_, P>) -> Seen {
    let Pass { ports, database, own, .. } = pass;
    let name = database.name().as_str();
    let kept = match ports.read_readiness(database, own).await {
        Ok(kept) => kept,
        Err(error) => return Seen::NotNow(error.to_string()),
    };
    if !is_due(kept.readiness.as_ref(), name, ports.now()) {
        return Seen::Done(kept);
    }
    let readings = ports.alarm_readings(database).await;
    if burns(readings.values(), ports.now()) {
        return Seen::Burning;
    }
    let nobody = BTreeSet::new();
    let look = Look { basis: Basis::AllChannels, all_channels: true, silent: &nobody };
    let nothing = Known::default();
    let (sight, mut survey, muted) = join3(
        observe(pass, &nothing, look),
        Survey::of(pass, own, None, false, Some(readings), None),
        ports.mute_rules(database),
    )
    .await;
    if !matches!(sight.seeing, Seeing::Decided(_)) {
        return Seen::NotNow("what is published or configured changes right now".to_owned());
    }
    mute(&mut survey.readings, muted);
    survey.remember(database, own, &sight.evidence, ports.now());
    let case = survey.case(database, own, own, &sight.evidence, ports.now());
    let found = readiness(case);
    if found.verdict == ReadinessKind::Unknown && may_wait(name, case.now) {
        let unknown =
            found.checks.iter().filter(|it| !it.pass).map(|it| format!("{}: {}", it.name, it.value));
        return Seen::NotNow(unknown.collect::<Vec<_>>().join("; "));
    }
    let readiness = after(kept.readiness.as_ref(), &found, case);
    Seen::Judged(Box::new(Judged { kept, found, readiness, writer: case.writer().cloned() }))
}

/// An alarm that a rule mutes is quieted; one of which that could not be read is not known. What the policy asks only when all are
/// in ALARM is asked here while none is.
fn mute(readings: &mut Readings, muted: BTreeMap<String, Result<Option<String>, PortError>>) {
    for (arn, muted) in muted {
        let Some(reading) = readings.get_mut(&arn) else { continue };
        match (muted, reading) {
            (Ok(None), _) | (_, AlarmReading::Unknown(_)) => {}
            (Ok(Some(why)), AlarmReading::Known(status)) => {
                status.quieted.get_or_insert(why);
            }
            (Err(error), reading) => {
                let why = format!("{reading}; whether it is muted is not known: {error}");
                *reading = AlarmReading::Unknown(NoAnswer { why, kind: error.kind });
            }
        }
    }
}

/// Remembers it and tells people of a change: noted before and after, so that a message is never lost and hardly ever doubled.
async fn note<P: FailoverPorts>(pass: Pass<'_, P>, known: &mut Known, judged: Judged) -> ReadinessResult {
    let Pass { ports, database, .. } = pass;
    let Judged { kept, found, readiness, writer } = judged;
    let is_news = readiness.is_news();
    let heard = Readiness { told: readiness.in_short(), ..readiness.clone() };
    let first = if is_news { &readiness } else { &heard };
    let version = match within(ports, PATIENCE, ports.put_readiness(database, first)).await {
        Some(Ok(version)) => version,
        Some(Err(error)) if error.kind == FailureKind::Refused => {
            return unwritable(known, found, &heard, &error);
        }
        Some(Err(error)) => return not_now(&error.to_string()),
        None => return not_now("what it found could not be written in time"),
    };
    known.readiness = keep(first.clone(), Some(version));
    let mut result = answer(found, &readiness);
    if version != kept.version.saturating_add(1) {
        // Another invocation looked in the same moment, and its words are written over: they are said anew.
        let unsure = Readiness { told: Some(TOLD_UNKNOWN.to_owned()), ..readiness };
        known.readiness = keep(unsure.clone(), ports.put_readiness(database, &unsure).await.ok());
    } else if is_news {
        let notice = forewarning::notice(pass, writer.as_ref(), &readiness, kept.readiness.as_ref());
        match tell(pass, &notice).await {
            Ok(told) => {
                result.messages = u32::from(told);
                known.readiness = keep(heard.clone(), ports.put_readiness(database, &heard).await.ok());
            }
            Err(error) => result.reason = format!("{}; people could not be told ({error})", result.reason),
        }
    }
    result
}

/// A failover writes its attempt to the same store before it calls: where this write is refused, so is that one. Nobody can be
/// told only once, so that the alarm on the metric tells.
fn unwritable(known: &mut Known, found: Found, heard: &Readiness, error: &PortError) -> ReadinessResult {
    let limit = Some("its own Region's Parameter Store takes what it writes");
    let found = found.and(Check::new("can_remember", error.to_string(), limit, CheckVerdict::Fail));
    let result = answer(found, heard);
    known.readiness = keep(heard.clone(), Some(0));
    result
}

/// What is known after a write; nothing where it is not known to have been made.
fn keep(readiness: Readiness, version: Option<u64>) -> Option<KeptReadiness> {
    version.map(|version| KeptReadiness { readiness: Some(readiness), version })
}

fn answer(found: Found, readiness: &Readiness) -> ReadinessResult {
    let reason = match found.verdict {
        ReadinessKind::Ready => {
            "every check of a failover passes but those that ask whether it burns".to_owned()
        }
        ReadinessKind::Writer => "this Region holds the writer: there is nothing to take over".to_owned(),
        ReadinessKind::NotFirst => "another Region takes over first".to_owned(),
        ReadinessKind::NotReady | ReadinessKind::Unknown | ReadinessKind::NotNow => {
            let failed =
                found.checks.iter().filter(|it| !it.pass).map(|it| format!("{}: {}", it.name, it.value));
            format!("a failover would not start: {}", failed.collect::<Vec<_>>().join("; "))
        }
    };
    ReadinessResult {
        verdict: found.verdict,
        since: Some(readiness.since),
        reason,
        checks: found.checks,
        messages: 0,
    }
}

fn not_now(why: &str) -> ReadinessResult {
    ReadinessResult {
        verdict: ReadinessKind::NotNow,
        since: None,
        reason: format!("not judged now, and tried again in a minute: {why}"),
        checks: Vec::new(),
        messages: 0,
    }
}
