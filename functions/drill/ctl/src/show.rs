//! Answers as people read them.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, TableComponent, presets};
use drill_report::Report;
use serde_json::Value;

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
        table.add_row(row);
    }
    table.to_string()
}

/// A field as text; a dash where there is none.
fn text(value: &Value, field: &str) -> String {
    match value.get(field) {
        None | Some(Value::Null) => "\u{2013}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The status of every database.
pub(crate) fn status(answer: &Value) {
    for database in list(answer, "databases") {
        one_status(database);
    }
    for error in list(answer, "errors") {
        say(&format!("not looked after: {}", error.as_str().unwrap_or_default()));
    }
}

fn one_status(database: &Value) {
    say(&format!("{}: {}", text(database, "database"), text(database, "reason")));
    say(&format!(
        "  published    {} at epoch {}, {}",
        text(database, "endpoint"),
        text(database, "epoch"),
        text(database, "last_transition")
    ));
    say(&format!(
        "  record       {}{}",
        text(database, "record"),
        if database.get("drift") == Some(&Value::Bool(true)) { "  (DRIFT)" } else { "" }
    ));
    if database.get("held").is_some_and(Value::is_string) {
        say(&format!("  HELD         {}", text(database, "held")));
    }
    if database.get("standby") == Some(&Value::Bool(false)) {
        say("  NO STANDBY   no other Region's cluster could take over now");
    }
    let regions = database.get("regions").and_then(Value::as_object).into_iter().flatten();
    let rows = regions.map(|(region, it)| {
        let lag = it.get("lag_ms").and_then(Value::as_u64);
        vec![
            region.clone(),
            text(it, "says"),
            text(it, "takes_writes"),
            text(it, "could_take_over"),
            lag.map_or_else(
                || "\u{2013}".to_owned(),
                |ms| format!("{ms} ms, {} s ago", text(it, "lag_age_seconds")),
            ),
            text(it, "epoch"),
            text(it, "operation"),
        ]
    });
    let heading = ["Region", "says", "takes writes", "could take over", "lag", "epoch", "operation"];
    say(&table(&heading, rows.collect()));
    if let Some(failover) = database.get("failover").filter(|it| it.is_object()) {
        let refused: Vec<&str> = list(failover, "refused_by").iter().filter_map(Value::as_str).collect();
        let by = if refused.is_empty() { "nothing".to_owned() } else { refused.join(", ") };
        say(&format!(
            "  an alarm's failover ({}) to {} would be refused by: {by}",
            text(failover, "mode"),
            text(failover, "target")
        ));
    }
    if let Some(run) = database.get("run").filter(|it| it.is_object()) {
        let end = run.pointer("/ended/why").and_then(Value::as_str).unwrap_or("in progress");
        say(&format!("  last run {}: {end}", text(run, "id")));
    }
    for failure in list(database, "failures") {
        say(&format!("  no answer: {}", failure.as_str().unwrap_or_default()));
    }
    say("");
}

/// A plan, or both.
pub(crate) fn plans(answer: &Value) -> bool {
    let both = [answer.get("switchover"), answer.get("failover")];
    let mut any = false;
    for plan in both.into_iter().flatten() {
        any |= plan_of(plan);
    }
    if answer.get("calls").is_some() { plan_of(answer) } else { any }
}

/// Whether it would be started.
fn plan_of(plan: &Value) -> bool {
    say(&format!(
        "{} of {} to {}: {}",
        text(plan, "action"),
        text(plan, "database"),
        text(plan, "target_region"),
        text(plan, "reason")
    ));
    let checks = list(plan, "checks").iter().map(|check| {
        let pass = check.get("pass") == Some(&Value::Bool(true));
        vec![
            if pass { "pass" } else { "FAIL" }.to_owned(),
            text(check, "name"),
            text(check, "value"),
            text(check, "limit"),
        ]
    });
    say(&table(&["", "check", "value", "wanted"], checks.collect()));
    for it in list(plan, "overrides") {
        say(&format!("  overridden by {}: {} ({})", text(it, "by"), text(it, "check"), text(it, "value")));
    }
    let calls = list(plan, "calls").iter().enumerate().map(|(at, call)| {
        let kind = if call.get("changes") == Some(&Value::Bool(true)) { "CHANGES" } else { "reads" };
        vec![(at + 1).to_string(), kind.to_owned(), text(call, "call"), text(call, "writes")]
    });
    say(&table(&["", "", "API call", "writes"], calls.collect()));
    say("");
    plan.get("would_start") == Some(&Value::Bool(true))
}

/// A switch in every Region.
pub(crate) fn switched(answer: &Value) {
    let regions = answer.get("regions").and_then(Value::as_object).into_iter().flatten();
    let rows =
        regions.map(|(region, it)| vec![region.clone(), it.as_str().unwrap_or_default().replace('_', " ")]);
    say(&format!("{} {}", text(answer, "action"), text(answer, "database")));
    say(&table(&["Region", &text(answer, "parameter")], rows.collect()));
    if answer.get("left").is_some() {
        say(&text(answer, "left"));
    }
    if let Some(reason) = answer.pointer("/result/reason").and_then(Value::as_str) {
        say(reason);
    }
}

/// A transition's report.
pub(crate) fn report(report: &Report) {
    for scenario in &report.scenarios {
        say(&scenario.title);
        if let Some(by_hand) = &scenario.by_hand {
            say(&format!("run {}, {}", by_hand.run, by_hand.progress.label()));
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
