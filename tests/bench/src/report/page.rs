//! The report as one page that needs nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::plot::{Line, plot};
use super::table::{amount, exact, seconds};
use super::{Case, FleetRow, IdleRow, Report, Row};

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub(crate) fn page(report: &Report) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "failover-responder: measured side by side" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "failover-responder: measured side by side" }
                p.note { "Emulated AWS on one machine: ratios of one run, not AWS's times." }
                (acceptance(report))
                h2 { "One database" } div.scroll { (rows(&report.rows)) }
                h2 { "A dead Region's price" } (outages(report))
                h2 { "Fleets: all of them lose their Region at once" } (plots(report)) div.scroll { (fleets(&report.fleets)) }
                h2 { "While nothing happens: one scheduled pass" } div.scroll { (idle(&report.idle)) }
                p { "The pure decision takes " (format!("{:.0} ns", report.decision.decide_ns)) " of processor time a database, its plan "
                    (format!("{:.0} ns", report.decision.plan_ns)) "." }
                h2 { "Method" } ul { @for it in &report.method { li { (it) } } }
                h2 { "What this does not show" } ul { @for it in &report.not_shown { li { (it) } } }
            }
        }
    };
    page.into_string()
}

fn acceptance(report: &Report) -> Markup {
    html! { table {
        tr { th { "what it is held to" } th { "measured" } th { "" } }
        @for it in &report.acceptance {
            tr { td { (it.line) } td { (it.figure()) }
                td class=(if it.verdict == "met" { "met" } else { "missed" }) { (it.verdict) } }
        }
    }
    @for it in &report.failed { p.missed { "Could not be measured: " (it) } } }
}

fn rows(rows: &[Row]) -> Markup {
    html! { table {
        tr { th { "median (p99)" } th { "round trip" }
            @for (name, _) in rows.first().map(|row| row.figures.as_slice()).unwrap_or_default() { th { (name) } }
            th { "ours / record" } th { "ours / limit" } }
        @for row in rows { tr {
            td { (row.name) }
            td { (row.delay_ms.map_or("–".to_owned(), |delay| format!("{delay} ms"))) }
            @for (_, stats) in &row.figures { td { (amount(stats.median, row.unit)) " (" (amount(stats.p99, row.unit)) ")" } }
            td { (format!("{:.3}", row.of_baseline)) }
            td { (row.of_limit.map_or("–".to_owned(), |it| format!("{it:.2}"))) }
        } }
    } }
}

fn outages(report: &Report) -> Markup {
    html! { table {
        tr { th { "warm event, 35 ms a round trip" } th { "record accepted" } th { "answer" } th { "of healthy" } }
        @for it in &report.outages { tr {
            td { (it.name) }
            @for stats in [it.accepted, it.answered] { td { (format!("{:.1} ({:.1}) ms", stats.median, stats.p99)) } }
            td { (format!("{:.2}", it.of_healthy)) }
        } }
    } }
}

fn plots(report: &Report) -> Markup {
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
    html! { div.plots {
        (PreEscaped(plot("until the last record has moved, by databases", &moves, seconds)))
        (PreEscaped(plot("a pass in which nothing happens, by databases", &time, seconds)))
        (PreEscaped(plot("memory, by databases", &memory, |it| amount(it, "bytes"))))
        (PreEscaped(plot("idle calls of one function, by databases", &calls, |it| format!("{it}"))))
    } }
}

fn size(databases: usize) -> f64 {
    exact(u64::try_from(databases).unwrap_or_default())
}

fn fleets(fleets: &[FleetRow]) -> Markup {
    html! { table {
        tr { th { "who" } th { "databases" } th { "moved" } th { "p50" } th { "p99" } th { "p100" } th { "memory" }
            th.text { "calls until then (refused for the quota)" } th.text { "what" } }
        @for it in fleets { tr {
            td { (it.subject) } td { (it.databases) } td { (it.moved) }
            td { (seconds(it.p50_ms)) } td { (seconds(it.p99_ms)) } td { (seconds(it.p100_ms)) }
            td { (amount(exact(it.peak_memory), "bytes")) }
            td.text { @for (name, count) in &it.calls { (name) " " (count)
                @if let Some(refused) = it.throttled.get(name) { " (" (refused) ")" } br; } }
            td.text { (it.note) @for (at, (writers, memories)) in it.drained.iter().enumerate() {
                br; "after invocation " (at + 1) ": " (writers) " parameters, " (memories) " memories" } }
        } }
    } }
}

fn idle(rows: &[IdleRow]) -> Markup {
    html! { table {
        tr { th { "databases" } th { "calls" } th { "elapsed" } th { "processor" } th { "peak memory" } th { "log" } th { "answer" } th.text { "calls by kind" } }
        @for it in rows { tr {
            td { (it.databases) } td { (it.total) } td { (seconds(it.elapsed_ms)) } td { (format!("{:.0} ms", it.cpu_ms)) }
            td { (amount(exact(it.peak_memory), "bytes")) } td { (amount(exact(it.log_bytes), "bytes")) }
            td { (amount(size(it.answer_bytes), "bytes")) }
            td.text { @for (name, count) in &it.calls { (name) " " (count) br; } }
        } }
    } }
}
