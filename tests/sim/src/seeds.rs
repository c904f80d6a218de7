//! Many seeds, over all cores.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::run::play::{Library, run};
use crate::run::terms::{Config, Summary, Violation};

/// How many seeds a thread takes at once.
const CHUNK: u64 = 64;

/// What many runs came to.
#[derive(Debug, Clone, Default)]
pub struct Total {
    /// Seeds that were run.
    pub seeds: u64,
    /// Calls through the ports.
    pub steps: u64,
    /// Passes.
    pub passes: u64,
    /// Moves of the record.
    pub moves: u64,
    /// The violation with the lowest seed that was found.
    pub violation: Option<Violation>,
}

/// Runs all seeds of `range`, and stops at the first violation.
///
/// # Panics
///
/// When a run panics.
pub fn run_all(range: Range<u64>, config: impl Fn(u64) -> Config + Sync) -> Total {
    let next = AtomicU64::new(range.start);
    let stop = AtomicBool::new(false);
    let total = Mutex::new(Total::default());
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let own = work(&range, &next, &stop, &config);
                total.lock().expect("no other thread panicked").add(own);
            });
        }
    });
    total.into_inner().expect("no thread panicked")
}

fn work(range: &Range<u64>, next: &AtomicU64, stop: &AtomicBool, config: &impl Fn(u64) -> Config) -> Total {
    let mut library = Library::default();
    let mut total = Total::default();
    while !stop.load(Ordering::Relaxed) {
        let from = next.fetch_add(CHUNK, Ordering::Relaxed);
        if from >= range.end {
            break;
        }
        for seed in from..range.end.min(from + CHUNK) {
            total.seeds += 1;
            match run(&mut library, seed, config(seed)) {
                Ok(summary) => total.note(&summary),
                Err(violation) => {
                    total.violation = Some(violation);
                    stop.store(true, Ordering::Relaxed);
                    return total;
                }
            }
        }
    }
    total
}

impl Total {
    fn note(&mut self, summary: &Summary) {
        self.steps += u64::from(summary.steps);
        self.passes += u64::from(summary.passes);
        self.moves += u64::from(summary.moves);
    }

    fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.passes += other.passes;
        self.moves += other.moves;
        let seed = |violation: &Option<Violation>| violation.as_ref().map_or(u64::MAX, |found| found.seed);
        if seed(&other.violation) < seed(&self.violation) {
            self.violation = other.violation;
        }
    }
}
