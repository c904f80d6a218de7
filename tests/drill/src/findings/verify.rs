//! What one scenario's figures say of another's, and `--check`: whether a report shows what it has to. CI runs it over the
//! report that it has just made.

use std::path::Path;

use drill_report::{Expectation, PhaseName, Report, Scenario};

use crate::script::Script;
use crate::stage::error::DrillError;

/// How much longer the record's path may take than in the scenario that it is held against, in milliseconds: a dead Region
/// costs nothing.
const PRICE_MS_MAX: i64 = 500;

/// Holds each script against the one that it has to be as quick as, where both were played.
pub(crate) fn compare(scripts: &[&Script], scenarios: &mut [Scenario]) {
    for script in scripts {
        let Some((other, price_ms)) = price_ms(script, scenarios) else { continue };
        let expectation = Expectation::judged(
            format!("The dead Region's price on the record's path, against {other} in the same run"),
            format!("at most {PRICE_MS_MAX} ms"),
            format!("{price_ms} ms"),
            price_ms <= PRICE_MS_MAX,
        );
        if let Some(scenario) = scenarios.iter_mut().find(|scenario| scenario.name == script.name) {
            scenario.expectations.push(expectation);
        }
    }
}

/// How much longer it took from promotion to record accepted than in the scenario that it is held against.
fn price_ms(script: &Script, scenarios: &[Scenario]) -> Option<(&'static str, i64)> {
    let took = |name: &str| {
        let scenario = scenarios.iter().find(|scenario| scenario.name == name)?;
        scenario.worst_between_ms(&PhaseName::Promoted, &PhaseName::RecordAccepted)
    };
    let other = script.expects.as_quick_as?.name;
    Some((other, took(script.name)? - took(other)?))
}

/// Checks that the report at `path` has all of `wanted`, passed, and with the phases that they have to show.
pub(crate) fn check(path: &Path, wanted: &[&Script]) -> Result<(), DrillError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| DrillError::Report {
        path: path.to_owned(),
        source,
    };
    let json = std::fs::read_to_string(path).map_err(|error| failed(error.into()))?;
    let report = Report::parse(&json).map_err(|error| failed(error.into()))?;
    for script in wanted {
        check_scenario(script, &report.scenarios)
            .map_err(|why| DrillError::Unproven(format!("{}: {why}", script.name)))?;
    }
    Ok(())
}

fn check_scenario(script: &Script, scenarios: &[Scenario]) -> Result<(), String> {
    let scenario = scenarios.iter().find(|scenario| scenario.name == script.name);
    let scenario = scenario.ok_or("not in the report")?;
    if !scenario.verdict().is_pass() {
        let failed: Vec<&str> =
            scenario.expectations.iter().filter(|it| !it.pass).map(|it| it.name.as_str()).collect();
        return Err(format!("did not pass: {}", failed.join("; ")));
    }
    let phases = scenario.summary().phases;
    let is_shown = |wanted: &str| phases.iter().any(|phase| phase.name.as_str() == wanted);
    if let Some(missing) = script.expects.phases.iter().find(|wanted| !is_shown(wanted)) {
        return Err(format!("has no phase {missing}"));
    }
    match price_ms(script, scenarios) {
        Some((other, ms)) if ms > PRICE_MS_MAX => Err(format!("took {ms} ms longer than {other}")),
        _ => Ok(()),
    }
}
