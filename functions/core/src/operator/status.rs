//! The status of a database: what each Region says, what each channel holds, what a pass would do, and which checks would
//! refuse a failover. Nothing is written.

use std::borrow::Cow;
use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use serde::{Deserialize, Serialize};

use crate::answer::result::Check;
use crate::answer::result::HoldKind;
use crate::config::{Database, FailoverMode};
use crate::failover::survey::Survey;
use crate::judge::checks::CHECKS;
use crate::operator::job::Place;
use crate::operator::look::{Overview, look};
use crate::operator::runs::last_run;
use crate::pass::context::Pass;
use crate::ports::PortError;
use crate::ports::operator::DrillPorts;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::evidence::Seen;
use crate::world::lag::{Lag, Source};
use crate::world::readiness::KeptReadiness;
use crate::world::record::Standing;
use crate::world::run::Run;
use crate::world::state::Memory;
use crate::world::topology::{Readiness, RegionView, Standby, Word};

/// The status of the databases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statuses {
    /// Those that are configured rightly.
    pub databases: Vec<Status>,
    /// What is wrong with the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}

/// The status of one database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its name.
    pub database: String,
    /// What a pass would decide now: `publish`, `unchanged`, `hold`, `error` or `unknown`.
    pub decision: Cow<'static, str>,
    /// The hold's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldKind>,
    /// Why, in a sentence.
    pub reason: String,
    /// The published epoch.
    pub epoch: Option<Epoch>,
    /// The published writer's Region.
    pub writer: Option<Region>,
    /// The published writer endpoint.
    pub endpoint: Option<String>,
    /// When it was published.
    pub last_transition: Option<Timestamp>,
    /// What the writer record holds.
    pub record: String,
    /// Whether a channel differs from what is published while nothing moves.
    pub drift: bool,
    /// Why the hold switch is set.
    pub held: Option<String>,
    /// Whether another Region could take over; `null` when nobody can say.
    pub standby: Option<bool>,
    /// Each Region.
    pub regions: BTreeMap<Region, RegionStatus>,
    /// The pass's checks.
    pub checks: Vec<Check>,
    /// What a failover on an alarm would be refused for now.
    pub failover: Option<FailoverStatus>,
    /// The last run that a person asked for.
    pub run: Option<Run>,
    /// What did not answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
}

/// One Region's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionStatus {
    /// The cluster.
    pub cluster: String,
    /// Whom its own RDS endpoint names.
    pub says: String,
    /// Whether its cluster takes writes.
    pub takes_writes: String,
    /// Whether its cluster could take over.
    pub could_take_over: String,
    /// The operation that it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Its engine version.
    pub engine_version: Option<String>,
    /// What its writer parameter holds.
    pub parameter: Option<String>,
    /// What it remembers.
    pub memory: Option<Memory>,
    /// The epoch of its state.
    pub epoch: Option<Epoch>,
    /// Why its own hold switch is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// How far it is behind the writer, in milliseconds.
    pub lag_ms: Option<u64>,
    /// How old that sample is, in seconds.
    pub lag_age_seconds: Option<i64>,
    /// Who measured it, where that was a probe; else AWS did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_source: Option<String>,
}

/// What the policy of automatic failover says now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverStatus {
    /// The configured mode.
    pub mode: FailoverMode,
    /// The Region that would take over.
    pub target: Region,
    /// The checks that do not pass.
    pub refused_by: Vec<String>,
    /// Every check.
    pub checks: Vec<Check>,
    /// What that Region found when it last looked ahead; left out by a function that does not know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<ReadinessStatus>,
}

/// What a Region found when it last looked ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessStatus {
    /// Whether it is known to be ready now: judged for this epoch, and not too long ago. Silence is not "ready".
    pub ready: bool,
    /// The verdict, and what there is to say of it, in a sentence.
    pub says: String,
    /// When it was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How long ago that is, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
}

/// How far back the last sample of the lag is looked for, in milliseconds.
const LAG_SHOWN_MS: i64 = 900_000;

/// The status of every database.
pub(super) async fn all<P: DrillPorts>(ports: &P, place: Place<'_>) -> Statuses {
    let databases = place.installation.databases.iter().map(|database| of(place.pass(ports, database)));
    let errors = place.installation.refused.iter().map(|(_, error)| error.to_string());
    Statuses { databases: join_all(databases).await, errors: errors.collect() }
}

/// The status of one database.
pub(super) async fn of<P: DrillPorts>(pass: Pass<'_, P>) -> Status {
    let Pass { ports, database, own, .. } = pass;
    let lags = join_all(database.regions().map(|region| async move {
        let since = ports.now().plus_ms(-LAG_SHOWN_MS);
        let lags = ports.lag(database, region, since).await.ok()?;
        Some((region.clone(), *lags.latest(ports.now())?))
    }));
    let (sight, (lags, run)) = join(look(pass), join(lags, last_run(pass))).await;
    let lags: BTreeMap<Region, Lag> = lags.into_iter().flatten().collect();
    let published = sight.evidence.published().cloned();
    let (decision, hold, reason) = sight.words();
    let regions = database.regions().map(|region| {
        (region.clone(), region_status(database, region, &sight, lags.get(region), ports.now()))
    });
    let regions = regions.collect();
    let writer = published.as_ref().map(|published| published.writer.clone());
    Status {
        database: database.name().to_string(),
        decision: decision.into(),
        hold,
        reason,
        epoch: published.as_ref().map(|published| published.epoch),
        endpoint: published.as_ref().map(|published| published.endpoint.clone()),
        last_transition: published.as_ref().map(|published| published.at),
        record: record(database, &sight),
        drift: sight.drifts(ports, database, own),
        held: sight.evidence.hold().map(str::to_owned),
        standby: writer.as_ref().and_then(|writer| sight.evidence.has_standby(database, writer)),
        writer,
        regions,
        checks: sight.checks(ports, database),
        failover: failover(pass, &sight).await,
        run: run.ok().flatten(),
        failures: sight.failures.iter().map(ToString::to_string).collect(),
    }
}

