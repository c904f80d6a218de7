//! The report for a terminal.

use crate::report::data::Report;
use crate::report::sheet::Sheet;
use crate::report::sheets::sheets;

/// What every reader has to know first.
pub(super) const CAUTION: &str = "Emulated AWS on one machine: ratios of one run, not AWS's times.";

/// All tables, one below the other.
pub(crate) fn text(report: &Report) -> String {
    let tables: String = sheets(report).iter().map(Sheet::text).collect();
    let failed = report.failed.iter().map(|it| format!("COULD NOT BE MEASURED  {it}\n"));
    format!("{tables}{}\n{}\n{CAUTION}\n", decision(report), failed.collect::<String>())
}

/// What the decision takes, in a sentence.
pub(super) fn decision(report: &Report) -> String {
    let (decide, plan) = (report.decision.decide_ns, report.decision.plan_ns);
    format!("The pure decision takes {decide:.0} ns of processor time a database, its plan {plan:.0} ns.")
}
