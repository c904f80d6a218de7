//! What the figures are held to, each with what was measured. Nothing fails on it: a bound that is not kept is printed.

use crate::error::BenchError;
use crate::fleet::Fleet;
use crate::report::data::{Acceptance, Case, FleetRow, IdleRow, Report, Row};
use crate::report::figure::amount;

/// Calls that change records, for a thousand databases.
const CHANGES_MAX: u32 = 10;
const LISTING: &str = "ssm:GetParametersByPath";
const CHANGE: &str = "route53:ChangeResourceRecordSets";

/// Every bound, with its measured ratio.
pub(crate) fn acceptance(report: &Report) -> Result<Vec<Acceptance>, BenchError> {
    let find = |name: &str, delay: u64| {
        report.rows.iter().find(|row| row.name.starts_with(name) && row.delay_ms == Some(delay))
    };
    let of_baseline = |name: &str, delay| find(name, delay).map_or(f64::NAN, |row: &Row| row.of_baseline);
    let of_limit = |name: &str, delay| find(name, delay).and_then(|row| row.of_limit).unwrap_or(f64::NAN);
    // What the peer Region costs beside what a move takes that it agrees to, in seconds.
    let healthy = report.outages.first().map_or(f64::NAN, |it| it.accepted.median);
    let more = |name: &str| {
        let outage = report.outages.iter().find(|it| it.name.ends_with(name));
        outage.map_or(f64::NAN, |it| (it.accepted.median - healthy) / 1_000.0)
    };
    let mut lines = vec![
        Acceptance::new(
            "cold start: at most 0.05 of the baseline's",
            of_baseline("cold start: process", 0),
            0.05,
        ),
        Acceptance::new(
            "cold start to record accepted, 0 ms: at most 0.10 of the baseline's",
            of_baseline("cold start to record", 0),
            0.10,
        ),
        Acceptance::new(
            "cold start to record accepted, 35 ms: at most 0.30 of the baseline's",
            of_baseline("cold start to record", 35),
            0.30,
        ),
        Acceptance::new("peak memory: at most 0.25 of the baseline's", of_baseline("peak memory", 0), 0.25),
        Acceptance::new(
            "warm event to record accepted, 35 ms: at most 1.15 of two round trips",
            of_limit("warm event to record", 35),
            1.15,
        ),
        Acceptance::new("the peer Region refuses: a second look, at most 0.1 s more", more("refuses"), 0.1),
        Acceptance::new(
            "the peer Region is black-holed: half a second for its objection and a second look, at most 0.6 s more",
            more("black-holed"),
            0.6,
        ),
        Acceptance::new(
            "the peer Region goes on claiming: five seconds of looks, at most 6.5 s more",
            more("claiming"),
            6.5,
        ),
    ];
    for (row, at_most) in report.wire.iter().zip([1.05, 1.08, 1.05, 1.2]) {
        let line = format!("{} over the wire as it is: at most {at_most} of the limit", row.name);
        lines.push(Acceptance::new(line, row.of_limit, at_most));
    }
    for row in &report.probe {
        let line = format!("the probe, {}: of {} at most", row.name, amount(row.at_most, row.unit));
        lines.push(Acceptance::new(line, row.figure.median / row.at_most, 1.0));
    }
    for start in &report.starts {
        let seconds = start.at_most_ms / 1_000.0;
        let line = format!("{}: at most {seconds:.1} s, the writer's Region black-holed", start.name);
        lines.push(Acceptance::new(line, start.called.median / 1_000.0, seconds));
    }
    lines.extend(report.idle.iter().filter(|it| it.subject == "failover").map(at_rest));
    lines.extend(fleets(report)?);
    Ok(lines)
}

/// At rest `failover` reads its alarms, a hundred a call in each of two Regions, and the listing of its configuration.
fn at_rest(row: &IdleRow) -> Acceptance {
    let alarms = row.calls.get("monitoring:DescribeAlarms").copied().unwrap_or_default();
    let listing: u64 =
        row.calls.iter().filter(|(name, _)| name.starts_with(LISTING)).map(|(_, count)| count).sum();
    let expected = 2 * u64::try_from(row.databases.div_ceil(100)).unwrap_or(u64::MAX);
    let others = row.total.saturating_sub(alarms + listing) + alarms.saturating_sub(expected);
    let others = f64::from(u32::try_from(others).unwrap_or(u32::MAX));
    let line = format!(
        "failover at rest, {} databases: calls beside {expected} of DescribeAlarms and the listing",
        row.databases
    );
    Acceptance::new(line, others, 0.0)
}

fn fleets(report: &Report) -> Result<Vec<Acceptance>, BenchError> {
    let of =
        |size: usize, case: Case| report.fleets.iter().find(|it| it.databases == size && it.case == case);
    let all = |size, case| of(size, case).map_or(f64::NAN, FleetRow::all_moved_ms);
    // Against a baseline that did not move them all there is no ratio.
    let baseline = Some(all(1_000, Case::Baseline)).filter(|it| it.is_finite()).unwrap_or(f64::NAN);
    let least = Fleet::new(1_000, "Z0123456789", 60)?.least_changes();
    let count = |it: u64| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
    let mut lines = Vec::new();
    for (case, word) in [(Case::Warm, "warm"), (Case::Cold, "cold")] {
        lines.push(Acceptance::new(
            format!("1,000 databases, {word}: all records in at most 0.05 of the baseline's time"),
            all(1_000, case) / baseline,
            0.05,
        ));
        let changes = of(1_000, case).and_then(|it| it.calls.get(CHANGE)).copied();
        lines.push(Acceptance::new(
            format!("1,000 databases, {word}: at most {CHANGES_MAX} ChangeResourceRecordSets calls"),
            changes.map_or(f64::NAN, count),
            f64::from(CHANGES_MAX),
        ));
        lines.push(Acceptance::new(
            format!("1,000 databases, {word}: ChangeResourceRecordSets calls, of the least by Route 53's limits ({least})"),
            changes.map_or(f64::NAN, |it| count(it) / f64::from(least)),
            1.0,
        ));
        let left = of(5_000, case).and_then(|it| u64::try_from(it.databases - it.moved).ok());
        lines.push(Acceptance::new(
            format!("5,000 databases, {word}: records that had not moved at the end"),
            left.map_or(f64::NAN, count),
            0.0,
        ));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(case: Case, moved: usize, p100_ms: f64) -> FleetRow {
        let calls = [(CHANGE.to_owned(), 13)].into();
        FleetRow { case, databases: 1_000, moved, p100_ms, calls, ..FleetRow::default() }
    }

    fn first_verdict(fleets: Vec<FleetRow>) -> &'static str {
        let lines = super::fleets(&Report { fleets, ..Report::default() }).unwrap();
        lines.first().unwrap().verdict
    }

    #[test]
    fn a_fleet_that_did_not_move_as_a_whole_is_not_quick() {
        let baseline = || row(Case::Baseline, 1_000, 95_000.0);
        assert_eq!(first_verdict(vec![row(Case::Warm, 1_000, 500.0), baseline()]), "met");
        assert_eq!(first_verdict(vec![row(Case::Warm, 999, 500.0), baseline()]), "NOT MET");
        assert_eq!(first_verdict(vec![baseline()]), "not measured");
        let half = row(Case::Baseline, 500, 45_000.0);
        assert_eq!(first_verdict(vec![row(Case::Warm, 1_000, 500.0), half]), "not measured");
    }
}
