//! Scenarios with the application's own failover before the apps: app-failure, database-failure, region-failure.
//!
//! In the others the apps are written to directly; here users know the application's name alone.

mod app_failure;
mod database_failure;
mod region_failure;
mod words;

use std::time::Duration;

use drill_cloud::Region;
use drill_report::{Expectation, Leg, Scenario};

use super::Name;
use crate::audience;
use crate::error::DrillError;
use crate::front_door::{FrontDoor, longest_failover, longest_reroute};
use crate::play::Play;
use crate::progress::Progress;
use crate::stage::{Props, Stage};
use crate::users::PATIENCE_MOST;
use crate::workload::Workload;

/// The title of one of them.
pub(super) const fn title(name: Name) -> &'static str {
    match name {
        Name::DatabaseFailure => "The writer's database dies, and no app has to know",
        Name::RegionFailure => "App, database and functions of a Region fail at once",
        _ => "The writer's app dies, and users go on in the other Region",
    }
}

/// The story of one of them.
pub(super) const fn story(name: Name) -> &'static str {
    match name {
        Name::DatabaseFailure => {
            "Seoul's database server is killed with SIGKILL. Neither app reaches the writer, so both are unhealthy, DNS leads users to \
             the primary all the same, and the two alarms together start the failover in Osaka. Seoul's app goes on and writes to \
             Osaka. Then Seoul's database follows again, and the writer goes back."
        }
        Name::RegionFailure => {
            "Seoul's app, database, control plane and functions go dark at once. Osaka's functions fail the database over and publish it; \
             when Osaka's app reaches the writer, DNS leads the users there. Then Seoul comes back with stale news: its app serves \
             again, nothing moves back by itself, and the writer goes back by a switchover."
        }
        _ => {
            "Users know the application's name alone. Seoul's app is killed with SIGKILL: health checks fail three times, DNS leads the \
             users to Osaka's app, which writes to the writer in Seoul as before. One alarm alone starts no failover. Then Seoul's app \
             is back, and so are the users."
        }
    }
}

/// Plays one of them on a stage of its own.
pub(super) async fn play(name: Name, props: &Props, progress: &Progress) -> Result<Scenario, DrillError> {
    let stage = Box::pin(Stage::start(props, name.policy())).await?;
    let door = Box::pin(FrontDoor::open(&stage)).await?;
    // The answer for the name has to be there before the first user asks.
    let led = words::first_answer(&door).await?;
    let users = Workload::of_users(stage.cloud.dns.address(), stage.app_settings.listen.seoul.port())?;
    let mut play = Play::begin_with(stage, users, &[led], Region::Seoul, progress).await?;
    words::everybody_writes(&mut play).await?;
    match name {
        Name::DatabaseFailure => database_failure::play(&mut play, &door).await?,
        Name::RegionFailure => region_failure::play(&mut play, &door).await?,
        _ => app_failure::play(&mut play, &door).await?,
    }
    let (events, notes) = (audience::events(&play, &door), audience::notes(&play));
    play.events.extend(events);
    play.notes.extend(notes);
    play.notes.extend(audience::NOTES.map(str::to_owned));
    super::finish(name, &mut play).await
}

/// What the users are promised, by the figures of the legs, when every write has been looked up.
pub(super) fn expect_users(play: &mut Play<'_>, name: Name, legs: &[Leg]) {
    for (index, leg) in legs.iter().enumerate() {
        let Some(writes) = &leg.writes else { continue };
        if let Some(limit) = longest_outage(name, index) {
            let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
            let what = format!("{}: the user worst off is out for", leg.name);
            play.expect(Expectation::within_ms(what, limit, Some(writes.outage_ms())));
        }
        // A failover may lose writes, since replication is asynchronous: they are counted, and shown.
        if name == Name::AppFailure || index > 0 {
            let what = format!("{}: acknowledged writes that were lost", leg.name);
            play.expect(Expectation::exactly(what, 0, Some(writes.lost)));
        }
    }
}

/// How long the user worst off may be out in that leg, where it is not the database alone that decides it.
fn longest_outage(name: Name, leg: usize) -> Option<Duration> {
    match (name, leg) {
        (Name::AppFailure, _) | (Name::RegionFailure, 1) => Some(longest_reroute()),
        (Name::DatabaseFailure, 0) => Some(longest_failover()),
        (Name::RegionFailure, 0) => Some(longest_failover() + longest_reroute() + PATIENCE_MOST),
        _ => None,
    }
}
