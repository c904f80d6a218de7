//! duplicate-events: each event five times, in the wrong order.

use drill_cloud::Region;
use drill_report::{EventKind, Lane};

use crate::script::expect::RECORD_MS_MAX;
use crate::script::play::Play;
use crate::script::{Action, Expects, Losses, Script};
use crate::stage::delivery::Mode;
use crate::stage::error::DrillError;

pub(crate) const SCRIPT: Script = Script {
    name: "duplicate-events",
    title: "Every event five times, late and in the wrong order",
    story: "A switchover whose events are kept back and then delivered five times each, newest first, the old primary's own \
            0184 and 0185 last: a function that obeys events would point back to the demoted cluster.",
    policy: None,
    expects: Expects {
        // Its events are kept back for longer than that: what it expects begins with their release.
        record_follows: false,
        losses: Losses::NoneFrom(0),
        ..Expects::WRITER_MOVES
    },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(duplicated(play))),
};

async fn duplicated(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.delivery.set_mode(Mode::KeptBack);
    let since = play.switch_over(Region::Osaka, "switchover to Osaka; its events are kept back").await?;
    let text = "each event five times, newest first, the old primary's last";
    let released = play.act(Lane::Events, EventKind::Fault, text);
    play.delivery.release(Region::Seoul).await;
    play.wait_until_moved(Region::Osaka, released).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    let moved = play.record_accepted(Region::Osaka, since).map(|entry| entry.ended);
    play.expect_within("The record moves after the first event within", RECORD_MS_MAX, released, moved);
    play.expect_record_changes(1);
    let delivered = play.delivery.log().iter().filter(|it| it.why.starts_with("RDS-EVENT")).count();
    play.expect_at_least("Events delivered", 20, delivered);
    Ok(())
}
