//! Whether a cell ended as it has to: what DESIGN's sections 4 and 6 promise, whichever single call fails.

use std::time::Duration;

use drill_cloud::Region;
use drill_cloud::front::{Change, Entry};
use drill_cloud::installation::{EPOCH, PARAMETER, RECORD, STATE, endpoint};
use serde_json::Value;

use crate::asked::asked;
use crate::fault::Chaos;
use crate::repeats::messages;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::woken::Invoked;

/// How long the target's Region has to have answered without showing an operation before another call.
const QUIET: Duration = Duration::from_mins(1);
/// How often the same value may be put into one parameter: by each of two functions, and once more after a lost answer.
const PUTS_MAX: usize = 3;
/// An invocation that fails says one of these, and a sentence.
const FAILURES: [&str; 2] = ["NotPublished", "ConfigurationUnreadable"];

/// What is wrong, a sentence each; nothing where the cell passed.
pub(crate) fn judge(seen: &Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    if seen.disturbed.is_some() && seen.met == 0 {
        wrong.push("no call met the fault: the cell proves nothing".to_owned());
    }
    wrong.extend(stands(seen));
    wrong.extend(patience(seen));
    wrong.extend(record(seen));
    wrong.extend(asked(seen));
    wrong.extend(starts(seen));
    wrong.extend(parameters(seen));
    wrong.extend(told(seen));
    wrong.extend(seen.invoked.iter().filter_map(answers));
    if !seen.late_writes.is_empty() {
        wrong.push(format!("the last of all ticks still wrote: {}", seen.late_writes.join(", ")));
    }
    wrong
}

/// Record, both Regions' parameters and states stand on the new writer, one epoch further.
fn stands(seen: &Seen) -> Vec<String> {
    let new = endpoint(Region::Osaka);
    let mut wrong = Vec::new();
    if seen.published.is_none() {
        wrong.push(format!("not published within {} s", seen.scene.limit().as_secs()));
    }
    if seen.record != Some((new.clone(), EPOCH + 1)) {
        wrong.push(format!("in the end the record is {:?}, not ({new}, epoch {})", seen.record, EPOCH + 1));
    }
    for (region, parameter, epoch) in &seen.parameters {
        if parameter.as_ref() != Some(&new) {
            wrong.push(format!("in the end {}'s parameter is {parameter:?}", region.city()));
        }
        if *epoch != Some(EPOCH + 1) {
            wrong.push(format!("in the end {}'s state is of epoch {epoch:?}", region.city()));
        }
    }
    wrong
}

/// A service that says "not now" for a second is asked again: nobody needs to be woken a second time for that. `failover`
/// looks at everything again every five seconds anyway, and makes the call that starts one once.
fn patience(seen: &Seen) -> Option<String> {
    let (_, chaos) = seen.disturbed?;
    let not_now = matches!(chaos, Chaos::Throttled | Chaos::Unavailable);
    let (after, tick) = seen.published.filter(|(_, tick)| *tick > 0)?;
    (not_now && !seen.scene.has_alarms()).then(|| {
        format!(
            "published after {} s by tick {tick}, not by the invocation that was told to wait",
            after.as_secs()
        )
    })
}

/// The record was changed once, and to the new writer.
fn record(seen: &Seen) -> Option<String> {
    let changes: Vec<&Change> = seen
        .of("ChangeResourceRecordSets")
        .filter(|entry| entry.applied())
        .filter_map(|entry| entry.change.as_ref())
        .collect();
    let values: Vec<Vec<&str>> = changes.iter().map(|change| change.created(RECORD, "CNAME")).collect();
    (values != [[endpoint(Region::Osaka).as_str()]]).then(|| format!("the record was changed to {values:?}"))
}

