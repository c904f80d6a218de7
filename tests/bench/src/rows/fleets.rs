//! Fleets: all databases lose their Region at once, under AWS's quotas; and what they cost while nothing happens.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use responder_core::words::timestamp::Timestamp;
use time::OffsetDateTime;
use tokio::time::sleep;

use crate::cloud::{Cloud, Ledger};
use crate::error::BenchError;
use crate::fleet::{Fleet, OSAKA, SEOUL, event, schedule};
use crate::report::data::{Case, FleetRow, IdleRow};
use crate::seed;
use crate::stats::{at, ms};
use crate::subject::{Process, Programs, Subject};

/// How many databases.
pub(crate) const SIZES: [usize; 5] = [1, 10, 100, 1_000, 5_000];
/// Sizes that the baseline is measured at; beyond it the quota says how long it takes.
const BASELINE_SIZES: [usize; 4] = [1, 10, 100, 1_000];
/// Sizes at which `failover` is measured while nothing happens.
const REST_SIZES: [usize; 3] = [1, 100, 1_000];
/// Sizes at which it looks ahead: more would wait for Parameter Store's quota of writes.
const AHEAD_SIZES: [usize; 2] = [1, 10];
/// What it was found long ago, so that it is time.
const LONG_AGO: &str = r#"{"at":"2026-01-01T00:00:00Z","epoch":1,"verdict":"ready","since":"2026-01-01T00:00:00Z","told":"ready"}"#;
/// Until which second of a minute what is measured ends in it.
const MINUTE_LEFT: u64 = 20;
/// The size at which one member of a batch has lost its fence.
const FENCE_LOST_SIZE: usize = 100;
/// Sizes up to which parameters are drained to the end, and for how many invocations at most.
const DRAINED_SIZE_MAX: usize = 100;
const INVOCATIONS_MAX: usize = 20;
/// The round trip in front of each call.
const DELAY: Duration = Duration::from_millis(10);
/// An invocation's time limit; short, so that a fleet has to go on in the next one.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Functions of the baseline that run at once.
const BASELINE_CONCURRENCY: usize = 4;
/// How often an event of the baseline is handed over before its failure is one of the measurement.
const TRIES_MAX: usize = 200;
/// Records a second under Route 53's quota, one call each, once its burst of 50 is used up.
const RECORDS_A_SECOND: f64 = 10.0;
const POLL: Duration = Duration::from_millis(5);
const ZONE_ID: &str = "Z0123456789";

/// What a fleet came to.
#[derive(Default)]
pub(crate) struct Fleets {
    pub(crate) rows: Vec<FleetRow>,
    pub(crate) idle: Vec<IdleRow>,
}

/// Measures ours at this size, warm and cold, and the baseline.
pub(crate) async fn measure(programs: &Programs, size: usize) -> Result<Fleets, BenchError> {
    eprintln!("bench: a fleet of {size}");
    let (idle, warm) = warm(programs, size).await?;
    let mut fleets = Fleets { rows: vec![warm, cold(programs, size).await?], idle: vec![idle] };
    if size == FENCE_LOST_SIZE {
        fleets.rows.push(fence_lost(programs, size).await?);
    }
    if BASELINE_SIZES.contains(&size) {
        eprintln!("bench: a fleet of {size}, the baseline");
        fleets.rows.push(baseline(programs, size).await?);
    }
    Ok(fleets)
}

/// One scheduled pass of `failover` at each of these sizes, with two health alarms a database, all of them OK.
pub(crate) async fn at_rest(programs: &Programs, ministack: SocketAddr) -> Result<Vec<IdleRow>, BenchError> {
    eprintln!("bench: failover while nothing happens");
    let mut rows = Vec::new();
    for size in REST_SIZES {
        let fleet = Fleet::automatic(size)?;
        seed::alarms(ministack, &fleet).await?;
        let cloud = Cloud::with_alarms(&fleet, ministack).await?;
        just_looked_ahead(&cloud, &fleet).await;
        cloud.front.round_trip(DELAY);
        let process = Process::start(Subject::Failover, programs, &cloud.front.endpoint()).await?;
        process.expect(schedule(), TIME_LIMIT).await?;
        rows.push(idle_pass(&cloud, &process, size).await?);
        process.stop().await?;
    }
    for size in AHEAD_SIZES {
        rows.push(ahead(programs, ministack, size).await?);
    }
    Ok(rows)
}

/// Each database was just looked ahead at. Half hours begin with a minute, so none may begin soon.
async fn just_looked_ahead(cloud: &Cloud, fleet: &Fleet) {
    let into = u64::try_from(OffsetDateTime::now_utc().unix_timestamp().rem_euclid(60)).unwrap_or_default();
    if into > MINUTE_LEFT {
        sleep(Duration::from_secs(61 - into)).await;
    }
    let now = Timestamp::from_ms(OffsetDateTime::now_utc().unix_timestamp() * 1_000).to_string();
    for database in &fleet.databases {
        let text = LONG_AGO.replace("2026-01-01T00:00:00Z", &now);
        cloud.change_parameter(OSAKA, &database.readiness_parameter(), |_| text);
    }
}

