//! Does what a button says.

use std::sync::Arc;
use std::time::Instant;

use drill_cloud::front::{Fault, Scope};
use drill_cloud::{AlarmState, Region};
use drill_postgres::Password;
use drill_report::EventKind;
use serde_json::json;

use super::act::{Act, Service};
use super::denied::Denied;
use super::facts::{AppState, Facts};
use super::house::{House, POLICY};
use super::note::{note, sentence};
use super::shared::{Room, being_set_up};
use super::{desk, place, save};
use crate::script::operator::say_objectives;
use crate::stage::delivery::Mode;
use crate::stage::error::DrillError;
use crate::stage::lock::lock;
use crate::stage::policy::Policy;

/// Does it, and answers what came of it in a sentence.
pub(crate) async fn perform(room: &Arc<Room>, act: Act) -> Result<String, Denied> {
    if act == Act::Reset {
        return reset(room).await;
    }
    let (facts, ending) = room.with(|house| (house.facts(), house.ending.clone())).await?;
    let label = desk::label(act, &facts);
    let label = act.region().map_or(label.clone(), |region| format!("{label}, {}", region.city()));
    let lane = match act {
        Act::Save => &room.reports,
        _ if act.is_command() => &room.commands,
        _ => &room.faults,
    };
    let _held = lane.take(&label)?;
    // As they are now: what was under way may have changed them.
    let facts = room.with(House::facts).await?;
    if let Some(why) = desk::blocked(act, &facts) {
        return Err(Denied::conflict(why));
    }
    let done = tokio::select! {
        done = Box::pin(does(room, act, &facts)) => done,
        () = ending.cancelled() => Err(Denied::conflict("The stage was reset meanwhile.")),
    };
    if let Err(denied) = &done {
        // Without a stage there is nothing to write it on.
        let _ = note(room, EventKind::Error, &format!("{label}: {}", denied.sentence)).await;
    }
    done
}

/// All that is done on the stage ends, and another one takes its place.
async fn reset(room: &Room) -> Result<String, Denied> {
    match room.with(|house| house.ending.clone()).await {
        Ok(ending) => ending.cancel(),
        // Without a stage there is one to be set up again only where the last one failed.
        Err(waits) if lock(&room.waits).is_ok() => return Err(waits),
        Err(_) => {}
    }
    // One that waits already is as good.
    let _ = room.reset.try_send(());
    Ok("Everything is set up anew: that takes about twenty seconds.".to_owned())
}

async fn does(room: &Arc<Room>, act: Act, facts: &Facts) -> Result<String, Denied> {
    match act {
        Act::Save => save::save(room).await,
        Act::Kill(_) | Act::Stop(_) | Act::Start(_) | Act::Pause | Act::Resume => {
            place::database(room, act, facts).await
        }
        Act::KillApp(region) => place::kill_app(room, region, AppState::Killed).await,
        Act::BreakApp(region) => place::release_app(room, region, Some(Password::random())).await,
        Act::MendApp(region) => place::release_app(room, region, None).await,
        Act::Cut(region) => place::cut_region(room, region).await,
        Act::Back(region) => place::bring_back(room, region).await,
        Act::Automatic | Act::Advise => mode(room, act == Act::Automatic).await,
        Act::ConsoleSwitchover | Act::ConsoleFailover | Act::Detach => console(room, act, facts).await,
        _ if act.is_command() => command(room, act, facts).await,
        _ => switch(room, act, facts).await,
    }
}

/// What is a switch and nothing more.
async fn switch(room: &Room, act: Act, facts: &Facts) -> Result<String, Denied> {
    let where_ = act.region().map_or(String::new(), |region| format!(" in {}", region.city()));
    let harms = matches!(
        act,
        Act::Blind(_)
            | Act::Ring(_)
            | Act::CutService(_)
            | Act::CutNetwork
            | Act::LoseEvents
            | Act::KeepEvents
    );
    let kind = if harms { EventKind::Fault } else { EventKind::Action };
    let text = format!("{}{where_}", desk::label(act, facts));
    note(room, kind, &text).await?;
    room.with_mut(|house| flip(house, act)).await?;
    Ok(sentence(&text))
}

