//! The report as one self-contained page: no script, no font, no picture from elsewhere.

mod by_hand;
mod clients;
mod leg;
mod overview;
mod scenario;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{Report, Scenario, Verdict};

/// The style sheet of every page, the drawings' classes among it.
pub const STYLE: &str = include_str!("html/style.css");

/// Of more legs than these the figures alone are shown.
const MOST_DRAWN: usize = 12;

/// The whole page, with something more at its end.
pub(crate) fn page(report: &Report, more: &Markup) -> Markup {
    let body = html! {
        (overview::header(report))
        (overview::scenarios(report))
        @for (index, scenario) in report.scenarios.iter().enumerate() {
            (scenario::section(scenario, &anchor(index, &scenario.name), report.emulated))
        }
        (more)
        footer {
            "Report format " (crate::FORMAT) ". All times are counted from the start of their scenario. "
            @if let Some(disclaimer) = report.disclaimer() { (disclaimer) }
        }
    };
    document(&format!("{}: {}", overview::subject(report), overview::headline(report)), &body)
}

/// A page of the same look around any body, for a report of something else than a drill.
pub fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    }
}

/// A scenario's place on the page. The number keeps it unique, whatever the name is made of.
fn anchor(index: usize, name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}-{}", index + 1, plain.to_ascii_lowercase())
}

/// A verdict as a sign and a word, so that it does not hang on its colour.
fn badge(scenario: &Scenario) -> Markup {
    let verdict = if scenario.is_in_progress() { Verdict::Unjudged } else { scenario.verdict() };
    html! {
        span class=(format!("badge {}", verdict.as_str())) {
            @if scenario.is_in_progress() { "In progress" }
            @else if verdict == Verdict::Unjudged { "Played by hand" }
            @else {
                span aria-hidden="true" { (sign(verdict.is_pass())) } " "
                (if verdict.is_pass() { "Pass" } else { "Fail" })
            }
        }
    }
}

/// The sign of a thing that holds or not.
fn sign(pass: bool) -> &'static str {
    if pass { "\u{2713}" } else { "\u{2717}" }
}

/// A sign alone, with its word for those who do not see it.
fn mark(pass: bool) -> Markup {
    html! {
        span class=(if pass { "sign pass" } else { "sign fail" }) role="img" aria-label=(if pass { "met" } else { "not met" }) {
            (sign(pass))
        }
    }
}
