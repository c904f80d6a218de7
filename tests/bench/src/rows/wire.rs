//! The wire as it is: TLS 1.3, the distances of these Regions, and what a new connection costs.

use std::ffi::OsStr;
use std::io::Write;
use std::time::Duration;

use drill_emulator::front::Certificate;
use tempfile::NamedTempFile;

use crate::cloud::Cloud;
use crate::error::BenchError;
use crate::fleet::{Fleet, OSAKA, SEOUL, event};
use crate::report::data::WireRow;
use crate::rows::latency::accepted_at;
use crate::stats::{Stats, ms};
use crate::subject::{Process, Programs, Subject};

/// Round trips from Osaka, in milliseconds: within the Region, to Seoul, and to Route 53's control plane in Virginia.
const OWN_MS: u64 = 2;
const PEER_MS: u64 = 25;
const FAR_MS: u64 = 175;
const TIME_LIMIT: Duration = Duration::from_secs(30);
const NAME: &str = "db0000";
/// Warm events of each process: an odd number, so that each process finds the writer where it was at first.
const WARM: usize = 3;

/// Measures cold starts and warm events `runs` times.
pub(crate) async fn measure(programs: &Programs, runs: usize) -> Result<Vec<WireRow>, BenchError> {
    eprintln!("bench: the wire as it is");
    let certificate = Certificate::new()?;
    let mut bundle = NamedTempFile::new().map_err(BenchError::io("make a bundle"))?;
    bundle.write_all(certificate.pem().as_bytes()).map_err(BenchError::io("write a bundle"))?;
    let fleet = Fleet::new(1, "Z0123456789", 0)?;
    let bundle = bundle.path().as_os_str();
    let (cold, warm) = series(programs, &fleet, &certificate, bundle, runs).await?;
    let probed = fleet.with_probes()?;
    let (probed_cold, probed_warm) = series(programs, &probed, &certificate, bundle, runs).await?;
    let row = |name, times, limit_ms| WireRow::new(name, Stats::of(times), limit_ms);
    // Whoever moves a record has to have a connection to Route 53 first (TCP, TLS and the change), and to have asked the other
    // Region. A probe is asked beside that, or once the other Region has claimed: a question more to it, and at first its
    // connection.
    Ok(vec![
        row("cold start to record accepted", cold, 3 * FAR_MS),
        row("warm event to record accepted", warm, PEER_MS + FAR_MS),
        row("cold start to record accepted, with probes", probed_cold, 3 * FAR_MS),
        row("warm event to record accepted, with probes", probed_warm, PEER_MS + FAR_MS),
    ])
}

/// Cold starts and warm events with that one database, in milliseconds.
async fn series(
    programs: &Programs,
    fleet: &Fleet,
    certificate: &Certificate,
    bundle: &OsStr,
    runs: usize,
) -> Result<(Vec<f64>, Vec<f64>), BenchError> {
    let cloud = Cloud::by_tls(fleet, certificate).await?;
    cloud.front.distances(distance);
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for run in 0..=runs {
        let times = one_run(programs, &cloud, bundle).await?;
        // The first run of all warms the machine's caches and is not counted.
        if run > 0 {
            cold.push(times.0);
            warm.extend(times.1);
        }
    }
    Ok((cold, warm))
}

fn distance(region: &str) -> Duration {
    let ms = match region {
        _ if region == OSAKA.id() => OWN_MS,
        _ if region == SEOUL.id() => PEER_MS,
        _ => FAR_MS,
    };
    Duration::from_millis(ms)
}

/// A cold start and the warm events after it, in milliseconds.
async fn one_run(programs: &Programs, cloud: &Cloud, bundle: &OsStr) -> Result<(f64, Vec<f64>), BenchError> {
    cloud.transition(OSAKA);
    cloud.reset_ledger();
    // Route 53 has a name of its own, as at AWS: a connection to it is not one to the others.
    let far = cloud.front.other_endpoint();
    let variables = [("SSL_CERT_FILE", bundle), ("AWS_ENDPOINT_URL_ROUTE_53", OsStr::new(&far))];
    let endpoint = cloud.front.endpoint();
    let process = Process::start_with(Subject::Follow, programs, &endpoint, &variables).await?;
    process.expect(event(NAME), TIME_LIMIT).await?;
    let cold = ms(accepted_at(cloud, Subject::Follow)? - process.started);
    let mut warm = Vec::new();
    for turn in 0..WARM {
        cloud.transition(if turn % 2 == 0 { SEOUL } else { OSAKA });
        cloud.reset_ledger();
        let answer = process.expect(event(NAME), TIME_LIMIT).await?;
        warm.push(ms(accepted_at(cloud, Subject::Follow)? - answer.handed));
    }
    process.stop().await?;
    Ok((cold, warm))
}
