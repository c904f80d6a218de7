//! The report's files, and the table on the terminal.

use std::io::{IsTerminal, Write};
use std::path::Path;

use drill_report::{Environment, Expectation, NamedValue, Report, Scenario, Table, WriteError};

use crate::stage::error::DrillError;
use crate::stage::installation::{SETTLE_SECONDS, TTL_SECONDS};
use crate::stage::pace::{Pace, QUICK_PROPAGATION};
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

/// Where and with what it is played.
pub(crate) fn environment(props: &Props) -> Environment {
    let value = |name: &str, value: &str| NamedValue::new(name, value);
    Environment {
        tls_exercised: props.binaries.has_tls(),
        details: vec![
            value("PostgreSQL", &format!("{} ({})", props.binaries.version(), props.binaries.origin())),
            value("AWS emulator", "ministack 1.5.33, with an Aurora of our own in front"),
            value("played", &props.builds()),
            value("functions", "one follow and one failover in each Region"),
            value(
                "alarms",
                "set by the script, read by the functions; one in Osaka, a witness in Tokyo, or those of the apps' health checks; those of the \
                 database by what the real probes print, where a scenario has any",
            ),
            value("health checks", "played by Route 53's documented rules on what is stored, without TLS"),
            value("settle_seconds", &SETTLE_SECONDS.to_string()),
            value("record TTL", &format!("{TTL_SECONDS} s")),
            value("emulated DNS propagation", &propagation()),
            value("schedule", "each minute at AWS's own pace; else every 2 to 6 s where a scenario says so"),
        ],
    }
}

fn propagation() -> String {
    let (quick, real) = (QUICK_PROPAGATION.as_millis(), Pace::Real.propagation().as_secs());
    format!("{quick} ms; {real} s at AWS's own pace")
}
