//! The top of the page: the verdict, where it was measured, what it shows, and all scenarios at a glance.

use maud::{Markup, html};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{anchor, badge, sign};
use crate::{
    NamedValue, PhaseName, Progress, Report, Scenario, Verdict,
    format::{count, difference, duration},
};

const NOTHING: &str = "\u{2013}";

/// The verdict in a few words.
pub(super) fn headline(report: &Report) -> String {
    let passed = report.scenarios.iter().filter(|scenario| scenario.verdict().is_pass()).count();
    let total = report.scenarios.len();
    match (how_far(report), report.verdict()) {
        (Some(Progress::InProgress), _) => return "it goes on, so nothing passed or failed yet".to_owned(),
        (Some(Progress::Done), Verdict::Pass) => return "the writer moved, as was promised".to_owned(),
        (Some(Progress::Done), Verdict::Fail) => {
            return "the writer moved, and something else that was promised was missed".to_owned();
        }
        (_, Verdict::Unjudged) => return "nothing was expected, so nothing passed or failed".to_owned(),
        _ => {}
    }
    match (report.verdict().is_pass(), total) {
        (true, 1) => "the scenario passed".to_owned(),
        (true, _) => format!("all {total} scenarios passed"),
        (false, 0) => "no scenario was played".to_owned(),
        (false, _) => format!("{} of {total} failed", total - passed),
    }
}

/// What the report is of: nobody drills what starts by itself.
pub(super) fn subject(report: &Report) -> &'static str {
    let by_itself = |scenario: &Scenario| scenario.by_hand.as_ref().is_some_and(|it| it.by_itself);
    if report.scenarios.iter().any(by_itself) { "Failover" } else { "Failover drill" }
}

/// How far all of it has come, for moves on a real account.
fn how_far(report: &Report) -> Option<Progress> {
    let mut all = report.scenarios.iter().map(|scenario| scenario.by_hand.as_ref().map(|it| it.progress));
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}

/// Verdict, date, environment and disclaimer.
pub(super) fn header(report: &Report) -> Markup {
    let how_far = how_far(report);
    let in_progress = how_far == Some(Progress::InProgress);
    let verdict = if in_progress { Verdict::Unjudged } else { report.verdict() };
    html! {
        header {
            p class="eyebrow" {
                (subject(report)) " report"
                @if report.emulated { " " span class="tag" { "emulated AWS" } }
            }
            h1 class=(verdict.as_str()) {
                span class="stamp" aria-hidden="true" {
                    @if in_progress { "\u{2026}" }
                    @else if verdict == Verdict::Unjudged { "\u{270b}" }
                    @else { (sign(verdict.is_pass())) }
                }
                span {
                    @if in_progress { "In progress" }
                    @else if how_far == Some(Progress::Done) { "Done" }
                    @else { (match verdict { Verdict::Pass => "Passed", Verdict::Fail => "Failed", Verdict::Unjudged => "Played by hand" }) }
                    span class="headline" { (headline(report)) }
                }
            }
            @if let Some(disclaimer) = report.disclaimer() {
                p class="disclaimer" role="note" { strong { "What these figures show. " } (disclaimer) }
            }
            dl class="facts" {
                (fact("Started", &html! { time datetime=(rfc3339(report.started_at)) { (date(report.started_at)) } }))
                (fact("Took", &html! { (duration(report.duration_ms)) }))
                // A drill by hand has no clients of its own that could use TLS or not.
                @if report.scenarios.iter().any(|scenario| scenario.by_hand.is_none()) {
                    (fact("TLS verify-full", &html! {
                        @if report.environment.tls_exercised { "exercised" } @else { strong { "not exercised" } }
                    }))
                }
                @for NamedValue { name, value } in &report.environment.details {
                    (fact(&name.replace('_', " "), &html! { (value) }))
                }
            }
        }
    }
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

/// All scenarios in a table that becomes a list of cards on a narrow screen.
pub(super) fn scenarios(report: &Report) -> Markup {
    html! {
        section aria-labelledby="summary" {
            h2 id="summary" { "All scenarios" }
            table class="summary cards" role="table" {
                thead role="rowgroup" {
                    tr role="row" {
                        @for heading in ["Scenario", "Verdict"] { th role="columnheader" scope="col" { (heading) } }
                        @for (_, heading) in COLUMNS { th role="columnheader" scope="col" class="figure" { (heading) } }
                    }
                }
                tbody role="rowgroup" {
                    @for (index, scenario) in report.scenarios.iter().enumerate() {
                        (row(scenario, &anchor(index, &scenario.name)))
                    }
                }
            }
        }
    }
}

/// The short name of each figure, for a card, and the heading of its column.
const COLUMNS: [(&str, &str); 5] = [
    ("Outage", "Write outage"),
    ("Acknowledged", "Acknowledged writes"),
    ("Lost", "Lost writes"),
    ("Promoted \u{2192} record", "Promoted \u{2192} record accepted"),
    ("Promoted \u{2192} write", "Promoted \u{2192} first write"),
];

fn row(scenario: &Scenario, anchor: &str) -> Markup {
    html! {
        tr role="row" {
            th role="rowheader" scope="row" { a href=(format!("#{anchor}")) { (title(scenario)) } code { (scenario.name) } }
            td role="cell" class="verdict" { (badge(scenario)) }
            @for ((label, _), value) in COLUMNS.iter().zip(figures(scenario)) {
                td role="cell" class="figure" data-label=(label) { (value) }
            }
        }
    }
}

/// The title, or the name of a scenario that has none.
pub(super) fn title(scenario: &Scenario) -> &str {
    if scenario.title.is_empty() { &scenario.name } else { &scenario.title }
}

/// Outage, acknowledged and lost writes, promoted to record accepted, promoted to first write: as text.
pub(super) fn figures(scenario: &Scenario) -> [String; 5] {
    let writes = scenario.summary().writes;
    let of_writes = |value: Option<String>| value.unwrap_or_else(|| NOTHING.to_owned());
    let since_promotion = |phase: &PhaseName| {
        let worst = scenario.worst_between_ms(&PhaseName::Promoted, phase);
        worst.map_or_else(|| NOTHING.to_owned(), difference)
    };
    [
        of_writes(writes.as_ref().map(|writes| duration(writes.outage_ms))),
        of_writes(writes.as_ref().map(|writes| count(writes.acknowledged))),
        of_writes(writes.as_ref().map(|writes| count(writes.lost))),
        since_promotion(&PhaseName::RecordAccepted),
        since_promotion(&PhaseName::FirstWrite),
    ]
}

fn rfc3339(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// A date as people write it, in UTC: `23 November 2026, 06:42 UTC`.
fn date(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    format!("{} {} {}, {:02}:{:02} UTC", at.day(), at.month(), at.year(), at.hour(), at.minute())
}