fn flip(house: &mut House, act: Act) {
    let (cloud, switches) = (&house.play.stage.cloud, &mut house.switches);
    match act {
        Act::Blind(region) => {
            *switches.blind.get_mut(region) = true;
            cloud.aurora.cut(region);
        }
        Act::Learn(region) => {
            *switches.blind.get_mut(region) = false;
            cloud.aurora.heal(region);
        }
        Act::Ring(region) => *switches.forced.get_mut(region) = Some(AlarmState::Alarm),
        Act::Calm(region) => *switches.forced.get_mut(region) = Some(AlarmState::Ok),
        Act::AsSeen(region) => *switches.forced.get_mut(region) = None,
        Act::CutService(service) => {
            switches.services.insert(service, cloud.front.inject(scope(service), Fault::BlackHole));
        }
        Act::MendService(service) => {
            if let Some(fault) = switches.services.remove(&service) {
                cloud.front.heal(fault);
            }
        }
        Act::CutNetwork | Act::MendNetwork => {
            switches.network_cut = act == Act::CutNetwork;
            if let Some(between) = &house.play.stage.network {
                between.network.set_cut(switches.network_cut);
            }
        }
        Act::LoseEvents | Act::KeepEvents | Act::DeliverEvents => events(house, act),
        _ => {}
    }
}

fn events(house: &mut House, act: Act) {
    let mode = match act {
        Act::LoseEvents => Mode::Lost,
        Act::KeepEvents => Mode::KeptBack,
        _ => Mode::Normal,
    };
    let before = std::mem::replace(&mut house.switches.events, mode);
    house.play.delivery.set_mode(mode);
    if before == Mode::KeptBack {
        let writer = house.play.aurora().truth().writer();
        house.play.delivery.release_meanwhile(writer.unwrap_or(Region::Osaka).peer());
    }
}

fn scope(service: Service) -> Scope {
    let scope = Scope::service(service.signing_name());
    service.region().map_or(scope.clone(), |region| scope.within(region))
}

async fn mode(room: &Room, automatic: bool) -> Result<String, Denied> {
    let mode = if automatic { "automatic" } else { "advise" };
    let text = format!("the failover mode is {mode}");
    note(room, EventKind::Action, &text).await?;
    let house = room.house.read().await;
    let stage = &house.as_ref().ok_or_else(being_set_up)?.play.stage;
    stage.configure(Some(Policy { mode, ..POLICY })).await?;
    say_objectives(stage).await?;
    drop(house);
    room.with_mut(|house| house.switches.automatic = automatic).await?;
    Ok(sentence(&text))
}

/// What somebody does in AWS's own console, past our functions.
async fn console(room: &Room, act: Act, facts: &Facts) -> Result<String, Denied> {
    let target = facts.target();
    let (word, what) = match act {
        Act::ConsoleSwitchover => ("switchover", "switch over"),
        Act::ConsoleFailover => ("failover", "fail over"),
        _ => ("removal", "detach it"),
    };
    let text = format!("in the console: {word} of {}", target.city());
    note(room, EventKind::Action, &text).await?;
    let aurora = room.with(|house| house.play.aurora().clone()).await?;
    let asked = match act {
        Act::ConsoleSwitchover => aurora.switchover(target),
        Act::ConsoleFailover => aurora.failover(target),
        _ => aurora.detach(target),
    };
    asked.map_err(DrillError::refused(what))?;
    Ok("RDS has begun.".to_owned())
}

/// Types the command, and keeps what it said.
async fn command(room: &Room, act: Act, facts: &Facts) -> Result<String, Denied> {
    let Some((words, answer)) = desk::typed(act, facts) else {
        return Err(Denied::new(500, "This is no command."));
    };
    let typed = desk::stands_for(act, facts);
    note(room, EventKind::Action, &typed).await?;
    let operator = room.with(|house| Arc::clone(&house.operator)).await?;
    let began = Instant::now();
    let said = operator.types(&words, answer).await?;
    let took = began.elapsed();
    let text = format!("{}{}", said.error, said.out);
    room.keep_typed(json!({
        "typed": typed, "said": text.trim_end(), "code": said.code, "exit": said.exit(),
        "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    }));
    Ok(format!("{typed}: {}", said.exit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_cut_in_its_own_region() {
        assert_eq!(scope(Service::Rds(Region::Osaka)), Scope::service("rds").within(Region::Osaka));
        assert_eq!(scope(Service::Route53), Scope::service("route53"));
    }
}
