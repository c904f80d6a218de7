//! What a look adds to what is remembered of an outage. Pure: the same look twice changes nothing but its time.

use crate::judge::case::Case;
use crate::judge::onset;
use crate::judge::writer_down::{self, own_operation};
use crate::world::attempt::{Attempt, Journal, Looks, Outage, Sighted, Started};
use crate::world::limits::ASKED_FOR_MS_MAX;
use crate::world::topology::Statuses;

/// What is remembered after this look.
pub fn after(case: Case<'_>, before: &Journal) -> Journal {
    let mut journal = before.clone();
    journal.silence = silence(case, before);
    journal.without_writer = without_writer(case, before);
    journal.operation = operation(case, before);
    journal.attempt = before.attempt.clone().map(|attempt| watched(case, attempt));
    journal.outage = outage(case, before);
    journal
}

/// The silence of the writer's Region counts from when the first alarm is in ALARM. An answer ends it; a Region that
/// throttles or refuses says neither.
fn silence(case: Case<'_>, before: &Journal) -> Option<Looks> {
    if !case.any_in_alarm() {
        return None;
    }
    if case.writer_is_silent() {
        return Some(Looks::and(before.silence.as_ref(), case.now));
    }
    let writer = case.writer()?;
    let answers = case.evidence.view(writer).is_some();
    before.silence.clone().filter(|_| !answers)
}

fn without_writer(case: Case<'_>, before: &Journal) -> Option<Looks> {
    let view = case.evidence.view(case.writer()?)?;
    let is_without = view.statuses().is_some_and(|Statuses { writers, .. }| writers.is_empty());
    is_without.then(|| Looks::and(before.without_writer.as_ref(), case.now))
}

/// An operation is remembered from its first sight on, and not renewed within a quarter of an hour: one that comes again and
/// again must not keep a failover away for ever.
fn operation(case: Case<'_>, before: &Journal) -> Option<Sighted> {
    let known = before.operation.clone();
    let known = known.filter(|it| (0..ASKED_FOR_MS_MAX).contains(&case.now.since_ms(it.first)));
    known.or_else(|| own_operation(case).map(|status| Sighted { status, first: case.now }))
}

/// A call without an answer: whether the target's Region has answered since without showing an operation.
fn watched(case: Case<'_>, attempt: Attempt) -> Attempt {
    if !matches!(attempt.started, Started::Calling | Started::Unknown) {
        return attempt;
    }
    let quiet = match case.evidence.view(&attempt.target) {
        Some(view) if view.failover_status().is_none() && !view.claims(&attempt.target) => {
            Some(Looks::and(attempt.quiet.as_ref(), case.now))
        }
        _ => None,
    };
    Attempt { quiet, ..attempt }
}

/// The onset is remembered once it is computed, until the database is known to be well.
fn outage(case: Case<'_>, before: &Journal) -> Option<Outage> {
    if writer_down::is_well(case) || !case.any_in_alarm() {
        return None;
    }
    let onset = onset::onset(case)?;
    let epoch = case.evidence.published()?.epoch;
    let noted = before.outage.as_ref().filter(|it| it.epoch == epoch).map_or(case.now, |it| it.noted);
    Some(Outage { onset, epoch, noted })
}
