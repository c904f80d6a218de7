//! Writes a sample report, with invented figures, as JSON and HTML into a folder, and prints its table.
//!
//! `cargo run -p drill-report --example sample -- target/sample [--failed]`

use std::{error::Error, io::Write, path::PathBuf};

use drill_report::{Expectation, Table};

#[path = "../tests/sample/mod.rs"]
mod sample;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let mut report = sample::report();
    if arguments.next().is_some_and(|argument| argument == "--failed")
        && let Some(scenario) = report.scenarios.get_mut(2)
    {
        scenario.expectations.push(Expectation::within_ms(
            "The record is visible after the promotion",
            200,
            Some(272),
        ));
    }
    std::fs::create_dir_all(&folder)?;
    report.write_json(&folder.join("report.json"))?;
    report.write_html(&folder.join("report.html"))?;
    std::io::stdout().write_all(Table { colour: false }.render(&report).as_bytes())?;
    Ok(())
}
