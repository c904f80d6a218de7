//! How much a failover loses, as far as that can be known: the last sample of the replication lag from before the outage.
//! The same value, in the same words, for an alarm, a person's plan and a status.

use crate::answer::result::{Check, CheckVerdict};
use crate::config::UnknownLag;
use crate::judge::case::Case;
use crate::judge::onset;
use crate::world::evidence::Seen;
use crate::world::lag::Lag;
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

fn by_samples(case: Case<'_>, samples: &[Lag]) -> (String, CheckVerdict) {
    // By hand, with nothing in ALARM, the outage begins now.
    let onset = match onset::onset(case) {
        Some(onset) => onset,
        None if !case.any_in_alarm() => case.now,
        None => return ("unknown: no alarm tells when the outage began".to_owned(), CheckVerdict::Unknown),
    };
    let Some(before) = samples.iter().filter(|lag| lag.until() <= onset).max_by_key(|lag| lag.at) else {
        let later = later(samples, onset);
        return (
            format!("unknown: CloudWatch has no sample from before {onset}{later}"),
            CheckVerdict::Unknown,
        );
    };
    let age_ms = onset.since_ms(before.at);
    let said = format!(
        "{} ms at {}, {} s before the outage began at {onset}",
        before.lag_ms,
        before.at,
        age_ms / 1000
    );
    let later = later(samples, onset);
    if age_ms > LAG_AGE_MS_MAX {
        return (format!("unknown then: {said}{later}"), CheckVerdict::Unknown);
    }
    let limit_ms = u64::from(case.database.failover().max_lag_seconds) * 1000;
    let verdict = if before.lag_ms <= limit_ms { CheckVerdict::Pass } else { CheckVerdict::Fail };
    (format!("{said}{later}"), verdict)
}

/// The latest sample, where the outage is in it: shown, and nothing is decided by it.
fn later(samples: &[Lag], onset: crate::words::timestamp::Timestamp) -> String {
    let last = samples.iter().filter(|lag| lag.until() > onset).max_by_key(|lag| lag.at);
    last.map(|lag| format!("; {} ms at {}", lag.lag_ms, lag.at)).unwrap_or_default()
}
