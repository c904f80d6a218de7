//! region-down: all of Seoul is black-holed, then back.

use drill_cloud::Region;
use drill_cloud::aurora::Names;

use super::failover;
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::error::DrillError;

pub(crate) const SCRIPT: Script = Script {
    name: "region-down",
    title: "A whole Region goes dark, and comes back with stale news",
    story: "All of Seoul is black-holed: RDS, Parameter Store, function and database. Osaka is promoted and its function moves \
            the record without a word from Seoul. Then Seoul's endpoints come back, still claiming the writer.",
    policy: None,
    expects: Expects { as_quick_as: Some(&failover::SCRIPT), ..Expects::WRITER_MOVES },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(region_down(play))),
};

async fn region_down(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.rest(1).await;
    let since = play.seoul_goes_dark().await?;
    play.fail_over_to_osaka().await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    is_back(play).await
}

/// Seoul's endpoints answer again, but with what they knew before: they still claim the writer.
async fn is_back(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul is back with stale news", None);
    play.rest(2).await;
    let back = play.seoul_answers("Seoul's services answer again and still claim the writer")?;
    let passes = play.pass_in_each_region("schedule").await;
    play.expect_held("Seoul's stale word moves nothing", &passes);
    let parameter =
        play.stage.cloud.seed().read_parameter(Region::Seoul, &play.stage.installation.parameter).await?;
    let repaired = parameter == Some(Names::of(Region::Osaka).endpoint());
    play.expect_yes("Seoul's own parameter is repaired", repaired);
    play.expect_not_moved_back(back);
    play.seoul_learns().await?;
    play.wait_for_functions().await?;
    play.end_leg();
    play.expect_record_changes(1);
    Ok(())
}
