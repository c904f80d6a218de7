//! What a dead Region or a slow service costs a warm event.

use std::time::Duration;

use crate::cloud::{Cloud, Fault, Scope};
use crate::emulator::Emulator;
use crate::error::BenchError;
use crate::fleet::{Fleet, OSAKA, SEOUL, event};
use crate::report::Outage;
use crate::rows::latency::accepted_at;
use crate::stats::{Stats, ms};
use crate::subject::{Process, Programs, Subject};

const DELAY: Duration = Duration::from_millis(35);
const SLOW: Duration = Duration::from_millis(200);
const TIME_LIMIT: Duration = Duration::from_mins(1);
const PEER: Scope = Scope { service: None, region: Some(SEOUL) };

const CASES: [(&str, Option<(Scope, Fault)>); 5] = [
    ("everything answers", None),
    ("the peer Region refuses", Some((PEER, Fault::Refuse))),
    ("the peer Region is black-holed", Some((PEER, Fault::BlackHole))),
    (
        "Route 53 is 200 ms slower",
        Some((Scope { service: Some("route53"), region: None }, Fault::Slow(SLOW))),
    ),
    (
        "Parameter Store is 200 ms slower",
        Some((Scope { service: Some("ssm"), region: None }, Fault::Slow(SLOW))),
    ),
];

/// Measures each case `runs` times, in turn.
pub(crate) async fn measure(
    programs: &Programs,
    emulator: &Emulator,
    fleet: &Fleet,
    runs: usize,
) -> Result<Vec<Outage>, BenchError> {
    eprintln!("bench: a dead Region's price");
    let cloud = Cloud::start(fleet, Some(emulator.address())).await?;
    cloud.delay(DELAY);
    let process = Process::start(Subject::Follow, programs, &cloud.endpoint()).await?;
    process.expect(event("db0000", SEOUL), TIME_LIMIT).await?;
    let mut accepted = CASES.map(|_| Vec::new());
    let mut answered = CASES.map(|_| Vec::new());
    for _ in 0..runs {
        for ((_, fault), (accepted, answered)) in CASES.iter().zip(accepted.iter_mut().zip(&mut answered)) {
            if let Some((scope, fault)) = fault {
                cloud.inject(*scope, *fault);
            }
            cloud.transition(OSAKA);
            cloud.reset_ledger();
            let answer = process.expect(event("db0000", OSAKA), TIME_LIMIT).await?;
            accepted.push(ms(accepted_at(&cloud, Subject::Follow)? - answer.handed));
            answered.push(ms(answer.answered - answer.handed));
            back(&cloud, &process).await?;
        }
    }
    process.stop().await?;
    Ok(outages(accepted.map(Stats::of), answered.map(Stats::of)))
}

/// Everything answers again, and the writer is in Seoul again.
async fn back(cloud: &Cloud, process: &Process) -> Result<(), BenchError> {
    cloud.heal();
    process.expect(event("db0000", OSAKA), TIME_LIMIT).await?;
    cloud.transition(SEOUL);
    process.expect(event("db0000", SEOUL), TIME_LIMIT).await.map(drop)
}

fn outages(accepted: [Stats; CASES.len()], answered: [Stats; CASES.len()]) -> Vec<Outage> {
    let healthy = accepted.first().map_or(f64::NAN, |stats| stats.median);
    let cases = CASES.iter().zip(accepted.into_iter().zip(answered));
    cases
        .map(|((name, _), (accepted, answered))| Outage {
            name,
            accepted,
            answered,
            of_healthy: accepted.median / healthy,
        })
        .collect()
}
