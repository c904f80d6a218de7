//! The report's files, and the table on the terminal.

use std::io::{IsTerminal, Write};
use std::path::Path;

use drill_report::{Expectation, Report, Scenario, Table, WriteError};

use crate::stage::error::DrillError;
use crate::stage::props::Props;

/// Writes the report, and prints what it comes to.
pub(crate) fn write(report: &Report, props: &Props) -> Result<(), DrillError> {
    let (json, html) = (props.out.join("report.json"), props.out.join("report.html"));
    let failed =
        |path: &Path, error: WriteError| DrillError::Report { path: path.to_owned(), source: error.into() };
    report.write_json(&json).map_err(|error| failed(&json, error))?;
    report.write_html(&html).map_err(|error| failed(&html, error))?;
    let colour = std::io::stdout().is_terminal();
    say(&Table { colour }.render(report));
    say(&format!("report: {} and {}", html.display(), json.display()));
    Ok(())
}

/// Says something to whoever reads standard output.
pub(crate) fn say(text: &str) {
    // A closed standard output changes no verdict.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A scenario that could not be played to its end is a failed one.
pub(crate) fn unplayed(name: &str, error: &DrillError) -> Scenario {
    let what = "The scenario is played to its end";
    Scenario {
        name: name.to_owned(),
        title: "Could not be played to its end".to_owned(),
        story: error.to_string(),
        expectations: vec![Expectation::judged(what, "yes", error.to_string(), false)],
        ..Scenario::default()
    }
}