/// A failover is started once in an outage, and else never; it is asked for again only where nothing can have been started.
fn starts(seen: &Seen) -> Vec<String> {
    let calls: Vec<&Entry> = seen.of("FailoverGlobalCluster").map(AsRef::as_ref).collect();
    let started = calls.iter().filter(|entry| entry.applied()).count();
    let wanted = usize::from(seen.scene.has_alarms());
    let mut wrong = Vec::new();
    if started != wanted {
        wrong.push(format!("RDS started {started} failovers, not {wanted}"));
    }
    for pair in calls.windows(2) {
        let [before, after] = pair else { continue };
        let refused =
            seen.disturbs("FailoverGlobalCluster") == Some(Chaos::Throttled) && before.status == Some(400);
        let pause = after.received.saturating_duration_since(before.ended);
        if !refused && (before.applied() || pause < QUIET) {
            wrong.push(format!(
                "FailoverGlobalCluster was called again {} s after a call whose end nobody knew",
                pause.as_secs()
            ));
        }
    }
    wrong
}

/// Only the new writer is written, not again and again, and no state goes back.
fn parameters(seen: &Seen) -> Vec<String> {
    let new = endpoint(Region::Osaka);
    let mut wrong = Vec::new();
    for region in Region::ALL {
        let puts = seen.puts(region, PARAMETER);
        if puts.iter().any(|value| *value != new) || puts.len() > PUTS_MAX {
            wrong.push(format!("{}'s parameter was written {} times: {puts:?}", region.city(), puts.len()));
        }
        let epochs: Vec<u64> = seen.puts(region, STATE).iter().filter_map(|put| epoch(put)).collect();
        if !epochs.is_sorted() || epochs.iter().any(|epoch| *epoch > EPOCH + 1) {
            wrong.push(format!("{}'s state was of epochs {epochs:?}", region.city()));
        }
    }
    wrong
}

fn epoch(state: &str) -> Option<u64> {
    serde_json::from_str::<Value>(state).ok()?.get("epoch")?.as_u64()
}

/// What people have to hear came, and nothing of it twice, unless the answer to the message itself was lost. Two invocations of
/// `follow` that find at once that there is no standby may both say so: no record fences what is remembered of that.
fn told(seen: &Seen) -> Vec<String> {
    let messages = messages(seen);
    let needs = |part: &str| !messages.keys().any(|subject| subject.contains(part));
    let wanted: &[&str] = match seen.scene {
        Scene::Switchover | Scene::Recovery => &[],
        Scene::RegionDeath => &["no standby"],
        Scene::Outage | Scene::ProbedOutage => &["failed over to ap-northeast-3"],
    };
    let missing = wanted
        .iter()
        .filter(|part| needs(part))
        .map(|part| format!("no message \u{201c}{part}\u{201d} came"));
    let may_repeat = matches!(seen.disturbs("Publish"), Some(Chaos::Lost | Chaos::Cut));
    let most = |subject: &str| if may_repeat || subject.contains("standby") { 2 } else { 1 };
    let twice = messages.iter().filter(|(subject, count)| **count > most(subject));
    missing
        .chain(twice.map(|(subject, count)| format!("\u{201c}{subject}\u{201d} came {count} times")))
        .collect()
}

/// Each invocation answers, or fails with a sentence.
fn answers(invoked: &Invoked) -> Option<String> {
    let Invoked { what, payload, failed, ended } = invoked;
    if ended.is_none() {
        return Some(format!("{what}: it never ended"));
    }
    let text = |key: &str| payload.get(key).and_then(Value::as_str).unwrap_or_default();
    let (kind, message) = (text("errorType"), text("errorMessage"));
    let says = FAILURES.contains(&kind) && message.contains(' ');
    let answered = payload.get("results").and_then(Value::as_array).is_some_and(|results| {
        !results.is_empty()
            && results.iter().all(|result| result.get("decision").is_some_and(|it| it != "error"))
    });
    (!(if *failed { says } else { answered })).then(|| format!("{what}: {payload}"))
}

#[cfg(test)]
mod tests;
