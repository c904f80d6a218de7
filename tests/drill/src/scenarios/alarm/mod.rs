//! Scenarios in which health alarms wake `failover`: alarm-advise, alarm-automatic, alarm-flapping, alarm-blocked.

pub(super) mod advise;
pub(super) mod automatic;
pub(super) mod blocked;
pub(super) mod flapping;
mod message;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use drill_cloud::Shape;
use drill_report::{EventKind, Expectation, Lane};

use crate::alarms::Outcome;
use crate::delivery::Invoked;
use crate::error::DrillError;
use crate::lag::LagMeter;
use crate::play::Play;

/// How Osaka's alarm comes to the functions. While a Region is dark an invocation waits for it, so these are few.
const OSAKA_SHAPES: [Shape; 3] = [Shape::EventBridge, Shape::Direct, Shape::EventBridge];
/// How the witness's does: a Lambda action does not reach another Region.
const WITNESS_SHAPES: [Shape; 3] = [Shape::SnsEventBridge, Shape::Sns, Shape::SnsEventBridge];
/// How long after an answer its messages may still be on their way.
const MAIL: Duration = Duration::from_millis(500);

/// Begins to measure the replication lag, and waits until CloudWatch has a first sample.
pub(super) async fn measure_lag(play: &mut Play<'_>) -> Result<LagMeter, DrillError> {
    let meter = LagMeter::start(play);
    let lag = play.wait("a first sample of the replication lag", |_| meter.last()).await?;
    let text = format!("CloudWatch has the standby's replication lag, {} ms", lag.as_millis());
    play.act(Lane::Database, EventKind::State, &text);
    Ok(meter)
}

/// How many calls that start a failover were made, by anybody, answered or not.
pub(super) fn expect_calls(play: &mut Play<'_>, wanted: usize) {
    let calls = play.failover_calls(play.started).len();
    play.expect(Expectation::exactly("Calls of FailoverGlobalCluster", wanted, Some(calls)));
}

/// Every one of these answers was a refusal, by exactly these checks.
pub(super) fn expect_refused(play: &mut Play<'_>, what: &str, invoked: &[Invoked], by: &[&str]) {
    let refused = !invoked.is_empty() && invoked.iter().all(|it| is_refused(it, by));
    let wanted = format!("refused by {}", by.join(", "));
    play.expect(Expectation::judged(what, wanted, summary(invoked), refused));
}

fn is_refused(invoked: &Invoked, by: &[&str]) -> bool {
    let outcome = Outcome::of(&invoked.payload).filter(|_| !invoked.failed);
    outcome.is_some_and(|outcome| outcome.action() == "refused" && outcome.blocked_by() == by)
}

/// Such as `6 × refused by alarms_in_alarm`.
fn summary(invoked: &[Invoked]) -> String {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for it in invoked {
        *counted.entry(words(it)).or_default() += 1;
    }
    let parts: Vec<String> = counted.iter().map(|(words, count)| format!("{count} \u{d7} {words}")).collect();
    if parts.is_empty() { "no answer".to_owned() } else { parts.join("; ") }
}

fn words(invoked: &Invoked) -> String {
    let Some(outcome) = Outcome::of(&invoked.payload).filter(|_| !invoked.failed) else {
        let message = invoked.payload.get("errorMessage").and_then(serde_json::Value::as_str);
        return message.map_or("no policy".to_owned(), |message| format!("failed: {message}"));
    };
    match outcome.blocked_by().as_slice() {
        [] => outcome.action().to_owned(),
        blocked => format!("{} by {}", outcome.action(), blocked.join(", ")),
    }
}

/// All answers of the function that alarms wake, since then.
fn answers(play: &Play<'_>, since: Instant) -> Vec<Invoked> {
    let log = play.delivery.log().into_iter();
    log.filter(|it| it.job == crate::delivery::Job::Failover && it.began >= since).collect()
}
