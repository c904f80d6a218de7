//! One round: a move, a kill somewhere around it, and afterwards whether all is as it has to be.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::aurora::{Moment, Names};
use drill_cloud::front::Change;
use drill_report::{Interval, Leg, PhaseName, Writes};
use serde_json::Value;
use tokio::time::sleep;

use super::plan::{Kind, Plan, Victim};
use crate::cast::workload::{Fate, Stream, Write};
use crate::findings::record;
use crate::script::play::Play;
use crate::stage::app::App;
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::probes::PLACES;
use crate::stage::processes::{self, Process, Usage};

/// From the beginning of a round to the move.
const BEFORE: Duration = Duration::from_millis(300);
/// How long until the emulated Aurora notices and promotes.
const NOTICED: Duration = Duration::from_millis(500);
/// How long until a killed app is started again, as a kubelet would.
const RESTARTED: Duration = Duration::from_millis(500);
/// Within which everything has to agree, once the apps have moved.
const AGREED: Duration = Duration::from_secs(20);
/// More than the settle time, which counts whole seconds, needs until the next move.
const SETTLED: Duration = Duration::from_millis(1_200);
/// How often it is looked for.
const POLL: Duration = Duration::from_millis(50);

/// What was seen in a round.
pub(super) struct Seen {
    pub(super) plan: Plan,
    pub(super) leg: Leg,
    /// Whether the process was killed while an invocation ran in it.
    pub(super) killed_at_work: bool,
    /// Invocations that failed, beside the one that was killed.
    pub(super) failed: Vec<String>,
    /// The replication lag that was measured before the kill, and how old the oldest lost write was then.
    pub(super) lag: Option<Lag>,
    /// The epoch that everything agrees on.
    pub(super) epoch: u64,
    /// Versions written, by parameter and Region.
    pub(super) versions: BTreeMap<String, u64>,
    pub(super) processes: Vec<(Process, Usage)>,
    /// The same of the probes, by their Region and number.
    pub(super) probes: Vec<(&'static str, i32, Usage)>,
    /// Connections that are open at the emulated AWS.
    pub(super) to_aws: u64,
    /// Clients' sessions of the writer.
    pub(super) to_postgres: u64,
    pub(super) took: Duration,
}

/// What was said of the standby before a failover, and what was lost in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lag {
    /// How far behind the kill the standby may have been: its measured lag, and the time since it was measured.
    pub(super) said: Duration,
    /// How long before the kill the oldest lost write was acknowledged.
    pub(super) oldest_lost: Option<Duration>,
}

/// A move.
struct Moved {
    /// When it was asked for, or the writer killed.
    since: Instant,
    /// Before which everything was replicated, by the lag that was measured.
    replicated_until: Option<Instant>,
}

/// A kill.
struct Killed {
    at: Instant,
    /// A new app in the place of one that was killed.
    app: Option<App>,
}

/// Plays a round; `place` is the first write that no round has looked up yet.
pub(super) async fn play(play: &mut Play, round: &Plan, place: &mut usize) -> Result<Seen, DrillError> {
    let (began, target) = (Instant::now(), round.target);
    play.begin_leg(&round.to_string(), Some(target));
    let (moved, killed) =
        tokio::try_join!(Box::pin(move_writer(play, round)), Box::pin(strike(play, round)))?;
    if let (Some(app), Victim::App(region)) = (killed.app, round.victim) {
        *play.stage.apps.get_mut(region) = app;
    }
    play.wait_until_moved(target, killed.at.max(moved.since)).await?;
    play.injected(moved.since);
    let epoch = agreed(play, target).await?;
    replaced(play, round, killed.at).await?;
    play.wait_for_functions().await?;
    let record = play.record_accepted(target, moved.since).map(|entry| entry.ended);
    if let Some(record) = record {
        let settled = Duration::from_secs(play.stage.installation.settle_seconds.into()) + SETTLED;
        sleep(settled.saturating_sub(record.elapsed())).await;
    }
    play.wait_for_functions().await?;
    play.end_leg();
    let (leg, lag) = written(play, round, &moved, place).await?;
    let invoked = play.delivery.since(began);
    let (at_work, failed): (Vec<_>, Vec<_>) =
        invoked.iter().filter(|it| it.failed).partition(|it| is_killed(it, round, killed.at));
    Ok(Seen {
        plan: *round,
        leg,
        lag,
        killed_at_work: !at_work.is_empty(),
        failed: failed
            .iter()
            .map(|it| format!("{} in {}: {}", it.job.as_str(), it.region, it.payload))
            .collect(),
        epoch,
        versions: versions(play, began),
        processes: processes_now(play),
        probes: probes_now(play),
        to_aws: u64::try_from(processes::accepted_at(port(play))).unwrap_or(u64::MAX),
        to_postgres: record::sessions(play.stage.servers.get(target)).await?,
        took: began.elapsed(),
    })
}

