//! The report for a terminal.

use std::fmt::Write;

use super::{Case, FleetRow, Report, Row};

/// Writing to a string cannot fail.
macro_rules! line {
    ($out:expr, $($text:tt)*) => { let _ = writeln!($out, $($text)*); };
}

/// All tables, one below the other.
pub(crate) fn table(report: &Report) -> String {
    let mut out = String::new();
    latency(&mut out, &report.rows);
    outages(&mut out, report);
    fleets(&mut out, &report.fleets);
    idle(&mut out, report);
    line!(
        out,
        "\nthe pure decision: {:.0} ns a database, its plan {:.0} ns\n",
        report.decision.decide_ns,
        report.decision.plan_ns
    );
    for it in &report.acceptance {
        line!(out, "{:<12}  {}: {}", it.verdict, it.line, it.figure());
    }
    for it in &report.failed {
        line!(out, "COULD NOT BE MEASURED  {it}");
    }
    line!(out, "\nEmulated AWS on one machine: ratios of one run, not AWS's times.");
    out
}

fn latency(out: &mut String, rows: &[Row]) {
    line!(
        out,
        "{:<36} {:>6} {:>21} {:>21} {:>21} {:>8} {:>8}",
        "median (p99)",
        "trip",
        "follow",
        "boto3: record",
        "boto3: + parameters",
        "ratio",
        "of limit"
    );
    for row in rows {
        let delay = row.delay_ms.map_or("–".to_owned(), |delay| format!("{delay} ms"));
        let figure = |at: usize| {
            row.figures.get(at).map_or(String::new(), |(_, stats)| {
                format!("{} ({})", amount(stats.median, row.unit), amount(stats.p99, row.unit))
            })
        };
        let limit = row.of_limit.map_or("–".to_owned(), |it| format!("{it:.2}"));
        line!(
            out,
            "{:<36} {delay:>6} {:>21} {:>21} {:>21} {:>8.3} {limit:>8}",
            row.name,
            figure(0),
            figure(1),
            figure(2),
            row.of_baseline
        );
    }
}

fn outages(out: &mut String, report: &Report) {
    line!(
        out,
        "\n{:<36} {:>22} {:>22} {:>10}",
        "warm event, 35 ms",
        "record accepted",
        "answer",
        "of healthy"
    );
    for it in &report.outages {
        let figure = |stats: &crate::stats::Stats| format!("{:.1} ({:.1}) ms", stats.median, stats.p99);
        line!(
            out,
            "{:<36} {:>22} {:>22} {:>10.2}",
            it.name,
            figure(&it.accepted),
            figure(&it.answered),
            it.of_healthy
        );
    }
}

fn fleets(out: &mut String, fleets: &[FleetRow]) {
    line!(
        out,
        "\n{:<14} {:>6} {:>6} {:>9} {:>9} {:>9} {:>8} {:>6} {:>7} {:>8}  what",
        "all lose it",
        "size",
        "moved",
        "p50",
        "p99",
        "p100",
        "changes",
        "calls",
        "refused",
        "memory"
    );
    for it in fleets {
        let changes = it.calls.get("route53:ChangeResourceRecordSets").copied().unwrap_or_default();
        line!(
            out,
            "{:<14} {:>6} {:>6} {:>9} {:>9} {:>9} {:>8} {:>6} {:>7} {:>8}  {}{}",
            it.subject,
            it.databases,
            it.moved,
            seconds(it.p50_ms),
            seconds(it.p99_ms),
            seconds(it.p100_ms),
            if it.case == Case::Computed { "–".to_owned() } else { changes.to_string() },
            it.calls.values().sum::<u64>(),
            it.throttled.values().sum::<u64>(),
            amount(exact(it.peak_memory), "bytes"),
            it.note,
            drained(it)
        );
    }
}

fn drained(it: &FleetRow) -> String {
    let each = it.drained.iter().map(|(writers, memories)| format!("{writers}/{memories}"));
    let each: Vec<String> = each.collect();
    if each.is_empty() {
        String::new()
    } else {
        format!("; parameters/memories after each invocation: {}", each.join(", "))
    }
}

fn idle(out: &mut String, report: &Report) {
    line!(out, "\nidle, one function: calls of one scheduled pass, a minute");
    for it in &report.idle {
        let calls: Vec<String> = it.calls.iter().map(|(name, count)| format!("{name} {count}")).collect();
        line!(
            out,
            "{:>6}  {:>6} calls  {:>9}  cpu {:>5.0} ms  {:>8}  log {:>8}  answer {:>8}  {}",
            it.databases,
            it.total,
            seconds(it.elapsed_ms),
            it.cpu_ms,
            amount(exact(it.peak_memory), "bytes"),
            amount(exact(it.log_bytes), "bytes"),
            amount(exact(u64::try_from(it.answer_bytes).unwrap_or_default()), "bytes"),
            calls.join(", ")
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "smaller than 2^52")]
pub(super) const fn exact(count: u64) -> f64 {
    count as f64
}

/// An amount in its unit.
pub(super) fn amount(value: f64, unit: &str) -> String {
    match unit {
        "bytes" if value >= 1e6 => format!("{:.1} MB", value / 1e6),
        "bytes" => format!("{:.1} kB", value / 1e3),
        "ms" => format!("{value:.1} ms"),
        _ => format!("{value:.3} $"),
    }
}

pub(super) fn seconds(ms: f64) -> String {
    if ms < 1_000.0 { format!("{ms:.0} ms") } else { format!("{:.2} s", ms / 1_000.0) }
}
