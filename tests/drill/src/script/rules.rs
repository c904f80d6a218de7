//! What has to hold where rules decide whom an event wakes.

use std::collections::BTreeMap;

use drill_cloud::Region;

use super::play::Play;
use crate::stage::job::Job;
use crate::stage::wakes::Call;

/// An event that none of the rules is about.
const UNRELATED: &str = "RDS-EVENT-0016";

/// Where rules decide, one event more: about a new password, which must wake nobody.
pub(crate) fn send_unrelated_event(play: &Play) {
    if play.stage.functions.wakes.calls().is_some() {
        play.aurora().emit_unrelated(Region::Seoul);
    }
}

/// Every RDS event went where the rules that it met send it, and nowhere else. Nothing to expect where there are none.
pub(crate) fn expect_events_met_rules(play: &mut Play) {
    let Some(calls) = play.stage.functions.wakes.calls() else { return };
    let calls: Vec<Call> = calls.into_iter().filter(|call| call.at >= play.started).collect();
    let failed: Vec<&str> =
        calls.iter().filter_map(|call| call.reached.as_ref().err().map(String::as_str)).collect();
    let measured = if failed.is_empty() { "none".to_owned() } else { failed.join("; ") };
    let clear = failed.is_empty();
    play.expect_that("RDS events whose way could not be told", "none", measured, clear);
    let delivered = calls.iter().map(|call| reached(call).len()).sum::<usize>();
    play.expect_at_least("RDS events delivered by a rule", 1, delivered);
    let log = play.delivery.log();
    let woken = log.iter().filter(|it| it.began >= play.started && it.why.starts_with("RDS-EVENT")).count();
    play.expect_exactly("RDS events that woke a function without a rule", 0, woken.saturating_sub(delivered));
    let unrelated: Vec<&Call> = calls.iter().filter(|call| call.event == UNRELATED).collect();
    let reaches_nobody = !unrelated.is_empty() && unrelated.iter().all(|call| reached(call).is_empty());
    let measured = match (unrelated.is_empty(), reaches_nobody) {
        (true, _) => "not sent",
        (false, true) => "nobody",
        (false, false) => "somebody",
    };
    let what = format!("{UNRELATED}, a new password, reaches");
    play.expect_that(what, "nobody", measured, reaches_nobody);
    play.notes.extend(notes(&calls));
}

fn reached(call: &Call) -> &[(String, Job)] {
    call.reached.as_deref().unwrap_or_default()
}

/// Which rule sent which events where, and which met none.
fn notes(calls: &[Call]) -> Vec<String> {
    let mut ways: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for call in calls {
        let region = call.region;
        for (rule, job) in reached(call) {
            let way = format!("The rule {rule} in {region} delivered to {}", job.as_str());
            ways.entry(way).or_default().push(call.event);
        }
        if reached(call).is_empty() {
            ways.entry(format!("No rule in {region} is met by")).or_default().push(call.event);
        }
    }
    ways.into_iter().map(|(way, events)| format!("{way}: {}.", events.join(", "))).collect()
}
