//! Answers as people read them.

use std::collections::BTreeMap;
use std::io::Write;

use comfy_table::{ContentArrangement, Table, TableComponent, presets};
use drill_report::{DISCLAIMER_LINE, Report};
use responder_core::operator::reply::TransitionPlan;
use responder_core::operator::status::{RegionStatus, Status, Statuses};
use responder_core::operator::switches::{Declared, Switched, Written};
use responder_core::words::failure::visible;
use responder_core::words::names::Region;
use responder_core::words::timestamp::duration;
use serde_json::Value;

/// Most characters of a cell; nothing that people read is longer.
const CELL_MAX: usize = 2_000;

/// Prints a text.
pub(crate) fn say(text: &str) {
    // Whoever closed standard output does not want it.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints an answer for machines.
pub(crate) fn json(answer: &Value) {
    say(&serde_json::to_string_pretty(answer).unwrap_or_default());
}

pub(crate) fn table(heading: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_style(TableComponent::HeaderLines, '\u{2500}');
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(120).set_header(heading.to_vec());
    for row in rows {
        table.add_row(row.into_iter().map(cell));
    }
    table.to_string()
}

/// Breaking a text into lines takes the square of its length.
fn cell(text: String) -> String {
    match text.char_indices().nth(CELL_MAX) {
        Some((end, _)) => format!("{}\u{2026}", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A value as text; a dash where there is none.
fn text(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "\u{2013}".to_owned(), ToString::to_string)
}

/// The status of every database.
pub(crate) fn status(statuses: &Statuses) {
    statuses.databases.iter().for_each(one_status);
    if statuses.databases.is_empty() {
        say("no database is looked after: none is configured rightly in the Region that answered");
    }
    for error in &statuses.errors {
        say(&format!("not looked after: {error}"));
    }
}

fn one_status(status: &Status) {
    say(&format!("{}: {}", status.database, status.reason));
    say(&format!(
        "  published    {} at epoch {}, {}",
        text(status.endpoint.as_ref()),
        text(status.epoch.as_ref()),
        text(status.last_transition.as_ref())
    ));
    say(&format!("  record       {}{}", status.record, if status.drift { "  (DRIFT)" } else { "" }));
    if let Some(reason) = &status.held {
        say(&format!("  HELD         {reason}"));
    }
    if status.standby == Some(false) {
        say("  NO STANDBY   no other Region's cluster could take over now");
    }
    let rows = status.regions.iter().map(|(region, it)| region_row(region, it)).collect();
    let heading = ["Region", "says", "takes writes", "could take over", "lag", "epoch", "operation"];
    say(&table(&heading, rows));
    if let Some(failover) = &status.failover {
        let by =
            if failover.refused_by.is_empty() { "nothing".into() } else { failover.refused_by.join(", ") };
        let (mode, target) = (failover.mode.as_str(), &failover.target);
        say(&format!("  an alarm's failover ({mode}) to {target} would be refused by: {by}"));
        if let Some(readiness) = &failover.readiness {
            say(&format!("  readiness of {target}: {}", visible(&readiness.says)));
        }
    }
    if let Some(run) = &status.run {
        let end = run.ended.as_ref().map_or("in progress", |ended| ended.why.as_str());
        say(&format!("  last run {}: {end}", run.id));
    }
    for failure in &status.failures {
        say(&format!("  no answer: {failure}"));
    }
    say("");
}

fn region_row(region: &Region, it: &RegionStatus) -> Vec<String> {
    let lag = it.lag_ms.zip(it.lag_age_seconds);
    vec![
        region.to_string(),
        it.says.clone(),
        it.takes_writes.clone(),
        it.could_take_over.clone(),
        text(lag.map(|(ms, seconds)| format!("{ms} ms, {} ago", duration(seconds))).as_ref()),
        text(it.epoch.as_ref()),
        text(it.operation.as_ref()),
    ]
}

/// A plan.
pub(crate) fn plan(plan: &TransitionPlan) {
    say(&format!("{} of {} to {}: {}", plan.action.as_str(), plan.database, plan.target_region, plan.reason));
    let checks = plan.checks.iter().map(|check| {
        let word = if check.pass { "pass" } else { "FAIL" };
        vec![word.to_owned(), check.name.clone(), check.value.clone(), text(check.limit.as_ref())]
    });
    say(&table(&["", "check", "value", "wanted"], checks.collect()));
    for it in &plan.overrides {
        say(&format!("  overridden by {}: {} ({})", it.by, it.check, it.value));
    }
    let calls = plan.calls.iter().zip(1..).map(|(call, number)| {
        let kind = if call.changes { "CHANGES" } else { "reads" };
        vec![number.to_string(), kind.to_owned(), call.call.clone(), text(call.writes.as_ref())]
    });
    say(&table(&["", "", "API call", "writes"], calls.collect()));
    say("");
}

/// The hold switch in every Region.
pub(crate) fn switched(switched: &Switched) {
    let Switched { action, database, parameter, regions, left, .. } = switched;
    written(action, database, parameter, regions);
    if let Some(left) = left {
        say(left);
    }
}

/// A declared promotion.
pub(crate) fn declared(declared: &Declared) {
    let Declared { action, database, parameter, regions, result, .. } = declared;
    written(action, database, parameter, regions);
    say(&result.reason);
    let left =
        regions.iter().filter(|(_, it)| matches!(it, Written::Failed(_))).map(|(region, _)| region.as_str());
    let left: Vec<&str> = left.collect();
    if !left.is_empty() {
        let left = left.join(", ");
        say(&format!(
            "{left} did not take it, and its functions know nothing of it: the same command again when it answers"
        ));
    }
}

fn written(action: &str, database: &str, parameter: &str, regions: &BTreeMap<Region, Written>) {
    let rows = regions.iter().map(|(region, written)| {
        let word = match written {
            Written::Set => "set",
            Written::Removed => "removed",
            Written::WasNotSet => "was not set",
            Written::Failed(why) => why,
        };
        vec![region.to_string(), word.to_owned()]
    });
    say(&format!("{action} {database}"));
    say(&table(&["Region", parameter], rows.collect()));
}

/// A transition's report.
pub(crate) fn report(report: &Report) {
    if report.emulated {
        say(DISCLAIMER_LINE);
    }
    for scenario in &report.scenarios {
        say(&scenario.title);
        if let Some(by_hand) = &scenario.by_hand {
            say(&format!("run {}, {}", by_hand.run, by_hand.progress.label()));
            if let Some(page) = &by_hand.page {
                say(&format!("the page about it: {page}"));
            }
            for it in &by_hand.overrides {
                say(&format!("overridden by {}: {} ({})", it.by, it.check, it.value));
            }
        }
        let phases = scenario.legs.iter().flat_map(|leg| &leg.phases);
        let rows = phases.map(|phase| vec![phase.name.label(), format!("{} ms", phase.at_ms)]).collect();
        say(&table(&["phase", "from the call"], rows));
        let rows = scenario.expectations.iter().map(|it| {
            let word = if it.pass { "met" } else { "MISSED" };
            vec![word.to_owned(), it.name.clone(), it.expected.clone(), it.measured.clone()]
        });
        say(&table(&["", "objective", "expected", "measured"], rows.collect()));
        for note in &scenario.notes {
            say(&format!("on the way: {note}"));
        }
    }
}
