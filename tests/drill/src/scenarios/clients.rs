//! clients: other people's clients write through a switchover and a failover.

use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_report::{EventKind, Lane};

use crate::cast::clients::Clients;
use crate::findings::clients::{STUCK_AFTER, report};
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::error::DrillError;

pub(crate) const SCRIPT: Script = Script {
    name: "clients",
    title: "Other people's clients, through a switchover and a failover",
    story: "Beside the todo app, programs in other stacks write numbered rows: psycopg, node-postgres, libpq with both hosts, PgBouncer \
            before an unchanged application, and AWS's Python wrapper. Each is set up as docs/clients.md says, and some as they come. \
            The writer moves to Osaka, planned; then Osaka's server is killed and Seoul promoted. After each move all are watched \
            for half a minute, and those that came as they come are started again.",
    policy: None,
    expects: Expects::WRITER_MOVES,
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(clients(play))),
};

/// Writes of each that begin it.
const WARM_WRITES: usize = 5;
/// How long all of them may take to start: Python's programs are many, and the machine is busy.
const STARTED: Duration = Duration::from_secs(90);
/// How much longer than until a client is stuck it is looked at.
const LOOKED_AT: Duration = Duration::from_secs(3);
/// How long until the emulated Aurora notices and promotes.
const NOTICED: f64 = 0.5;
const POLL: Duration = Duration::from_millis(50);

async fn clients(play: &mut Play) -> Result<(), DrillError> {
    play.progress.step("other people's clients start");
    let mut clients = Box::pin(Clients::start(&play.stage)).await?;
    all_write(&clients).await?;
    planned(play).await?;
    clients.restart_those_as_they_come(&play.stage).await?;
    all_write(&clients).await?;
    unplanned(play).await?;
    clients.end().await?;
    play.expect_record_changes(2);
    report(play, &clients).await
}

/// The planned move to Osaka.
async fn planned(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka, a switchover", Some(Region::Osaka));
    play.rest(1).await;
    let since = play.switch_over(Region::Osaka, "switchover to Osaka").await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    watch(play, Region::Osaka, since).await
}

/// Osaka's server is killed and Seoul promoted; the killed one comes back as a replica.
async fn unplanned(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Osaka to Seoul, a failover", Some(Region::Seoul));
    play.rest(1).await;
    let since = play.act(Lane::Database, EventKind::Fault, "kill -9 of Osaka's database server");
    play.injected(since);
    play.stage.servers.osaka.kill().await?;
    play.rest(NOTICED).await;
    play.act(Lane::Database, EventKind::Action, "Aurora fails over to Seoul, data loss allowed");
    play.aurora().failover(Region::Seoul).map_err(DrillError::refused("fail over"))?;
    play.wait_for_moment(&Moment::Promoted(Region::Seoul), since).await?;
    play.wait_until_moved(Region::Seoul, since).await?;
    play.wait_for_transition().await?;
    play.act(Lane::Database, EventKind::Action, "Osaka is rewound and follows Seoul");
    play.aurora().rejoin(Region::Osaka).await.map_err(DrillError::refused("take Osaka back"))?;
    watch(play, Region::Seoul, since).await
}

/// Looks on until whoever still fails is stuck; then the leg is over.
async fn watch(play: &mut Play, writer: Region, since: Instant) -> Result<(), DrillError> {
    play.progress.step("all are watched for half a minute");
    let moved = play.promoted(writer, since).unwrap_or(since);
    let until = moved + STUCK_AFTER + LOOKED_AT;
    tokio::time::sleep(until.saturating_duration_since(Instant::now())).await;
    play.end_leg();
    Ok(())
}

/// Waits until every client that was started had writes acknowledged.
async fn all_write(clients: &Clients) -> Result<(), DrillError> {
    let began = Instant::now();
    loop {
        let without = clients.still_without(WARM_WRITES);
        if without.is_empty() {
            return Ok(());
        }
        if began.elapsed() > STARTED {
            let what = format!("the first writes of {}", without.join(", "));
            return Err(DrillError::Waited { what, within: STARTED });
        }
        tokio::time::sleep(POLL).await;
    }
}
