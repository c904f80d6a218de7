//! A person's session: the real `failoverctl` against the function `drill` in both Regions.

use std::sync::Arc;
use std::time::Instant;

use drill_cloud::Region;
use drill_cloud::aurora::Moment;
use drill_cloud::front::Entry;
use drill_report::Expectation;
use drill_report::{EventKind, Lane, Report};

use crate::script::lag::LagMeter;
use crate::script::operator::{DONE, MENDS, NOT_CONFIRMED, Operator, REFUSED, Said, WHO, step};
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::error::DrillError;
use crate::stage::installation::SETTLE_SECONDS;

pub(crate) const SCRIPT: Script = Script {
    name: "by-hand",
    title: "A person's session: plan, hold, switch over, fail back, declare",
    story: "The real failoverctl against the function drill in both Regions: status, plan, a hold that refuses a switchover, release, \
            switchover, failback. Then Seoul goes dark, Osaka's cluster is detached and promoted, and nothing moves until the person \
            declares it; Seoul's function is asked first and does not answer.",
    policy: None,
    expects: Expects {
        // A person takes the time that a person takes.
        record_follows: false,
        // It ends with Seoul in the dark.
        ends_unchanged: false,
        // A detached cluster is in no global cluster, so Aurora does not call it the writer.
        writes_are_in: Some(Region::Osaka),
        ..Expects::WRITER_MOVES
    },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(session(play))),
};

/// Why the person asks.
const WHY: &str = "the drill of this month";

async fn session(play: &mut Play) -> Result<(), DrillError> {
    let operator = Operator::prepare(&play.stage).await?;
    let meter = LagMeter::start(play);
    play.wait("a first sample of the replication lag", |_| meter.last()).await?;
    looks_first(play, &operator).await?;
    holds_and_releases(play, &operator).await?;
    there_and_back(play, &operator).await?;
    declares(play, &operator).await?;
    drop(meter);
    operator.keep()
}

async fn looks_first(play: &mut Play, operator: &Operator) -> Result<(), DrillError> {
    let since = Instant::now();
    let (seoul, osaka) = (Region::Seoul.id(), Region::Osaka.id());
    let writer = format!("{seoul} is the writer, and is published");
    step(play, operator, &["status"], "", DONE, &writer).await?;
    step(play, operator, &["status", "todo", "--json"], "", DONE, "\"decision\": \"unchanged\"").await?;
    // The emulator has neither rules nor dead-letter queues nor permissions, and doctor says so.
    step(play, operator, &["doctor"], "", MENDS, "is configured as ap-northeast-2 is").await?;
    let call = format!("rds:SwitchoverGlobalCluster in {seoul}");
    step(play, operator, &["plan", "todo", "--to", osaka], "", DONE, &call).await?;
    step(play, operator, &["switchover", "todo", "--to", osaka, "--dry-run"], "", DONE, &call).await?;
    let mistake = format!("{seoul} is already the writer of todo");
    step(play, operator, &["switchover", "todo", "--to", seoul, "--yes"], "", REFUSED, &mistake).await?;
    let to_osaka = ["failover", "todo", "--to", osaka];
    step(play, operator, &[&to_osaka[..], &["--yes"]].concat(), "todo\n", NOT_CONFIRMED, "not confirmed")
        .await?;
    step(play, operator, &to_osaka, "osaka\n", NOT_CONFIRMED, "not confirmed").await?;
    let changes = play.writes_since(since);
    play.expect_exactly("Changes asked of AWS by looking, planning and mistakes", 0, changes.len());
    Ok(())
}

async fn holds_and_releases(play: &mut Play, operator: &Operator) -> Result<(), DrillError> {
    let switchover = ["switchover", "todo", "--to", Region::Osaka.id(), "--yes"];
    let hold = ["hold", "todo", "--reason", "a database upgrade"];
    step(play, operator, &hold, "", DONE, "/failover-responder/hold/todo").await?;
    step(play, operator, &switchover, "", REFUSED, "no_hold (set: a database upgrade)").await?;
    let calls = switchover_calls(play, play.started);
    play.expect_exactly("Calls of SwitchoverGlobalCluster under a hold", 0, calls);
    step(play, operator, &["release", "todo"], "", DONE, "removed").await?;
    Ok(())
}

/// How many switchovers were asked for since then.
fn switchover_calls(play: &Play, since: Instant) -> usize {
    let is_call = |entry: &&Arc<Entry>| entry.call.operation == "SwitchoverGlobalCluster";
    play.writes_since(since).iter().filter(is_call).count()
}

