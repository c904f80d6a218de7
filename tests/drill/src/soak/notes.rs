//! What a soak's report shows beside its verdict.

use std::time::Duration;

use drill_report::PhaseName;

use super::Soaked;
use super::growth::median;
use super::plan::{Kind, Victim};
use super::verdict::{FEWEST, lost, of};
use crate::stage::job::Job;

/// Figures that are shown and promise nothing.
pub(super) fn notes(soaked: &Soaked) -> Vec<String> {
    let rounds = &soaked.rounds;
    let mut notes = Vec::new();
    for kind in [Kind::Switchover, Kind::Failover] {
        let outages: Vec<u64> = of(rounds, kind)
            .filter_map(|it| it.leg.writes.as_ref())
            .map(drill_report::Writes::outage_ms)
            .collect();
        let moved = of(rounds, kind)
            .filter_map(|it| it.leg.between_ms(&PhaseName::Promoted, &PhaseName::RecordAccepted));
        let moved: Vec<u64> = moved.map(|ms| u64::try_from(ms).unwrap_or_default()).collect();
        notes.push(format!(
            "{} rounds of {kind}: writes out for {} (least, median, most), from the promotion to the record {}; {} acknowledged writes lost.",
            outages.len(),
            spread(&outages),
            spread(&moved),
            of(rounds, kind).map(lost).sum::<u64>(),
        ));
    }
    let behind: Vec<u64> =
        rounds.iter().filter(|it| lost(it) > 0).filter_map(|it| it.lag).map(|lag| ms(lag.said)).collect();
    let oldest = rounds.iter().filter_map(|it| it.lag?.oldest_lost).map(ms).collect::<Vec<_>>();
    notes.push(format!(
        "{} failovers lost something; the lag said for them was {}, and their oldest lost write was acknowledged {} before the kill.",
        behind.len(),
        spread(&behind),
        spread(&oldest),
    ));
    let killed = |is: fn(&Victim) -> bool| rounds.iter().filter(|it| is(&it.plan.victim)).count();
    notes.push(format!(
        "Killed: {} processes of follow, {} of failover, {} todo apps; {} of the functions' processes while they worked.",
        killed(|it| matches!(it, Victim::Function(Job::Follow, _))),
        killed(|it| matches!(it, Victim::Function(Job::Failover, _))),
        killed(|it| matches!(it, Victim::App(_))),
        rounds.iter().filter(|it| it.killed_at_work).count(),
    ));
    let took: Vec<u64> = rounds.iter().map(|it| ms(it.took)).collect();
    notes.push(format!("A round took {}. An app that was killed is out because of that, and not counted in that round's outage.", spread(&took)));
    if soaked.asked < FEWEST {
        notes.push(format!("Growth is judged from {FEWEST} rounds on."));
    }
    notes
}

/// The least, the middle and the most of some milliseconds.
fn spread(values: &[u64]) -> String {
    match (values.iter().min(), median(values), values.iter().max()) {
        (Some(least), Some(middle), Some(most)) => format!("{least}, {middle}, {most} ms"),
        _ => "not measured".to_owned(),
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
