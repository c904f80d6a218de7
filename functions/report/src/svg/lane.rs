//! The rows of the drawing: what happened in each lane.

use std::fmt::Write;

use maud::{Markup, html};

use super::{
    label::elided,
    mark::{mark, naming},
    scale::Scale,
};
use crate::{EventKind, Lane, TimelineEvent, format::moment, rds_event::with_words};

/// The height of a row in user units.
pub(crate) const LANE_HEIGHT: f64 = 32.0;
const TEXT_SIZE: f64 = 11.0;
/// Marks closer than this would cover one another: they become one.
const CLUSTER: f64 = 11.0;
const TEXT_OFFSET: f64 = 9.0;

/// What is drawn at one place of a row: one event, or several that would cover one another.
struct Item<'a> {
    x: f64,
    /// The right end of the bar, for something that lasted.
    end: Option<f64>,
    events: Vec<&'a TimelineEvent>,
}

impl Item<'_> {
    fn weightiest(&self) -> Option<&TimelineEvent> {
        self.events.iter().copied().rev().max_by_key(|event| &event.kind)
    }

    /// The weightiest event's text, with how often it came or how many others are under the same mark.
    fn label(&self) -> String {
        let text = self.weightiest().map(|event| event.text.as_str()).unwrap_or_default();
        let others = self.events.len().saturating_sub(1);
        match others {
            0 => text.to_owned(),
            _ if self.events.iter().all(|event| event.text == text) => {
                format!("{}\u{d7} {text}", others + 1)
            }
            _ => format!("{text} (+{others})"),
        }
    }

    /// Every event with its time, one a line.
    fn tooltip(&self) -> String {
        let mut text = String::new();
        for event in &self.events {
            let until = event.until_ms.map(|until| format!(" to {}", moment(until))).unwrap_or_default();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}{until}  {}", moment(event.at_ms), with_words(&event.text));
        }
        text.trim_end().to_owned()
    }
}

/// The events of one lane inside the window, with its centre at `y`.
pub(crate) fn row(lane: &Lane, timeline: &[TimelineEvent], scale: &Scale, y: f64) -> Markup {
    let items = items(lane, timeline, scale);
    let next_x = items.iter().skip(1).map(|item| item.x).chain([scale.width() + TEXT_OFFSET]);
    html! {
        @for item in items.iter().filter(|item| item.end.is_some()) { (bar(item, y)) }
        @for (item, next_x) in items.iter().zip(next_x) { (entry(item, next_x, y)) }
    }
}

fn items<'a>(lane: &Lane, timeline: &'a [TimelineEvent], scale: &Scale) -> Vec<Item<'a>> {
    let inside = |event: &&TimelineEvent| scale.overlaps(event.at_ms, event.until_ms.unwrap_or(event.at_ms));
    let mut events: Vec<_> = timeline.iter().filter(|event| event.lane == *lane).filter(inside).collect();
    events.sort_by_key(|event| event.at_ms);
    let mut items: Vec<Item<'_>> = Vec::new();
    for event in events {
        let x = scale.x(event.at_ms);
        let end = event.until_ms.map(|until| scale.x(until));
        match items.last_mut() {
            Some(last) if end.is_none() && last.end.is_none() && x - last.x < CLUSTER => {
                last.events.push(event);
            }
            _ => items.push(Item { x, end, events: vec![event] }),
        }
    }
    items
}

fn bar(item: &Item<'_>, y: f64) -> Markup {
    let kind = item.weightiest().map_or(&EventKind::State, |event| &event.kind);
    let width = (item.end.unwrap_or(item.x) - item.x).max(2.0);
    html! {
        rect class=(format!("bar {}", naming(kind).0)) x=(px(item.x)) y=(px(y - 10.0)) width=(px(width)) height="20" rx="4" {
            title { (item.tooltip()) }
        }
    }
}

fn entry(item: &Item<'_>, next_x: f64, y: f64) -> Markup {
    let offset = if item.end.is_some() { 7.0 } else { TEXT_OFFSET };
    let room = next_x - TEXT_OFFSET - item.x - offset;
    let short = elided(&item.label(), TEXT_SIZE, room);
    let kind = item.weightiest().map_or(&EventKind::State, |event| &event.kind);
    html! {
        g {
            title { (item.tooltip()) }
            @if item.end.is_none() { (mark(kind, item.x, y)) }
            @if let Some(short) = short {
                text class="what" x=(px(item.x + offset)) y=(px(y + 4.0)) { (short) }
            }
        }
    }
}

/// A coordinate with the precision that a screen can show.
pub(crate) fn px(value: f64) -> String {
    format!("{value:.1}")
}
