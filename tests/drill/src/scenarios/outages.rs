//! Scenarios in which a part of AWS is gone or lies: region-down, route53-down, split-brain.

use std::time::Duration;

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_cloud::front::{Fault, Scope};
use drill_report::{Check, EventKind, Expectation, Lane};
use serde_json::Value;

use super::failovers::{kill_and_promote, rejoin};
use super::{expect, seconds};
use crate::delivery::Invoked;
use crate::error::DrillError;
use crate::play::Play;

/// The schedule's period in these scenarios.
const SCHEDULE: Duration = Duration::from_secs(3);
/// How long the parameters may take after the promotion while Route 53 is down: its own budget of 2 s comes first.
const PARAMETER_MS_MAX: u64 = 4_500;
/// Writes by the new writer after which an app counts as moved.
const MOVED: usize = 5;

pub(super) async fn region_down(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.rest(seconds(1)).await;
    let since = seoul_goes_dark(play).await?;
    play.rest(Duration::from_millis(500)).await;
    play.act(Lane::Database, EventKind::Action, "Aurora fails over to Osaka, data loss allowed");
    play.aurora().failover(Region::Osaka).map_err(DrillError::refused("fail over"))?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    seoul_is_back(play).await
}

/// All of Seoul is gone at once; answers when.
pub(super) async fn seoul_goes_dark(play: &mut Play<'_>) -> Result<std::time::Instant, DrillError> {
    let since =
        play.act(Lane::Database, EventKind::Fault, "all of Seoul goes dark: RDS, SSM, functions, database");
    play.injected(since);
    play.delivery.set_dark(Region::Seoul, true);
    play.stage.cloud.cut_region(Region::Seoul);
    play.stage.servers.seoul.freeze().await?;
    Ok(since)
}

/// Seoul's endpoints answer again, but with what they knew before: they still claim the writer.
async fn seoul_is_back(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul is back with stale news", None);
    play.rest(seconds(2)).await;
    let back = play.act(
        Lane::Database,
        EventKind::Action,
        "Seoul's services answer again and still claim the writer",
    );
    play.stage.cloud.reconnect_region(Region::Seoul);
    play.delivery.set_dark(Region::Seoul, false);
    let (seoul, osaka) = (
        play.delivery.invoke(Region::Seoul, "schedule").await,
        play.delivery.invoke(Region::Osaka, "schedule").await,
    );
    expect_held(play, "Seoul's stale word moves nothing", &[seoul, osaka]);
    let parameter =
        play.stage.cloud.seed().read_parameter(Region::Seoul, &play.stage.installation.parameter).await?;
    let repaired =
        parameter.as_deref() == Some(drill_cloud::aurora::Names::of(Region::Osaka).endpoint().as_str());
    play.expect(Expectation::judged(
        "Seoul's own parameter is repaired",
        "yes",
        expect::word(repaired),
        repaired,
    ));
    let moved_back = play.record_accepted(Region::Seoul, back).is_some();
    play.expect(Expectation::judged("The record moved back", "no", expect::word(moved_back), !moved_back));
    play.act(Lane::Database, EventKind::Action, "Seoul learns of the promotion");
    play.aurora().heal(Region::Seoul);
    rejoin(play).await?;
    play.wait_for_functions().await?;
    play.end_leg();
    play.expect(Expectation::exactly("Changes of the record", 1, Some(play.record_changes(play.started))));
    Ok(())
}

pub(super) async fn route53_down(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.rest(seconds(1)).await;
    play.act(Lane::Record, EventKind::Fault, "Route 53's control plane swallows every request");
    let fault = play.stage.cloud.front.inject(Scope::service("route53"), Fault::BlackHole);
    play.delivery.set_schedule(Some(SCHEDULE));
    let since = kill_and_promote(play).await?;
    play.wait_for_app(Region::Osaka, Region::Osaka, since, MOVED).await?;
    play.rest(seconds(3)).await;
    let down = play.record_accepted(Region::Osaka, since).is_none();
    play.expect(Expectation::judged(
        "The record stays while Route 53 is down",
        "yes",
        expect::word(down),
        down,
    ));
    let failed = play.delivery.log().iter().filter(|it| it.failed && it.began >= since).count() as u64;
    play.expect(Expectation::at_least(
        "Invocations that failed, so that somebody hears of it",
        1,
        Some(failed),
    ));
    expect_parameter(play, since).await?;
    let healed = play.act(Lane::Record, EventKind::Action, "Route 53 is back");
    play.stage.cloud.front.heal(fault);
    play.wait_until_moved(Region::Osaka, healed).await?;
    play.end_leg();
    let moved = play.record_accepted(Region::Osaka, healed).map(|entry| entry.ended);
    let took =
        moved.map(|at| u64::try_from(at.saturating_duration_since(healed).as_millis()).unwrap_or(u64::MAX));
    let limit = u64::try_from(SCHEDULE.as_millis()).unwrap_or(u64::MAX) + expect::RECORD_MS_MAX;
    play.expect(Expectation::within_ms(
        "The record follows once Route 53 is back, within the schedule's period and 2 s",
        limit,
        took,
    ));
    Ok(())
}

async fn expect_parameter(play: &mut Play<'_>, since: std::time::Instant) -> Result<(), DrillError> {
    let promoted = play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    let accepted = play.parameter_accepted(Region::Osaka, since).map(|entry| entry.ended);
    let took = accepted
        .map(|at| u64::try_from(at.saturating_duration_since(promoted).as_millis()).unwrap_or(u64::MAX));
    play.expect(Expectation::within_ms(
        "The parameter follows without Route 53 within",
        PARAMETER_MS_MAX,
        took,
    ));
    Ok(())
}

pub(super) async fn split_brain(play: &mut Play<'_>) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka, and Seoul does not know", Some(Region::Osaka));
    play.rest(seconds(1)).await;
    // Cut off from the control plane only: its database goes on taking writes and cannot be fenced.
    play.aurora().cut(Region::Seoul);
    let since = play.act(
        Lane::Database,
        EventKind::Fault,
        "failover to Osaka; Seoul cannot be fenced and goes on as the writer",
    );
    play.injected(since);
    play.aurora().failover(Region::Osaka).map_err(DrillError::refused("fail over"))?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.delivery.set_schedule(Some(SCHEDULE));
    play.rest(seconds(8)).await;
    play.delivery.set_schedule(None);
    play.wait_for_functions().await?;
    play.end_leg();
    let scheduled: Vec<Invoked> =
        play.delivery.log().into_iter().filter(|it| it.began >= since && it.why == "schedule").collect();
    play.expect(Expectation::at_least("Passes while both claim", 2, Some(scheduled.len() as u64)));
    expect_held(play, "Both claim: it holds, and says so", &scheduled);
    play.expect(Expectation::exactly("Changes of the record", 1, Some(play.record_changes(play.started))));
    Ok(())
}

/// Every one of these passes held with `WriterConflict`.
pub(super) fn expect_held(play: &mut Play<'_>, what: &str, passes: &[Invoked]) {
    let decisions: Vec<String> = passes.iter().map(|it| expect::decision(&it.payload)).collect();
    let held = !decisions.is_empty() && decisions.iter().all(|decision| decision == "WriterConflict");
    play.expect(Expectation::judged(what, "WriterConflict", decisions.join(", "), held));
    let checks =
        passes.last().and_then(|it| it.payload.pointer("/results/0/checks")).and_then(Value::as_array);
    for check in checks.into_iter().flatten() {
        let text = |key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let pass = check.get("pass").and_then(Value::as_bool).unwrap_or_default();
        play.checks.push(Check { name: text("name"), value: text("value"), pass });
    }
}
