//! Measures the functions side by side with the common solution and with the least that is possible, and writes a
//! report. Nothing here is a test: a figure that is worse than it should be is printed as such.

mod acceptance;
mod cloud;
mod error;
mod fleet;
mod report;
mod rows;
mod runtime;
mod seed;
mod stats;
mod subject;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use drill_emulator::Ministack;

use crate::error::BenchError;
use crate::report::data::Report;
use crate::report::{page, text};
use crate::rows::{cost, decision, fleets, latency, outages, probe, size, starts, wire};
use crate::subject::{MEMORY_MB, Programs};

/// Speed, cost and fleets, measured side by side.
#[derive(Debug, Parser)]
struct Arguments {
    /// The release binary of `follow`.
    #[arg(long, default_value = "target/release/follow")]
    follow: PathBuf,
    /// The release binary of `failover`.
    #[arg(long, default_value = "target/release/failover")]
    failover: PathBuf,
    /// The release binary of `probe`.
    #[arg(long, default_value = "target/release/probe")]
    probe: PathBuf,
    /// The Python that has boto3 and awslambdaric.
    #[arg(long, default_value = "target/venv-bench/bin/python")]
    python: PathBuf,
    /// The baseline's handlers.
    #[arg(long, default_value = "tests/bench/baseline")]
    baseline: PathBuf,
    /// The emulator's program.
    #[arg(long, default_value = "target/venv/bin/ministack")]
    ministack: PathBuf,
    /// Where the report goes.
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Runs of each subject with each delay.
    #[arg(long, default_value_t = 30)]
    runs: usize,
    /// Runs of each outage; one with a black hole takes seconds.
    #[arg(long, default_value_t = 12)]
    outage_runs: usize,
    /// Sizes of fleets.
    #[arg(long, value_delimiter = ',', default_values_t = fleets::SIZES)]
    sizes: Vec<usize>,
    /// What to measure; all of it when left out.
    #[arg(long, value_enum)]
    only: Vec<Part>,
}

/// A part of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// One database: latency, memory, cost.
    One,
    /// A dead Region's price.
    Outages,
    /// TLS, and the distances of these Regions.
    Wire,
    /// From the last alarm to the call that starts a failover, and what `failover` asks while nothing happens.
    Starts,
    /// The probe's package and its start.
    Probe,
    /// Fleets, idle cost and growth.
    Fleets,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        // A bound that is not kept is no failure; what could not be measured is.
        Ok(report) if report.failed.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<Report, BenchError> {
    let report = measure(arguments).await?;
    write(&report, &arguments.out)?;
    let mut out = std::io::stdout().lock();
    write!(out, "{}", text::text(&report)).map_err(BenchError::io("print the report"))?;
    let (page, json) = (arguments.out.join("report.html"), arguments.out.join("report.json"));
    writeln!(out, "\nreport: {} and {}", page.display(), json.display()).map_err(BenchError::io("print"))?;
    Ok(report)
}

async fn measure(arguments: &Arguments) -> Result<Report, BenchError> {
    let programs = programs(arguments)?;
    let wants = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut report = Report { format: 2, emulated: true, method: method(arguments), ..Report::default() };
    report.not_shown = not_shown();
    report.decision = kept(&mut report, "the decision", decision::measure());
    if wants(Part::One) || wants(Part::Outages) {
        let ministack = Ministack::start(&arguments.ministack, None).await?;
        let fleet = seed::one_database(ministack.address()).await?;
        if wants(Part::One) {
            let measured = latency::measure(&programs, ministack.address(), &fleet, arguments.runs).await;
            report.rows = kept(&mut report, "one database", measured);
            let size = size::measure(&programs).map(|row| vec![row]);
            let size = kept(&mut report, "the zip", size);
            report.rows.extend(size);
        }
        if wants(Part::Outages) {
            let measured =
                outages::measure(&programs, ministack.address(), &fleet, arguments.outage_runs).await;
            report.outages = kept(&mut report, "outages", measured);
        }
    }
    if wants(Part::Wire) {
        let measured = wire::measure(&programs, arguments.runs).await;
        report.wire = kept(&mut report, "the wire", measured);
    }
    if wants(Part::Probe) {
        let measured = probe::measure(&programs, arguments.runs).await;
        report.probe = kept(&mut report, "the probe", measured);
    }
    if wants(Part::Starts) {
        let ministack = Ministack::start(&arguments.ministack, None).await?;
        let measured = starts::measure(&programs, ministack.address(), arguments.outage_runs).await;
        report.starts = kept(&mut report, "starts", measured);
        let measured = fleets::at_rest(&programs, ministack.address()).await;
        let measured = kept(&mut report, "failover at rest", measured);
        report.idle.extend(measured);
    }
    if wants(Part::Fleets) {
        for size in arguments.sizes.iter().copied() {
            let measured = fleets::measure(&programs, size).await;
            let measured = kept(&mut report, &format!("a fleet of {size}"), measured);
            report.fleets.extend(measured.rows);
            report.idle.extend(measured.idle);
        }
        report.fleets.extend(fleets::computed(&report.fleets));
    }
    report.acceptance = acceptance::acceptance(&report)?;
    Ok(report)
}

