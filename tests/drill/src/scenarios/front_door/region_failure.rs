//! region-failure: Seoul's app, database, control plane and functions fail at once. Osaka's functions do it alone; the
//! users end in Osaka's app, and return when Seoul does.

use std::time::Instant;

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_report::{EventKind, Expectation, Lane};

use super::words::{
    both_alarms_are_over, both_alarms_go_off, called, expect_primary, expect_published, led_to, served,
    writer_goes_back,
};
use crate::error::DrillError;
use crate::front_door::FrontDoor;
use crate::play::Play;
use crate::scenarios::alarm::{expect_calls, measure_lag};
use crate::scenarios::failovers::rejoin;
use crate::scenarios::outages::{expect_held, seoul_goes_dark};
use crate::scenarios::{expect, seconds};

pub(super) async fn play(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    fails(play, door).await?;
    is_back(play, door).await?;
    writer_goes_back(play, Region::Seoul).await?;
    expect_published(play, "At the end", Region::Seoul, 3, &Region::ALL).await?;
    expect_calls(play, 1);
    play.expect(Expectation::exactly("Changes of the record", 2, Some(play.record_changes(play.started))));
    Ok(())
}

async fn fails(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("All of Seoul fails", Some(Region::Osaka));
    let lag = measure_lag(play).await?;
    play.rest(seconds(1)).await;
    let since = seoul_goes_dark(play).await?;
    play.act(Lane::Clients, EventKind::Fault, "and Seoul's app with it");
    play.stage.apps.seoul.freeze()?;
    for region in Region::ALL {
        called(play, door, region, false, since).await?;
    }
    expect_primary(play, door).await?;
    both_alarms_go_off(play, door).await?;
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    called(play, door, Region::Osaka, true, promoted).await?;
    led_to(play, Region::Osaka, promoted).await?;
    served(play, Region::Osaka, Region::Osaka, promoted).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    drop(lag);
    expect_no_help_of_seoul(play, since);
    expect_published(play, "While Seoul is gone", Region::Osaka, 2, &[Region::Osaka]).await
}

/// No function of Seoul had a part in it.
fn expect_no_help_of_seoul(play: &mut Play<'_>, since: Instant) {
    let log = play.delivery.log();
    let in_seoul = log.iter().filter(|it| it.region == Region::Seoul && it.began >= since).count();
    play.expect(Expectation::exactly(
        "Invocations of Seoul's functions while it was gone",
        0,
        Some(in_seoul),
    ));
}

/// Its app serves again before its control plane knows of the promotion.
async fn is_back(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul is back with stale news", None);
    let back = play.act(
        Lane::Database,
        EventKind::Action,
        "Seoul's services and app answer again; it still claims the writer",
    );
    play.injected(back);
    play.stage.cloud.reconnect_region(Region::Seoul);
    play.delivery.set_dark(Region::Seoul, false);
    play.stage.apps.seoul.thaw()?;
    let mut passes = Vec::new();
    for region in Region::ALL {
        passes.push(play.delivery.invoke(region, "schedule").await);
    }
    called(play, door, Region::Seoul, true, back).await?;
    led_to(play, Region::Seoul, back).await?;
    served(play, Region::Seoul, Region::Osaka, back).await?;
    expect_held(play, "Seoul's stale word moves nothing", &passes);
    let moved_back = play.record_accepted(Region::Seoul, back).is_some();
    play.expect(Expectation::judged("The record moved back", "no", expect::word(moved_back), !moved_back));
    play.act(Lane::Database, EventKind::Action, "Seoul learns of the promotion");
    play.aurora().heal(Region::Seoul);
    rejoin(play).await?;
    both_alarms_are_over(play, door).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    expect_published(play, "When Seoul is back", Region::Osaka, 2, &Region::ALL).await
}
