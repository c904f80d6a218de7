//! The soak: switchovers and failovers in turn, for as many rounds as are asked for, with a kill -9 of a random process of ours in
//! each. What may never be lost, what has to agree after each move, and that nothing grows.

mod growth;
mod notes;
mod page;
mod plan;
mod round;
mod verdict;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_report::{Environment, NamedValue, Report, Scenario, Table, Verdict, Writes};
use serde_json::{Value, json};
use time::OffsetDateTime;

use self::round::Seen;
use crate::cast::workload::Workload;
use crate::findings::record;
use crate::findings::write::say;
use crate::script::play::Play;
use crate::script::progress::Progress;
use crate::stage::Stage;
use crate::stage::error::DrillError;
use crate::stage::job::Job;
use crate::stage::pace::Pace;
use crate::stage::policy::Policy;
use crate::stage::props::Props;

/// The functions' schedule: each minute at AWS, where moves are not seconds apart either.
const SCHEDULE: Duration = Duration::from_secs(2);
/// How often a line stays on the terminal.
const LINE: usize = 10;

/// What came of a soak.
struct Soaked {
    seed: u64,
    asked: usize,
    rounds: Vec<Seen>,
    /// Acknowledged writes that the last writer does not hold, of how many; none where a round could not be played.
    in_the_end: Option<(u64, u64)>,
    problem: Option<String>,
}

/// Plays so many rounds, and writes the report.
pub(crate) async fn run(rounds: u32, seed: Option<u64>, props: &Arc<Props>) -> Result<Verdict, DrillError> {
    let seed = seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    say(&format!(
        "soak: {rounds} rounds on an emulated AWS; SEED={seed} draws the same moves and kills again"
    ));
    let (started_at, started) = (OffsetDateTime::now_utc(), Instant::now());
    let asked = usize::try_from(rounds).unwrap_or(usize::MAX);
    let mut soaked = Soaked { seed, asked, rounds: Vec::new(), in_the_end: None, problem: None };
    let progress = Progress::new();
    progress.scenario("soak", 1, 1);
    let played = Box::pin(play_all(&mut soaked, props, &progress)).await;
    soaked.problem = played.err().map(|error| error.to_string());
    progress.finish();
    let report = Report {
        emulated: true,
        started_at,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        environment: environment(props, &soaked),
        scenarios: vec![scenario(&mut soaked, started.elapsed())],
    };
    write(&report, &soaked, &props.out)?;
    Ok(report.verdict())
}

async fn play_all(soaked: &mut Soaked, props: &Arc<Props>, progress: &Progress) -> Result<(), DrillError> {
    let stage = Box::pin(Stage::start(props, Some(Policy::of("advise").with_probes()), Pace::Quick)).await?;
    let workload = Workload::start(&stage.apps)?;
    let mut play = Play::begin(stage, workload, &Region::ALL, progress).await?;
    play.delivery.set_schedule(Some(SCHEDULE));
    // Nobody can be killed who was never woken.
    let worked = |play: &Play, region: Region| play.delivery.has_worked(Job::Failover, region, play.started);
    play.wait("the schedule's first ticks", |play| {
        Region::ALL.iter().all(|it| worked(play, *it)).then_some(())
    })
    .await?;
    let (began, mut place) = (Instant::now(), 0);
    for plan in plan::draw(soaked.seed, soaked.asked) {
        let left = |played: usize| left(played, soaked.asked, began.elapsed());
        progress.live(&format!("{} of {}, {}; {plan}", plan.number, soaked.asked, left(plan.number - 1)));
        let seen = Box::pin(round::play(&mut play, &plan, &mut place)).await;
        let seen = seen.map_err(|error| DrillError::Unproven(format!("round {plan}: {error}")))?;
        if plan.number == 1 || plan.number.is_multiple_of(LINE) || plan.number == soaked.asked {
            progress.done(&format!("{} ({})", came_to(&seen), left(plan.number)));
        }
        soaked.rounds.push(seen);
    }
    soaked.in_the_end = Some(in_the_end(&play).await?);
    Ok(())
}

/// Every acknowledged write of all rounds, looked up once more.
async fn in_the_end(play: &Play) -> Result<(u64, u64), DrillError> {
    let writes = play.workload.writes();
    let server = play.stage.servers.get(play.aurora().truth().writer().unwrap_or(Region::Seoul));
    let present = record::present(server, 0).await?;
    let acknowledged = writes.iter().filter(|write| write.is_acknowledged());
    let lost = acknowledged.clone().filter(|it| !present.get(it.region).contains(&it.number)).count();
    Ok((lost as u64, acknowledged.count() as u64))
}

