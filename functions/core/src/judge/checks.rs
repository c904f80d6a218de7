//! The policy's checks, each with its value, its limit and its verdict. What is unknown does not pass.

use std::collections::BTreeSet;

use crate::answer::result::{Check, CheckVerdict};
use crate::judge::case::{Case, CheckOf};
use crate::judge::replication::replication_lag;
use crate::judge::writer_down::{is_own_failover, writer_down};
use crate::words::timestamp::Timestamp;
use crate::world::alarm::{AlarmReading, short_name};
use crate::world::attempt::{Attempt, Journal, Sighted, Started};
use crate::world::evidence::Seen;
use crate::world::limits::{ASKED_FOR_MS_MAX, OWN_FAILOVER_MS_MAX};
use crate::world::publication::Published;
use crate::world::topology::{RegionView, Standby, Versions, Word};

use CheckVerdict::{Fail, Pass, Unknown};

/// All checks by name, in the order in which people read them.
pub(crate) const CHECKS: [(&str, CheckOf); 10] = [
    ("alarms_in_alarm", alarms_in_alarm),
    ("writer_down", writer_down),
    ("no_hold", no_hold),
    ("no_transition", no_transition),
    ("region_is_target", region_is_target),
    ("target_ready", target_ready),
    ("versions_equal", versions_equal),
    ("replication_lag", replication_lag),
    ("cooldown", cooldown),
    ("single_flight", single_flight),
];

fn check(name: &str, value: impl Into<String>, limit: impl Into<String>, verdict: CheckVerdict) -> Check {
    Check::new(name, value, Some(limit), verdict)
}

/// An alarm whose actions are disabled, suppressed or muted is a person's word that nothing is to happen: unknown.
fn alarms_in_alarm(case: Case<'_>) -> Check {
    let configured = &case.database.failover().health_alarms;
    let counted = case.counted(configured);
    let words = |(arn, reading): &(&str, Option<&AlarmReading>)| {
        let said = reading.map_or_else(|| "not read".to_owned(), ToString::to_string);
        format!("{}: {said}", short_name(arn))
    };
    let said: Vec<String> = counted.iter().map(words).collect();
    let is = |what: fn(&AlarmReading) -> bool| {
        move |(_, reading): &(&str, Option<&AlarmReading>)| reading.is_some_and(what)
    };
    let fires = |reading: &AlarmReading| reading.status().is_some_and(|status| status.quieted.is_none());
    let (value, verdict) = if counted.is_empty() {
        ("no health alarm is configured".to_owned(), Fail)
    } else if counted.iter().any(is(AlarmReading::is_over)) {
        (said.join("; "), Fail)
    } else if counted.iter().all(is(AlarmReading::is_alarm)) && counted.iter().all(is(fires)) {
        (said.join("; "), Pass)
    } else {
        (said.join("; "), Unknown)
    };
    let left_out = configured.len() - counted.len();
    let rest =
        if left_out > 0 { format!(", {left_out} in the silent Region left out") } else { String::new() };
    check(
        "alarms_in_alarm",
        value,
        format!("all {} in ALARM when read again now{rest}", counted.len()),
        verdict,
    )
}

/// The switch as the pass saw it. Before a call it is read once more, last of all.
pub(crate) fn no_hold(case: Case<'_>) -> Check {
    let read = matches!(case.evidence.parameters.get(case.own), Some(Seen::Got(_)));
    let (value, verdict) = match (case.evidence.hold(), read) {
        (Some(reason), _) => (format!("set: {reason}"), Fail),
        (None, true) => ("not set".to_owned(), Pass),
        (None, false) => (format!("unknown: the Parameter Store of {} does not answer", case.own), Unknown),
    };
    check("no_hold", value, "no hold switch, by the own Region and every other that answers", verdict)
}

pub(crate) fn no_transition(case: Case<'_>) -> Check {
    let limit = "no operation under way";
    let views = case.evidence.views.iter();
    let shown =
        views.filter_map(|(region, seen)| Some(format!("{} in {region}", seen.got()?.failover_status()?)));
    let operations: Vec<String> = shown.collect();
    if !operations.is_empty() {
        return check("no_transition", operations.join("; "), limit, Fail);
    }
    if case.evidence.view(case.candidate).is_none() {
        let value = format!("unknown: {}'s RDS endpoint does not answer", case.candidate);
        return check("no_transition", value, limit, Unknown);
    }
    match case
        .journal
        .got()
        .and_then(|journal| journal.operation.as_ref())
        .filter(|it| is_under_way(case, it))
    {
        Some(Sighted { status, first }) => {
            let value = format!("{status} within the writer's Region since {first}: it is given time to end");
            check("no_transition", value, limit, Unknown)
        }
        None => check("no_transition", "none under way", limit, Pass),
    }
}

