//! `make stage`: the whole stage stays up until Ctrl-C, and a page on loopback, the control room, shows it and plays on it.
//!
//! `guard` says who may ask · `act` what can be done · `facts`, `desk` how things are, and the buttons that follow · `house` what
//! stands here until the next reset · `perform` does it · `caretaker` does what CloudWatch would, and counts · `snapshot` and `strip`
//! are what the page is fed with · `save` the report · `serve` HTTP.

mod act;
mod caretaker;
mod denied;
mod desk;
mod facts;
mod guard;
mod house;
mod perform;
mod published;
mod save;
mod serve;
mod snapshot;
mod strip;
mod tally;
pub(crate) mod terminal;

use std::collections::VecDeque;
use std::io::IsTerminal;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use drill_postgres::Password;
use drill_report::Verdict;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{RwLock, mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use self::denied::Denied;
use self::guard::Guard;
use self::house::House;
use crate::findings::write::say;
use crate::script::progress::Progress;
use crate::stage::Whereabouts;
use crate::stage::error::DrillError;
use crate::stage::lock::lock;
use crate::stage::pace::Pace;
use crate::stage::props::Props;

/// Of how many commands what they said is kept.
const TYPED_KEPT: usize = 12;

/// What the page, the stage and whoever tends it share.
pub(crate) struct Room {
    guard: Guard,
    props: Arc<Props>,
    pace: Pace,
    /// None while it is being set up.
    house: RwLock<Option<House>>,
    /// Since when it is being set up, or why it could not be.
    waits: Mutex<Result<Instant, String>>,
    faults: Lane,
    commands: Lane,
    reports: Lane,
    /// What was typed and what it said, the last of all last.
    typed: Mutex<VecDeque<Value>>,
    saved: Mutex<Option<Value>>,
    snapshot: watch::Sender<Arc<str>>,
    strip: watch::Sender<Arc<str>>,
    reset: mpsc::Sender<()>,
}

/// One thing at a time is done in it.
#[derive(Debug, Default)]
struct Lane(Mutex<Option<String>>);

/// Holds a lane; whatever becomes of it, the lane is free afterwards.
struct Held<'a>(&'a Lane);

impl Lane {
    /// Takes it for that.
    fn take(&self, what: &str) -> Result<Held<'_>, Denied> {
        let mut held = lock(&self.0);
        if let Some(other) = held.as_ref() {
            return Err(Denied::conflict(format!("\"{other}\" is under way: wait for its end.")));
        }
        *held = Some(what.to_owned());
        Ok(Held(self))
    }

    fn held(&self) -> Option<String> {
        lock(&self.0).clone()
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *lock(&self.0.0) = None;
    }
}

impl Room {
    /// Looks at the stage, without waiting for anything on it.
    async fn with<T>(&self, look: impl FnOnce(&House) -> T) -> Result<T, Denied> {
        self.house.read().await.as_ref().map(look).ok_or_else(being_set_up)
    }

    /// Changes something of it, without waiting either.
    async fn with_mut<T>(&self, change: impl FnOnce(&mut House) -> T) -> Result<T, Denied> {
        self.house.write().await.as_mut().map(change).ok_or_else(being_set_up)
    }

    fn keep_typed(&self, typed: Value) {
        let mut all = lock(&self.typed);
        all.push_back(typed);
        let old = all.len().saturating_sub(TYPED_KEPT);
        all.drain(..old);
    }
}

fn being_set_up() -> Denied {
    Denied::new(503, "The stage is being set up: wait for it.")
}

/// Keeps a stage up until it is told to end.
pub(crate) async fn run(props: &Arc<Props>, pace: Pace) -> Result<Verdict, DrillError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(DrillError::io("listen for the control room"))?;
    let port = listener.local_addr().map_err(DrillError::io("read the control room's address"))?.port();
    let (reset, mut wanted) = mpsc::channel(1);
    let room = Arc::new(Room {
        guard: Guard { port, token: Password::random().expose().to_owned() },
        props: Arc::clone(props),
        pace,
        house: RwLock::new(None),
        waits: Mutex::new(Ok(Instant::now())),
        faults: Lane::default(),
        commands: Lane::default(),
        reports: Lane::default(),
        typed: Mutex::default(),
        saved: Mutex::default(),
        snapshot: watch::Sender::new(Arc::from(json!({ "state": "starting" }).to_string())),
        strip: watch::Sender::new(Arc::from("null")),
        reset,
    });
    let _serving = AbortOnDropHandle::new(tokio::spawn(serve::serve(listener, Arc::clone(&room))));
    let _tending = caretaker::tend(&room);
    let progress = Progress::new();
    progress.scenario("stage", 1, 1);
    let ended = tokio::select! {
        ended = keep_up(&room, &mut wanted, &progress) => ended,
        told = told_to_end() => told,
    };
    progress.finish();
    terminal::forget(&props.out);
    if let Some(house) = room.house.write().await.take() {
        Box::pin(house.end()).await;
    }
    ended?;
    say("the stage has ended; nothing of it is left running");
    Ok(Verdict::Pass)
}

/// Sets a stage up, and another one after each reset. The first one has to come up.
async fn keep_up(
    room: &Arc<Room>,
    wanted: &mut mpsc::Receiver<()>,
    progress: &Progress,
) -> Result<(), DrillError> {
    let mut place: Option<Whereabouts> = None;
    loop {
        *lock(&room.waits) = Ok(Instant::now());
        match Box::pin(House::start(&room.props, room.pace, place.as_ref(), progress)).await {
            Ok(house) => {
                if place.is_none() {
                    terminal::keep(&house.play.stage, room.guard.port)?;
                    announce(room.guard.port, progress);
                }
                place = Some(house.play.stage.whereabouts());
                *room.house.write().await = Some(house);
            }
            Err(error) if place.is_none() => return Err(error),
            Err(error) => *lock(&room.waits) = Err(format!("The stage could not be set up: {error}.")),
        }
        if wanted.recv().await.is_none() {
            return Ok(());
        }
        let old = room.house.write().await.take();
        lock(&room.typed).clear();
        if let Some(old) = old {
            Box::pin(old.end()).await;
        }
    }
}

fn announce(port: u16, progress: &Progress) {
    let line = format!(
        "control room: http://127.0.0.1:{port}/   a terminal beside it: eval \"$(make -s stage-env)\"   Ctrl-C ends it"
    );
    // The live line would be drawn over it.
    if std::io::stderr().is_terminal() {
        progress.done(&line);
    } else {
        say(&line);
    }
}

/// Returns when a person, or the machine, wants it to end.
async fn told_to_end() -> Result<(), DrillError> {
    let listen = |kind| signal(kind).map_err(DrillError::io("listen for signals"));
    let (mut ended, mut hung_up) = (listen(SignalKind::terminate())?, listen(SignalKind::hangup())?);
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = ended.recv() => {}
        _ = hung_up.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_at_a_time_is_done_in_a_lane() {
        let lane = Lane::default();
        let held = lane.take("Kill database").ok();
        assert_eq!(lane.held().as_deref(), Some("Kill database"));
        let second = lane.take("Stop database").err().map(|it| (it.status, it.sentence));
        assert_eq!(second, Some((409, "\"Kill database\" is under way: wait for its end.".to_owned())));
        drop(held);
        assert!(lane.take("Stop database").is_ok());
    }
}
