//! app-failure: Seoul's app dies; DNS leads the users to Osaka's, which writes to the same writer, and back.

use std::time::Instant;

use drill_cloud::{AlarmState, Region};
use drill_report::{EventKind, Expectation, Lane};

use super::words::{
    alarm_changes, called, expect_one_alarm_is_not_enough, expect_published, expect_threshold, led_to, served,
};
use crate::error::DrillError;
use crate::front_door::FrontDoor;
use crate::play::Play;
use crate::scenarios::alarm::{expect_calls, measure_lag};
use crate::scenarios::{expect, seconds};
use crate::workload::Fate;

pub(super) async fn play(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    dies(play, door).await?;
    is_back(play, door).await?;
    expect_published(play, "At the end", Region::Seoul, 1, &Region::ALL).await?;
    expect_calls(play, 0);
    play.expect(Expectation::exactly("Changes of the record", 0, Some(play.record_changes(play.started))));
    expect_same_writer(play);
    let runs = play.stage.apps.osaka.never_stopped();
    play.expect(Expectation::judged("Osaka's app needs no restart", "yes", expect::word(runs), runs));
    Ok(())
}

async fn dies(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul's app dies", None);
    // What the failover function would miss, were it not for the one alarm that stays quiet.
    let lag = measure_lag(play).await?;
    play.rest(seconds(1)).await;
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

async fn is_back(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul's app is back", None);
    let since = play.act(Lane::Clients, EventKind::Action, "Seoul's app is started again");
    play.injected(since);
    play.stage.restart_app(Region::Seoul).await?;
    called(play, door, Region::Seoul, true, since).await?;
    led_to(play, Region::Seoul, since).await?;
    served(play, Region::Seoul, Region::Seoul, since).await?;
    play.rest(seconds(1)).await;
    play.end_leg();
    expect_threshold(play, door, Region::Seoul, true, since);
    Ok(())
}

/// Osaka's app stays healthy all the while.
fn expect_unbothered(play: &mut Play<'_>, door: &FrontDoor, since: Instant) {
    let changes = door.changes(Region::Osaka).into_iter().filter(|change| change.at >= since).count();
    play.expect(Expectation::exactly("Changes of the health of Osaka's app", 0, Some(changes)));
}

/// Whichever app took a write, the writer in Seoul confirmed it.
fn expect_same_writer(play: &mut Play<'_>) {
    let seoul = Fate::Acknowledged(play.address(Region::Seoul).to_string());
    let (writes, started) = (play.workload.writes(), play.started);
    let by_osaka = writes.iter().filter(|write| write.region == Region::Osaka && write.sent >= started);
    let by_osaka: Vec<_> = by_osaka.filter(|write| matches!(write.fate, Fate::Acknowledged(_))).collect();
    let elsewhere = by_osaka.iter().filter(|write| write.fate != seoul).count();
    let (found, pass) = (by_osaka.len(), by_osaka.len() >= 20 && elsewhere == 0);
    play.expect(Expectation::judged(
        "Writes by Osaka's app, all of them confirmed by Seoul's database",
        "at least 20, and 0 by another",
        format!("{found}, and {elsewhere} by another"),
        pass,
    ));
}