/// A failover within the Region ends in under a minute, what somebody asked for in some. Neither keeps a failover away for
/// longer than that.
fn is_under_way(case: Case<'_>, sighted: &Sighted) -> bool {
    let longest_ms = if is_own_failover(&sighted.status) { OWN_FAILOVER_MS_MAX } else { ASKED_FOR_MS_MAX };
    (0..longest_ms).contains(&case.now.since_ms(sighted.first))
}

fn region_is_target(case: Case<'_>) -> Check {
    let (value, verdict) = target_words(case);
    check(
        "region_is_target",
        value,
        format!("this function's Region, {}, takes over", case.candidate),
        verdict,
    )
}

fn target_words(case: Case<'_>) -> (String, CheckVerdict) {
    let Some(writer) = case.writer() else {
        return ("unknown: nothing is known to be published".to_owned(), Unknown);
    };
    if writer == case.candidate {
        return (format!("{writer} is the published writer itself"), Fail);
    }
    match case.target() {
        Some(target) if target != case.candidate && case.speaks() => (
            format!(
                "{target} comes before {}, and is silent or not ready: a person has to decide",
                case.candidate
            ),
            Fail,
        ),
        Some(target) if target != case.candidate => (format!("{target} takes over from {writer}"), Fail),
        _ => match case.evidence.view(case.candidate).map(RegionView::word) {
            Some(Word::Writer(named)) if named == writer => {
                (format!("{} takes over from {writer}", case.candidate), Pass)
            }
            Some(_) => {
                (format!("{} itself does not name {writer} as the writer any more", case.candidate), Fail)
            }
            None => (format!("unknown: {}'s RDS endpoint does not answer", case.candidate), Unknown),
        },
    }
}

pub(crate) fn target_ready(case: Case<'_>) -> Check {
    let limit = "an available replica with an available instance, connected when the outage began";
    let Some(view) = case.evidence.view(case.candidate) else {
        return check("target_ready", "unknown: the RDS endpoint does not answer", limit, Unknown);
    };
    let ready = match view.standby() {
        Standby::Ready { instances: 1 } => "available, 1 instance".to_owned(),
        Standby::Ready { instances } => format!("available, {instances} instances"),
        Standby::NotReady(why) => return check("target_ready", why.to_string(), limit, Fail),
    };
    let (connected, verdict) = connected(case, view);
    let (capacity, enough) = capacity(case, view);
    check("target_ready", format!("{ready}{connected}{capacity}"), limit, verdict.and(enough))
}

/// Whether it was connected when the outage began: in the outage itself it may not be any more.
fn connected(case: Case<'_>, view: &RegionView) -> (String, CheckVerdict) {
    match view.synchronization() {
        None => (String::new(), Pass),
        Some("connected") => (", connected".to_owned(), Pass),
        Some(status) => {
            let noted = case.evidence.state(case.candidate).and_then(|state| state.notes.disconnected_since);
            let since = noted.unwrap_or(case.now);
            let onset =
                case.journal.got().and_then(|journal| journal.outage.as_ref()).map(|outage| outage.onset);
            match onset {
                Some(onset) if since >= onset => {
                    (format!(", {status} since {since}, after the outage began"), Pass)
                }
                _ => (format!(", {status} since {since}"), Fail),
            }
        }
    }
}

/// Its capacity beside the writer's: a warning, and a bound where one is configured.
fn capacity(case: Case<'_>, view: &RegionView) -> (String, CheckVerdict) {
    let writer = case.writer().and_then(|writer| case.evidence.view(writer)).and_then(RegionView::capacity);
    let warning = match (view.capacity(), writer) {
        (Some(own), Some(writer)) if own < writer => {
            format!("; warning: capacity {own}, the writer has {writer}")
        }
        _ => String::new(),
    };
    match (case.database.min_capacity(), view.capacity()) {
        (Some(least), Some(own)) if own < least => {
            (format!("; capacity {own} is less than min_capacity {least}"), Fail)
        }
        (Some(least), None) => (format!("; its capacity is not known, min_capacity is {least}"), Unknown),
        _ => (warning, Pass),
    }
}

