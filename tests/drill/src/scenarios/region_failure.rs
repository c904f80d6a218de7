//! region-failure: Seoul's app, database, control plane and functions fail at once. Osaka's functions do it alone; the
//! users end in Osaka's app, and return when Seoul does.

use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_report::{EventKind, Lane};

use crate::cast::users::PATIENCE_MOST;
use crate::script::play::Play;
use crate::script::users::{
    both_alarms_are_over, both_alarms_go_off, called, expect_primary, expect_published, led_to, served,
    writer_goes_back,
};
use crate::script::{Action, Expects, Losses, Script};
use crate::stage::error::DrillError;
use crate::stage::front_door::FrontDoor;
use crate::stage::pace::Pace;
use crate::stage::policy::{OUTSIDE_SEOUL, Policy};

pub(crate) const SCRIPT: Script = Script {
    name: "region-failure",
    title: "App, database and functions of a Region fail at once",
    story: "Seoul's app, database, control plane and functions go dark at once. Osaka's functions fail the database over and publish it; \
            when Osaka's app reaches the writer, DNS leads the users there. Then Seoul comes back with stale news: its app serves \
            again, nothing moves back by itself, and the writer goes back by a switchover.",
    policy: Some(Policy::of_app_failover("automatic").with_probes()),
    expects: Expects {
        losses: Losses::NoneFrom(1),
        outages: |pace| vec![longest_outage(pace), pace.longest_reroute()],
        ..Expects::ALARMS_MOVE_IT
    },
    has_real_pace: true,
    play: Action::WithUsers(|play, door| Box::pin(region_failure(play, door))),
};

/// Until the writer moved, DNS led the users after it, and the most patient of them asked again.
fn longest_outage(pace: Pace) -> Duration {
    pace.longest_failover() + pace.longest_reroute() + PATIENCE_MOST
}

async fn region_failure(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    fails(play, door).await?;
    is_back(play, door).await?;
    writer_goes_back(play, Region::Seoul).await?;
    expect_published(play, "At the end", Region::Seoul, 3, &Region::ALL).await?;
    play.expect_failover_calls(1);
    play.expect_record_changes(2);
    Ok(())
}

async fn fails(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("All of Seoul fails", Some(Region::Osaka));
    let lag = play.measure_lag().await?;
    play.rest(1).await;
    let since = play.seoul_goes_dark().await?;
    play.act(Lane::Clients, EventKind::Fault, "and Seoul's app with it");
    play.stage.apps.seoul.freeze()?;
    for region in Region::ALL {
        called(play, door, region, false, since).await?;
    }
    expect_primary(play, door).await?;
    let within = play.stage.pace.longest_alarm();
    play.writer_alarms_go_off(&OUTSIDE_SEOUL, since, within).await?;
    both_alarms_go_off(play, door).await?;
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    called(play, door, Region::Osaka, true, promoted).await?;
    led_to(play, Region::Osaka, promoted).await?;
    served(play, Region::Osaka, Region::Osaka, promoted).await?;
    // Osaka's app follows the parameter; Seoul's will need the record.
    let record = |play: &Play| play.record_visible(Region::Osaka, promoted);
    play.wait("resolvers to see where the record leads", record).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    drop(lag);
    expect_no_help_of_seoul(play, since);
    expect_published(play, "While Seoul is gone", Region::Osaka, 2, &[Region::Osaka]).await
}

/// No function of Seoul had a part in it.
fn expect_no_help_of_seoul(play: &mut Play, since: Instant) {
    let log = play.delivery.log();
    let in_seoul = log.iter().filter(|it| it.region == Region::Seoul && it.began >= since).count();
    play.expect_exactly("Invocations of Seoul's functions while it was gone", 0, in_seoul);
}

/// Its app serves again before its control plane knows of the promotion.
async fn is_back(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul is back with stale news", None);
    let back = play.seoul_answers("Seoul's services and app answer again; it still claims the writer")?;
    play.injected(back);
    play.stage.apps.seoul.thaw()?;
    let passes = play.pass_in_each_region("schedule").await;
    called(play, door, Region::Seoul, true, back).await?;
    led_to(play, Region::Seoul, back).await?;
    served(play, Region::Seoul, Region::Osaka, back).await?;
    play.expect_held("Seoul's stale word moves nothing", &passes);
    play.expect_not_moved_back(back);
    play.seoul_learns().await?;
    play.writer_alarms_are_over().await?;
    both_alarms_are_over(play, door).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    expect_published(play, "When Seoul is back", Region::Osaka, 2, &Region::ALL).await
}
