//! The local drill: every failure on one machine, with real PostgreSQL, real function binaries and real DNS.
//!
//! What it proves is our logic and the shape of what we say to AWS, not how AWS behaves. Its folders, from the ground:
//! `stage`, what a scenario plays on · `cast`, who writes meanwhile · `script`, what a scenario is, and its words ·
//! `findings`, what was seen · `scenarios` · `soak`, many moves
//! in a row · `installed`, the same on what Terraform made · `room`, the stage that stays up, and its page. Each imports only those
//! before it.

mod args;
mod cast;
mod findings;
mod installed;
mod room;
mod scenarios;
mod script;
mod soak;
mod stage;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use drill_postgres::{Binaries, Choice};
use drill_report::{Report, Verdict};
use time::OffsetDateTime;

use crate::args::Args;
use crate::findings::verify;
use crate::findings::write::{environment, say, unplayed, write};
use crate::script::progress::Progress;
use crate::stage::error::DrillError;
use crate::stage::kit::Kit;
use crate::stage::props::Props;

const FAILED: u8 = 1;
const NOT_PLAYED: u8 = 2;
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = if args.stage {
        // It ends by Ctrl-C, and in good order.
        stay(&args).await
    } else {
        tokio::select! {
            outcome = run(&args) => outcome,
            _ = tokio::signal::ctrl_c() => Err(DrillError::Interrupted),
        }
    };
    match outcome {
        Ok(Verdict::Pass) => ExitCode::SUCCESS,
        Ok(Verdict::Fail | Verdict::Unjudged) => ExitCode::from(FAILED),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "local-drill: {error}");
            ExitCode::from(if matches!(error, DrillError::Interrupted) { INTERRUPTED } else { NOT_PLAYED })
        }
    }
}

async fn stay(args: &Args) -> Result<Verdict, DrillError> {
    Box::pin(room::run(&Arc::new(props(args)?), args.pace)).await
}

async fn run(args: &Args) -> Result<Verdict, DrillError> {
    let wanted = args.wanted();
    if args.stage_env {
        say(room::terminal::read(&args.out)?.trim_end());
        return Ok(Verdict::Pass);
    }
    if let Some(report) = &args.check {
        verify::check(report, &wanted)?;
        say(&format!("{} shows what it has to", report.display()));
        return Ok(Verdict::Pass);
    }
    let props = Arc::new(props(args)?);
    if !args.installed.is_empty() {
        return Box::pin(installed::run(&installed::absolute(&args.installed), &props)).await;
    }
    if let Some(rounds) = args.soak {
        return Box::pin(soak::run(rounds, args.seed, &props)).await;
    }
    let progress = Progress::new();
    let (started_at, started) = (OffsetDateTime::now_utc(), Instant::now());
    let mut scenarios = Vec::new();
    for (index, script) in wanted.iter().enumerate() {
        progress.scenario(script.name, index + 1, wanted.len());
        // The others are played all the same.
        let played = Box::pin(scenarios::play(script, &props, args.pace, &progress)).await;
        let scenario = played.unwrap_or_else(|error| unplayed(script.name, &error));
        progress.done(&format!("{:18} {}", script.name, scenario.verdict().as_str()));
        scenarios.push(scenario);
    }
    progress.finish();
    verify::compare(&wanted, &mut scenarios);
    let report = Report {
        emulated: true,
        started_at,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        environment: environment(&props),
        scenarios,
    };
    write(&report, &props)?;
    say(&format!("played: {}", props.builds()));
    Ok(report.verdict())
}

fn props(args: &Args) -> Result<Props, DrillError> {
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(DrillError::io(format!("find {}", path.display())));
    std::fs::create_dir_all(&args.out).map_err(DrillError::io(format!("create {}", args.out.display())))?;
    let mut programs = std::env::current_exe().map_err(DrillError::io("find this program"))?;
    programs.pop();
    Ok(Props {
        binaries: Binaries::find(Choice::from_environment()?, &args.venv)?,
        functions: absolute(args.functions.as_ref().unwrap_or(&programs))?,
        programs,
        ministack: absolute(&args.venv.join("bin/ministack"))?,
        kit: Kit::of(absolute(&args.clients)?, &absolute(Path::new("."))?),
        out: absolute(&args.out)?,
    })
}