/// What was measured; nothing, and a sentence in the report, when it could not be.
fn kept<T: Default>(report: &mut Report, what: &str, measured: Result<T, BenchError>) -> T {
    measured.unwrap_or_else(|error| {
        eprintln!("bench: {what}: {error}");
        report.failed.push(format!("{what}: {error}"));
        T::default()
    })
}

/// The programs by whole paths, since the baseline runs in a directory of its own.
fn programs(arguments: &Arguments) -> Result<Programs, BenchError> {
    let whole =
        |path: &Path| std::path::absolute(path).map_err(BenchError::io(format!("find {}", path.display())));
    Ok(Programs {
        follow: whole(&arguments.follow)?,
        failover: whole(&arguments.failover)?,
        probe: whole(&arguments.probe)?,
        python: whole(&arguments.python)?,
        baseline: whole(&arguments.baseline)?,
    })
}

fn write(report: &Report, out: &Path) -> Result<(), BenchError> {
    fs::create_dir_all(out).map_err(BenchError::io(format!("make {}", out.display())))?;
    let json = serde_json::to_string_pretty(report)?;
    fs::write(out.join("report.json"), json).map_err(BenchError::io("write report.json"))?;
    fs::write(out.join("report.html"), page::page(report)).map_err(BenchError::io("write report.html"))
}

fn method(arguments: &Arguments) -> Vec<String> {
    vec![
        format!(
            "Each subject is a real process under a Runtime API of our own, {} times with each delay, in turn; medians, and p99 in brackets.",
            arguments.runs
        ),
        "follow is the release binary; the baseline is Python 3 with boto3 under awslambdaric: GetItem, DescribeDBClusters, UPSERT; \
         the second one puts the parameter in both Regions as well."
            .to_owned(),
        "One database: RDS is played by the emulator's front; Route 53, Parameter Store and the table are ministack's. With a delay each call is \
         answered so long after it was asked; what the emulator takes lies within. The writer flips with each event, settle_seconds is 0."
            .to_owned(),
        "The limit is two dependent round trips warm (look, change) and three cold (the configuration before them)."
            .to_owned(),
        "Fleets: the same few operations in the emulator's memory, true to the compare-and-swap and the limits of a batch, with 10 ms a \
         round trip and AWS's quotas as token buckets: Route 53 10 a second (burst 50), PutParameter 10 a second in each Region, \
         RDS 100 a page, Parameter Store 10 a page. All of Seoul is black-holed. The baseline is one event and one UPSERT a \
         database, four functions at once; 5,000 of it are computed from the quota."
            .to_owned(),
        format!("The wire: {} starts of follow, each with three warm events; a new connection costs two round trips of its Region, from \
         when it is opened. A start that a failover needs: the schedule's looks have found the writer's Region silent for 45 s, and the \
         last of two health alarms goes off.", arguments.runs),
        format!(
            "Cost: {} USD a GB-second and {} USD a million requests (AWS's list, x86, us-east-1), {MEMORY_MB} MB, each started millisecond \
             of handler and, cold, of initialization.",
            cost::GB_SECOND_USD,
            cost::MILLION_REQUESTS_USD
        ),
    ]
}

fn not_shown() -> Vec<String> {
    [
        "AWS's own times: a real round trip is not constant. But for the wire's own rows a new connection costs nothing here, and there the \
         own Region and the peer share connections, which they cannot at AWS.",
        "Lambda's share of a cold start: fetching the code, the sandbox. And its processor: 128 MB there is a fourteenth of a core, on which \
         a processor-bound start takes longer, ours and the baseline's alike.",
        "Other quotas of an account, such as those of RDS's and Parameter Store's reads.",
        "Several functions at once: in a fleet's outage EventBridge wakes one for each event, and they share the quotas.",
    ]
    .map(str::to_owned)
    .to_vec()
}
