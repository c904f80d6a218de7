//! The last two minutes, in the report's own drawing, and what happened in them as lines to read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_report::{Interval, Lane, Live, TimelineEvent, WriteSeries};
use serde_json::{Value, json};

use super::denied::Denied;
use super::house::House;
use super::note::{BY_HAND, is_quiet};
use super::shared::Room;
use super::tally::Outage;
use crate::cast::workload::Write;
use crate::findings::{audience, record};
use crate::stage::lock::lock;

/// How much of the past is drawn.
const WINDOW: Duration = Duration::from_mins(2);
/// An invocation may have begun so long before that, and still be under way.
const BEFORE: Duration = Duration::from_mins(1);
/// The length of a bar of writes, in milliseconds.
const BUCKET_MS: u64 = 500;
/// How many lines are read.
const LINES: usize = 40;

/// Sends it to whoever looks; nothing is drawn for nobody.
pub(crate) async fn send(room: &Room) -> Result<(), Denied> {
    if room.strip.receiver_count() == 0 {
        return Ok(());
    }
    let drawn = room.with(draw).await;
    let text = drawn.unwrap_or(Value::Null).to_string();
    room.strip.send_replace(Arc::from(text));
    Ok(())
}

fn draw(house: &House) -> Value {
    let now = Instant::now();
    let play = &house.play;
    let since = now.checked_sub(WINDOW).unwrap_or(play.started).max(play.started);
    let before = since.checked_sub(BEFORE).unwrap_or(play.started).max(play.started);
    let mut timeline = record::timeline(play, before);
    timeline.extend(audience::events(play, &house.door, since));
    timeline.retain(|event| !is_quiet(event));
    timeline.sort_by_key(|event| event.at_ms);
    let window_ms = u64::try_from(WINDOW.as_millis()).unwrap_or(u64::MAX);
    let to_ms = play.ms(now).max(window_ms);
    let live = Live {
        title: "The last two minutes",
        window: Interval { from_ms: to_ms - window_ms, to_ms },
        lanes: &lanes(),
        timeline: &timeline,
        outage: outage(house, now, since),
        series: &series(house, &play.workload.writes_since(since)),
    };
    let drawn = Duration::from_millis(play.ms(now)).min(WINDOW);
    json!({
        "svg": live.draw().into_string(), "lines": lines(house, &timeline),
        // How far the present is from the left.
        "now": drawn.as_secs_f64() / WINDOW.as_secs_f64(),
    })
}

/// The rows, from what is done to whom it reaches.
fn lanes() -> Vec<Lane> {
    let each = |lane: fn(String) -> Lane| Region::ALL.map(|region| lane(region.id().to_owned()));
    let mut lanes = vec![Lane::Other(BY_HAND.to_owned()), Lane::Database, Lane::Alarms];
    lanes.extend(each(Lane::Failover));
    lanes.extend(each(Lane::Follow));
    lanes.extend([Lane::Record, Lane::Parameter, Lane::Dns]);
    lanes.extend(each(Lane::Users));
    lanes
}

/// The longest outage of these two minutes, over or not.
fn outage(house: &House, now: Instant, since: Instant) -> Option<Interval> {
    let tally = lock(&house.tally);
    let out = tally.out_since(now).map(|since| Outage { from: since, to: now });
    let outages = tally.outages.iter().copied().filter(|it| it.to >= since).chain(out);
    let longest = outages.max_by_key(|it| it.length())?;
    Some(Interval { from_ms: house.play.ms(longest.from), to_ms: house.play.ms(longest.to) })
}

fn series(house: &House, writes: &[Write]) -> WriteSeries {
    let mut series = WriteSeries::of_buckets(BUCKET_MS);
    for write in writes {
        let at_ms = house.play.ms(write.ended);
        if write.is_acknowledged() { series.add_acknowledged(at_ms) } else { series.add_failed(at_ms) }
    }
    series
}

/// What happened, the newest first; who serves users is in the drawing.
fn lines(house: &House, timeline: &[TimelineEvent]) -> Vec<Value> {
    let started = house.unix_ms(house.play.started);
    let at = |ms: u64| started.saturating_add(i64::try_from(ms).unwrap_or_default());
    let told = timeline.iter().rev().filter(|event| !matches!(event.lane, Lane::Users(_)));
    let line = |event: &TimelineEvent| {
        json!({
            "at": at(event.at_ms), "lane": String::from(event.lane.clone()), "text": event.text,
            "kind": serde_json::to_value(&event.kind).unwrap_or_default(),
        })
    };
    told.take(LINES).map(line).collect()
}
