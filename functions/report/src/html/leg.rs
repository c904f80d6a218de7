//! One transition: drawn as a whole, magnified where it was quick, and its phases in words.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::{
    EventKind, Interval, Lane, Leg, Phase, Scenario, TimelineEvent,
    format::{as_f64, count, difference, duration, moment},
    rds_event,
    svg::{View, mark, naming},
};

/// Below this the second drawing would show little more than the first.
const WORTH_MAGNIFYING: f64 = 2.5;
const SHORTEST_WINDOW_MS: u64 = 400;

/// A leg with its scenario.
pub(super) struct LegOf<'a> {
    /// The scenario that it belongs to.
    pub(super) scenario: &'a Scenario,
    /// The leg.
    pub(super) leg: &'a Leg,
    /// Unique on the page.
    pub(super) id: String,
}

/// The leg's drawings, the legend of their marks and the table of its phases.
pub(super) fn draw(of: &LegOf<'_>) -> Markup {
    let whole = Interval { from_ms: of.leg.from_ms, to_ms: of.leg.to_ms };
    let close = close_up(of.leg, whole);
    let lanes = lanes(of.scenario);
    html! {
        div class="leg" {
            h3 { (of.leg.name) }
            @if of.scenario.legs.len() > 1 { p class="aside" { (figures(of.leg)) } }
            @if !lanes.is_empty() || of.scenario.write_availability.is_some() {
                (view(of, &lanes, whole, close).draw())
                @if let Some(close) = close {
                    p class="caption" { "Magnified: " (moment(close.from_ms)) " to " (moment(close.to_ms)) }
                    (view(of, &lanes, close, None).draw())
                }
                (legend(of.scenario, whole))
                (events(of.scenario, whole))
            }
            (phases(of.leg))
        }
    }
}

fn view<'a>(of: &LegOf<'a>, lanes: &'a [Lane], window: Interval, magnified: Option<Interval>) -> View<'a> {
    let part = if magnified.is_none() && window.from_ms > of.leg.from_ms { "magnified" } else { "whole" };
    View {
        id: format!("{}-{part}", of.id),
        title: format!(
            "{}, {}: timeline from {} to {}",
            of.scenario.name,
            of.leg.name,
            moment(window.from_ms),
            moment(window.to_ms)
        ),
        window,
        lanes,
        timeline: &of.scenario.timeline,
        phases: &of.leg.phases,
        outage: of.leg.writes.as_ref().and_then(|writes| writes.outage),
        series: of.scenario.write_availability.as_ref(),
        magnified,
    }
}

/// The rows that the scenario uses, in the order of the lanes.
fn lanes(scenario: &Scenario) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = scenario.timeline.iter().map(|event| event.lane.clone()).collect();
    lanes.sort();
    lanes.dedup();
    lanes
}

/// The part where most phases are, when it is so small a part of the whole that it deserves its own drawing.
fn close_up(leg: &Leg, whole: Interval) -> Option<Interval> {
    let mut moments: Vec<u64> = leg.phases.iter().map(|phase| phase.at_ms).collect();
    moments.sort_unstable();
    let group = crowd(&moments);
    let (first, last) = (*group.first()?, *group.last()?);
    let length = (last - first).max(SHORTEST_WINDOW_MS);
    // Room at the right for the last label, a little at the left to see what was before.
    let window = Interval {
        from_ms: first.saturating_sub(length / 8).max(whole.from_ms),
        to_ms: last.saturating_add(length / 3).min(whole.to_ms),
    };
    let worth = as_f64(whole.length_ms()) >= as_f64(window.length_ms()) * WORTH_MAGNIFYING;
    (worth && window.length_ms() > 0).then_some(window)
}

/// The larger group of moments, in order, when one long wait divides them; else all of them.
fn crowd(moments: &[u64]) -> &[u64] {
    const FEWEST: usize = 3;
    let gaps = moments.iter().zip(moments.iter().skip(1)).map(|(one, next)| next - one);
    let Some((longest, before)) = gaps.zip(1..).max() else { return moments };
    let span: u64 = moments.last().zip(moments.first()).map_or(0, |(last, first)| last - first);
    let (early, late) = moments.split_at_checked(before).unwrap_or((moments, &[]));
    let group = if early.len() > late.len() { early } else { late };
    // Three quarters of the time without a phase: the rest would be a knot of lines at the edge of the drawing.
    if longest > span / 4 * 3 && group.len() >= FEWEST { group } else { moments }
}

fn legend(scenario: &Scenario, window: Interval) -> Markup {
    let shown = |at_ms: u64| (window.from_ms..=window.to_ms).contains(&at_ms);
    let points = scenario.timeline.iter().filter(|event| event.until_ms.is_none() && shown(event.at_ms));
    let mut kinds: Vec<&EventKind> = points.map(|event| &event.kind).collect();
    kinds.sort();
    kinds.dedup();
    html! {
        @if !kinds.is_empty() {
            ul class="legend" aria-label="Marks" {
                @for kind in kinds {
                    li {
                        svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true" { (mark(kind, 0.0, 0.0)) }
                        (naming(kind).1)
                    }
                }
            }
        }
    }
}

