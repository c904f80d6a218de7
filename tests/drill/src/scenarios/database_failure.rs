//! database-failure: the writer's database dies; the alarms of both apps start the failover, and Seoul's app goes on by
//! writing to Osaka.

use drill_cloud::Region;
use drill_cloud::aurora::Moment;

use crate::script::play::Play;
use crate::script::users::{
    both_alarms_are_over, both_alarms_go_off, called, expect_primary, expect_published, served,
    writer_goes_back,
};
use crate::script::{Action, Expects, Losses, Script};
use crate::stage::error::DrillError;
use crate::stage::front_door::FrontDoor;
use crate::stage::policy::{Policy, WRITER_ALARMS};

pub(crate) const SCRIPT: Script = Script {
    name: "database-failure",
    title: "The writer's database dies, and no app has to know",
    story: "Seoul's database server is killed with SIGKILL. Neither app reaches the writer, so both are unhealthy, DNS leads users to \
            the primary all the same. The probes in Seoul, in Osaka and in the witness's Region see that the database takes no writes, and by all of these alarms together Osaka's function starts the failover. Seoul's app goes on and writes to \
            Osaka. Then Seoul's database follows again, and the writer goes back.",
    policy: Some(Policy::of_app_failover("automatic").with_probes()),
    expects: Expects {
        losses: Losses::NoneFrom(1),
        outages: |pace| vec![pace.longest_failover()],
        ..Expects::ALARMS_MOVE_IT
    },
    has_real_pace: true,
    play: Action::WithUsers(|play, door| Box::pin(database_failure(play, door))),
};

async fn database_failure(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    dies(play, door).await?;
    is_back(play, door).await?;
    writer_goes_back(play, Region::Seoul).await?;
    expect_published(play, "At the end", Region::Seoul, 3, &Region::ALL).await?;
    play.expect_failover_calls(1);
    play.expect_record_changes(2);
    Ok(())
}

async fn dies(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul's database dies", Some(Region::Osaka));
    let lag = play.measure_lag().await?;
    play.rest(1).await;
    let since = play.kill_seouls_server().await?;
    for region in Region::ALL {
        called(play, door, region, false, since).await?;
    }
    expect_primary(play, door).await?;
    let within = play.stage.pace.longest_alarm();
    play.writer_alarms_go_off(&WRITER_ALARMS, since, within).await?;
    both_alarms_go_off(play, door).await?;
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    for region in Region::ALL {
        called(play, door, region, true, promoted).await?;
    }
    served(play, Region::Seoul, Region::Osaka, promoted).await?;
    play.wait_for_functions().await?;
    play.rest(1).await;
    play.end_leg();
    drop(lag);
    expect_published(play, "After the failover", Region::Osaka, 2, &Region::ALL).await
}

async fn is_back(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    play.begin_leg("Seoul's database is back, as a reader", None);
    play.seoul_rejoins().await?;
    play.writer_alarms_are_over().await?;
    both_alarms_are_over(play, door).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    let answer = door.answer().await?;
    play.expect_that(
        "DNS leads users to",
        "Seoul",
        answer.map_or("nowhere", Region::city),
        answer == Some(Region::Seoul),
    );
    Ok(())
}