/// What a round came to.
fn came_to(seen: &Seen) -> String {
    let writes = seen.leg.writes.clone().unwrap_or_default();
    let Writes { acknowledged, lost, .. } = writes;
    format!("{}; out for {} ms, {lost} of {acknowledged} writes lost", seen.plan, writes.outage_ms())
}

/// How long the rest takes, by the rounds that were played.
fn left(played: usize, asked: usize, elapsed: Duration) -> String {
    let round = elapsed / u32::try_from(played.max(1)).unwrap_or(u32::MAX);
    let left = (round * u32::try_from(asked.saturating_sub(played)).unwrap_or(u32::MAX)).as_secs();
    if played == 0 {
        "time left not known yet".to_owned()
    } else {
        format!("about {} min {:02} s left", left / 60, left % 60)
    }
}

fn scenario(soaked: &mut Soaked, took: Duration) -> Scenario {
    let expectations = verdict::expectations(soaked);
    Scenario {
        name: "soak".to_owned(),
        title: format!("{} moves, and a kill -9 in each", soaked.rounds.len()),
        story: "Switchovers and failovers in turn on two real PostgreSQL servers, under a stream of writes. In each round a random \
                process of ours is killed at a random moment: a function's in either Region, while it works or at rest, or a todo app. \
                In half of the failovers the standby is starved before the writer is killed, so that there is something to lose."
            .to_owned(),
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        expectations,
        notes: notes::notes(soaked),
        legs: soaked.rounds.iter().map(|seen| seen.leg.clone()).collect(),
        ..Scenario::default()
    }
}

fn environment(props: &Props, soaked: &Soaked) -> Environment {
    let details = vec![
        NamedValue::new("PostgreSQL", format!("{} ({})", props.binaries.version(), props.binaries.origin())),
        NamedValue::new("AWS emulator", "ministack 1.5.33, with an Aurora of our own in front"),
        NamedValue::new("played", props.builds()),
        NamedValue::new("seed", soaked.seed.to_string()),
        NamedValue::new("schedule", format!("every {} s", SCHEDULE.as_secs())),
    ];
    Environment { tls_exercised: props.binaries.has_tls(), details }
}

/// The report, with what the drill's own format has no place for: the rounds' figures, as JSON and drawn.
fn write(report: &Report, soaked: &Soaked, out: &Path) -> Result<(), DrillError> {
    let (json, html) = (out.join("report.json"), out.join("report.html"));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: Box<dyn std::error::Error + Send + Sync>| DrillError::Report { path, source }
    };
    let text = report.to_json().map_err(|error| failed(&json)(error.into()))?;
    let mut document: Value = serde_json::from_str(&text).map_err(|error| failed(&json)(error.into()))?;
    if let Some(fields) = document.as_object_mut() {
        fields.insert("rounds".to_owned(), soaked.rounds.iter().map(figures).collect());
    }
    std::fs::write(&json, format!("{document:#}\n")).map_err(|error| failed(&json)(error.into()))?;
    std::fs::write(&html, report.to_html_with(&page::charts(&soaked.rounds)))
        .map_err(|error| failed(&html)(error.into()))?;
    let colour = std::io::IsTerminal::is_terminal(&std::io::stdout());
    say(&Table { colour }.render(report));
    say(&format!("report: {} and {}", html.display(), json.display()));
    Ok(())
}

/// A round's figures for whoever reads JSON.
fn figures(seen: &Seen) -> Value {
    let ms = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
    let processes = seen.processes.iter().map(|(process, usage)| {
        json!({
            "pid": process.pid, "function": process.job.as_str(), "region": process.region.id(),
            "memory_kb": usage.memory_kb, "files": usage.files, "connections": usage.connections,
        })
    });
    let probes = seen.probes.iter().map(|(place, pid, usage)| {
        json!({
            "pid": pid, "region": place,
            "memory_kb": usage.memory_kb, "files": usage.files, "connections": usage.connections,
        })
    });
    json!({
        "number": seen.plan.number,
        "kind": seen.plan.kind.to_string(),
        "target": seen.plan.target.id(),
        "killed": seen.plan.victim.to_string(),
        "killed_after_ms": ms(seen.plan.at),
        "killed_at_work": seen.killed_at_work,
        "standby_starved_ms": seen.plan.starved.map(ms),
        "lag_said_ms": seen.lag.map(|lag| ms(lag.said)),
        "oldest_lost_ms": seen.lag.and_then(|lag| lag.oldest_lost).map(ms),
        "epoch": seen.epoch,
        "versions": seen.versions,
        "processes": processes.collect::<Value>(),
        "probes": probes.collect::<Value>(),
        "connections_to_aws": seen.to_aws,
        "sessions_of_the_writer": seen.to_postgres,
        "failed_invocations": seen.failed,
        "took_ms": ms(seen.took),
    })
}
