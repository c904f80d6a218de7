//! The whole matrix, several cells at once.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::args::Args;
use crate::cell::Cell;
use crate::error::ChaosError;
use crate::page::page;
use crate::play::play;
use crate::progress::Progress;
use crate::report::{Played, Report, unlisted};
use crate::stage::Props;

/// How often a cell is played again for a machine that was too slow.
const AGAIN: u32 = 3;

/// Plays what is wanted and writes the report; whether it passed.
pub(crate) async fn run(args: &Args) -> Result<bool, ChaosError> {
    let (cells, what) = wanted(args)?;
    let props = Arc::new(props(args)?);
    let (started_at, started) = (OffsetDateTime::now_utc(), Instant::now());
    let played = all(&cells, args.at_once, &props).await;
    let report = Report {
        started_at,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        what,
        unlisted: unlisted(&played),
        played: played.into_iter().map(|(_, played)| played).collect(),
    };
    std::fs::create_dir_all(&args.out).map_err(failed(&args.out))?;
    let (json, html) = (args.out.join("chaos.json"), args.out.join("chaos.html"));
    std::fs::write(&json, format!("{:#}\n", report.json())).map_err(failed(&json))?;
    std::fs::write(&html, page(&report)).map_err(failed(&html))?;
    let word = if report.pass() { "PASS" } else { "FAIL" };
    let seconds = report.duration_ms / 1_000;
    say(&format!("{word}  {} in {seconds} s, on an emulated AWS: {}", report.headline(), report.what));
    say(&format!("report: {} and {}", html.display(), json.display()));
    Ok(report.pass())
}

/// The cells to play, and in words which they are.
fn wanted(args: &Args) -> Result<(Vec<Cell>, String), ChaosError> {
    if !args.cells.is_empty() {
        let all = Cell::all();
        let find = |name: &String| {
            all.iter()
                .find(|cell| cell.name() == *name)
                .copied()
                .ok_or_else(|| ChaosError::NoCell(name.clone()))
        };
        let cells: Vec<Cell> = args.cells.iter().map(find).collect::<Result<_, _>>()?;
        return Ok((cells, "single cells".to_owned()));
    }
    match (args.day()?, &args.fifth) {
        (Some(day), Some(date)) => Ok((Cell::fifth(day), format!("a fifth of the matrix, drawn by {date}"))),
        _ => Ok((Cell::all(), "the whole matrix".to_owned())),
    }
}

fn props(args: &Args) -> Result<Props, ChaosError> {
    let mut own = std::env::current_exe().map_err(failed(Path::new("this program")))?;
    own.pop();
    let there = |path: PathBuf| {
        let path = std::path::absolute(&path).unwrap_or(path);
        if path.is_file() { Ok(path) } else { Err(ChaosError::NotThere(path)) }
    };
    let functions = args.functions.clone().unwrap_or(own);
    for name in ["follow", "failover"] {
        there(functions.join(name))?;
    }
    let functions = std::path::absolute(&functions).map_err(failed(&functions))?;
    Ok(Props { ministack: there(args.venv.join("bin/ministack"))?, functions })
}

/// Plays the cells, so many at once; in the order of the list. A cell that failed while this machine was too slow for a verdict
/// is played again at the end, with fewer beside it. Dropping it ends all of them.
async fn all(cells: &[Cell], at_once: usize, props: &Arc<Props>) -> Vec<(Cell, Played)> {
    let mut order: Vec<(usize, Cell)> = cells.iter().copied().enumerate().collect();
    // Those that may have to wait for a minute of quiet go first.
    order.sort_by_key(|(_, cell)| !waits_long(cell));
    let mut progress = Progress::new(cells.len());
    let mut done = BTreeMap::new();
    for again in 0..=AGAIN {
        let at_once = (at_once >> again).max(1);
        let mut tasks = some(&order, at_once, props);
        order.clear();
        while let Some(ended) = tasks.join_next().await {
            let Ok((index, cell, played)) = ended else { continue };
            let played = Played { again, ..played };
            if !played.pass && played.too_slow && again < AGAIN {
                progress.again(&played.name, &played.wrong);
                order.push((index, cell));
            } else {
                progress.done(&played.name, &played.wrong);
                done.insert(index, (cell, played));
            }
        }
    }
    progress.finish();
    done.into_values().collect()
}

type Tasks = JoinSet<(usize, Cell, Played)>;

fn some(order: &[(usize, Cell)], at_once: usize, props: &Arc<Props>) -> Tasks {
    let slots = Arc::new(Semaphore::new(at_once));
    let mut tasks = JoinSet::new();
    for (index, cell) in order.iter().copied() {
        let (slots, props) = (Arc::clone(&slots), Arc::clone(props));
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            // On a task of its own, so that a panic is this cell's alone.
            let mut one = JoinSet::new();
            one.spawn(async move { play(cell, &props).await });
            let played = match one.join_next().await {
                Some(Ok(seen)) => Played::of(&cell, seen),
                Some(Err(error)) => Played::unplayed(&cell, &error.to_string()),
                None => Played::unplayed(&cell, "it never began"),
            };
            (index, cell, played)
        });
    }
    tasks
}

fn waits_long(cell: &Cell) -> bool {
    cell.disturbed.is_some_and(|(row, _)| row.call.operation == "FailoverGlobalCluster")
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> ChaosError {
    let path = path.to_owned();
    move |source| ChaosError::Report { path, source }
}

fn say(text: &str) {
    // A closed standard output changes no verdict.
    let _ = writeln!(std::io::stdout(), "{text}");
}
