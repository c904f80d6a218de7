//! failback: back to Seoul by hand. The function `drill`, as Terraform deployed it, is asked for a switchover.

use std::time::Instant;

use drill_cloud::{Function, Region};
use drill_report::{EventKind, Lane};
use serde_json::json;

use crate::script::lag::LagMeter;
use crate::script::play::Play;
use crate::script::{Action, Expects, Losses, Script};
use crate::stage::error::DrillError;
use crate::stage::functions::DRILL;

/// Only played on what Terraform made.
pub(crate) const SCRIPT: Script = Script {
    name: "failback",
    title: "Back to Seoul, by the function that people invoke",
    story: "After a failover the writer is in Osaka. The function drill, as it was deployed, is asked for a switchover to Seoul; \
            follow publishes it. No acknowledged write may be lost.",
    policy: None,
    expects: Expects { losses: Losses::NoneFrom(0), ..Expects::WRITER_MOVES },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(failback(play))),
};

async fn failback(play: &mut Play) -> Result<(), DrillError> {
    let (function, _) = Function::find(&play.stage.cloud.emulator, Region::Osaka, DRILL).await?;
    let meter = LagMeter::start(play);
    play.wait("a first sample of the replication lag", |_| meter.last()).await?;
    play.begin_leg("Osaka to Seoul, by hand", Some(Region::Seoul));
    play.rest(1).await;
    let since = Instant::now();
    play.injected(since);
    let text = "the deployed function drill is asked for a switchover to Seoul";
    play.act(Lane::Other("person".to_owned()), EventKind::Action, text);
    let request = json!({
        "action": "switchover",
        "database": play.stage.installation.database,
        "target_region": Region::Seoul.id(),
    });
    let answer = function.invoke(&request).await?;
    play.wait_until_moved(Region::Seoul, since).await?;
    play.wait_for_transition().await?;
    play.rest(1).await;
    play.end_leg();
    let done = answer.function_error.is_none();
    let said = answer.payload.get("errorMessage").map_or_else(|| "a report".to_owned(), ToString::to_string);
    play.expect_that("The function drill answers with", "a report", said, done);
    play.expect_record_changes(1);
    let is_back = play.aurora().truth().writer() == Some(Region::Seoul);
    play.expect_yes("The writer is back in Seoul", is_back);
    Ok(())
}
