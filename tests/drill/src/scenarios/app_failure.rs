//! app-failure: Seoul's app dies; DNS leads the users to Osaka's, which writes to the same writer, and back.

use std::time::Instant;

use drill_cloud::{AlarmState, Region};
use drill_report::{EventKind, Lane};

use crate::cast::workload::Fate;
use crate::script::play::Play;
use crate::script::users::{
    alarm_changes, called, expect_one_alarm_is_not_enough, expect_published, expect_threshold, led_to, served,
};
use crate::script::{Action, Expects, Losses, Script};
use crate::stage::error::DrillError;
use crate::stage::front_door::FrontDoor;
use crate::stage::policy::Policy;

pub(crate) const SCRIPT: Script = Script {
    name: "app-failure",
    title: "The writer's app dies, and users go on in the other Region",
    story: "Users know the application's name alone. Seoul's app is killed with SIGKILL: health checks fail three times, DNS leads the \
            users to Osaka's app, which writes to the writer in Seoul as before. One alarm alone starts no failover. Then Seoul's app \
            is back, and so are the users.",
    policy: Some(Policy::of_app_failover("automatic")),
    expects: Expects {
        phases: &["unhealthy", "rerouted", "served"],
        losses: Losses::NoneFrom(0),
        // Seoul's is killed; of Osaka's it expects this by itself.
        apps_run_on: false,
        outages: |pace| vec![pace.longest_reroute(); 2],
        ..Expects::NOTHING_MOVES
    },
    has_real_pace: false,
    play: Action::WithUsers(|play, door| Box::pin(app_failure(play, door))),
};

async fn app_failure(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    dies(play, door).await?;
    is_back(play, door).await?;
    expect_published(play, "At the end", Region::Seoul, 1, &Region::ALL).await?;
    play.expect_failover_calls(0);
    play.expect_record_changes(0);
    expect_same_writer(play);
    let runs = play.stage.apps.osaka.never_stopped();
    play.expect_yes("Osaka's app needs no restart", runs);
    Ok(())
}

async fn dies(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul's app dies", None);
    // What the failover function would miss, were it not for the one alarm that stays quiet.
    let lag = play.measure_lag().await?;
    play.rest(1).await;
    let since = play.act(Lane::Clients, EventKind::Fault, "kill -9 of Seoul's app");
    play.injected(since);
    play.stage.apps.seoul.kill().await?;
    called(play, door, Region::Seoul, false, since).await?;
    led_to(play, Region::Osaka, since).await?;
    served(play, Region::Osaka, Region::Seoul, since).await?;
    let (_, answers) = alarm_changes(play, door, Region::Seoul, AlarmState::Alarm).await?;
    play.end_leg();
    drop(lag);
    expect_one_alarm_is_not_enough(play, &answers);
    expect_threshold(play, door, Region::Seoul, false, since);
    expect_unbothered(play, door, since);
    Ok(())
}

async fn is_back(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul's app is back", None);
    let since = play.act(Lane::Clients, EventKind::Action, "Seoul's app is started again");
    play.injected(since);
    play.stage.restart_app(Region::Seoul).await?;
    called(play, door, Region::Seoul, true, since).await?;
    led_to(play, Region::Seoul, since).await?;
    served(play, Region::Seoul, Region::Seoul, since).await?;
    play.rest(1).await;
    play.end_leg();
    expect_threshold(play, door, Region::Seoul, true, since);
    Ok(())
}

/// Osaka's app stays healthy all the while.
fn expect_unbothered(play: &mut Play, door: &FrontDoor, since: Instant) {
    let changes = door.changes(Region::Osaka).into_iter().filter(|change| change.at >= since).count();
    play.expect_exactly("Changes of the health of Osaka's app", 0, changes);
}

/// Whichever app took a write, the writer in Seoul confirmed it.
fn expect_same_writer(play: &mut Play) {
    let seoul = Fate::Acknowledged(play.address(Region::Seoul).to_string());
    let (writes, started) = (play.workload.writes(), play.started);
    let by_osaka = writes.iter().filter(|write| write.region == Region::Osaka && write.sent >= started);
    let by_osaka: Vec<_> = by_osaka.filter(|write| write.is_acknowledged()).collect();
    let elsewhere = by_osaka.iter().filter(|write| write.fate != seoul).count();
    let (found, pass) = (by_osaka.len(), by_osaka.len() >= 20 && elsewhere == 0);
    play.expect_that(
        "Writes by Osaka's app, all of them confirmed by Seoul's database",
        "at least 20, and 0 by another",
        format!("{found}, and {elsewhere} by another"),
        pass,
    );
}
