//! What stands in which table.

use crate::report::data::{
    Acceptance, Case, FleetRow, IdleRow, Outage, ProbeRow, Report, Row, Start, WireRow,
};
use crate::report::figure::{amount, exact, seconds, size, spread};
use crate::report::sheet::Sheet;

/// All tables, in their order.
pub(super) fn sheets(report: &Report) -> [Sheet; 8] {
    [
        latency(&report.rows),
        outages(&report.outages),
        wire(&report.wire),
        probe(&report.probe),
        starts(&report.starts),
        fleets(&report.fleets),
        idle(&report.idle),
        acceptance(&report.acceptance),
    ]
}

fn latency(rows: &[Row]) -> Sheet {
    let subjects = rows.first().map(|row| row.figures.as_slice()).unwrap_or_default();
    let cells = |row: &Row| {
        let delay = row.delay_ms.map_or("–".to_owned(), |delay| format!("{delay} ms"));
        let mut cells = vec![row.name.to_owned(), delay];
        cells.extend(row.figures.iter().map(|(_, stats)| spread(stats, row.unit)));
        cells.push(format!("{:.3}", row.of_baseline));
        cells.push(row.of_limit.map_or("–".to_owned(), |it| format!("{it:.2}")));
        cells
    };
    Sheet::new("One database")
        .words("median (p99)")
        .figures(["round trip"])
        .figures(subjects.iter().map(|(name, _)| *name))
        .figures(["ours / record", "ours / limit"])
        .rows(rows.iter().map(cells))
}

fn outages(outages: &[Outage]) -> Sheet {
    let cells = |it: &Outage| {
        let of_healthy = format!("{:.2}", it.of_healthy);
        vec![it.name.to_owned(), spread(&it.accepted, "ms"), spread(&it.answered, "ms"), of_healthy]
    };
    Sheet::new("A dead Region's price")
        .words("warm event, 35 ms a round trip")
        .figures(["record accepted", "answer", "of healthy"])
        .rows(outages.iter().map(cells))
}

fn wire(rows: &[WireRow]) -> Sheet {
    let cells = |it: &WireRow| {
        let (limit, of_limit) = (format!("{} ms", it.limit_ms), format!("{:.2}", it.of_limit));
        vec![it.name.to_owned(), spread(&it.accepted, "ms"), limit, of_limit]
    };
    Sheet::new("The wire as it is: TLS 1.3, 2 ms to the own Region, 25 ms to the peer, 175 ms to Route 53")
        .words("median (p99)")
        .figures(["follow", "limit", "ours / limit"])
        .rows(rows.iter().map(cells))
}

fn probe(rows: &[ProbeRow]) -> Sheet {
    let cells =
        |it: &ProbeRow| vec![it.name.to_owned(), spread(&it.figure, it.unit), amount(it.at_most, it.unit)];
    Sheet::new("The probe").words("median (p99)").figures(["probe", "at most"]).rows(rows.iter().map(cells))
}

fn starts(starts: &[Start]) -> Sheet {
    let cells = |it: &Start| {
        let at_most = format!("{:.1} s", it.at_most_ms / 1_000.0);
        vec![it.name.to_owned(), spread(&it.called, "ms"), at_most]
    };
    Sheet::new("A failover that starts by itself, its writer's Region black-holed for 45 s")
        .words("35 ms a round trip")
        .figures(["called", "at most"])
        .rows(starts.iter().map(cells))
}

fn fleets(fleets: &[FleetRow]) -> Sheet {
    let cells = |it: &FleetRow| {
        let changes = it.calls.get("route53:ChangeResourceRecordSets").copied().unwrap_or_default();
        vec![
            it.subject.to_owned(),
            it.databases.to_string(),
            it.moved.to_string(),
            seconds(it.p50_ms),
            seconds(it.p99_ms),
            seconds(it.p100_ms),
            if it.case == Case::Computed { "–".to_owned() } else { changes.to_string() },
            it.calls.values().sum::<u64>().to_string(),
            it.throttled.values().sum::<u64>().to_string(),
            amount(exact(it.peak_memory), "bytes"),
            format!("{}{}", it.note, drained(it)),
            by_kind(&it.calls),
        ]
    };
    Sheet::new("Fleets: all of them lose their Region at once")
        .words("who")
        .figures(["databases", "moved", "p50", "p99", "p100", "changes", "calls", "refused", "memory"])
        .words("what")
        .long("calls until then")
        .rows(fleets.iter().map(cells))
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

fn idle(rows: &[IdleRow]) -> Sheet {
    let cells = |it: &IdleRow| {
        vec![
            it.subject.to_owned(),
            it.databases.to_string(),
            it.total.to_string(),
            seconds(it.elapsed_ms),
            format!("{:.0} ms", it.cpu_ms),
            amount(exact(it.peak_memory), "bytes"),
            amount(exact(it.log_bytes), "bytes"),
            amount(size(it.answer_bytes), "bytes"),
            by_kind(&it.calls),
        ]
    };
    Sheet::new("While nothing happens: one scheduled pass of one function")
        .words("who")
        .figures(["databases", "calls", "elapsed", "processor", "peak memory", "log", "answer"])
        .words("calls by kind")
        .rows(rows.iter().map(cells))
}

fn by_kind(calls: &std::collections::BTreeMap<String, u64>) -> String {
    let each: Vec<String> = calls.iter().map(|(name, count)| format!("{name} {count}")).collect();
    each.join(", ")
}

fn acceptance(lines: &[Acceptance]) -> Sheet {
    let cells = |it: &Acceptance| vec![it.verdict.to_owned(), it.figure(), it.line.clone()];
    Sheet::new("What it is held to")
        .words("verdict")
        .figures(["measured"])
        .words("bound")
        .rows(lines.iter().map(cells))
}
