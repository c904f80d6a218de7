//! One scenario: its story, its promises, its transitions drawn, and what the functions said.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    MOST_DRAWN, badge, by_hand, clients,
    leg::{self, LegOf},
    mark,
    overview::{figures, title},
};
use crate::{
    Check, Expectation, Scenario, TimelineEvent, Verdict, WriteTotals,
    format::{counted, duration, moment},
    rds_event::with_words,
};

/// The section of a scenario, at its place on the page.
pub(super) fn section(scenario: &Scenario, anchor: &str, emulated: bool) -> Markup {
    let heading = format!("{anchor}-heading");
    html! {
        section class="scenario" id=(anchor) aria-labelledby=(heading) {
            div class="heading" {
                h2 id=(heading) { (title(scenario)) }
                (badge(scenario))
            }
            p class="under" {
                code { (scenario.name) } " \u{b7} " (duration(scenario.duration_ms))
                @if let Some(pace) = &scenario.pace { " \u{b7} " (pace) }
            }
            @if !scenario.story.is_empty() { p class="story" { (scenario.story) } }
            @if let Some(by_hand) = &scenario.by_hand { (by_hand::section(by_hand, emulated)) }
            @else { (tiles(scenario)) }
            @if scenario.by_hand.is_some() && scenario.summary().writes.is_some() { (tiles(scenario)) }
            (clients::section(&scenario.clients))
            @if scenario.verdict() != Verdict::Unjudged { (expectations(&scenario.expectations, scenario.is_in_progress())) }
            @if scenario.legs.len() <= MOST_DRAWN {
                @for (index, leg) in scenario.legs.iter().enumerate() {
                    (leg::draw(&LegOf { scenario, leg, id: format!("{anchor}-leg-{}", index + 1) }))
                }
            }
            @if !scenario.notes.is_empty() {
                ul class="notes" { @for note in &scenario.notes { li { (note) } } }
            }
            div class="more" {
                @if let Some(previous) = scenario.by_hand.as_ref().and_then(|it| it.previous.as_ref()) {
                    (by_hand::previous(previous))
                }
                @if scenario.legs.len() > MOST_DRAWN { (leg::list(&scenario.legs)) }
                (steady_state(scenario))
                (checks(&scenario.checks, scenario.by_hand.is_some()))
                (decisions(&scenario.decisions))
                (events(&scenario.timeline))
            }
        }
    }
}

fn tiles(scenario: &Scenario) -> Markup {
    let names = [
        "write outage",
        "acknowledged",
        "lost",
        "promoted \u{2192} record accepted",
        "promoted \u{2192} first write",
    ];
    let writes = scenario.summary().writes;
    html! {
        dl class="tiles" {
            @for (name, value) in names.iter().zip(figures(scenario)) { div { dt { (name) } dd { (value) } } }
        }
        @if let Some(sentence) = writes.as_ref().and_then(other_writes) { p class="aside" { (sentence) } }
    }
}

/// The counters that matter only when they are not 0.
fn other_writes(writes: &WriteTotals) -> Option<String> {
    let mut parts = Vec::new();
    if writes.rejected > 0 {
        parts.push(counted(writes.rejected, "write was refused", "writes were refused"));
    }
    if writes.indeterminate > 0 {
        parts.push(counted(writes.indeterminate, "write got no answer", "writes got no answer"));
    }
    if writes.stale_sessions > 0 {
        let (one, many) =
            ("session still reached the demoted writer", "sessions still reached the demoted writer");
        parts.push(counted(writes.stale_sessions, one, many));
    }
    if !writes.lost_numbers.is_empty() {
        let numbers: Vec<_> = writes.lost_numbers.iter().map(u64::to_string).collect();
        let all = writes.lost == writes.lost_numbers.len() as u64;
        let which = if all { "lost writes" } else { "the first lost writes" };
        parts.push(format!("{which}: {}", numbers.join(", ")));
    }
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}

/// What is not met while it goes on is open, and not missed.
fn expectations(expectations: &[Expectation], in_progress: bool) -> Markup {
    html! {
        h3 { "What was promised" }
        @if expectations.is_empty() {
            p class="empty" { (mark(false)) " Nothing was expected, so nothing was shown." }
        } @else {
            table class="expectations cards" role="table" {
                thead role="rowgroup" {
                    tr role="row" {
                        @for heading in ["Met", "Expectation", "Expected", "Measured"] {
                            th role="columnheader" scope="col" { (heading) }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for Expectation { name, expected, measured, pass } in expectations {
                        tr role="row" class=(if *pass || in_progress { "met" } else { "missed" }) {
                            td role="cell" class="verdict" { @if *pass || !in_progress { (mark(*pass)) } @else { "open" } }
                            th role="rowheader" scope="row" { (name) }
                            td role="cell" data-label="Expected" { (expected) }
                            td role="cell" data-label="Measured" class="measured" { (measured) }
                        }
                    }
                }
            }
        }
    }
}

fn steady_state(scenario: &Scenario) -> Markup {
    html! {
        @if !scenario.steady_state.is_empty() {
            details {
                summary { "Steady state before" }
                dl class="pairs" {
                    @for pair in &scenario.steady_state { div { dt { (pair.name) } dd { (pair.value) } } }
                }
            }
        }
    }
}

/// A drill by hand is read, and printed, with its checks in sight.
fn checks(checks: &[Check], open: bool) -> Markup {
    let passed = checks.iter().filter(|check| check.pass).count();
    html! {
        @if !checks.is_empty() {
            details open[open] {
                summary { "Checks: " (passed) " of " (checks.len()) " passed" }
                ul class="checks" {
                    @for Check { name, value, pass } in checks { li { (mark(*pass)) " " code { (name) } " " (value) } }
                }
            }
        }
    }
}

fn decisions(decisions: &[Value]) -> Markup {
    html! {
        @if !decisions.is_empty() {
            details {
                summary { (counted(decisions.len() as u64, "answer", "answers")) " of the functions" }
                ol class="decisions" {
                    @for decision in decisions {
                        li {
                            details {
                                summary { (gist(decision)) }
                                pre tabindex="0" { (serde_json::to_string_pretty(decision).unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A function's answer in a line, from the fields that it usually has.
fn gist(decision: &Value) -> Markup {
    let results = decision.get("results").and_then(Value::as_array);
    let first = results.and_then(|results| results.first()).unwrap_or(decision);
    let field = |name: &str| first.get(name).and_then(Value::as_str);
    html! {
        strong { (field("decision").unwrap_or("answer")) }
        @if let Some(hold) = field("hold") { " " code { (hold) } }
        @if let Some(reason) = field("reason").or(field("error")) { " " (reason) }
    }
}

fn events(timeline: &[TimelineEvent]) -> Markup {
    let mut events: Vec<_> = timeline.iter().collect();
    events.sort_by_key(|event| event.at_ms);
    html! {
        @if !events.is_empty() {
            details {
                summary { (counted(events.len() as u64, "event", "events")) " of the timeline, one by one" }
                ol class="events" {
                    @for event in events {
                        li {
                            span class="at" {
                                (moment(event.at_ms))
                                @if let Some(until) = event.until_ms { " to " (moment(until)) }
                            }
                            span class="lane" { (String::from(event.lane.clone())) }
                            span class="what" { (with_words(&event.text)) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