async fn move_writer(play: &Play, round: &Plan) -> Result<Moved, DrillError> {
    sleep(BEFORE).await;
    let moved = match round.kind {
        Kind::Switchover => switch_over(play, round.target).await?,
        Kind::Failover => fail_over(play, round).await?,
    };
    let (old, new) = (play.stage.servers.get(round.target.peer()), play.stage.servers.get(round.target));
    // All that the new writer has written by now has to come to the old one.
    let began = Instant::now();
    while !old.received_everything_from(new).await? {
        if began.elapsed() > AGREED {
            return Err(DrillError::Waited {
                what: "replication to the old writer".to_owned(),
                within: AGREED,
            });
        }
        sleep(POLL).await;
    }
    Ok(moved)
}

async fn switch_over(play: &Play, target: Region) -> Result<Moved, DrillError> {
    let since = Instant::now();
    play.aurora().switchover(target).map_err(DrillError::refused("switch over"))?;
    play.wait_for_moment(&Moment::Finished, since).await?;
    Ok(Moved { since, replicated_until: None })
}

async fn fail_over(play: &Play, round: &Plan) -> Result<Moved, DrillError> {
    let (old, new) = (play.stage.servers.get(round.target.peer()), play.stage.servers.get(round.target));
    if let Some(starved) = round.starved {
        new.pause_replication().await?;
        sleep(starved).await;
    }
    let measured = Instant::now();
    let lag = new.replication_lag(old).await?.age;
    old.kill().await?;
    let since = Instant::now();
    sleep(NOTICED).await;
    play.aurora().failover(round.target).map_err(DrillError::refused("fail over"))?;
    play.wait_for_moment(&Moment::Promoted(round.target), since).await?;
    play.wait_until_moved(round.target, since).await?;
    play.wait_for_transition().await?;
    play.aurora()
        .rejoin(round.target.peer())
        .await
        .map_err(DrillError::refused("take the old writer back"))?;
    Ok(Moved { since, replicated_until: lag.and_then(|lag| measured.checked_sub(lag)) })
}

/// Kills the round's victim; an app is started again.
async fn strike(play: &Play, round: &Plan) -> Result<Killed, DrillError> {
    sleep(round.at).await;
    match round.victim {
        Victim::Function(job, region) => {
            let mut found = processes::of_functions(&play.stage.cloud.front.endpoint());
            found.retain(|it| it.job == job && it.region == region);
            let victim = found.get(round.pick % found.len().max(1));
            let killed = victim.map(|it| processes::kill_9(it.pid)).transpose()?.unwrap_or_default();
            let nobody = || DrillError::Unproven(format!("there is no process of {} to kill", round.victim));
            killed.then_some(Killed { at: Instant::now(), app: None }).ok_or_else(nobody)
        }
        Victim::App(region) => {
            processes::kill_9(play.stage.apps.get(region).pid().unwrap_or_default())?;
            let at = Instant::now();
            sleep(RESTARTED).await;
            Ok(Killed { at, app: Some(App::start(region, &play.stage.app_settings).await?) })
        }
    }
}

/// Whether this invocation failed because its process was killed.
fn is_killed(invoked: &Invoked, round: &Plan, at: Instant) -> bool {
    round.victim == Victim::Function(invoked.job, invoked.region)
        && invoked.began <= at
        && invoked.ended.is_some_and(|ended| ended >= at)
}

/// Waits until the killed function has worked again.
async fn replaced(play: &Play, round: &Plan, at: Instant) -> Result<(), DrillError> {
    let Victim::Function(job, region) = round.victim else { return Ok(()) };
    let again = |play: &Play| play.delivery.has_worked(job, region, at).then_some(());
    play.wait(&format!("an invocation of {} after its kill", round.victim), again).await
}

/// Waits until the record, both parameters and both states name the writer, at one epoch; answers that.
async fn agreed(play: &Play, target: Region) -> Result<u64, DrillError> {
    let began = Instant::now();
    loop {
        let said = published(play).await?;
        let (endpoint, writer) = (Names::of(target).endpoint(), target.id());
        match said.as_slice() {
            [(first, ..), ..]
                if said.iter().all(|it| *it == (*first, writer.to_owned(), endpoint.clone())) =>
            {
                return Ok(*first);
            }
            _ if began.elapsed() > AGREED => {
                let what = format!("agreement on {endpoint} (record and states say {said:?})");
                return Err(DrillError::Waited { what, within: AGREED });
            }
            _ => sleep(POLL).await,
        }
    }
}

