//! Whether the database itself is in trouble. Its evidence is a closed list: the writer alarms, where there are any; the
//! silence of its whole Region over half a minute; or a status that proves it. A throttled listing, a status that nobody
//! knows or a single look prove nothing. A writer that is well fails the check: then the applications are broken, and a
//! failover would lose data and mend nothing.

use crate::answer::result::{Check, CheckVerdict};
use crate::judge::case::Case;
use crate::world::alarm::{AlarmReading, short_name};
use crate::world::attempt::Looks;
use crate::world::evidence::Seen;
use crate::world::limits::{SILENT_LOOKS_MIN, SILENT_MS_MIN};
use crate::world::topology::{Readiness, RegionView, Statuses};

const LIMIT: &str = "the database itself is in trouble: by the writer alarms, by its Region's silence in four looks over 30 s, or by a status that proves it";

/// Statuses of a cluster or its writer instance that prove that it takes no writes.
fn proves_trouble(status: &str) -> bool {
    matches!(status, "failed" | "inaccessible-encryption-credentials" | "storage-full")
        || status.starts_with("incompatible-")
}

/// Statuses in which a failover within the Region runs.
const FAILING_OVER: &str = "failing-over";
/// Statuses of what somebody asked for, which takes minutes and ends by itself.
const ASKED_FOR: [&str; 4] = ["rebooting", "upgrading", "modifying", "maintenance"];

/// The check.
pub(crate) fn writer_down(case: Case<'_>) -> Check {
    let (value, verdict) =
        if case.database.failover().writer_alarms.is_empty() { by_region(case) } else { by_alarms(case) };
    Check::new("writer_down", value, Some(LIMIT), verdict)
}

/// Whether the database is known to be well: its writer alarms are over, or its own Region calls it ready.
pub(crate) fn is_well(case: Case<'_>) -> bool {
    writer_down(case).verdict() == CheckVerdict::Fail
}

/// Whether the published writer's Region says that its cluster takes connections, as the one that claims the writer.
pub(crate) fn is_ready(case: Case<'_>) -> bool {
    let Some(writer) = case.writer() else { return false };
    let ready =
        |view: &RegionView| view.claims(writer) && matches!(view.readiness(), Readiness::Ready { .. });
    case.evidence.view(writer).is_some_and(ready)
}

/// The operation within the writer's Region, failover or asked for, that its statuses show.
pub(crate) fn own_operation(case: Case<'_>) -> Option<String> {
    let statuses = case.evidence.view(case.writer()?)?.statuses()?;
    let is_one = |status: &&String| status.as_str() == FAILING_OVER || ASKED_FOR.contains(&status.as_str());
    std::iter::once(&statuses.cluster).chain(&statuses.writers).find(is_one).cloned()
}

/// Whether such an operation is a failover within the Region.
pub(crate) fn is_own_failover(status: &str) -> bool {
    status == FAILING_OVER
}

fn by_alarms(case: Case<'_>) -> (String, CheckVerdict) {
    let counted = case.counted(&case.database.failover().writer_alarms);
    let said = counted.iter().map(|(arn, reading)| match reading {
        Some(reading) => format!("{}: {reading}", short_name(arn)),
        None => format!("{}: not read", short_name(arn)),
    });
    let value = said.collect::<Vec<_>>().join("; ");
    let verdict = if counted.iter().any(|(_, reading)| reading.is_some_and(AlarmReading::is_over)) {
        CheckVerdict::Fail
    } else if counted.iter().all(|(_, reading)| reading.is_some_and(AlarmReading::is_alarm)) {
        CheckVerdict::Pass
    } else {
        CheckVerdict::Unknown
    };
    (value, verdict)
}

fn by_region(case: Case<'_>) -> (String, CheckVerdict) {
    let Some(writer) = case.writer() else {
        return ("unknown: nothing is known to be published".to_owned(), CheckVerdict::Unknown);
    };
    if case.writer_is_silent() {
        return by_silence(case);
    }
    match case.evidence.views.get(writer) {
        Some(Seen::Got(view)) => by_status(case, view),
        Some(Seen::Unreachable(why)) => (
            format!("unknown: {writer} is not silent in every service, and its RDS endpoint said: {why}"),
            CheckVerdict::Unknown,
        ),
        Some(Seen::NotYet) | None => {
            (format!("unknown: {writer}'s RDS endpoint was not waited for"), CheckVerdict::Unknown)
        }
    }
}

fn by_silence(case: Case<'_>) -> (String, CheckVerdict) {
    let looks = case.journal.got().and_then(|journal| journal.silence.as_ref());
    let looks = looks.filter(|looks| looks.last == case.now);
    let (count, lasted_ms) = looks.map_or((1, 0), |looks| (looks.count, looks.lasted_ms()));
    let value = format!(
        "RDS, Parameter Store and CloudWatch of the writer's Region are silent: {count} looks over {} s",
        lasted_ms / 1000
    );
    if count >= SILENT_LOOKS_MIN && lasted_ms >= SILENT_MS_MIN {
        (value, CheckVerdict::Pass)
    } else {
        (format!("unknown yet: {value}"), CheckVerdict::Unknown)
    }
}

fn by_status(case: Case<'_>, view: &RegionView) -> (String, CheckVerdict) {
    if is_ready(case) {
        return ("the writer is well, by its own Region's word: the applications are broken and the database is not".to_owned(), CheckVerdict::Fail);
    }
    let Some(Statuses { cluster, writers }) = view.statuses() else {
        return ("unknown: its own Region does not list the cluster".to_owned(), CheckVerdict::Unknown);
    };
    let said = format!("the cluster is {cluster}, its writer instance {}", words(writers));
    if std::iter::once(cluster).chain(writers).any(|status| proves_trouble(status)) {
        return (said, CheckVerdict::Pass);
    }
    let without = case.journal.got().and_then(|journal| journal.without_writer.as_ref());
    let without_ms = without.filter(|_| writers.is_empty()).map_or(0, Looks::lasted_ms);
    if without_ms >= WITHOUT_WRITER_MS_MIN {
        return (format!("{said} for {} s", without_ms / 1000), CheckVerdict::Pass);
    }
    (format!("unknown: {said}"), CheckVerdict::Unknown)
}

/// How long a cluster has to be listed without a writer instance, in milliseconds.
const WITHOUT_WRITER_MS_MIN: i64 = 60_000;

fn words(writers: &[String]) -> String {
    if writers.is_empty() { "missing".to_owned() } else { writers.join(" and ") }
}
