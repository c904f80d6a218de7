//! Who asked for a transition, against which advice, and what is different from the last time.

use maud::{Markup, html};

use crate::{
    ByHand, Difference, Override, Previous,
    format::{difference, duration},
};

const NOTHING: &str = "\u{2013}";

/// The part of a scenario that a person asked for.
pub(super) fn section(by_hand: &ByHand, emulated: bool) -> Markup {
    html! {
        dl class="facts who" {
            @if by_hand.by_itself { (fact("Started by", "the database's policy, by itself")) }
            @else { (fact("Asked for by", by_hand.who.as_deref().unwrap_or("not said"))) }
            (fact("Why", by_hand.why.as_deref().unwrap_or("not said")))
            (fact("What", &format!("{} of {}, {} \u{2192} {}", by_hand.action, by_hand.database, by_hand.from, by_hand.target)))
            (fact("How far", by_hand.progress.label()))
            (fact("Run", &by_hand.run))
            (fact("Request", &by_hand.request_id))
        }
        @if !by_hand.by_itself { p class="aside" {
            "Name and reason are the caller's own word; "
            @if emulated { "the emulated AWS asks for no identity." }
            @else { "AWS CloudTrail has the identity behind the request." }
        } }
        (overrides(&by_hand.overrides))
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn overrides(overrides: &[Override]) -> Markup {
    html! {
        @if !overrides.is_empty() {
            p class="disclaimer" role="note" {
                strong { "Overridden. " }
                @for Override { check, value, by } in overrides {
                    code { (check) } " did not pass (" (value) "); " code { (by) } " went over it. "
                }
            }
        }
    }
}

/// What is different from the drill before.
pub(super) fn previous(previous: &Previous) -> Markup {
    html! {
        details open {
            summary { "Compared with the drill before" }
            p class="aside" { (previous.title) ", run " code { (previous.run) } ". Times from the call." }
            table class="expectations cards" role="table" {
                thead role="rowgroup" {
                    tr role="row" {
                        @for heading in ["Phase", "Then", "Now", "Difference"] {
                            th role="columnheader" scope="col" { (heading) }
                        }
                    }
                }
                tbody role="rowgroup" { @for one in &previous.differences { (row(one)) } }
            }
        }
    }
}

fn row(one: &Difference) -> Markup {
    let time = |ms: Option<u64>| ms.map_or_else(|| NOTHING.to_owned(), duration);
    let apart = one
        .before_ms
        .zip(one.now_ms)
        .and_then(|(before, now)| i64::try_from(now).ok()?.checked_sub(i64::try_from(before).ok()?));
    html! {
        tr role="row" {
            th role="rowheader" scope="row" { (one.name.replace('_', " ")) }
            td role="cell" data-label="Then" { (time(one.before_ms)) }
            td role="cell" data-label="Now" { (time(one.now_ms)) }
            td role="cell" data-label="Difference" { (apart.map_or_else(|| NOTHING.to_owned(), difference)) }
        }
    }
}