/// Epoch, writer and endpoint by the record and by each Region's state, the endpoint of the latter as its parameter has it.
async fn published(play: &Play) -> Result<Vec<(u64, String, String)>, DrillError> {
    let (installation, seed) = (&play.stage.installation, play.stage.cloud.seed());
    let records = seed.read_records(&installation.zone).await?;
    let value =
        |kind: &str| records.iter().find(|it| it.kind == kind).map(|it| it.value.clone()).unwrap_or_default();
    let text = value("TXT");
    let field =
        |name: &str| text.split(',').find_map(|it| it.strip_prefix(name)).unwrap_or_default().to_owned();
    let mut said = vec![(field("epoch=").parse().unwrap_or_default(), field("writer="), value("CNAME"))];
    for region in Region::ALL {
        let state =
            seed.read_parameter(region, &installation.own_parameter("state")).await?.unwrap_or_default();
        let state: Value = serde_json::from_str(&state).unwrap_or_default();
        let parameter = seed.read_parameter(region, &installation.parameter).await?.unwrap_or_default();
        let text = |name: &str| state.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let endpoint = if text("endpoint") == parameter {
            parameter
        } else {
            format!("{parameter} and {}", text("endpoint"))
        };
        said.push((state.get("epoch").and_then(Value::as_u64).unwrap_or_default(), text("writer"), endpoint));
    }
    Ok(said)
}

/// The round's leg, with all writes that ended since the last one looked up, and what was lost against the lag.
async fn written(
    play: &Play,
    round: &Plan,
    moved: &Moved,
    place: &mut usize,
) -> Result<(Leg, Option<Lag>), DrillError> {
    let writes = play.workload.writes_from(*place);
    *place += writes.len();
    let acknowledged: Vec<&Write> = writes.iter().filter(|it| it.is_acknowledged()).collect();
    let first = acknowledged.iter().map(|it| it.number).min().unwrap_or_default();
    let present = record::present(play.stage.servers.get(round.target), first).await?;
    let lost: Vec<&&Write> =
        acknowledged.iter().filter(|it| !present.get(it.region).contains(&it.number)).collect();
    let count = |fate: &Fate| writes.iter().filter(|it| it.fate == *fate).count() as u64;
    let mut counted = Writes {
        acknowledged: acknowledged.len() as u64,
        rejected: count(&Fate::Rejected),
        indeterminate: count(&Fate::Indeterminate),
        ..Writes::default()
    };
    counted.set_lost(lost.iter().map(|it| it.number));
    let Some(span) = play.legs.last() else { return Ok((Leg::default(), None)) };
    // An app that was killed is out because of that.
    let apps = Region::ALL.into_iter().filter(|region| round.victim != Victim::App(*region));
    let acknowledged: Vec<&&Write> = acknowledged.iter().collect();
    let outages = apps.filter_map(|region| record::outage(play, span, &acknowledged, Stream::App(region)));
    counted.outage = outages.max_by_key(|it| it.length_ms());
    let mut leg =
        Leg::new(span.name.clone(), Interval { from_ms: play.ms(span.from), to_ms: play.ms(span.to) });
    leg.phases = record::phases(play, span, &writes);
    leg.phases.retain(|phase| phase.name != PhaseName::Detected);
    leg.writes = Some(counted);
    let oldest = lost.iter().map(|it| it.ended).min();
    let lag = moved.replicated_until.map(|until| Lag {
        said: moved.since.saturating_duration_since(until),
        oldest_lost: oldest.map(|ended| moved.since.saturating_duration_since(ended)),
    });
    Ok((leg, lag))
}

/// How many versions of which parameter were written since then.
fn versions(play: &Play, since: Instant) -> BTreeMap<String, u64> {
    let mut versions = BTreeMap::new();
    for entry in play.writes_since(since).iter().filter(|entry| entry.applied()) {
        if let Some(Change::Parameter { name, value: Some(_) }) = &entry.change {
            *versions.entry(format!("{name} in {}", entry.call.signed_for)).or_default() += 1;
        }
    }
    versions
}

fn processes_now(play: &Play) -> Vec<(Process, Usage)> {
    let found = processes::of_functions(&play.stage.cloud.front.endpoint());
    found.into_iter().filter_map(|it| Some((it, processes::usage(it.pid)?))).collect()
}

fn probes_now(play: &Play) -> Vec<(&'static str, i32, Usage)> {
    let endpoint = play.stage.cloud.front.endpoint();
    let of = |place| processes::of_probes(&endpoint, place).into_iter().map(move |pid| (place, pid));
    PLACES
        .into_iter()
        .flat_map(of)
        .filter_map(|(place, pid)| Some((place, pid, processes::usage(pid)?)))
        .collect()
}

/// The front's port.
fn port(play: &Play) -> u16 {
    let endpoint = play.stage.cloud.front.endpoint();
    endpoint.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
}
