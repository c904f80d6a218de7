//! Does what a button says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::aurora::Role;
use drill_cloud::front::{Fault, Scope};
use drill_cloud::{AlarmState, Region};
use drill_postgres::{Password, Server};
use drill_report::{EventKind, Lane};
use serde_json::json;

use super::act::{Act, Service};
use super::denied::Denied;
use super::facts::{AppState, Facts};
use super::house::{House, POLICY};
use super::{Room, desk, save};
use crate::script::operator::say_objectives;
use crate::stage::app::App;
use crate::stage::delivery::Mode;
use crate::stage::error::DrillError;
use crate::stage::lock::lock;
use crate::stage::policy::Policy;

/// For how long a Region that is back tells stale news.
const STALE: Duration = Duration::from_secs(5);
/// How long a Region that learns waits for the transition that is under way.
const LEARNS: Duration = Duration::from_mins(1);
/// The row of what is done by hand.
pub(crate) const BY_HAND: &str = "by hand";

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
    Ok("Everything is set up anew: that takes about ten seconds.".to_owned())
}

async fn does(room: &Arc<Room>, act: Act, facts: &Facts) -> Result<String, Denied> {
    match act {
        Act::Save => save::save(room).await,
        Act::Kill(_) | Act::Stop(_) | Act::Start(_) | Act::Pause | Act::Resume => {
            database(room, act, facts).await
        }
        Act::KillApp(region) => kill_app(room, region, AppState::Killed).await,
        Act::BreakApp(region) => release_app(room, region, Some(Password::random())).await,
        Act::MendApp(region) => release_app(room, region, None).await,
        Act::Cut(region) => cut_region(room, region).await,
        Act::Back(region) => bring_back(room, region).await,
        Act::Automatic | Act::Advise => mode(room, act == Act::Automatic).await,
        Act::ConsoleSwitchover | Act::ConsoleFailover | Act::Detach => console(room, act, facts).await,
        _ if act.is_command() => command(room, act, facts).await,
        _ => switch(room, act, facts).await,
    }
}

/// Notes what is done in the row of what is done by hand.
async fn note(room: &Room, kind: EventKind, text: &str) -> Result<Instant, Denied> {
    let lane = Lane::Other(BY_HAND.to_owned());
    room.with_mut(|house| house.play.act(lane, kind, text)).await
}

async fn server(room: &Room, region: Region) -> Result<Arc<Server>, Denied> {
    room.with(|house| Arc::clone(house.play.stage.servers.get(region))).await
}

async fn database(room: &Room, act: Act, facts: &Facts) -> Result<String, Denied> {
    let region = act.region().unwrap_or_else(|| facts.target());
    let (server, city) = (server(room, region).await?, region.city());
    let (kind, text) = match act {
        Act::Kill(_) => (EventKind::Fault, format!("kill -9 of {city}'s database server")),
        Act::Stop(_) => (EventKind::Fault, format!("{city}'s database server is stopped cleanly")),
        Act::Start(_) => (EventKind::Action, format!("{city}'s database server is started")),
        Act::Pause => (EventKind::Fault, format!("replication to {city} is paused")),
        _ => (EventKind::Action, "replication goes on".to_owned()),
    };
    note(room, kind, &text).await?;
    match act {
        Act::Kill(_) => server.kill().await.map_err(DrillError::from)?,
        Act::Stop(_) => server.stop_fast().await.map_err(DrillError::from)?,
        Act::Start(_) => start(room, region, facts, &server).await?,
        Act::Pause => {
            server.pause_replication().await.map_err(DrillError::from)?;
            room.with_mut(|house| house.switches.paused = Some(region)).await?;
        }
        _ => resume(room, facts).await?,
    }
    Ok(sentence(&text))
}

/// A reader is rewound where it went its own way, and follows; a writer recovers.
async fn start(room: &Room, region: Region, facts: &Facts, server: &Server) -> Result<(), Denied> {
    if *facts.roles.get(region) != Role::Reader {
        server.start().await.map_err(DrillError::from)?;
        return Ok(());
    }
    let aurora = room.with(|house| house.play.aurora().clone()).await?;
    aurora.rejoin(region).await.map_err(DrillError::refused("take it back"))?;
    room.with_mut(|house| forget_pause(house, region)).await
}

/// Whoever begins to follow anew is not paused.
fn forget_pause(house: &mut House, region: Region) {
    house.switches.paused = house.switches.paused.filter(|paused| *paused != region);
}

async fn resume(room: &Room, facts: &Facts) -> Result<(), Denied> {
    let Some(region) = facts.switches.paused else { return Ok(()) };
    let still = *facts.roles.get(region) == Role::Reader && *facts.running.get(region);
    room.with_mut(|house| house.switches.paused = None).await?;
    if still {
        let server = server(room, region).await?;
        server.resume_replication().await.map_err(DrillError::from)?;
    }
    Ok(())
}

