//! route53-down: Route 53's control plane is black-holed, then back.

use std::time::Duration;

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_cloud::front::{Fault, Scope};
use drill_report::{EventKind, Lane};

use crate::script::expect::RECORD_MS_MAX;
use crate::script::play::{MOVED_WRITES, Play};
use crate::script::{Action, Expects, Script};
use crate::stage::error::DrillError;

pub(crate) const SCRIPT: Script = Script {
    name: "route53-down",
    title: "Route 53's control plane is down",
    story: "Route 53's control plane is black-holed during a failover. The parameters must follow all the same, the invocations \
            must fail so that somebody hears of it, and the record must follow once Route 53 is back.",
    policy: None,
    expects: Expects { record_follows: false, ..Expects::WRITER_MOVES },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(route53_down(play))),
};

/// The schedule's period, in milliseconds.
const SCHEDULE_MS: u64 = 3_000;
/// How long the parameters may take after the promotion while Route 53 is down: its own budget of 2 s comes first.
const PARAMETER_MS_MAX: u64 = 4_500;

async fn route53_down(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.rest(1).await;
    play.act(Lane::Record, EventKind::Fault, "Route 53's control plane swallows every request");
    let fault = play.stage.cloud.front.inject(Scope::service("route53"), Fault::BlackHole);
    play.delivery.set_schedule(Some(Duration::from_millis(SCHEDULE_MS)));
    let since = play.kill_and_promote().await?;
    play.wait_for_app(Region::Osaka, Region::Osaka, since, MOVED_WRITES).await?;
    play.rest(3).await;
    let stays = play.record_accepted(Region::Osaka, since).is_none();
    play.expect_yes("The record stays while Route 53 is down", stays);
    let failed = play.delivery.log().iter().filter(|it| it.failed && it.began >= since).count();
    let what = "Invocations that failed, so that somebody hears of it";
    play.expect_at_least(what, 1, failed);
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    let accepted = play.parameter_accepted(Region::Osaka, since).map(|entry| entry.ended);
    let what = "The parameter follows without Route 53 within";
    play.expect_within(what, PARAMETER_MS_MAX, promoted, accepted);
    let healed = play.act(Lane::Record, EventKind::Action, "Route 53 is back");
    play.stage.cloud.front.heal(fault);
    play.wait_until_moved(Region::Osaka, healed).await?;
    play.end_leg();
    let moved = play.record_accepted(Region::Osaka, healed).map(|entry| entry.ended);
    let what = "The record follows once Route 53 is back, within the schedule's period and 2 s";
    play.expect_within(what, SCHEDULE_MS + RECORD_MS_MAX, healed, moved);
    Ok(())
}
