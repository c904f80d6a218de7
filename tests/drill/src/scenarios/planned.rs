//! Scenarios in which nothing breaks: steady, switchover, duplicate-events.

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_report::{EventKind, Expectation, Lane};

use super::{expect, seconds};
use crate::delivery::Mode;
use crate::error::DrillError;
use crate::play::Play;

/// Passes that each function has to make in the steady scenario.
const STEADY_PASSES_MIN: u64 = 3;

pub(super) async fn steady(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Steady", None);
    let since = play.act(Lane::Events, EventKind::Action, "the schedule runs every 2 s");
    play.delivery.set_schedule(Some(seconds(2)));
    play.rest(seconds(9)).await;
    play.end_leg();
    play.delivery.set_schedule(None);
    play.wait_for_functions().await?;
    let writes = play.writes_since(since);
    play.expect(Expectation::exactly("Changes asked of AWS while nothing moved", 0, Some(writes.len())));
    let log = play.delivery.log();
    for region in Region::ALL {
        let passes =
            log.iter().filter(|it| it.began >= since && it.region == region && !it.failed).count() as u64;
        let what = format!("Passes of the function in {}", region.city());
        play.expect(Expectation::at_least(what, STEADY_PASSES_MIN, Some(passes)));
    }
    Ok(())
}

pub(super) async fn switchover(play: &mut Play<'_>) -> Result<(), DrillError> {
    leg(play, Region::Osaka).await?;
    play.rest(seconds(u64::from(play.stage.installation.settle_seconds) + 1)).await;
    leg(play, Region::Seoul).await?;
    let changes = play.record_changes(play.started);
    play.expect(Expectation::exactly("Changes of the record", 2, Some(changes)));
    Ok(())
}

/// One planned move, until both apps write to the new writer.
async fn leg(play: &mut Play<'_>, target: Region) -> Result<(), DrillError> {
    play.begin_leg(&format!("{} to {}", target.peer().city(), target.city()), Some(target));
    play.rest(seconds(1)).await;
    let since = play.act(Lane::Database, EventKind::Action, &format!("switchover to {}", target.city()));
    play.injected(since);
    play.aurora().switchover(target).map_err(DrillError::refused("switch over"))?;
    play.wait_for_moment(&Moment::Finished, since).await?;
    play.wait_until_moved(target, since).await?;
    play.rest(seconds(1)).await;
    play.end_leg();
    Ok(())
}

pub(super) async fn duplicate_events(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.delivery.set_mode(Mode::KeptBack);
    let since = play.act(Lane::Database, EventKind::Action, "switchover to Osaka; its events are kept back");
    play.injected(since);
    play.aurora().switchover(Region::Osaka).map_err(DrillError::refused("switch over"))?;
    play.wait_for_moment(&Moment::Finished, since).await?;
    let released = play.act(
        Lane::Events,
        EventKind::Fault,
        "each event five times, newest first, the old primary's last",
    );
    play.delivery.release(Region::Seoul).await;
    play.wait_until_moved(Region::Osaka, released).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    let moved = play.record_accepted(Region::Osaka, since).map(|entry| entry.ended);
    let took =
        moved.map(|at| u64::try_from(at.saturating_duration_since(released).as_millis()).unwrap_or(u64::MAX));
    play.expect(Expectation::within_ms(
        "The record moves after the first event within",
        expect::RECORD_MS_MAX,
        took,
    ));
    play.expect(Expectation::exactly("Changes of the record", 1, Some(play.record_changes(play.started))));
    let delivered = play.delivery.log().iter().filter(|it| it.why.starts_with("RDS-EVENT")).count() as u64;
    play.expect(Expectation::at_least("Events delivered", 20, Some(delivered)));
    Ok(())
}
