//! lost-event: no event arrives.

use std::time::Duration;

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_report::{EventKind, Lane};

use crate::script::expect::RECORD_MS_MAX;
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::delivery::Mode;
use crate::stage::error::DrillError;

pub(crate) const SCRIPT: Script = Script {
    name: "lost-event",
    title: "No event arrives; the schedule alone repairs it",
    story: "The same failover, but every RDS event is dropped. Events are hints; the schedule finds the new writer.",
    policy: None,
    // The schedule's period comes on top, and so it expects this by itself.
    expects: Expects { record_follows: false, ..Expects::WRITER_MOVES },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(lost_event(play))),
};

/// The schedule's period, in milliseconds. EventBridge's own is a minute.
const SCHEDULE_MS: u64 = 3_000;

async fn lost_event(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.delivery.set_mode(Mode::Lost);
    play.act(Lane::Events, EventKind::Fault, "every RDS event is lost from now on");
    play.delivery.set_schedule(Some(Duration::from_millis(SCHEDULE_MS)));
    play.rest(1).await;
    let since = play.kill_and_promote().await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.end_leg();
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    let moved = play.record_accepted(Region::Osaka, since).map(|entry| entry.ended);
    let what = "The schedule alone moves the record within its period and 2 s";
    play.expect_within(what, SCHEDULE_MS + RECORD_MS_MAX, promoted, moved);
    let by_event = play.delivery.log().iter().filter(|it| it.why.starts_with("RDS-EVENT")).count();
    play.expect_exactly("Events that arrived", 0, by_event);
    Ok(())
}