pub(crate) fn versions_equal(case: Case<'_>) -> Check {
    let limit = "a version that RDS accepts beside the writer's: the same major and minor one";
    let versions = case.evidence.view(case.candidate).map(RegionView::versions);
    let (value, verdict) = match versions {
        Some(Versions { global: Some(global), cluster: Some(cluster) }) if global == cluster => {
            (cluster.clone(), Pass)
        }
        Some(Versions { global: Some(global), cluster: Some(cluster) }) => {
            let said = format!("the target runs {cluster}, the global cluster {global}");
            (said, if versions_may_differ(global, cluster) { Pass } else { Fail })
        }
        _ => ("unknown".to_owned(), Unknown),
    };
    check("versions_equal", value, limit, verdict)
}

/// Whether a transition between clusters of these two versions is accepted although they are not the same.
///
/// Patches of these and later minors may differ, by AWS's page on switchover and failover: PostgreSQL 15 and newer, 14.5,
/// 13.8, 12.12, 11.17.
pub fn versions_may_differ(one: &str, other: &str) -> bool {
    let parts = |version: &str| -> Option<(u32, u32)> {
        let mut parts = version.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    match (parts(one), parts(other)) {
        (Some(one), Some(other)) if one == other => match one {
            (14, minor) => minor >= 5,
            (13, minor) => minor >= 8,
            (12, minor) => minor >= 12,
            (11, minor) => minor >= 17,
            (major, _) => major >= 15,
        },
        _ => false,
    }
}

fn cooldown(case: Case<'_>) -> Check {
    let cooldown_s = i64::from(case.database.failover().cooldown_seconds);
    let limit = format!("at least {cooldown_s} s since the last transition");
    let Some(last) = last_transition(case) else {
        return check("cooldown", "unknown: nothing is known to be published", limit, Unknown);
    };
    let age_ms = case.now.since_ms(last);
    let value = format!("the last was {} ago, {last}", case.now.age_of(last));
    check("cooldown", value, limit, if age_ms >= cooldown_s * 1000 { Pass } else { Fail })
}

/// The last publication or the last attempt that RDS took, whichever is later.
fn last_transition(case: Case<'_>) -> Option<Timestamp> {
    let Published { at, .. } = case.evidence.published()?;
    let attempt = case.journal.got().and_then(|journal| journal.attempt.as_ref());
    let taken = attempt.filter(|attempt| attempt.started == Started::Accepted).map(|attempt| attempt.at);
    Some(taken.map_or(*at, |taken| taken.max(*at)))
}

/// No attempt is open, and after a call that RDS refused the pause is over.
pub(crate) fn single_flight(case: Case<'_>) -> Check {
    let (value, verdict) = match case.journal {
        Seen::Unreachable(why) => (format!("unknown: {why}"), Unknown),
        Seen::NotYet => ("unknown: not read".to_owned(), Unknown),
        Seen::Got(journal) => match (&journal.attempt, paused(case, journal)) {
            (_, Some(why)) => (why, Unknown),
            (None, None) => ("no attempt before".to_owned(), Pass),
            (Some(attempt), None) => flight(case, attempt),
        },
    };
    check(
        "single_flight",
        value,
        "no attempt of this Region is open, and RDS has not just refused one",
        verdict,
    )
}

fn paused(case: Case<'_>, journal: &Journal) -> Option<String> {
    let refusals = journal.refusals.as_ref()?;
    let again_at = refusals.again_at();
    let epoch = case.evidence.published().is_some_and(|published| refusals.last >= published.at);
    (epoch && case.now < again_at).then(|| {
        format!(
            "RDS refused {} calls, the last at {}: the next is made at {again_at}",
            refusals.count, refusals.last
        )
    })
}

fn flight(case: Case<'_>, attempt: &Attempt) -> (String, CheckVerdict) {
    let open = case.is_open(attempt);
    let end = match attempt.started {
        Started::Calling => "whose end was not written",
        Started::Accepted => "which RDS took",
        Started::Refused => "which RDS refused",
        Started::Unknown => "which RDS did not answer",
    };
    let word = if open { "still open" } else { "over" };
    let verdict = match (open, attempt.started) {
        (false, _) => Pass,
        // Whether it was taken shows within a minute of answers.
        (true, Started::Calling | Started::Unknown) => Unknown,
        (true, _) => Fail,
    };
    (format!("an attempt at {} at epoch {}, {end}: {word}", attempt.at, attempt.epoch), verdict)
}

/// The names of checks that do not pass, where each verdict is one of `verdicts`.
pub(crate) fn names<'a>(checks: &'a [Check], verdicts: &[CheckVerdict]) -> BTreeSet<&'a str> {
    checks
        .iter()
        .filter(|check| verdicts.contains(&check.verdict()))
        .map(|check| check.name.as_str())
        .collect()
}
