//! What a dead Region or a slow service costs a warm event.

use std::net::SocketAddr;
use std::time::Duration;

use drill_emulator::front::{Fault, Scope};

use crate::cloud::Cloud;
use crate::error::BenchError;
use crate::fleet::{Fleet, OSAKA, SEOUL, event};
use crate::report::data::Outage;
use crate::rows::latency::accepted_at;
use crate::stats::{Stats, ms};
use crate::subject::{Process, Programs, Subject};

const DELAY: Duration = Duration::from_millis(35);
const SLOW: Duration = Duration::from_millis(200);
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// What is wrong.
#[derive(Clone)]
enum Wrong {
    Nothing,
    Faults(Scope, Fault),
    /// The peer Region has not learnt that it is the writer's no more.
    Claims,
}

/// What is wrong in each case.
fn cases() -> [(&'static str, Wrong); 6] {
    let slow = |service| Wrong::Faults(Scope::service(service), Fault::Delay(SLOW));
    [
        ("everything answers", Wrong::Nothing),
        ("the peer Region refuses", Wrong::Faults(Scope::region(SEOUL), Fault::Refuse)),
        ("the peer Region is black-holed", Wrong::Faults(Scope::region(SEOUL), Fault::BlackHole)),
        ("the peer Region goes on claiming", Wrong::Claims),
        ("Route 53 is 200 ms slower", slow("route53")),
        ("Parameter Store is 200 ms slower", slow("ssm")),
    ]
}

/// Measures each case `runs` times, in turn.
pub(crate) async fn measure(
    programs: &Programs,
    ministack: SocketAddr,
    fleet: &Fleet,
    runs: usize,
) -> Result<Vec<Outage>, BenchError> {
    eprintln!("bench: a dead Region's price");
    let cloud = Cloud::start(fleet, Some(ministack)).await?;
    cloud.front.round_trip(DELAY);
    let process = Process::start(Subject::Follow, programs, &cloud.front.endpoint()).await?;
    process.expect(event("db0000"), TIME_LIMIT).await?;
    let mut seen = cases().map(|(name, wrong)| (name, wrong, Vec::new(), Vec::new()));
    for _ in 0..runs {
        for (_, wrong, accepted, answered) in &mut seen {
            match wrong {
                Wrong::Nothing => {}
                Wrong::Faults(scope, fault) => {
                    cloud.front.inject(scope.clone(), fault.clone());
                }
                Wrong::Claims => cloud.stays_behind(SEOUL, true),
            }
            cloud.transition(OSAKA);
            cloud.reset_ledger();
            let answer = process.expect(event("db0000"), TIME_LIMIT).await?;
            accepted.push(ms(accepted_at(&cloud, Subject::Follow)? - answer.handed));
            answered.push(ms(answer.answered - answer.handed));
            back(&cloud, &process).await?;
        }
    }
    process.stop().await?;
    let outages = seen.map(|(name, _, accepted, answered)| (name, Stats::of(accepted), Stats::of(answered)));
    let healthy = outages.first().map_or(f64::NAN, |(_, accepted, _)| accepted.median);
    let outage = |(name, accepted, answered): (_, Stats, _)| Outage {
        name,
        accepted,
        answered,
        of_healthy: accepted.median / healthy,
    };
    Ok(outages.map(outage).to_vec())
}

/// Everything answers again, and the writer is in Seoul again.
async fn back(cloud: &Cloud, process: &Process) -> Result<(), BenchError> {
    cloud.front.heal_all();
    cloud.stays_behind(SEOUL, false);
    process.expect(event("db0000"), TIME_LIMIT).await?;
    cloud.transition(SEOUL);
    process.expect(event("db0000"), TIME_LIMIT).await.map(drop)
}
