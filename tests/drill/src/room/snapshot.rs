//! What the page shows now: one JSON document, sent when it has changed.

use std::sync::Arc;
use std::time::Instant;

use drill_cloud::aurora::Role;
use drill_cloud::{Alarm, AlarmState, Region, app_failover};
use serde_json::{Value, json};

use super::denied::Denied;
use super::desk;
use super::facts::{AppState, Facts};
use super::house::House;
use super::shared::Room;
use crate::findings::record::has_noticed;
use crate::script::alarms::{Outcome, short};
use crate::stage::delivery::{Invoked, Mode};
use crate::stage::job::Job;
use crate::stage::lock::lock;
use crate::stage::pace::Pace;
use crate::stage::policy::{WRITER_FROM_OSAKA, WRITER_FROM_SEOUL, WRITER_FROM_TOKYO};

/// How many messages to people are shown.
const MESSAGES: usize = 4;

/// Sends it to whoever looks, unless it says what the last one said.
pub(crate) async fn send(room: &Room) -> Result<(), Denied> {
    let text = now(room).await.to_string();
    room.snapshot.send_if_modified(|before| {
        let changed = **before != *text;
        if changed {
            *before = Arc::from(text);
        }
        changed
    });
    Ok(())
}

/// How everything is now.
pub(crate) async fn now(room: &Room) -> Value {
    let busy = json!({ "fault": room.faults.held(), "command": room.commands.held() });
    let house = room.house.read().await;
    let Some(house) = house.as_ref() else {
        return match &*lock(&room.waits) {
            Ok(()) => {
                json!({ "state": "starting", "says": "Two database servers, an emulated AWS, the functions and the apps are being started." })
            }
            Err(why) => json!({ "state": "failed", "says": why }),
        };
    };
    let facts = house.facts();
    json!({
        "state": "up",
        "pace": if room.pace == Pace::Quick { "ten times as fast as AWS" } else { "at AWS's own pace" },
        "started": house.unix_ms(house.play.started),
        "writer": facts.writer().map(Region::city),
        "busy": busy,
        "writes": writes(house),
        "regions": Region::ALL.map(|region| of_region(house, &facts, region)),
        "between": between(house, &facts),
        "published": *lock(&house.published),
        "messages": messages(house),
        "buttons": desk::buttons(&facts),
        "typed": *lock(&room.typed),
        "saved": *lock(&room.saved),
    })
}

fn writes(house: &House) -> Value {
    let tally = lock(&house.tally);
    let ms = |it: std::time::Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
    let over = tally.outages.back().map(|it| json!({ "ms": ms(it.length()), "ended": house.unix_ms(it.to) }));
    json!({
        "per_second": tally.per_second(), "acknowledged": tally.acknowledged, "failed": tally.failed,
        "out_since": tally.out_since(Instant::now()).map(|it| house.unix_ms(it)),
        "over": over, "longest_ms": ms(tally.longest), "lost": tally.lost.len(),
    })
}

fn of_region(house: &House, facts: &Facts, region: Region) -> Value {
    let stage = &house.play.stage;
    let truth = stage.cloud.aurora.truth();
    let seen = stage.cloud.aurora.seen_by(region);
    let (cluster, says) = (truth.clusters.get(region), seen.clusters.get(region).role);
    let dark = *facts.switches.dark.get(region);
    let lag = house.meter.last().filter(|_| cluster.role == Role::Reader && cluster.synchronized);
    json!({
        "id": region.id(), "city": region.city(), "dark": dark,
        "role": role(cluster.role), "status": cluster.status, "instance": cluster.instance,
        "engine": cluster.engine_version, "synchronized": cluster.synchronized,
        "says": role(says), "stale": says != cluster.role || *facts.switches.blind.get(region),
        "server": server(facts, region),
        "lag_ms": lag.map(|lag| u64::try_from(lag.as_millis()).unwrap_or(u64::MAX)),
        "paused": facts.switches.paused == Some(region),
        "app": app(facts, region), "healthy": house.door.is_healthy(region),
        "alarms": alarms(house, facts, region),
        "follow": decided(house, Job::Follow, region),
        "failover": decided(house, Job::Failover, region),
    })
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Writer => "writer",
        Role::Reader => "reader",
        Role::Detached => "detached",
    }
}

