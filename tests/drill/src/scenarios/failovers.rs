//! Scenarios in which the writer's database server dies: failover, failover-with-lag, lost-event.

use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_report::{EventKind, Expectation, Lane};

use super::{expect, seconds};
use crate::delivery::Mode;
use crate::error::DrillError;
use crate::play::Play;

/// How long until the emulated Aurora notices and promotes. The real one takes minutes; the drill times what comes after.
const NOTICED: Duration = Duration::from_millis(500);
/// The schedule's period where it has to do without events. EventBridge's own is a minute.
const SCHEDULE: Duration = Duration::from_secs(3);

pub(super) async fn failover(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.rest(seconds(1)).await;
    let since = kill_and_promote(play).await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    rejoin(play).await?;
    play.rest(seconds(1)).await;
    play.end_leg();
    play.expect(Expectation::exactly("Changes of the record", 1, Some(play.record_changes(play.started))));
    Ok(())
}

pub(super) async fn failover_with_lag(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.rest(seconds(1)).await;
    play.act(Lane::Database, EventKind::Fault, "replication to Osaka is paused; Seoul goes on writing");
    play.stage.servers.osaka.pause_replication().await?;
    play.rest(seconds(2)).await;
    let since = kill_and_promote(play).await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.rest(seconds(1)).await;
    play.end_leg();
    Ok(())
}

pub(super) async fn lost_event(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.delivery.set_mode(Mode::Lost);
    play.act(Lane::Events, EventKind::Fault, "every RDS event is lost from now on");
    play.delivery.set_schedule(Some(SCHEDULE));
    play.rest(seconds(1)).await;
    let since = kill_and_promote(play).await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.end_leg();
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    let moved = play.record_accepted(Region::Osaka, since).map(|entry| entry.ended);
    let took =
        moved.map(|at| u64::try_from(at.saturating_duration_since(promoted).as_millis()).unwrap_or(u64::MAX));
    let limit = u64::try_from(SCHEDULE.as_millis()).unwrap_or(u64::MAX) + expect::RECORD_MS_MAX;
    play.expect(Expectation::within_ms(
        "The schedule alone moves the record within its period and 2 s",
        limit,
        took,
    ));
    let by_event = play.delivery.log().iter().filter(|it| it.why.starts_with("RDS-EVENT")).count();
    play.expect(Expectation::exactly("Events that arrived", 0, Some(by_event)));
    Ok(())
}

/// Kills Seoul's server and has Osaka promoted; answers when the server was killed.
pub(super) async fn kill_and_promote(play: &mut Play<'_>) -> Result<Instant, DrillError> {
    let since = play.act(Lane::Database, EventKind::Fault, "kill -9 of Seoul's database server");
    play.injected(since);
    play.stage.servers.seoul.kill().await?;
    play.rest(NOTICED).await;
    play.act(Lane::Database, EventKind::Action, "Aurora fails over to Osaka, data loss allowed");
    play.aurora().failover(Region::Osaka).map_err(DrillError::refused("fail over"))?;
    play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    Ok(since)
}

/// The former writer is rewound and follows.
pub(super) async fn rejoin(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.wait("the transition's end", |play| (!play.aurora().is_busy()).then_some(())).await?;
    play.act(Lane::Database, EventKind::Action, "Seoul is rewound and follows Osaka");
    play.aurora().rejoin(Region::Seoul).await.map_err(DrillError::refused("take Seoul back"))
}
