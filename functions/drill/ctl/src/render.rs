//! A report's JSON as a page.

use std::io::Read;
use std::path::{Path, PathBuf};

use drill_report::Report;
use responder_core::words::failure::sentence;
use serde_json::Value;

use crate::error::CtlError;

/// Renders `file` to `output`, or beside it; says where the page is.
pub(crate) fn page(file: &Path, output: Option<&Path>) -> Result<PathBuf, CtlError> {
    let failed = |path: &Path, why: String| CtlError::File { path: path.to_owned(), why };
    let json = read(file).map_err(|error| failed(file, error.to_string()))?;
    let report = Report::parse(&json).map_err(|error| failed(file, sentence(&error)))?;
    let is_stdin = file == Path::new("-");
    let beside = || if is_stdin { PathBuf::from("report.html") } else { file.with_extension("html") };
    let output = output.map_or_else(beside, Path::to_owned);
    report.write_html(&output).map_err(|error| failed(&output, sentence(&error)))?;
    Ok(output)
}

/// The report that a transition is answered with.
pub(crate) fn report(answer: &Value) -> Result<Report, CtlError> {
    Report::parse(&answer.to_string()).map_err(|error| CtlError::Answer(sentence(&error)))
}

fn read(file: &Path) -> std::io::Result<String> {
    if file == Path::new("-") {
        let mut json = String::new();
        std::io::stdin().read_to_string(&mut json)?;
        return Ok(json);
    }
    std::fs::read_to_string(file)
}