fn server(facts: &Facts, region: Region) -> &'static str {
    match (*facts.running.get(region), *facts.switches.dark.get(region)) {
        (false, _) => "down",
        (true, true) => "unreachable",
        (true, false) if *facts.switches.frozen.get(region) => "frozen",
        (true, false) => "running",
    }
}

fn app(facts: &Facts, region: Region) -> &'static str {
    match (*facts.switches.apps.get(region), *facts.switches.dark.get(region)) {
        (AppState::Killed, _) => "killed",
        (_, true) => "unreachable",
        (AppState::Broken, _) => "broken",
        (AppState::Runs, _) => "running",
    }
}

/// The alarm on the Region's health check, and those on the word of its probe; the witness's stand with Osaka's.
fn alarms(house: &House, facts: &Facts, region: Region) -> Vec<Value> {
    let of_health = (app_failover::alarm(region), Some(*facts.switches.alarms.get(region)));
    let of_probes: &[Alarm] = match region {
        Region::Seoul => &[WRITER_FROM_SEOUL],
        Region::Osaka => &[WRITER_FROM_OSAKA, WRITER_FROM_TOKYO],
    };
    let watched = |alarm: &Alarm| {
        let probes = house.play.stage.probes.as_ref();
        (*alarm, probes.and_then(|probes| probes.watch.state(*alarm)))
    };
    let forced = facts.switches.forced.get(region).is_some();
    let all = std::iter::once(of_health).chain(of_probes.iter().map(watched));
    let value = |(alarm, state): (Alarm, Option<AlarmState>)| {
        let by_hand = forced && alarm == app_failover::alarm(region);
        json!({ "name": alarm.name, "what": short(alarm), "state": state.map(AlarmState::as_str), "by_hand": by_hand })
    };
    all.map(value).collect()
}

/// The function's last answer: what it decided, and why.
fn decided(house: &House, job: Job, region: Region) -> Value {
    let delivery = &house.play.delivery;
    delivery.last(job, region).map_or(Value::Null, |invoked| answer(house, &invoked))
}

fn answer(house: &House, invoked: &Invoked) -> Value {
    let result = invoked.payload.pointer("/results/0");
    let text = |key: &str| result.and_then(|it| it.get(key)).and_then(Value::as_str);
    let outcome = Outcome::of(&invoked.payload);
    let decision = outcome.map(Outcome::action).or_else(|| text("hold")).or_else(|| text("decision"));
    let said = invoked.payload.get("errorMessage").and_then(Value::as_str);
    let said = said.map(|it| it.split(". The whole answer: ").next().unwrap_or(it));
    let blocked = outcome.map(|it| format!("by {}", it.blocked_by().join(", "))).filter(|it| it != "by ");
    json!({
        "decision": if invoked.failed { "failed" } else { decision.unwrap_or("no policy") },
        "reason": said.map(str::to_owned).or(blocked).or_else(|| text("reason").map(str::to_owned)),
        "why": invoked.why, "noticed": has_noticed(invoked),
        "at": invoked.ended.map(|at| house.unix_ms(at)),
        "checks": result.and_then(|it| it.get("checks")),
    })
}

fn between(house: &House, facts: &Facts) -> Value {
    let truth = house.play.aurora().truth();
    let moving = truth.transition.map(|it| format!("{} to {}", it.kind.status(), it.to.city()));
    let switches = &facts.switches;
    let cut: Vec<String> = switches
        .services
        .keys()
        .map(|it| {
            it.region().map_or(it.name().to_owned(), |region| format!("{} in {}", it.name(), region.city()))
        })
        .collect();
    let events = match switches.events {
        Mode::Normal => "delivered",
        Mode::Lost => "lost",
        Mode::KeptBack => "kept back",
    };
    json!({
        "moving": moving, "mode": if switches.automatic { "automatic" } else { "advise" },
        "cut": cut, "events": events, "network_cut": switches.network_cut,
        "paused": switches.paused.map(Region::city),
    })
}

/// The last messages to people.
fn messages(house: &House) -> Vec<Value> {
    let mail = house.play.mail();
    let last = mail.iter().rev().take(MESSAGES);
    last.map(|mail| json!({ "at": house.unix_ms(mail.at), "subject": mail.subject, "message": mail.message }))
        .collect()
}
