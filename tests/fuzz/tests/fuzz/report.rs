//! A drill report: read, written again, drawn as a page and put into a table.

use drill_report::{Report, Table};
use responder_fuzz::{Target, failure};

use crate::sample;

/// A page is this much longer than its report at most: a number draws no lines of its own.
const PAGE_MAX: usize = 500_000;

pub(crate) fn targets() -> Vec<Target> {
    let whole = sample::report();
    let one = |at: usize| {
        let mut report = whole.clone();
        report.scenarios = vec![whole.scenarios[at].clone()];
        report.to_json().unwrap().into_bytes()
    };
    let seeds = (0..whole.scenarios.len()).map(one).collect();
    vec![Target { name: "report", weight: 30, seeds, check: Box::new(check) }]
}

fn check(text: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(text);
    let report = match Report::parse(&text) {
        Err(error) => return failure(&error, "reading the report: ", text.as_bytes()),
        Ok(report) => report,
    };
    let written = report.to_json().map_err(|error| error.to_string())?;
    let again =
        Report::parse(&written).map_err(|error| format!("what we wrote cannot be read: {error:?}"))?;
    if again.to_json().ok().as_ref() != Some(&written) {
        return Err("what we wrote is read as something else".to_owned());
    }
    let table = Table { colour: false }.render(&report);
    let page = report.to_html().len();
    if table.is_empty() || page > PAGE_MAX + 100 * text.len() {
        return Err(format!("a page of {page} bytes of a report of {}", text.len()));
    }
    Ok(())
}
