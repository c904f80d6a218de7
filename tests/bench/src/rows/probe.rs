//! The probe itself: what is uploaded, and what a start takes. A question that waits for a cold start is a publication that waits.

use std::ffi::OsStr;

use drill_emulator::rds::model::Names;
use serde_json::{Map, Value, json};

use crate::error::BenchError;
use crate::fleet::REGIONS;
use crate::report::data::ProbeRow;
use crate::rows::size::zipped;
use crate::stats::{Stats, ms};
use crate::subject::{Process, Programs, Subject};

/// Nobody listens there, and nobody is asked before the first event.
const NOBODY: &str = "http://127.0.0.1:9";

/// Measures its zip once, and starts it `runs` times.
pub(crate) async fn measure(programs: &Programs, runs: usize) -> Result<Vec<ProbeRow>, BenchError> {
    eprintln!("bench: the probe");
    let databases = databases();
    let variables = [("PROBE_DATABASES", OsStr::new(&databases))];
    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for run in 0..=runs {
        let process = Process::start_with(Subject::Probe, programs, NOBODY, &variables).await?;
        // The first run of all warms the machine's caches and is not counted.
        if run > 0 {
            starts.push(ms(process.cold_start));
            #[expect(clippy::cast_precision_loss, reason = "a process has less memory than 2^52 bytes")]
            memory.push(process.peak_memory()? as f64);
        }
        process.stop().await?;
    }
    let size = zipped(&[("bootstrap", &programs.probe)])?;
    let row = |name, unit, figure, at_most| ProbeRow { name, unit, figure, at_most };
    Ok(vec![
        row("zip", "bytes", Stats { median: size, p99: size, runs: 1 }, ZIP_MAX),
        row("cold start: process to first /next", "ms", Stats::of(starts), START_MS_MAX),
        row("peak memory at its first /next", "bytes", Stats::of(memory), MEMORY_MAX),
    ])
}

/// What is held to.
const ZIP_MAX: f64 = 2_500_000.0;
const START_MS_MAX: f64 = 10.0;
const MEMORY_MAX: f64 = 8_000_000.0;

/// One database, as the module `probe` gives it.
fn databases() -> String {
    let members: Map<String, Value> = REGIONS
        .map(|region| (region.id().to_owned(), json!(Names::of(region).endpoint())))
        .into_iter()
        .collect();
    json!({ "todo": { "record": "writer.db.todo.internal", "members": members } }).to_string()
}