/// What the numbers of RDS's events say that stand in the drawing.
fn events(scenario: &Scenario, window: Interval) -> Markup {
    let shown = |event: &&TimelineEvent| (window.from_ms..=window.to_ms).contains(&event.at_ms);
    let texts = scenario.timeline.iter().filter(shown).map(|event| event.text.as_str());
    let numbers: BTreeMap<&str, &str> = texts.flat_map(rds_event::numbers).collect();
    html! {
        @if !numbers.is_empty() {
            ul class="legend" aria-label="RDS events by their numbers" {
                @for (number, words) in numbers { li { code { (number) } (words) } }
            }
        }
    }
}

fn phases(leg: &Leg) -> Markup {
    let mut phases: Vec<&Phase> = leg.phases.iter().collect();
    phases.sort_by_key(|phase| phase.at_ms);
    let before = std::iter::once(None).chain(phases.iter().map(|phase| Some(phase.at_ms)));
    html! {
        @if !phases.is_empty() {
            ol class="phases" {
                @for (phase, before) in phases.iter().zip(before) {
                    li {
                        span class="name" { (phase.name.label()) }
                        span class="at" { (moment(phase.at_ms)) }
                        @if let Some(before) = before {
                            span class="since" { "+" (duration(phase.at_ms.saturating_sub(before))) }
                        }
                        @if let Some(region) = &phase.region { span class="region" { (region) } }
                        @if let Some(note) = &phase.note { span class="note" { (note) } }
                    }
                }
            }
        }
    }
}

/// The legs that are too many to draw, with their figures.
pub(super) fn list(legs: &[Leg]) -> Markup {
    html! {
        details {
            summary { "All " (legs.len()) " moves" }
            ul class="decisions" { @for leg in legs { li { strong { (leg.name) } " \u{b7} " (figures(leg)) } } }
        }
    }
}

/// The leg's own figures, for a scenario whose figures are those of several legs.
fn figures(leg: &Leg) -> String {
    use crate::PhaseName::{FirstWrite, Promoted, RecordAccepted};
    let record = leg.between_ms(&Promoted, &RecordAccepted).map(difference);
    let write = leg.between_ms(&Promoted, &FirstWrite).map(difference);
    let mut parts = Vec::new();
    if let Some(writes) = &leg.writes {
        parts.push(format!("write outage {}", duration(writes.outage_ms())));
        parts.push(format!("{} acknowledged", count(writes.acknowledged)));
        parts.push(format!("{} lost", count(writes.lost)));
    }
    parts.extend(record.map(|record| format!("promoted \u{2192} record accepted {record}")));
    parts.extend(write.map(|write| format!("promoted \u{2192} first write {write}")));
    parts.join(" \u{b7} ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PhaseName;

    #[test]
    fn a_long_wait_is_left_out_of_the_close_up() {
        assert_eq!(crowd(&[2_000, 4_460, 4_491, 4_519, 4_885]), [4_460, 4_491, 4_519, 4_885]);
        assert_eq!(
            crowd(&[1_500, 2_210, 2_241, 2_635]),
            [1_500, 2_210, 2_241, 2_635],
            "no wait is long enough"
        );
        assert_eq!(crowd(&[0, 9_000, 9_100]), [0, 9_000, 9_100], "too few are left");
        assert_eq!(crowd(&[0, 10, 20, 30, 120]), [0, 10, 20, 30, 120], "just three quarters");
        assert_eq!(crowd(&[0, 10, 20, 29, 120]), [0, 10, 20, 29]);
        assert_eq!(crowd(&[0, 10, 20, 120]), [0, 10, 20], "three are enough");
        assert_eq!(crowd(&[0, 100, 110, 120]), [100, 110, 120]);
        assert_eq!(crowd(&[7]), [7]);
        assert!(crowd(&[]).is_empty());
    }

    #[test]
    fn only_what_was_quick_is_magnified() {
        let whole = Interval { from_ms: 0, to_ms: 10_000 };
        let mut leg = Leg::new("there", whole);
        assert_eq!(close_up(&leg, whole), None);
        leg.phases = [2_000, 2_100, 2_800].map(|at_ms| Phase::new(PhaseName::Promoted, at_ms)).to_vec();
        assert_eq!(close_up(&leg, whole), Some(Interval { from_ms: 1_900, to_ms: 3_066 }));
        leg.phases.push(Phase::new(PhaseName::FirstWrite, 5_000));
        assert_eq!(close_up(&leg, whole), None);
    }
}