async fn failover<P: DrillPorts>(pass: Pass<'_, P>, sight: &Overview) -> Option<FailoverStatus> {
    let Pass { ports, database, own, .. } = pass;
    let writer = &sight.evidence.published()?.writer;
    let target = database.targets().into_iter().find(|region| *region != writer)?;
    let (mut survey, ahead) = join(
        Survey::of(pass, target, Some(writer), false, None, None),
        ports.read_readiness(database, target),
    )
    .await;
    survey.remember(database, own, &sight.evidence, ports.now());
    let case = survey.case(database, own, target, &sight.evidence, ports.now());
    let checks: Vec<Check> = CHECKS.iter().map(|(_, check)| check(case)).collect();
    let refused_by = checks.iter().filter(|check| !check.pass).map(|check| check.name.clone()).collect();
    let mode = database.failover().mode;
    let readiness = Some(ahead_of(mode, ahead, sight.evidence.epoch(), ports.now()));
    Some(FailoverStatus { mode, target: target.clone(), refused_by, checks, readiness })
}

fn ahead_of(
    mode: FailoverMode,
    read: Result<KeptReadiness, PortError>,
    epoch: Epoch,
    now: Timestamp,
) -> ReadinessStatus {
    let nothing = |says: String| ReadinessStatus { ready: false, says, at: None, age_seconds: None };
    match read.map(|kept| kept.readiness) {
        _ if mode == FailoverMode::Off => nothing("not judged: the mode is off".to_owned()),
        Err(error) => nothing(format!("NOT KNOWN: what was found could not be read: {error}")),
        Ok(None) => nothing("NOT KNOWN: never judged".to_owned()),
        Ok(Some(found)) => ReadinessStatus {
            ready: found.is_ready(epoch, now),
            says: found.sentence(epoch, now),
            at: Some(found.at),
            age_seconds: Some(now.since_ms(found.at).div_euclid(1000)),
        },
    }
}

fn record(database: &Database, sight: &Overview) -> String {
    if let Seen::Unreachable(why) = &sight.evidence.record {
        return format!("unknown: {why}");
    }
    match sight.evidence.standing(database) {
        Some(Standing::Owned(owned)) => format!("{} at epoch {}", owned.endpoint, owned.epoch),
        Some(Standing::Drifted(owned)) => format!("changed by somebody; ours at epoch {}", owned.epoch),
        Some(Standing::Unrecognized(owned)) => format!("{}, no known member's endpoint", owned.endpoint),
        Some(Standing::Unowned(value)) => format!("{value}, without an owner"),
        Some(Standing::Foreign(why)) => format!("not ours: {why}"),
        Some(Standing::Absent) => "does not exist".to_owned(),
        None => "was not read".to_owned(),
    }
}

fn region_status(
    database: &Database,
    region: &Region,
    sight: &Overview,
    lag: Option<&Lag>,
    now: Timestamp,
) -> RegionStatus {
    let view = sight.evidence.view(region);
    let unknown = || "unknown".to_owned();
    let takes_writes = |view: &RegionView| match view.readiness() {
        _ if matches!(view.word(), Word::Writer(named) if named != region) => "no: it follows".to_owned(),
        Readiness::Ready { instances } => yes(*instances),
        Readiness::NotReady(why) => format!("no: {why}"),
    };
    let takes_over = |view: &RegionView| match view.standby() {
        Standby::Ready { instances } => yes(*instances),
        Standby::NotReady(why) => format!("no: {why}"),
    };
    let parameters = sight.evidence.parameters.get(region).and_then(Seen::got);
    let state = parameters.and_then(|parameters| parameters.state.as_ref());
    RegionStatus {
        cluster: database.members().get(region).map(|arn| arn.identifier().to_owned()).unwrap_or_default(),
        says: sight.word(region),
        takes_writes: view.map_or_else(unknown, takes_writes),
        could_take_over: view.map_or_else(unknown, takes_over),
        operation: view.and_then(RegionView::failover_status).map(str::to_owned),
        engine_version: view.and_then(|view| view.versions().cluster.clone()),
        parameter: parameters.and_then(|parameters| parameters.writer.clone()),
        memory: state.and_then(|state| state.memory.clone()),
        epoch: state.map(|state| state.epoch),
        hold: parameters.and_then(|parameters| parameters.hold.clone()),
        lag_ms: lag.map(|lag| lag.lag_ms),
        lag_age_seconds: lag.map(|lag| now.since_ms(lag.at).div_euclid(1000)),
        lag_source: lag.map(|lag| lag.source).filter(|it| *it != Source::Aws).map(|it| it.to_string()),
    }
}

fn yes(instances: usize) -> String {
    if instances == 1 { "yes, 1 instance".to_owned() } else { format!("yes, {instances} instances") }
}
