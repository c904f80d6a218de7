//! steady: nothing moves for a while.

use std::time::Duration;

use drill_cloud::Region;
use drill_report::{EventKind, Lane};

use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::job::Job;

pub(crate) const SCRIPT: Script = Script {
    name: "steady",
    title: "Nothing moves, and nothing is written to AWS",
    story: "Both functions run on their schedule while the apps write. A pass with nothing to do must make no write call.",
    policy: None,
    expects: Expects::NOTHING_MOVES,
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(steady(play))),
};

/// Passes that each function has to make.
const PASSES_MIN: u64 = 3;

async fn steady(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Steady", None);
    let since = play.act(Lane::Events, EventKind::Action, "the schedule runs every 2 s");
    play.delivery.set_schedule(Some(Duration::from_secs(2)));
    play.rest(9).await;
    play.end_leg();
    play.delivery.set_schedule(None);
    play.wait_for_functions().await?;
    let writes = play.writes_since(since);
    play.expect_exactly("Changes asked of AWS while nothing moved", 0, writes.len());
    let log = play.delivery.log();
    let done = |it: &&Invoked, region: Region, job: Job| {
        it.began >= since && it.region == region && it.job == job && !it.failed
    };
    for (region, job) in
        Region::ALL.into_iter().flat_map(|region| [(region, Job::Follow), (region, Job::Failover)])
    {
        let passes = log.iter().filter(|it| done(it, region, job)).count();
        let what = format!("Passes of the function {} in {}", job.as_str(), region.city());
        play.expect_at_least(what, PASSES_MIN, passes);
    }
    Ok(())
}
