//! A hundred thousand seeded runs of the whole loop. `SEED=123` replays one with its trace, `SEEDS=1000` runs
//! so many instead, `REGIONS=3` all of them with three Regions.

use std::env;
use std::time::Instant;

use responder_sim::run::{Config, Library, run};
use responder_sim::seeds::run_all;

const SEEDS: u64 = 100_000;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// What a seed wants, or with as many Regions as somebody else wants.
fn config(seed: u64) -> Config {
    let config = Config::of_seed(seed);
    match env::var("REGIONS").as_deref() {
        Ok("2") => Config { regions: 2, ..config },
        Ok("3") => Config { regions: 3, has_settle_time: true, ..config },
        _ => config,
    }
}

/// Runs one seed and shows what happened.
fn replay(seed: u64, config: Config) -> String {
    let config = Config { is_traced: true, ..config };
    let (trace, end) = match run(&mut Library::default(), seed, config) {
        Ok(summary) => (summary.trace, "no violation".to_owned()),
        Err(violation) => (violation.trace.clone(), format!("VIOLATION: {violation}")),
    };
    format!("{}\n{end}\n", trace.join("\n"))
}

#[test]
fn no_seed_finds_a_violation() {
    if let Some(seed) = number("SEED") {
        let trace = replay(seed, config(seed));
        assert!(!trace.contains("VIOLATION"), "{trace}");
        eprintln!("{trace}");
        return;
    }
    let started = Instant::now();
    let total = run_all(0..number("SEEDS").unwrap_or(SEEDS), config);
    if let Some(violation) = &total.violation {
        let trace = replay(violation.seed, config(violation.seed));
        panic!("{trace}replay it with SEED={}", violation.seed);
    }
    eprintln!(
        "{} seeds, {} passes, {} calls, {} moves of the record, {:.1} s: no violation",
        total.seeds,
        total.passes,
        total.steps,
        total.moves,
        started.elapsed().as_secs_f64()
    );
}
