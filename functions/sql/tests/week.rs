//! A week of looks, sped up: no memory and no descriptor is lost, and there is one connection at the end as at the
//! beginning. `PROBE_LOOKS=120960` is a whole week, at a look each five seconds.

#![allow(
    dead_code,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; it shares a stage that can do more"
)]

#[path = "probe/names.rs"]
mod names;
#[path = "probe/stage.rs"]
mod stage;

use std::fs;
use std::time::Instant;

use responder_sql::Prober;
use stage::{Stage, record};

/// What is played where nobody asks for more.
const LOOKS: u32 = 3_000;
/// What may come and go with the allocator.
const GROWTH_KIB: u64 = 4_096;

/// Resident memory in KiB, and open descriptors.
fn held() -> (u64, usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib = line.trim().trim_end_matches(" kB").parse().unwrap();
    (kib, fs::read_dir("/proc/self/fd").unwrap().count())
}

async fn looks(prober: &Prober, count: u32, writable: bool) {
    for _ in 0..count {
        let look = prober.look().await;
        assert_eq!(record(&look).writable, Some(writable), "{look:?}");
    }
}

#[tokio::test]
async fn nothing_is_lost_in_a_week() {
    let Some(stage) = Stage::new(false).await else { return };
    let count = std::env::var("PROBE_LOOKS").map_or(LOOKS, |count| count.parse().unwrap());
    let prober = stage.prober(&[]);
    looks(&prober, 500, true).await;
    let (before, began) = (held(), Instant::now());
    looks(&prober, count, true).await;
    let after = held();
    println!("{count} looks in {:?}: {before:?} KiB and descriptors, then {after:?}", began.elapsed());
    assert_eq!(before.1, after.1);
    assert!(after.0 <= before.0 + GROWTH_KIB, "{before:?} {after:?}");
    assert_eq!(Stage::sessions(&stage.seoul).await, 1);
    // And in an outage that lasts.
    stage.seoul.stop_fast().await.unwrap();
    looks(&prober, 500, false).await;
    let before = held();
    looks(&prober, count, false).await;
    let after = held();
    println!("{count} looks in an outage: {before:?} KiB and descriptors, then {after:?}");
    assert_eq!(before.1, after.1);
    assert!(after.0 <= before.0 + GROWTH_KIB, "{before:?} {after:?}");
}