async fn there_and_back(play: &mut Play, operator: &Operator) -> Result<(), DrillError> {
    let json = ["--json", "--why", WHY];
    let there = ["switchover", "todo", "--to", Region::Osaka.id(), "--yes"];
    let said = moves(play, operator, Region::Osaka, &[&there[..], &json[..]].concat()).await?;
    expect_report(play, operator, &said).await?;
    play.rest(SETTLE_SECONDS + 1).await;
    let back =
        moves(play, operator, Region::Seoul, &[&["failback", "todo", "--yes"][..], &json[..]].concat())
            .await?;
    let compared = report(&back).is_some_and(|report| {
        report
            .scenarios
            .iter()
            .any(|it| it.by_hand.as_ref().is_some_and(|by_hand| by_hand.previous.is_some()))
    });
    play.expect_yes("The second report compares itself with the first", compared);
    let calls = switchover_calls(play, play.started);
    play.expect_exactly("Calls of SwitchoverGlobalCluster in all", 2, calls);
    Ok(())
}

/// One move by hand, until both apps write to the new writer.
async fn moves(
    play: &mut Play,
    operator: &Operator,
    target: Region,
    arguments: &[&str],
) -> Result<Said, DrillError> {
    play.begin_leg(&format!("{} to {}, by hand", target.peer().city(), target.city()), Some(target));
    play.rest(1).await;
    let since = Instant::now();
    play.injected(since);
    let said = step(play, operator, arguments, "", DONE, "\"format\": 1").await?;
    play.wait_until_moved(target, since).await?;
    play.wait_for_transition().await?;
    play.rest(1).await;
    play.end_leg();
    Ok(said)
}

fn report(said: &Said) -> Option<Report> {
    Report::parse(&said.out).ok()
}

/// The answer is a report that passed, says that AWS is emulated, names the person and the reason, and renders.
async fn expect_report(play: &mut Play, operator: &Operator, said: &Said) -> Result<(), DrillError> {
    let report = report(said);
    let passed = report.as_ref().is_some_and(|report| report.verdict().is_pass());
    play.expect_yes("The switchover's report passes", passed);
    let emulated = report.as_ref().is_some_and(|report| report.emulated);
    play.expect_yes("It says that AWS is emulated", emulated);
    let by_hand = report.and_then(|report| report.scenarios.into_iter().next()?.by_hand);
    let said_of = by_hand.map(|it| [it.who, it.why].map(Option::unwrap_or_default).join(", "));
    play.expect(Expectation::exactly("It says who asked and why", format!("{WHO}, {WHY}"), said_of));
    let file = play.stage.props.out.join("by-hand.json");
    std::fs::write(&file, &said.out).map_err(DrillError::io(format!("write {}", file.display())))?;
    let path = file.display().to_string();
    step(play, operator, &["report", &path], "", DONE, "by-hand.html").await?;
    Ok(())
}

/// Seoul goes dark; Osaka's cluster is detached and promoted; nothing moves until that is declared.
async fn declares(play: &mut Play, operator: &Operator) -> Result<(), DrillError> {
    play.rest(SETTLE_SECONDS + 1).await;
    play.begin_leg("Detached, promoted, declared", Some(Region::Osaka));
    let since = play.seoul_goes_dark().await?;
    play.act(Lane::Database, EventKind::Action, "Osaka's cluster is detached and promoted");
    play.aurora().detach(Region::Osaka).map_err(DrillError::refused("detach Osaka"))?;
    play.wait_for_moment(&Moment::Promoted(Region::Osaka), since).await?;
    play.wait_for_transition().await?;
    play.rest(1).await;
    step(play, operator, &["status", "todo"], "", DONE, "nobody has declared it the writer").await?;
    let moved = play.record_accepted(Region::Osaka, since).is_some();
    play.expect_no("The record moves before the declaration", moved);
    let declare = ["declare", "todo", "--to", Region::Osaka.id()];
    step(play, operator, &declare, "no\n", NOT_CONFIRMED, "not confirmed").await?;
    // Seoul's function is asked first and does not answer; Osaka's does it, and says that Seoul did not take it.
    step(play, operator, &declare, "todo\n", MENDS, "ap-northeast-2 did not take it").await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.rest(1).await;
    play.end_leg();
    Ok(())
}