/// A tick in which every database is looked ahead at, by a cold function.
async fn ahead(programs: &Programs, ministack: SocketAddr, size: usize) -> Result<IdleRow, BenchError> {
    let fleet = Fleet::automatic(size)?;
    seed::alarms(ministack, &fleet).await?;
    let cloud = Cloud::with_alarms(&fleet, ministack).await?;
    for database in &fleet.databases {
        seed::lag(ministack, database.name().as_str()).await?;
        cloud.change_parameter(OSAKA, &database.readiness_parameter(), |_| LONG_AGO.to_owned());
    }
    cloud.front.round_trip(DELAY);
    let process = Process::start(Subject::Failover, programs, &cloud.front.endpoint()).await?;
    let row = idle_pass(&cloud, &process, size).await?;
    process.stop().await?;
    Ok(IdleRow { subject: "failover, cold, looking ahead", ..row })
}

/// The baseline at the greatest size, from the greatest at which it was measured.
pub(crate) fn computed(rows: &[FleetRow]) -> Option<FleetRow> {
    let measured = rows.iter().rfind(|row| row.case == Case::Baseline)?;
    let size = *SIZES.last()?;
    Some(by_quota(size, measured))
}

async fn stage(size: usize) -> Result<(Fleet, Cloud), BenchError> {
    let fleet = Fleet::new(size, ZONE_ID, 60)?;
    let cloud = Cloud::start(&fleet, None).await?;
    cloud.front.round_trip(DELAY);
    cloud.front.enforce_quotas(true);
    Ok((fleet, cloud))
}

/// All of Seoul goes dark, and Aurora has promoted every cluster in Osaka.
fn lose_seoul(cloud: &Cloud) {
    cloud.front.cut_region(SEOUL);
    cloud.transition(OSAKA);
    cloud.front.enforce_quotas(true);
    cloud.reset_ledger();
}

async fn warm(programs: &Programs, size: usize) -> Result<(IdleRow, FleetRow), BenchError> {
    let (fleet, cloud) = stage(size).await?;
    let process = Process::start(Subject::Follow, programs, &cloud.front.endpoint()).await?;
    process.expect(schedule(), TIME_LIMIT).await?;
    let idle = idle_pass(&cloud, &process, size).await?;
    lose_seoul(&cloud);
    let mut row = moved(&cloud, &process, &fleet, size).await?;
    (row.case, row.note) = (Case::Warm, "follow, warm".to_owned());
    row.drained.push(cloud.published_in(OSAKA));
    // The schedule goes on with what did not fit.
    let invocations = if size > DRAINED_SIZE_MAX { 2 } else { INVOCATIONS_MAX };
    while row.drained.len() < invocations && row.drained.last().is_some_and(|it| it.0 < size || it.1 < size) {
        process.invoke(schedule(), TIME_LIMIT).await?;
        row.drained.push(cloud.published_in(OSAKA));
    }
    row.peak_memory = process.peak_memory()?;
    process.stop().await?;
    Ok((idle, row))
}

async fn idle_pass(cloud: &Cloud, process: &Process, size: usize) -> Result<IdleRow, BenchError> {
    // As many seconds as Route 53's bucket needs to be full again; a minute in truth.
    cloud.front.enforce_quotas(true);
    cloud.reset_ledger();
    let (cpu, log) = (process.cpu()?, process.log_bytes()?);
    let answer = process.expect(schedule(), TIME_LIMIT).await?;
    let calls = cloud.ledger().calls;
    Ok(IdleRow {
        subject: process.subject.name(),
        databases: size,
        total: calls.values().sum(),
        calls,
        elapsed_ms: ms(answer.answered - answer.handed),
        cpu_ms: ms(process.cpu()?.saturating_sub(cpu)),
        peak_memory: process.peak_memory()?,
        log_bytes: process.log_bytes()? - log,
        answer_bytes: answer.body.len(),
    })
}

