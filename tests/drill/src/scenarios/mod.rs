//! The scenarios, each a script of a page: what is done, in order, and what has to hold.

mod alarm_advise;
mod alarm_automatic;
mod alarm_blocked;
mod alarm_flapping;
mod app_failure;
mod application_broken;
mod by_hand;
mod clients;
mod database_failure;
mod duplicate_events;
pub(crate) mod failback;
pub(crate) mod failover;
mod failover_with_lag;
mod lost_event;
mod network_cut;
mod probe_says_no;
mod region_down;
mod region_failure;
mod route53_down;
mod split_brain;
mod steady;
pub(crate) mod switchover;

use std::sync::Arc;

use drill_report::Scenario;

use crate::cast::workload::Workload;
use crate::findings::audience;
use crate::findings::finish::{broken_off, finish};
use crate::script::play::Play;
use crate::script::progress::Progress;
use crate::script::{Action, Script, rules, users};
use crate::stage::Stage;
use crate::stage::error::DrillError;
use crate::stage::pace::Pace;
use crate::stage::props::Props;

/// All, in the order in which they are played.
pub(crate) const ALL: [&Script; 21] = [
    &steady::SCRIPT,
    &switchover::SCRIPT,
    &failover::SCRIPT,
    &failover_with_lag::SCRIPT,
    &probe_says_no::SCRIPT,
    &network_cut::SCRIPT,
    &lost_event::SCRIPT,
    &duplicate_events::SCRIPT,
    &region_down::SCRIPT,
    &route53_down::SCRIPT,
    &split_brain::SCRIPT,
    &alarm_advise::SCRIPT,
    &alarm_automatic::SCRIPT,
    &alarm_flapping::SCRIPT,
    &alarm_blocked::SCRIPT,
    &by_hand::SCRIPT,
    &app_failure::SCRIPT,
    &application_broken::SCRIPT,
    &database_failure::SCRIPT,
    &region_failure::SCRIPT,
    &clients::SCRIPT,
];
/// The tour: a move of each kind, for the first hour.
pub(crate) const TOUR: [&Script; 5] =
    [&switchover::SCRIPT, &failover::SCRIPT, &region_down::SCRIPT, &by_hand::SCRIPT, &region_failure::SCRIPT];

/// Plays one scenario on a stage of its own, at that pace where it can be.
pub(crate) async fn play(
    script: &Script,
    props: &Arc<Props>,
    pace: Pace,
    progress: &Progress,
) -> Result<Scenario, DrillError> {
    let stage = Box::pin(Stage::start(props, script.policy, script.pace(pace))).await?;
    Ok(Box::pin(play_on(stage, script, progress)).await?.0)
}

/// Plays one scenario on that stage, and hands the stage back.
pub(crate) async fn play_on(
    stage: Stage,
    script: &Script,
    progress: &Progress,
) -> Result<(Scenario, Stage), DrillError> {
    let mut play;
    let played = match script.play {
        Action::Direct(action) => {
            let workload = Workload::start(&stage.apps)?;
            play = Play::begin(stage, workload, &drill_cloud::Region::ALL, progress).await?;
            rules::send_unrelated_event(&play);
            action(&mut play).await
        }
        Action::WithUsers(action) => {
            let door;
            (play, door) = Box::pin(users::enter(stage, progress)).await?;
            let played = action(&mut play, &door).await;
            audience::report(&mut play, &door);
            played
        }
    };
    let scenario = match played {
        Ok(()) => finish(script, &mut play).await?,
        Err(error) => broken_off(script, &mut play, &error),
    };
    Ok((scenario, play.stage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_given_once_and_the_tour_is_in_their_order() {
        let names = ALL.map(|script| script.name);
        let places: Vec<_> = TOUR.iter().map(|it| names.iter().position(|name| *name == it.name)).collect();
        assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}");
        let distinct: std::collections::BTreeSet<_> = names.into_iter().collect();
        assert_eq!(distinct.len(), ALL.len());
    }
}
