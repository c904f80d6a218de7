//! `make stage`: the whole stage stays up until Ctrl-C, and a page on loopback, the control room, shows it and plays on it.
//!
//! `guard` says who may ask · `act` what can be done · `facts`, `desk` how things are, and the buttons that follow · `house` what
//! stands here until the next reset · `shared` by whom it is shared · `note` what is written down · `perform`, `place` do it · `caretaker` does what CloudWatch would, and counts · `snapshot` and `strip`
//! are what the page is fed with · `save` the report · `serve` HTTP.

mod act;
mod caretaker;
mod denied;
mod desk;
mod facts;
mod guard;
mod house;
mod note;
mod perform;
mod place;
mod published;
mod save;
mod serve;
mod shared;
mod snapshot;
mod strip;
mod tally;
pub(crate) mod terminal;

use std::io::IsTerminal;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use drill_postgres::Password;
use drill_report::Verdict;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{RwLock, mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use self::guard::Guard;
use self::house::House;
use self::shared::{Lane, Room};
use crate::findings::write::say;
use crate::script::progress::Progress;
use crate::stage::Whereabouts;
use crate::stage::error::DrillError;
use crate::stage::lock::lock;
use crate::stage::pace::Pace;
use crate::stage::props::Props;

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
        waits: Mutex::new(Ok(())),
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
        *lock(&room.waits) = Ok(());
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
