//! database-failure: the writer's database dies; the alarms of both apps start the failover, and Seoul's app goes on by
//! writing to Osaka.

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_report::{EventKind, Expectation, Lane};

use super::words::{
    both_alarms_are_over, both_alarms_go_off, called, expect_primary, expect_published, served,
    writer_goes_back,
};
use crate::error::DrillError;
use crate::front_door::FrontDoor;
use crate::play::Play;
use crate::scenarios::alarm::{expect_calls, measure_lag};
use crate::scenarios::failovers::rejoin;
use crate::scenarios::seconds;

pub(super) async fn play(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    dies(play, door).await?;
    is_back(play, door).await?;
    writer_goes_back(play, Region::Seoul).await?;
    expect_published(play, "At the end", Region::Seoul, 3, &Region::ALL).await?;
    expect_calls(play, 1);
    play.expect(Expectation::exactly("Changes of the record", 2, Some(play.record_changes(play.started))));
    Ok(())
}

async fn dies(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul's database dies", Some(Region::Osaka));
    let lag = measure_lag(play).await?;
    play.rest(seconds(1)).await;
    let since = play.act(Lane::Database, EventKind::Fault, "kill -9 of Seoul's database server");
    play.injected(since);
    play.stage.servers.seoul.kill().await?;
    for region in Region::ALL {
        called(play, door, region, false, since).await?;
    }
    expect_primary(play, door).await?;
    both_alarms_go_off(play, door).await?;
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    for region in Region::ALL {
        called(play, door, region, true, promoted).await?;
    }
    served(play, Region::Seoul, Region::Osaka, promoted).await?;
    play.wait_for_functions().await?;
    play.rest(seconds(1)).await;
    play.end_leg();
    drop(lag);
    expect_published(play, "After the failover", Region::Osaka, 2, &Region::ALL).await
}

async fn is_back(play: &mut Play<'_>, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul's database is back, as a reader", None);
    rejoin(play).await?;
    both_alarms_are_over(play, door).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    let answer = door.answer().await?;
    play.expect(Expectation::judged(
        "DNS leads users to",
        "Seoul",
        answer.map_or("nowhere", Region::city),
        answer == Some(Region::Seoul),
    ));
    Ok(())
}
