//! How much a failover loses, as far as that can be known: the last sample of the replication lag from before the outage.
//! The same value, in the same words, for an alarm, a person's plan and a status.

use crate::answer::result::{Check, CheckVerdict};
use crate::config::UnknownLag;
use crate::judge::case::Case;
use crate::judge::onset;
use crate::words::timestamp::Timestamp;
use crate::world::evidence::Seen;
use crate::world::lag::{Lag, Lags, Source};
use crate::world::limits::LAG_AGE_MS_MAX;

/// The check.
pub(crate) fn replication_lag(case: Case<'_>) -> Check {
    let max_s = case.database.failover().max_lag_seconds;
    let limit = format!(
        "at most {max_s} s in the last sample from before the outage, at most {} s old then",
        LAG_AGE_MS_MAX / 1000
    );
    let (value, verdict) = match case.lag {
        Seen::Got(samples) => by_samples(case, samples),
        Seen::Unreachable(why) => (format!("unknown: {why}"), CheckVerdict::Unknown),
        Seen::NotYet => ("unknown: not read".to_owned(), CheckVerdict::Unknown),
    };
    if verdict == CheckVerdict::Unknown && case.database.failover().unknown_lag == UnknownLag::Allow {
        let value = format!("{value}; allowed by unknown_lag: nobody knows how much is lost");
        return Check::new("replication_lag", value, Some(limit), CheckVerdict::Pass);
    }
    Check::new("replication_lag", value, Some(limit), verdict)
}

fn by_samples(case: Case<'_>, lags: &Lags) -> (String, CheckVerdict) {
    let Some(onset) = began(case) else {
        return ("unknown: no alarm tells when the outage began".to_owned(), CheckVerdict::Unknown);
    };
    let age_ms = |lag: &Lag| onset.since_ms(lag.at);
    let good = good(lags, onset);
    // Where none is good, the one that is the least old is shown.
    let Some(shown) = good.or_else(|| last(lags, onset).min_by_key(|lag| age_ms(lag))) else {
        let later = later(lags.samples.iter(), onset);
        let unread = unread(lags, None);
        return (
            format!("unknown: CloudWatch has no sample from before {onset}{later}{unread}"),
            CheckVerdict::Unknown,
        );
    };
    // AWS's own metrics need no name where there are no others.
    let has_probe = case.database.probe_in(case.candidate).is_some();
    let by = if has_probe { format!(" by {}", shown.source) } else { String::new() };
    let said = format!(
        "{} ms{by} at {}, {} s before the outage began at {onset}",
        shown.lag_ms,
        shown.at,
        age_ms(shown) / 1000
    );
    let rest = format!("{}{}", later(lags.of(shown.source), onset), unread(lags, Some(shown.source)));
    if good.is_none() {
        return (format!("unknown then: {said}{rest}"), CheckVerdict::Unknown);
    }
    let limit_ms = u64::from(case.database.failover().max_lag_seconds) * 1000;
    let verdict = if shown.lag_ms <= limit_ms { CheckVerdict::Pass } else { CheckVerdict::Fail };
    (format!("{said}{rest}"), verdict)
}

/// How far the candidate was behind before the outage, where a sample that counts says it.
pub(crate) fn known(case: Case<'_>) -> Option<&Lag> {
    good(case.lag.got()?, began(case)?)
}

/// When the outage began. By hand, with nothing in ALARM, it begins now.
fn began(case: Case<'_>) -> Option<Timestamp> {
    onset::onset(case).or_else(|| (!case.any_in_alarm()).then_some(case.now))
}

/// The last sample of each source from before the outage, the best source first.
fn last(lags: &Lags, onset: Timestamp) -> impl Iterator<Item = &Lag> {
    let before = move |source| lags.of(source).filter(|lag| lag.until() <= onset).max_by_key(|lag| lag.at);
    Source::ALL.into_iter().filter_map(before)
}

fn good(lags: &Lags, onset: Timestamp) -> Option<&Lag> {
    last(lags, onset).find(|lag| onset.since_ms(lag.at) <= LAG_AGE_MS_MAX)
}

/// The latest of these samples, where the outage is in it: shown, and nothing is decided by it.
fn later<'a>(samples: impl Iterator<Item = &'a Lag>, onset: Timestamp) -> String {
    let last = samples.filter(|lag| lag.until() > onset).max_by_key(|lag| lag.at);
    last.map(|lag| format!("; {} ms at {}", lag.lag_ms, lag.at)).unwrap_or_default()
}

/// The sources that would have counted more than this one, and could not be read.
fn unread(lags: &Lags, than: Option<Source>) -> String {
    let better = lags.unread.iter().filter(|(source, _)| than.is_none_or(|than| *source < than));
    let words = better.map(|(source, why)| format!("; {source} could not be read: {why}"));
    words.collect::<Vec<_>>().concat()
}
