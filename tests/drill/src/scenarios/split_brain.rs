//! split-brain: both Regions claim the writer.

use std::time::Duration;

use drill_cloud::{Region, aurora::Moment};
use drill_report::{EventKind, Lane};

use crate::script::expect::RECORD_MS_MAX;
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::job::Job;

pub(crate) const SCRIPT: Script = Script {
    name: "split-brain",
    title: "Both Regions claim the writer",
    story: "Osaka is promoted while Seoul cannot be fenced and goes on claiming. The fresh claim is published once, after five seconds of \
            looks; from then on both claim, so the functions hold with WriterConflict and never move back.",
    policy: None,
    // It ends with a hold, and the record has a time of its own.
    expects: Expects { ends_unchanged: false, record_follows: false, ..Expects::WRITER_MOVES },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(split_brain(play))),
};

/// How long a fresh claim is looked at while the published writer's Region goes on claiming, in milliseconds.
const LOOKS_MS: u64 = 5_000;
/// The schedule's period.
const SCHEDULE: Duration = Duration::from_secs(3);

async fn split_brain(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka, and Seoul does not know", Some(Region::Osaka));
    play.rest(1).await;
    // Cut off from the control plane only: its database goes on taking writes and cannot be fenced.
    play.aurora().cut(Region::Seoul);
    let text = "failover to Osaka; Seoul cannot be fenced and goes on as the writer";
    let since = play.act(Lane::Database, EventKind::Fault, text);
    play.injected(since);
    play.aurora().failover(Region::Osaka).map_err(DrillError::refused("fail over"))?;
    play.wait_until_moved(Region::Osaka, since).await?;
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    let moved = play.record_accepted(Region::Osaka, since).map(|entry| entry.ended);
    let what = "The record moves after five seconds of looks and 2 s";
    play.expect_within(what, LOOKS_MS + RECORD_MS_MAX, promoted, moved);
    play.delivery.set_schedule(Some(SCHEDULE));
    play.rest(8).await;
    play.delivery.set_schedule(None);
    play.wait_for_functions().await?;
    play.end_leg();
    let log = play.delivery.log().into_iter();
    let scheduled: Vec<Invoked> =
        log.filter(|it| it.began >= since && it.why == "schedule" && it.job == Job::Follow).collect();
    play.expect_at_least("Passes while both claim", 2, scheduled.len());
    play.expect_held("Both claim: it holds, and says so", &scheduled);
    play.expect_record_changes(1);
    Ok(())
}
