//! switchover: planned, Seoul to Osaka and back.

use drill_cloud::Region;

use crate::script::play::Play;
use crate::script::{Action, Expects, Losses, Script};
use crate::stage::error::DrillError;

pub(crate) const SCRIPT: Script = Script {
    name: "switchover",
    title: "A planned switchover, there and back",
    story: "An operator switches the writer from Seoul to Osaka and, once it has settled, back. Aurora stops the old \
            writer cleanly, so no acknowledged write may be lost.",
    policy: None,
    expects: Expects { losses: Losses::NoneFrom(0), ..Expects::WRITER_MOVES },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(there_and_back(play))),
};

async fn there_and_back(play: &mut Play) -> Result<(), DrillError> {
    leg(play, Region::Osaka).await?;
    play.rest(play.stage.installation.settle_seconds + 1).await;
    leg(play, Region::Seoul).await?;
    play.expect_record_changes(2);
    Ok(())
}

/// One planned move, until both apps write to the new writer.
async fn leg(play: &mut Play, target: Region) -> Result<(), DrillError> {
    play.begin_leg(&format!("{} to {}", target.peer().city(), target.city()), Some(target));
    play.rest(1).await;
    let since = play.switch_over(target, &format!("switchover to {}", target.city())).await?;
    play.wait_until_moved(target, since).await?;
    play.rest(1).await;
    play.end_leg();
    Ok(())
}
