//! The strip under the lanes: acknowledged writes upwards, failed ones downwards, and the outage between its arrows.

use std::fmt::Write;

use maud::{Markup, html};

use super::{label::text_width, lane::px, scale::Scale};
use crate::{
    Interval, WriteSeries,
    format::{counted, duration, moment},
};

/// The room for acknowledged writes, above the line, in user units.
pub(crate) const UP: f64 = 36.0;
/// The room for failed writes, below the line, in user units.
pub(crate) const DOWN: f64 = 18.0;
/// Thinner bars than this are drawn together.
const THINNEST: f64 = 2.0;
const TEXT_SIZE: f64 = 12.0;

/// Writes of one bar: its beginning and end in milliseconds, acknowledged and failed writes.
struct Bar {
    from_ms: u64,
    to_ms: u64,
    acknowledged: u64,
    failed: u64,
}

/// The bars of the window, with the line between acknowledged and failed writes at `y`.
pub(crate) fn bars(series: &WriteSeries, scale: &Scale, y: f64) -> Markup {
    let bars = collect(series, scale);
    let most = |value: fn(&Bar) -> u64| bars.iter().map(value).max().unwrap_or(0).max(1);
    let (most_acknowledged, most_failed) = (most(|bar| bar.acknowledged), most(|bar| bar.failed));
    let (mut up, mut down) = (String::new(), String::new());
    for bar in &bars {
        let (x, width) = (scale.x(bar.from_ms), scale.x(bar.to_ms) - scale.x(bar.from_ms));
        let thickness = (width - 0.6).max(0.6);
        // Writing to a string cannot fail.
        let _ = write_bar(&mut up, x, y, thickness, -share(bar.acknowledged, most_acknowledged) * UP);
        let _ = write_bar(&mut down, x, y + 2.0, thickness, share(bar.failed, most_failed) * (DOWN - 2.0));
    }
    html! {
        path class="acknowledged" d=(up) { title { "Acknowledged writes, at most " (most_acknowledged) " a bar" } }
        @if !down.is_empty() {
            path class="failed" d=(down) { title { "Failed writes, at most " (most_failed) " a bar" } }
        }
        line class="base" x1="0" x2=(px(scale.width())) y1=(px(y + 1.0)) y2=(px(y + 1.0)) {}
    }
}

fn write_bar(path: &mut String, x: f64, y: f64, width: f64, height: f64) -> std::fmt::Result {
    if height == 0.0 {
        return Ok(());
    }
    write!(path, "M{x:.1} {y:.1}h{width:.1}v{height:.1}h-{width:.1}Z")
}

/// A share of the largest value; something is never drawn as nothing.
fn share(value: u64, most: u64) -> f64 {
    let as_float = |value: u64| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    if value == 0 { 0.0 } else { (as_float(value) / as_float(most)).max(0.08) }
}

/// The buckets that begin in the window, several to a bar when there are more than the drawing can show.
fn collect(series: &WriteSeries, scale: &Scale) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for (from_ms, acknowledged, failed) in series.buckets() {
        let to_ms = from_ms.saturating_add(series.bucket_ms());
        if !scale.shows(from_ms) && !scale.shows(to_ms) {
            continue;
        }
        let (acknowledged, failed) = (u64::from(acknowledged), u64::from(failed));
        match bars.last_mut().filter(|bar| scale.length(bar.to_ms - bar.from_ms) < THINNEST) {
            Some(bar) => {
                bar.to_ms = to_ms;
                bar.acknowledged += acknowledged;
                bar.failed += failed;
            }
            None => bars.push(Bar { from_ms, to_ms, acknowledged, failed }),
        }
    }
    bars
}

/// The outage's length between its ends, as a draughtsman writes a dimension, at `y`.
pub(crate) fn dimension(outage: Interval, scale: &Scale, y: f64) -> Markup {
    let (from, to) = (scale.x(outage.from_ms), scale.x(outage.to_ms));
    let text = format!("worst client: no write acknowledged for {}", duration(outage.length_ms()));
    let width = text_width(&text, TEXT_SIZE);
    let inside = to - from >= width + 30.0;
    let middle = f64::midpoint(from, to);
    let left = if inside {
        middle - width / 2.0
    } else if to + 8.0 + width <= scale.width() {
        to + 8.0
    } else {
        (from - 8.0 - width).max(0.0)
    };
    // The line leaves room for a text that stands on it.
    let line = if inside {
        format!("M{from:.1} {y:.1}H{:.1}M{:.1} {y:.1}H{to:.1}", left - 6.0, left + width + 6.0)
    } else {
        format!("M{from:.1} {y:.1}H{to:.1}")
    };
    // An end outside the drawing has no tick: the line runs on there.
    let inner =
        [(outage.from_ms, from), (outage.to_ms, to)].into_iter().filter(|(at_ms, _)| scale.shows(*at_ms));
    let ticks: Vec<_> = inner.map(|(_, x)| format!("M{x:.1} {:.1}v10", y - 5.0)).collect();
    html! {
        path class="dimension" d=(ticks.concat() + &line) {}
        text class="dimension-text" x=(px(left)) y=(px(y + 4.0)) { (text) }
    }
}

/// The strip in words.
pub(crate) fn in_words(series: &WriteSeries, scale: &Scale) -> String {
    let bars = collect(series, scale);
    let sum = |value: fn(&Bar) -> u64| bars.iter().map(value).sum::<u64>();
    let (acknowledged, failed) = (sum(|bar| bar.acknowledged), sum(|bar| bar.failed));
    let last = bars.last().map_or(0, |bar| bar.to_ms);
    let writes = counted(acknowledged, "write was acknowledged", "writes were acknowledged");
    format!("Until {}, {writes} and {} failed.", moment(last), crate::format::count(failed))
}