async fn kill_app(room: &Room, region: Region, state: AppState) -> Result<String, Denied> {
    let text = format!("kill -9 of {}'s app", region.city());
    note(room, EventKind::Fault, &text).await?;
    end_app(room, region, state).await?;
    Ok(sentence(&text))
}

async fn end_app(room: &Room, region: Region, state: AppState) -> Result<(), Denied> {
    let mut house = room.house.write().await;
    let house = house.as_mut().ok_or_else(super::being_set_up)?;
    *house.switches.apps.get_mut(region) = state;
    Ok(house.play.stage.apps.get_mut(region).kill().await?)
}

/// The app is started anew, where it was, with that password in the place of its own.
async fn release_app(room: &Room, region: Region, wrong: Option<Password>) -> Result<String, Denied> {
    let (kind, how, state) = match &wrong {
        Some(_) => (EventKind::Fault, "with a wrong password", AppState::Broken),
        None => (EventKind::Action, "as it was", AppState::Runs),
    };
    let text = format!("{}'s app is released {how}", region.city());
    note(room, kind, &text).await?;
    end_app(room, region, AppState::Killed).await?;
    let mut settings = room.with(|house| house.play.stage.app_settings.clone()).await?;
    if let Some(wrong) = wrong {
        settings.access.application.password = wrong;
    }
    let app = App::start(region, &settings).await?;
    room.with_mut(|house| {
        *house.play.stage.apps.get_mut(region) = app;
        *house.switches.apps.get_mut(region) = state;
    })
    .await?;
    Ok(sentence(&text))
}

async fn cut_region(room: &Room, region: Region) -> Result<String, Denied> {
    let cut = room.with_mut(|house| {
        house.play.goes_dark(region)?;
        *house.switches.dark.get_mut(region) = true;
        *house.switches.blind.get_mut(region) = true;
        // One that was killed has nothing to freeze.
        let _ = house.play.stage.apps.get(region).freeze();
        Ok::<_, DrillError>(())
    });
    cut.await??;
    let server = server(room, region).await?;
    if server.is_running() {
        server.freeze().await.map_err(DrillError::from)?;
    }
    Ok(format!("All of {} is dark.", region.city()))
}

/// Its services answer with what they knew; a while later RDS learns what happened, and its database follows.
async fn bring_back(room: &Arc<Room>, region: Region) -> Result<String, Denied> {
    let server = server(room, region).await?;
    let city = region.city();
    let answers = room.with_mut(|house| {
        house.play.answers(region, &format!("{city}'s services answer again, with what they knew"))?;
        *house.switches.dark.get_mut(region) = false;
        house.switches.services.retain(|service, _| service.region() != Some(region));
        let _ = house.play.stage.apps.get(region).thaw();
        // A former writer stays frozen until it is taken back: as a writer it would take writes that are lost.
        let moved = !house.facts().synchronized.get(region);
        if !moved && server.is_running() {
            server.thaw()?;
        }
        Ok::<_, DrillError>(house.ending.clone())
    });
    let ending = answers.await??;
    let room = Arc::clone(room);
    tokio::spawn(async move {
        tokio::select! {
            learned = learns(&room, region) => if let Err(denied) = learned {
                let _ = note(&room, EventKind::Error, &format!("{city} learns: {}", denied.sentence)).await;
            },
            () = ending.cancelled() => {}
        }
    });
    Ok(format!("{city} answers again with stale news; in five seconds its RDS learns what happened."))
}

async fn learns(room: &Room, region: Region) -> Result<(), Denied> {
    tokio::time::sleep(STALE).await;
    let began = Instant::now();
    while room.with(|house| house.play.aurora().is_busy()).await? && began.elapsed() < LEARNS {
        tokio::time::sleep(STALE / 20).await;
    }
    note(room, EventKind::Action, &format!("{}'s RDS learns what happened", region.city())).await?;
    let follows = room.with_mut(|house| {
        if *house.switches.dark.get(region) {
            return None;
        }
        *house.switches.blind.get_mut(region) = false;
        house.play.aurora().heal(region);
        let facts = house.facts();
        let former = *facts.roles.get(region) == Role::Reader && !facts.synchronized.get(region);
        former.then(|| house.play.aurora().clone())
    });
    if let Some(aurora) = follows.await? {
        aurora.rejoin(region).await.map_err(DrillError::refused("take it back"))?;
        room.with_mut(|house| forget_pause(house, region)).await?;
    }
    Ok(())
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
    let stage = &house.as_ref().ok_or_else(super::being_set_up)?.play.stage;
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

/// As a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_a_sentence() {
        assert_eq!(sentence("kill -9 of Seoul's app"), "Kill -9 of Seoul's app.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn a_service_is_cut_in_its_own_region() {
        assert_eq!(scope(Service::Rds(Region::Osaka)), Scope::service("rds").within(Region::Osaka));
        assert_eq!(scope(Service::Route53), Scope::service("route53"));
    }
}
