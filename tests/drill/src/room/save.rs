//! The report of what was played by hand, as a scenario writes it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::aurora::Moment;
use drill_cloud::{Pair, Region};
use drill_report::{EventKind, NamedValue, Report, Scenario};
use serde_json::json;
use time::OffsetDateTime;

use super::caretaker::present;
use super::denied::Denied;
use super::house::{House, POLICY};
use super::note::is_quiet;
use super::shared::Room;
use crate::cast::workload::Write;
use crate::findings::finish::shown;
use crate::findings::write::environment;
use crate::findings::write::write;
use crate::findings::{audience, record};
use crate::script::play::LegSpan;
use crate::script::{Action, Expects, Script};
use crate::stage::lock::lock;

/// How long before a promotion what led to it may have begun, and how long after it is still looked at.
const LED_TO: Duration = Duration::from_secs(90);
const FOLLOWED: Duration = Duration::from_secs(15);

/// What it is called in the report.
const SCRIPT: Script = Script {
    name: "by-hand-in-the-control-room",
    title: "Played by hand",
    story: "What somebody did in the control room, and what the functions made of it: the last quarter of an hour at most. Nobody expected \
            anything of it, so nothing passed or failed; the figures are what was measured.",
    policy: Some(POLICY),
    expects: Expects::NOTHING_MOVES,
    has_real_pace: true,
    play: Action::WithUsers(|_, _| Box::pin(async { Ok(()) })),
};

/// Writes the report and says where; the page links it.
pub(crate) async fn save(room: &Arc<Room>) -> Result<String, Denied> {
    let look = room.with(|house| {
        let named = house.play.aurora().truth().writer().or(house.facts().detached());
        let server = Arc::clone(house.play.stage.servers.get(named.unwrap_or(Region::Seoul)));
        (server, house.play.workload.writes())
    });
    let (server, writes) = look.await?;
    let first = writes.iter().map(|write| write.number).min().unwrap_or_default();
    let present = present(&server, first).await;
    let unread = present.as_ref().err().map(ToString::to_string);
    let scenario = room.with_mut(|house| {
        let lost = lock(&house.tally).lost.clone();
        let present = present.unwrap_or_else(|_| all_but(&writes, &lost));
        scenario(house, &writes, &present)
    });
    let mut scenario = scenario.await?;
    scenario.notes.extend(unread.map(|why| {
        format!("The writer could not be asked for the writes now ({why}): lost are those that were missing when it was asked last.")
    }));
    let report = Report {
        emulated: true,
        started_at: OffsetDateTime::now_utc() - Duration::from_millis(scenario.duration_ms),
        duration_ms: scenario.duration_ms,
        environment: environment(&room.props),
        scenarios: vec![scenario],
    };
    write(&report, &room.props).map_err(Denied::from)?;
    let html = room.props.out.join("report.html").display().to_string();
    let at =
        report.started_at.unix_timestamp() * 1_000 + i64::try_from(report.duration_ms).unwrap_or_default();
    *lock(&room.saved) =
        Some(json!({ "html": "/report.html", "json": "/report.json", "file": html, "at": at }));
    Ok(format!("The report is {html}."))
}

/// Every acknowledged write but those.
fn all_but(writes: &[Write], lost: &BTreeSet<u64>) -> Pair<BTreeSet<u64>> {
    let of = |region: Region| writes.iter().filter(move |it| it.region == region).map(|it| it.number);
    Pair::each(|region| of(region).filter(|number| !lost.contains(number)).collect())
}

fn scenario(house: &mut House, writes: &[Write], present: &Pair<BTreeSet<u64>>) -> Scenario {
    house.play.legs = legs(house, writes);
    let (door, play) = (&house.door, &mut house.play);
    let legs = record::legs(play, writes, present, 0);
    let mut notes = audience::notes(play);
    notes.push(
        "Alarms, health checks and probes were played by what was seen, as in the scenarios with users."
            .to_owned(),
    );
    let mut scenario = Scenario { legs, unjudged: true, ..shown(&SCRIPT, play, writes) };
    scenario.timeline.extend(audience::events(play, door, play.started));
    scenario.timeline.retain(|event| !is_quiet(event));
    scenario.timeline.sort_by_key(|event| event.at_ms);
    let noticed =
        play.delivery.log().into_iter().filter(|it| !it.payload.is_null() && record::has_noticed(it));
    scenario.decisions = noticed.map(|it| it.payload).collect();
    scenario.notes = notes;
    scenario
        .steady_state
        .push(NamedValue::new("cooldown in this room", format!("{} s", POLICY.cooldown_seconds)));
    scenario
}

/// A leg for each move of the writer, from what led to it; without one, all that is kept.
fn legs(house: &House, writes: &[Write]) -> Vec<LegSpan> {
    let now = Instant::now();
    let play = &house.play;
    let first = writes.first().map_or(play.started, |write| write.ended).max(play.started);
    let leg = |name: String, from: Instant, to: Instant, target: Option<Region>| LegSpan {
        name,
        from,
        to,
        injected: None,
        alarmed: None,
        phases: Vec::new(),
        target,
    };
    let mut legs: Vec<LegSpan> = Vec::new();
    for notice in play.notices() {
        let Moment::Promoted(target) = notice.moment else { continue };
        let earliest = legs.last().map_or(first, |leg| leg.to);
        let from = notice.at.checked_sub(LED_TO).map_or(earliest, |at| at.max(earliest));
        let injected = led_to(house, from, notice.at);
        let from =
            injected.and_then(|at| at.checked_sub(Duration::from_secs(1))).map_or(from, |at| at.max(from));
        let name = format!("{} to {}", target.peer().city(), target.city());
        let span = leg(name, from, (notice.at + FOLLOWED).min(now), Some(target));
        legs.push(LegSpan { injected, ..span });
    }
    if legs.is_empty() {
        legs.push(leg("The writer did not move".to_owned(), first, now, None));
    }
    legs
}

/// The first thing that was done in that time: by hand, or a Region that was cut off.
fn led_to(house: &House, from: Instant, to: Instant) -> Option<Instant> {
    let (from_ms, to_ms) = (house.play.ms(from), house.play.ms(to));
    let done = house.play.events.iter().filter(|event| (from_ms..=to_ms).contains(&event.at_ms));
    let done = done.filter(|event| matches!(event.kind, EventKind::Fault | EventKind::Action));
    let first = done.map(|event| event.at_ms).min()?;
    Some(house.play.started + Duration::from_millis(first))
}
