//! The report as one page that needs nothing else, in the look of the drill's.

use maud::{Markup, PreEscaped, html};

use crate::report::chart::{Line, chart};
use crate::report::data::{Case, IdleRow, Report};
use crate::report::figure::{amount, exact, seconds, size};
use crate::report::sheet::Sheet;
use crate::report::sheets::sheets;
use crate::report::text::{CAUTION, decision};

const TITLE: &str = "failover-responder: measured side by side";

/// The whole page.
pub(crate) fn page(report: &Report) -> String {
    let body = html! {
        h1 { (TITLE) }
        p.disclaimer { (CAUTION) }
        @for it in &report.failed { p { strong { "Could not be measured: " } (it) } }
        @for sheet in sheets(report) { (Sheet::markup(&sheet)) }
        (charts(report))
        p { (decision(report)) }
        h3 { "Method" }
        @for it in &report.method { p { (it) } }
        h3 { "What this does not show" }
        @for it in &report.not_shown { p { (it) } }
    };
    drill_report::document(TITLE, &body).into_string()
}

fn charts(report: &Report) -> Markup {
    let fleet = |cases: &[Case]| {
        let rows = report.fleets.iter().filter(|it| cases.contains(&it.case));
        rows.map(|it| (size(it.databases), it.p100_ms)).collect()
    };
    let idle = |value: &dyn Fn(&IdleRow) -> f64| {
        report.idle.iter().map(|it| (size(it.databases), value(it))).collect()
    };
    let moves = [
        Line { name: "follow, warm", points: fleet(&[Case::Warm]) },
        Line { name: "boto3", points: fleet(&[Case::Baseline, Case::Computed]) },
        Line { name: "follow, cold", points: fleet(&[Case::Cold]) },
    ];
    let time = [
        Line { name: "elapsed", points: idle(&|it| it.elapsed_ms) },
        Line { name: "processor", points: idle(&|it| it.cpu_ms) },
    ];
    let memory = [Line { name: "peak memory", points: idle(&|it| exact(it.peak_memory)) }];
    let calls = [Line { name: "calls a minute", points: idle(&|it| exact(it.total)) }];
    let drawn = [
        chart("until the last record has moved, by databases", &moves, &seconds),
        chart("a pass in which nothing happens, by databases", &time, &seconds),
        chart("memory, by databases", &memory, &|it| amount(it, "bytes")),
        chart("idle calls of one function, by databases", &calls, &|it| format!("{it}")),
    ];
    html! { @for svg in drawn.into_iter().flatten() { (PreEscaped(svg)) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::data::FleetRow;

    #[test]
    fn a_fleet_is_drawn_and_an_empty_report_is_a_page_too() {
        let row = |databases, p100_ms| FleetRow { databases, p100_ms, ..FleetRow::default() };
        let report = Report { fleets: vec![row(1, 120.0), row(1_000, 2_500.0)], ..Report::default() };
        let drawn = page(&report);
        assert!(drawn.contains("<polyline") && drawn.contains("until the last record has moved"), "{drawn}");
        let empty = page(&Report::default());
        assert!(empty.contains(CAUTION) && !empty.contains("<svg"), "{empty}");
    }
}
