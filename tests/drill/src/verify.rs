//! `--check`: whether a report shows what it has to. CI runs it over the report that it has just made.

use std::path::Path;

use drill_report::{PhaseName, Report, Scenario};

use crate::error::DrillError;
use crate::scenarios::Name;

/// How much later than in `failover` the record may move in `region-down`, in milliseconds: a dead Region costs nothing.
pub(crate) const DEAD_REGION_MS_MAX: i64 = 500;

/// Checks that the report at `path` has all of `wanted`, passed, and with the phases of a move where there is one.
pub(crate) fn check(path: &Path, wanted: &[Name]) -> Result<(), DrillError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| DrillError::Report {
        path: path.to_owned(),
        source,
    };
    let json = std::fs::read_to_string(path).map_err(|error| failed(error.into()))?;
    let report = Report::parse(&json).map_err(|error| failed(error.into()))?;
    for name in wanted {
        let scenario = report.scenarios.iter().find(|scenario| scenario.name == name.as_str());
        let scenario = scenario
            .ok_or_else(|| DrillError::Unproven(format!("the report has no scenario {}", name.as_str())))?;
        check_scenario(*name, scenario)
            .map_err(|why| DrillError::Unproven(format!("{}: {why}", name.as_str())))?;
    }
    match dead_region_price_ms(&report.scenarios) {
        Some(price_ms) if price_ms > DEAD_REGION_MS_MAX => Err(DrillError::Unproven(format!(
            "a dead Region cost {price_ms} ms on the record's path, more than {DEAD_REGION_MS_MAX} ms"
        ))),
        _ => Ok(()),
    }
}

fn check_scenario(name: Name, scenario: &Scenario) -> Result<(), String> {
    if !scenario.verdict().is_pass() {
        let failed: Vec<&str> =
            scenario.expectations.iter().filter(|it| !it.pass).map(|it| it.name.as_str()).collect();
        return Err(format!("did not pass: {}", failed.join("; ")));
    }
    let phases = &scenario.summary().phases;
    let has = |wanted: &PhaseName| phases.iter().any(|phase| phase.name == *wanted);
    // What was started by an alarm shows when; where nothing may be started, that it was counted is among what it expects.
    if name.starts_one()
        && let Some(missing) = [PhaseName::Alarmed, PhaseName::Started].iter().find(|phase| !has(phase))
    {
        return Err(format!("has no phase {}", missing.as_str()));
    }
    let led = ["unhealthy", "rerouted", "served"].map(|word| PhaseName::Other(word.to_owned()));
    if name == Name::AppFailure
        && let Some(missing) = led.iter().find(|phase| !has(phase))
    {
        return Err(format!("has no phase {}", missing.as_str()));
    }
    let moved = [PhaseName::Injected, PhaseName::Promoted, PhaseName::RecordAccepted, PhaseName::FirstWrite];
    match moved.iter().find(|phase| name.moves() && !has(phase)) {
        Some(missing) => Err(format!("has no phase {}", missing.as_str())),
        None => Ok(()),
    }
}

/// From promotion to record accepted: how much longer it took in `region-down` than in `failover`, in milliseconds.
pub(crate) fn dead_region_price_ms(scenarios: &[Scenario]) -> Option<i64> {
    let took = |name: Name| {
        let scenario = scenarios.iter().find(|scenario| scenario.name == name.as_str())?;
        scenario.worst_between_ms(&PhaseName::Promoted, &PhaseName::RecordAccepted)
    };
    Some(took(Name::RegionDown)? - took(Name::Failover)?)
}
