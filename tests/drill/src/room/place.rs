//! What is done to a Region, its database and its app.

use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::aurora::Role;
use drill_postgres::{Password, Server};
use drill_report::EventKind;

use super::act::Act;
use super::denied::Denied;
use super::facts::{AppState, Facts};
use super::house::House;
use super::note::{note, sentence};
use super::shared::{Room, being_set_up};
use crate::stage::app::App;
use crate::stage::error::DrillError;

/// For how long a Region that is back tells stale news.
const STALE: Duration = Duration::from_secs(5);
/// How long a Region that learns waits for the transition that is under way.
const LEARNS: Duration = Duration::from_mins(1);
async fn server(room: &Room, region: Region) -> Result<Arc<Server>, Denied> {
    room.with(|house| Arc::clone(house.play.stage.servers.get(region))).await
}

/// Kills, stops or starts the Region's database, or pauses what it receives.
pub(crate) async fn database(room: &Room, act: Act, facts: &Facts) -> Result<String, Denied> {
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
        Act::Kill(_) => {
            server.kill().await.map_err(DrillError::from)?;
            room.with_mut(|house| *house.switches.frozen.get_mut(region) = false).await?;
        }
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

/// A reader is rewound where it went its own way, and follows; a frozen one goes on; any other recovers.
async fn start(room: &Room, region: Region, facts: &Facts, server: &Server) -> Result<(), Denied> {
    if *facts.roles.get(region) == Role::Reader {
        let aurora = room.with(|house| house.play.aurora().clone()).await?;
        aurora.rejoin(region).await.map_err(DrillError::refused("take it back"))?;
        return room.with_mut(|house| begins_anew(house, region)).await;
    }
    if server.is_running() {
        server.thaw().map_err(DrillError::from)?;
    } else {
        server.start().await.map_err(DrillError::from)?;
    }
    room.with_mut(|house| *house.switches.frozen.get_mut(region) = false).await
}

/// Whoever begins to follow anew is neither frozen nor paused.
fn begins_anew(house: &mut House, region: Region) {
    *house.switches.frozen.get_mut(region) = false;
    house.switches.paused = house.switches.paused.filter(|paused| *paused != region);
}

async fn resume(room: &Room, facts: &Facts) -> Result<(), Denied> {
    let Some(region) = facts.switches.paused else { return Ok(()) };
    let answers = *facts.running.get(region) && !facts.switches.frozen.get(region);
    let still = *facts.roles.get(region) == Role::Reader && answers;
    room.with_mut(|house| house.switches.paused = None).await?;
    if still {
        let server = server(room, region).await?;
        server.resume_replication().await.map_err(DrillError::from)?;
    }
    Ok(())
}

/// Kills the Region's app.
pub(crate) async fn kill_app(room: &Room, region: Region, state: AppState) -> Result<String, Denied> {
    let text = format!("kill -9 of {}'s app", region.city());
    note(room, EventKind::Fault, &text).await?;
    end_app(room, region, state).await?;
    Ok(sentence(&text))
}

async fn end_app(room: &Room, region: Region, state: AppState) -> Result<(), Denied> {
    let mut house = room.house.write().await;
    let house = house.as_mut().ok_or_else(being_set_up)?;
    *house.switches.apps.get_mut(region) = state;
    Ok(house.play.stage.apps.get_mut(region).kill().await?)
}

/// The app is started anew, where it was, with that password in the place of its own.
pub(crate) async fn release_app(
    room: &Room,
    region: Region,
    wrong: Option<Password>,
) -> Result<String, Denied> {
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

/// All of the Region goes dark.
pub(crate) async fn cut_region(room: &Room, region: Region) -> Result<String, Denied> {
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
        room.with_mut(|house| *house.switches.frozen.get_mut(region) = true).await?;
    }
    Ok(format!("All of {} is dark.", region.city()))
}

/// Its services answer with what they knew; a while later RDS learns what happened, and its database follows.
pub(crate) async fn bring_back(room: &Arc<Room>, region: Region) -> Result<String, Denied> {
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
            *house.switches.frozen.get_mut(region) = false;
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
        room.with_mut(|house| begins_anew(house, region)).await?;
    }
    Ok(())
}
