//! Runs a target over changed texts, watches that each case ends, and keeps what failed.

use std::cell::RefCell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::change::{Change, change, changed};

/// Cases of a target of weight 100, where `FUZZ_CASES` does not say.
const CASES: u32 = 1_000;
/// The longest that a case may take, in a build for development on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Most bytes by which the process may grow at its peak.
const GROWTH_MAX: u64 = 1 << 30;

/// What has to hold for any text; otherwise why it does not.
pub type Check = Box<dyn Fn(&[u8]) -> Result<(), String>>;

/// What reads one kind of text.
pub struct Target {
    /// Its name; a folder of `regressions/` has it too.
    pub name: &'static str,
    /// How many cases it has of a hundred: fewer where a case is slow.
    pub weight: u32,
    /// Valid texts.
    pub seeds: Vec<Vec<u8>>,
    /// What has to hold for any text.
    pub check: Check,
}

/// A text: one of the seeds, changed, or noise.
#[derive(Debug, Clone)]
enum Case {
    Changed(Index, Vec<Change>),
    Noise(Vec<u8>),
}

thread_local! {
    /// What panicked while this thread ran a case, also where somebody caught it: what ships aborts at once.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replays what once failed, then runs as many cases as `FUZZ_CASES` says, and fails with all that was found. The cases are
/// the same each time, unless `FUZZ_SEED` says which.
pub fn hunt(targets: &[Target]) -> Result<(), String> {
    let cases = number("FUZZ_CASES").map_or(CASES, |it| u32::try_from(it).unwrap_or(u32::MAX));
    let seed = number("FUZZ_SEED").unwrap_or_default();
    let found: Vec<String> = targets.iter().filter_map(|it| it.hunt(cases, seed).err()).collect();
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

/// Hunts again and again, with new cases each time, for as many minutes as `FUZZ_MINUTES` says.
pub fn rounds(targets: &[Target]) -> Result<(), String> {
    let end = Instant::now() + Duration::from_secs(60 * number("FUZZ_MINUTES").unwrap_or(1));
    let (mut found, mut round) = (Vec::new(), 0_u32);
    while Instant::now() < end {
        let seed = number("FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
        round += 1;
        say(&format!("round {round}: FUZZ_SEED={seed}, {} found so far", found.len()));
        found.extend(targets.iter().filter_map(|it| it.hunt(CASES, seed).err()));
    }
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[expect(clippy::print_stdout, reason = "cargo shows it where it is asked to, and keeps it otherwise")]
fn say(text: &str) {
    println!("{text}");
}

impl Target {
    fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(self.name)
    }

    fn hunt(&self, cases: u32, seed: u64) -> Result<(), String> {
        catch_panics();
        let watchdog = Watchdog::new(self.folder());
        let run = |text: &[u8]| watchdog.over(text, || self.run(text));
        let began = Instant::now();
        for file in fs::read_dir(self.folder()).into_iter().flatten().flatten() {
            let text = fs::read(file.path()).map_err(|error| error.to_string())?;
            run(&text).map_err(|why| format!("{}: {why}", file.path().display()))?;
        }
        let before = peak();
        for seed in &self.seeds {
            run(seed).map_err(|why| format!("{}: a valid text: {why}", self.name))?;
        }
        let cases = (cases * self.weight / 100).max(10);
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng(seed, self.name));
        let ended = runner.run(&case(), |case| run(&self.text(&case)).map_err(TestCaseError::fail));
        if let Err(TestError::Fail(why, case)) = &ended {
            let kept = keep(&self.folder(), &self.text(case));
            return Err(format!("{} by FUZZ_SEED={seed}: {why}\n  kept in {}", self.name, kept.display()));
        }
        ended.map_err(|error| format!("{}: {error}", self.name))?;
        let grown = peak().saturating_sub(before);
        if grown > GROWTH_MAX {
            return Err(format!("{} by FUZZ_SEED={seed}: the process grew by {grown} bytes", self.name));
        }
        say(&format!("{:32} {cases:6} cases {:6} ms", self.name, began.elapsed().as_millis()));
        Ok(())
    }

    fn text(&self, case: &Case) -> Vec<u8> {
        match case {
            Case::Changed(seed, changes) => {
                let seed = self.seeds.get(seed.index(self.seeds.len().max(1)));
                changed(seed.map_or(&[], Vec::as_slice), changes)
            }
            Case::Noise(bytes) => bytes.clone(),
        }
    }

    fn run(&self, text: &[u8]) -> Result<(), String> {
        PANIC.set(Some(String::new()));
        let ended = catch_unwind(AssertUnwindSafe(|| (self.check)(text)));
        match (ended, PANIC.take().unwrap_or_default()) {
            (Ok(ended), panic) if panic.is_empty() => ended,
            (_, panic) => Err(panic),
        }
    }
}

fn case() -> impl Strategy<Value = Case> {
    let few = (any::<Index>(), vec(change(), 1..5)).prop_map(|(seed, changes)| Case::Changed(seed, changes));
    prop_oneof![19 => few, 1 => vec(any::<u8>(), 0..300).prop_map(Case::Noise)]
}

fn rng(seed: u64, name: &str) -> TestRng {
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().chain(name.bytes()).chain([0; 32]).take(32).collect();
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// Panics of the cases are told once, at the end.
fn catch_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let hunted =
                PANIC.with_borrow_mut(|it| it.as_mut().map(|it| *it = format!("{panic}").replace('\n', " ")));
            if hunted.is_none() {
                usual(panic);
            }
        }));
    });
}

/// Keeps a text that failed, for `make test` to replay.
fn keep(folder: &Path, text: &[u8]) -> PathBuf {
    let hash = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let file = folder.join(format!("{hash:016x}"));
    // Where it cannot be kept, the seed finds it again.
    let _ = fs::create_dir_all(folder).and_then(|()| fs::write(&file, text));
    file
}

/// The most memory that the process had, in bytes: what it asked for, used or not.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// Ends the process where a case does not end. Nothing within it could.
struct Watchdog(Sender<Option<Vec<u8>>>);

impl Watchdog {
    fn new(folder: PathBuf) -> Self {
        let (sender, receiver) = mpsc::channel::<Option<Vec<u8>>>();
        thread::spawn(move || {
            while let Ok(begun) = receiver.recv() {
                let Some(text) = begun else { continue };
                if matches!(receiver.recv_timeout(PATIENCE), Err(RecvTimeoutError::Timeout)) {
                    let kept = keep(&folder, &text);
                    say(&format!("{}: no end within {} s", kept.display(), PATIENCE.as_secs()));
                    std::process::abort();
                }
            }
        });
        Self(sender)
    }

    fn over<T>(&self, text: &[u8], run: impl FnOnce() -> T) -> T {
        // Without a watchdog it runs all the same.
        let _ = self.0.send(Some(text.to_vec()));
        let ended = run();
        let _ = self.0.send(None);
        ended
    }
}
