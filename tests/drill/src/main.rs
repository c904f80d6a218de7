//! The local drill: every failure on one machine, with real PostgreSQL, real function binaries and real DNS.
//!
//! What it proves is our logic and the shape of what we say to AWS, not how AWS behaves.

mod alarms;
mod app;
mod args;
mod audience;
mod delivery;
mod error;
mod front_door;
mod installation;
mod installed;
mod lag;
mod play;
mod progress;
mod record;
mod scenarios;
mod stage;
mod users;
mod verify;
mod wakes;
mod workload;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use drill_cloud::Package;
use drill_postgres::{Binaries, Choice};
use drill_report::{Environment, Expectation, NamedValue, Report, Scenario, Table, Verdict};
use time::OffsetDateTime;

use crate::args::Args;
use crate::error::DrillError;
use crate::progress::Progress;
use crate::scenarios::Name;
use crate::stage::Props;

const FAILED: u8 = 1;
const NOT_PLAYED: u8 = 2;
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = tokio::select! {
        outcome = run(&args) => outcome,
        _ = tokio::signal::ctrl_c() => Err(DrillError::Interrupted),
    };
    match outcome {
        Ok(Verdict::Pass) => ExitCode::SUCCESS,
        Ok(Verdict::Fail) => ExitCode::from(FAILED),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "local-drill: {error}");
            ExitCode::from(if matches!(error, DrillError::Interrupted) { INTERRUPTED } else { NOT_PLAYED })
        }
    }
}

async fn run(args: &Args) -> Result<Verdict, DrillError> {
    if let Some(report) = &args.check {
        verify::check(report, &args.wanted())?;
        say(&format!("{} shows what it has to", report.display()));
        return Ok(Verdict::Pass);
    }
    let props = props(args)?;
    if !args.installed.is_empty() {
        return Box::pin(installed::run(&installed::absolute(&args.installed), &props)).await;
    }
    let progress = Progress::new();
    let (started_at, started) = (OffsetDateTime::now_utc(), Instant::now());
    let wanted = args.wanted();
    let mut scenarios = Vec::new();
    for (index, name) in wanted.iter().enumerate() {
        progress.scenario(name.as_str(), index + 1, wanted.len());
        let scenario = Box::pin(played(*name, &props, &progress)).await;
        progress.done(&format!("{:18} {}", name.as_str(), scenario.verdict().as_str()));
        scenarios.push(scenario);
    }
    progress.finish();
    compare(&mut scenarios);
    let report = Report {
        emulated: true,
        started_at,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        environment: environment(&props),
        scenarios,
    };
    write(&report, &args.out)?;
    Ok(report.verdict())
}

/// A scenario that could not be played to its end is a failed one; the others are played all the same.
async fn played(name: Name, props: &Props, progress: &Progress) -> Scenario {
    match Box::pin(scenarios::play(name, props, progress)).await {
        Ok(scenario) => scenario,
        Err(error) => unplayed(name.as_str(), &error),
    }
}

fn unplayed(name: &str, error: &DrillError) -> Scenario {
    Scenario {
        name: name.to_owned(),
        title: "Could not be played to its end".to_owned(),
        story: error.to_string(),
        expectations: vec![Expectation::judged(
            "The scenario is played to its end",
            "yes",
            error.to_string(),
            false,
        )],
        ..Scenario::default()
    }
}

/// A dead Region may cost nothing: `region-down` is held against `failover` of the same run.
fn compare(scenarios: &mut [Scenario]) {
    let Some(price_ms) = verify::dead_region_price_ms(scenarios) else { return };
    let limit_ms = verify::DEAD_REGION_MS_MAX;
    let expectation = Expectation::judged(
        "The dead Region's price on the record's path, against failover in the same run",
        format!("at most {limit_ms} ms"),
        format!("{price_ms} ms"),
        price_ms <= limit_ms,
    );
    let region_down = scenarios.iter_mut().find(|scenario| scenario.name == Name::RegionDown.as_str());
    if let Some(scenario) = region_down {
        scenario.expectations.push(expectation);
    }
}

fn props(args: &Args) -> Result<Props, DrillError> {
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(DrillError::io(format!("find {}", path.display())));
    std::fs::create_dir_all(&args.out).map_err(DrillError::io(format!("create {}", args.out.display())))?;
    Ok(Props {
        binaries: Binaries::find(Choice::from_environment()?, &args.venv)?,
        follow: args.follow.clone(),
        failover: args.failover.clone(),
        drill: args.drill.clone(),
        failoverctl: absolute(&args.failoverctl)?,
        todo: absolute(&args.todo)?,
        ministack: absolute(&args.venv.join("bin/ministack"))?,
        out: absolute(&args.out)?,
    })
}

pub(crate) fn package(binary: &Path) -> Result<Package, DrillError> {
    let bytes = std::fs::read(binary);
    let operation = || format!("read the function {} (make build makes it)", binary.display());
    Ok(Package::of_bootstrap(&bytes.map_err(DrillError::io(operation()))?)?)
}

fn environment(props: &Props) -> Environment {
    let value = |name: &str, value: &str| NamedValue::new(name, value);
    Environment {
        tls_exercised: props.binaries.has_tls(),
        details: vec![
            value("PostgreSQL", &format!("{} ({})", props.binaries.version(), props.binaries.origin())),
            value("AWS emulator", "ministack 1.5.33, with an Aurora of our own in front"),
            value("functions", "the release binaries of follow and failover, one of each in each Region"),
            value(
                "alarms",
                "set by the script, read by the functions; one in Osaka, a witness in Tokyo, or those of the apps' health checks",
            ),
            value(
                "health checks",
                "played by Route 53's documented rules on what is stored, at a tenth of its times, without TLS",
            ),
            value("settle_seconds", &stage::SETTLE_SECONDS.to_string()),
            value("record TTL", &format!("{} s", stage::TTL_SECONDS)),
            value("emulated DNS propagation", &format!("{} ms", stage::PROPAGATION.as_millis())),
            value("schedule", "every 2 or 3 s where a scenario says so; EventBridge's is a minute"),
        ],
    }
}

fn write(report: &Report, out: &Path) -> Result<(), DrillError> {
    let (json, html) = (out.join("report.json"), out.join("report.html"));
    let failed = |path: &Path, error: drill_report::WriteError| DrillError::Report {
        path: path.to_owned(),
        source: error.into(),
    };
    report.write_json(&json).map_err(|error| failed(&json, error))?;
    report.write_html(&html).map_err(|error| failed(&html, error))?;
    let colour = std::io::IsTerminal::is_terminal(&std::io::stdout());
    say(&Table { colour }.render(report));
    say(&format!("report: {} and {}", html.display(), json.display()));
    Ok(())
}

fn say(text: &str) {
    // A closed standard output changes no verdict.
    let _ = writeln!(std::io::stdout(), "{text}");
}
