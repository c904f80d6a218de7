//! The report as one page that needs nothing else, in the look of the drill's.

use drill_report::{DISCLAIMER, document};
use maud::{Markup, PreEscaped, html};
use time::OffsetDateTime;

use crate::fault::Chaos;
use crate::matrix::{ROWS, Row};
use crate::report::{Played, Report};
use crate::scene::Scene;

/// What the table needs beside the drill's own style.
const STYLE: &str = "\
.matrix { min-width: 940px; font-size: .875rem; } .matrix th, .matrix td { padding: 5px 8px; } \
.matrix tbody th { position: sticky; left: 0; background: var(--card); white-space: nowrap; overflow-wrap: normal; } \
.matrix td { white-space: nowrap; } .matrix .fail-cell { background: var(--fail-tint); } .matrix .none { color: var(--soft); } \
.matrix .sign { width: 18px; height: 18px; font-size: .6875rem; margin-right: 5px; } .matrix sup { color: var(--warm); } \
.cells li { margin-top: 8px; } .cells ul { padding-left: 18px; } .cells .under { margin: 0; } \
@media screen and (max-width: 760px) { .matrix tbody th { white-space: normal; overflow-wrap: anywhere; max-width: 9.5em; } }";

/// The whole page.
pub(crate) fn page(report: &Report) -> String {
    let body = html! {
        style { (PreEscaped(STYLE)) }
        (header(report))
        @for scene in Scene::ALL { (section(report, scene)) }
        section.scenario {
            h2 { "How each call fails" }
            dl.pairs {
                @for chaos in Chaos::ALL { div { dt { (chaos.title()) } dd { (chaos.story()) } } }
            }
        }
        footer {
            "A time is from the event or the alarm until the record and the parameters stood on the new writer. \u{201c}tick\u{201d}: not the first \
             invocation did it, but that tick of the schedule, 10 s, 70 s or 130 s later. A dot: not played this time. A dash: the move does not change this answer, or it \
             is a write. The raised number counts what was done more than once. "
            (DISCLAIMER)
        }
    };
    document(&format!("Chaos matrix: {}", report.headline()), &body).into_string()
}

fn header(report: &Report) -> Markup {
    let (class, sign, word) =
        if report.pass() { ("pass", "\u{2713}", "Passed") } else { ("fail", "\u{2717}", "Failed") };
    html! {
        header {
            p.eyebrow { "Chaos matrix report " span.tag { "emulated AWS" } }
            h1 class=(class) {
                span.stamp aria-hidden="true" { (sign) }
                span { (word) span.headline { (report.headline()) } }
            }
            p.disclaimer role="note" { strong { "What these figures show. " } (DISCLAIMER) }
            dl.facts {
                div { dt { "Started" } dd { (date(report.started_at)) } }
                div { dt { "Took" } dd { (seconds(report.duration_ms)) } }
                div { dt { "Played" } dd { (report.what) } }
                div { dt { "Calls of a move" } dd { (ROWS.len()) " in " (Scene::ALL.len()) " moves" } }
                div { dt { "Played again, machine too slow" } dd { (report.played.iter().filter(|it| it.again > 0).count()) } }
            }
        }
    }
}

/// One move: its table, what failed in it, and what was repeated.
fn section(report: &Report, scene: Scene) -> Markup {
    let prefix = format!("{}/", scene.name());
    let played: Vec<&Played> = report.played.iter().filter(|it| it.name.starts_with(&prefix)).collect();
    let failed: Vec<&&Played> = played.iter().filter(|it| !it.pass).collect();
    let undisturbed = played.iter().find(|it| it.name == format!("{prefix}undisturbed"));
    html! {
        section.scenario {
            h2 { (scene.title()) }
            p.story { (scene.story()) }
            @if let Some(cell) = undisturbed {
                p.aside { "Undisturbed: " (cell_words(cell)) "." }
            }
            @if !failed.is_empty() {
                h3 { "What failed" }
                ul.cells { @for cell in failed { li id=(cell.name) { code { (cell.name) } @for it in &cell.wrong { p.under { (it) } } } } }
            }
            p.scrolls { "The table scrolls sideways." }
            div.drawing { (table(&played, scene)) }
            (repeated(&played))
        }
    }
}

fn table(played: &[&Played], scene: Scene) -> Markup {
    html! {
        table.matrix {
            thead { tr { th { "Call" } @for chaos in Chaos::ALL { th scope="col" { (chaos.title()) } } } }
            tbody {
                @for row in ROWS.iter().filter(|row| row.scene == scene) {
                    tr { th scope="row" { code { (row.call.name()) } } @for chaos in Chaos::ALL { (square(played, row, chaos)) } }
                }
            }
        }
    }
}

fn square(played: &[&Played], row: &Row, chaos: Chaos) -> Markup {
    let name = format!("{}/{}/{}", row.scene.name(), row.call.name(), chaos.name());
    let cell = played.iter().find(|it| it.name == name);
    html! {
        @match cell {
            Some(cell) if cell.pass => {
                td title=(name) {
                    span.sign.pass role="img" aria-label="passed" { "\u{2713}" }
                    (cell_words(cell))
                    @if !cell.repeated.is_empty() { sup { (cell.repeated.len()) } }
                }
            }
            Some(_) => {
                td.fail-cell title=(name) {
                    a href=(format!("#{name}")) { span.sign.fail role="img" aria-label="failed" { "\u{2717}" } "why" }
                }
            }
            None if row.can_be(chaos) => td.none title="not played" { "\u{b7}" },
            None => td.none { "\u{2013}" },
        }
    }
}

fn cell_words(cell: &Played) -> String {
    let time = cell.published_ms.map_or_else(|| "never".to_owned(), seconds);
    match cell.tick {
        Some(tick) if tick > 0 => format!("{time}, tick {tick}"),
        _ => time,
    }
}

fn repeated(played: &[&Played]) -> Markup {
    let cells: Vec<&&Played> = played.iter().filter(|it| !it.repeated.is_empty()).collect();
    html! {
        @if !cells.is_empty() {
            div.more { details {
                summary { "What was done more than once, and why it may be: " (cells.len()) " cells" }
                ul.cells {
                    @for cell in cells {
                        li { code { (cell.name) } @for it in &cell.repeated { p.under { (it.what) ": " (it.why) } } }
                    }
                }
            } }
        }
    }
}

fn seconds(ms: u64) -> String {
    if ms < 10_000 { format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10) } else { format!("{} s", ms / 1_000) }
}

fn date(at: OffsetDateTime) -> String {
    format!("{} {} {}, {:02}:{:02} UTC", at.day(), at.month(), at.year(), at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cell;

    #[test]
    fn every_cell_is_in_the_table_and_a_failed_one_says_why() {
        let played = Cell::all().into_iter().map(|cell| Played {
            pass: !cell.name().ends_with("/lost"),
            published_ms: Some(1_234),
            ..Played::unplayed(&cell, "<it>")
        });
        let report = Report {
            started_at: OffsetDateTime::UNIX_EPOCH,
            duration_ms: 61_000,
            what: "the whole matrix".to_owned(),
            played: played.collect(),
            unlisted: Vec::new(),
        };
        let page = page(&report);
        assert!(!report.pass() && page.contains(DISCLAIMER) && page.contains("emulated AWS"));
        for row in &ROWS {
            assert!(page.contains(&format!("<code>{}</code>", row.call.name())), "{}", row.call.name());
        }
        assert_eq!(page.matches("class=\"fail-cell\"").count(), ROWS.len());
        assert!(
            page.contains("&lt;it&gt;") && !page.contains("<it>") && !page.contains("title=\"not played\"")
        );
    }
}
