//! Back to Seoul by hand: the function `drill` as it was deployed is asked for a switchover.

use std::time::Instant;

use drill_cloud::{Function, Region};
use drill_report::{EventKind, Expectation, Lane};
use serde_json::json;

use super::{expect, seconds};
use crate::error::DrillError;
use crate::lag::LagMeter;
use crate::play::Play;
use crate::stage::DRILL;

pub(super) async fn play(play: &mut Play<'_>) -> Result<(), DrillError> {
    let (function, _) = Function::find(&play.stage.cloud.emulator, Region::Osaka, DRILL).await?;
    let meter = LagMeter::start(play);
    play.wait("a first sample of the replication lag", |_| meter.last()).await?;
    play.begin_leg("Osaka to Seoul, by hand", Some(Region::Seoul));
    play.rest(seconds(1)).await;
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
    play.wait("the transition's end", |play| (!play.aurora().is_busy()).then_some(())).await?;
    play.rest(seconds(1)).await;
    play.end_leg();
    let done = answer.function_error.is_none();
    let said = answer.payload.get("errorMessage").map_or_else(|| "a report".to_owned(), ToString::to_string);
    play.expect(Expectation::judged("The function drill answers with", "a report", said, done));
    let changes = play.record_changes(play.started);
    play.expect(Expectation::exactly("Changes of the record", 1, Some(changes)));
    let writer = play.aurora().truth().writer() == Some(Region::Seoul);
    play.expect(Expectation::judged("The writer is back in Seoul", "yes", expect::word(writer), writer));
    Ok(())
}