async fn cold(programs: &Programs, size: usize) -> Result<FleetRow, BenchError> {
    let (fleet, cloud) = stage(size).await?;
    lose_seoul(&cloud);
    let process = Process::start(Subject::Follow, programs, &cloud.front.endpoint()).await?;
    let began = process.started;
    let first = event(fleet.databases.first().map_or("", |it| it.name().as_str()));
    let watched = async {
        let ledger = all_moved(&cloud, size).await;
        FleetRow { case: Case::Cold, ..row(Subject::Follow.name(), size, began, &ledger) }
    };
    tokio::select! {
        mut row = watched => {
            "cold, process start included".clone_into(&mut row.note);
            row.peak_memory = process.peak_memory()?;
            process.stop().await?;
            Ok(row)
        }
        answer = process.invoke(first, TIME_LIMIT) => {
            let mut row = row(Subject::Follow.name(), size, began, &cloud.ledger());
            row.case = Case::Cold;
            row.note = format!("cold, answered before all had moved: {}", excerpt(&answer?.body));
            Ok(row)
        }
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(300).collect()
}

/// One database was published by somebody else, which the function does not know: the others move all the same.
async fn fence_lost(programs: &Programs, size: usize) -> Result<FleetRow, BenchError> {
    let (fleet, cloud) = stage(size).await?;
    let process = Process::start(Subject::Follow, programs, &cloud.front.endpoint()).await?;
    process.expect(schedule(), TIME_LIMIT).await?;
    if let Some(database) = fleet.databases.get(size / 2) {
        cloud.overtake(database);
    }
    lose_seoul(&cloud);
    let mut row = moved(&cloud, &process, &fleet, size - 1).await?;
    row.databases = size;
    (row.case, row.note) = (Case::FenceLost, "one member's fence was lost".to_owned());
    row.peak_memory = process.peak_memory()?;
    process.stop().await?;
    Ok(row)
}

/// Hands over the first event, waits until all records have moved and then for the answer.
async fn moved(cloud: &Cloud, process: &Process, fleet: &Fleet, size: usize) -> Result<FleetRow, BenchError> {
    let first = event(fleet.databases.first().map_or("", |it| it.name().as_str()));
    let (answer, ledger) = tokio::join!(process.invoke(first, TIME_LIMIT), all_moved(cloud, size));
    Ok(row(Subject::Follow.name(), size, answer?.handed, &ledger))
}

/// The counts at the moment when the last record moved, or when that takes too long.
async fn all_moved(cloud: &Cloud, size: usize) -> Ledger {
    let began = Instant::now();
    while cloud.accepted() < size && began.elapsed() < TIME_LIMIT * 2 {
        sleep(POLL).await;
    }
    cloud.ledger()
}

fn row(subject: &'static str, size: usize, began: Instant, ledger: &Ledger) -> FleetRow {
    let mut times: Vec<f64> = ledger.accepted.iter().map(|it| ms(*it - began)).collect();
    times.sort_by(f64::total_cmp);
    FleetRow {
        subject,
        databases: size,
        moved: times.len(),
        p50_ms: at(&times, 50),
        p99_ms: at(&times, 99),
        p100_ms: at(&times, 100),
        calls: ledger.calls.clone(),
        throttled: ledger.throttled.clone(),
        ..FleetRow::default()
    }
}

/// One event and one UPSERT a database, by a few functions at once, all warm. An event that fails is handed over again at
/// once, which is kinder than Lambda's minute.
async fn baseline(programs: &Programs, size: usize) -> Result<FleetRow, BenchError> {
    let (fleet, cloud) = stage(size).await?;
    cloud.front.enforce_quotas(false);
    let names: Vec<String> = fleet.databases.iter().map(|it| it.name().to_string()).collect();
    let functions = BASELINE_CONCURRENCY.min(size);
    let endpoint = cloud.front.endpoint();
    let started = (0..functions).map(|_| Process::start(Subject::Record, programs, &endpoint));
    let processes = try_join_all(started).await?;
    let first = names.first().cloned().unwrap_or_default();
    for process in &processes {
        process.expect(event(&first), TIME_LIMIT).await?;
    }
    cloud.transition(OSAKA);
    cloud.front.enforce_quotas(true);
    cloud.reset_ledger();
    let began = Instant::now();
    let shares = processes.iter().enumerate().map(|(at, process)| {
        let share = names.iter().skip(at).step_by(functions);
        async move {
            for name in share {
                again_until_done(process, name).await?;
            }
            Ok::<_, BenchError>(())
        }
    });
    try_join_all(shares).await?;
    let mut row = row(Subject::Record.name(), size, began, &cloud.ledger());
    row.case = Case::Baseline;
    row.note = format!("one event a database, {functions} functions at once");
    for process in processes {
        row.peak_memory = row.peak_memory.max(process.peak_memory()?);
        process.stop().await?;
    }
    Ok(row)
}

/// Hands over an event until it is answered and not failed.
async fn again_until_done(process: &Process, name: &str) -> Result<(), BenchError> {
    for _ in 1..TRIES_MAX {
        if process.invoke(event(name), TIME_LIMIT).await?.is_ok {
            return Ok(());
        }
    }
    process.expect(event(name), TIME_LIMIT).await.map(drop)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand databases")]
fn by_quota(size: usize, measured: &FleetRow) -> FleetRow {
    let more = size.saturating_sub(measured.databases) as f64;
    FleetRow {
        subject: measured.subject,
        databases: size,
        moved: size,
        p50_ms: (size as f64 / 2.0 - 50.0) / RECORDS_A_SECOND * 1_000.0,
        p99_ms: (size as f64 * 0.99 - 50.0) / RECORDS_A_SECOND * 1_000.0,
        p100_ms: measured.p100_ms + more / RECORDS_A_SECOND * 1_000.0,
        case: Case::Computed,
        note: "computed from Route 53's quota".to_owned(),
        ..FleetRow::default()
    }
}
