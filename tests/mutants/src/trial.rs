//! Each mutation before its judges: the test binaries that come across it, the quickest first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::project::{Judge, say};
use crate::weave::Mutant;

/// A judge that takes longer is heard module by module, and test by test where they stand in none.
const LONG: Duration = Duration::from_secs(2);

/// How a mutation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A test failed.
    Killed,
    /// A test took more than three times its time and ten seconds.
    TimedOut,
    /// All tests passed.
    Survived,
    /// No test comes across it.
    Unmet,
}

/// A judge with what it needs with every switch off.
#[derive(Debug)]
struct Seat {
    judge: Judge,
    takes: Duration,
    meets: BTreeSet<u32>,
}

/// The court.
#[derive(Debug)]
pub(crate) struct Trial {
    on: PathBuf,
    seats: Vec<Seat>,
}

impl Trial {
    /// Runs every judge once with all switches off: how long it takes, and what it comes across.
    pub(crate) fn new(out: &Path, judges: Vec<Judge>) -> Result<Self, Error> {
        let mut trial = Self { on: out.join("on"), seats: Vec::new() };
        let met = out.join("met");
        for judge in judges {
            let parts = parts(&judge)?;
            // What starts processes takes long as a whole.
            if !judge.is_late || parts.is_empty() {
                let seat = trial.seat(judge, &met)?;
                // The quick ones of many tests have the first word.
                let is_quick = seat.as_ref().is_none_or(|seat| seat.takes < LONG);
                if is_quick || parts.is_empty() {
                    trial.seats.extend(seat);
                    continue;
                }
            }
            for part in parts {
                let seat = trial.seat(part, &met)?;
                trial.seats.extend(seat);
            }
        }
        trial.seats.retain(|seat| !seat.meets.is_empty());
        trial.seats.sort_by_key(|seat| (seat.judge.is_late, seat.takes));
        Ok(trial)
    }

    /// Runs a judge with all switches off. One that is heard last and fails even so is not heard at all.
    fn seat(&self, judge: Judge, met: &Path) -> Result<Option<Seat>, Error> {
        fs::write(met, "")?;
        fs::write(&self.on, format!("0\n{}\n", met.display()))?;
        let begun = Instant::now();
        // On a busy machine a test that waits for something may fail now and then.
        if !survives(&judge, Duration::from_mins(10), if judge.is_late { 2 } else { 5 })? {
            if judge.is_late {
                say(&format!("{} fails with no mutation on, and is not heard", judge.name));
                return Ok(None);
            }
            return Err(Error::Baseline(judge.name));
        }
        let takes = begun.elapsed();
        let meets: BTreeSet<u32> =
            fs::read_to_string(met)?.lines().filter_map(|it| it.parse().ok()).collect();
        say(&format!(
            "{} takes {:.1} s and meets {} mutations",
            judge.name,
            takes.as_secs_f64(),
            meets.len()
        ));
        if meets.is_empty()
            && judge.only.is_none()
            && judge.name.contains(":responder_")
            && judge.name.starts_with("functions/")
        {
            return Err(Error::Deaf(judge.name));
        }
        Ok(Some(Seat { judge, takes, meets }))
    }

    /// Whether any judge comes across it.
    pub(crate) fn meets(&self, mutant: &Mutant) -> bool {
        self.seats.iter().any(|seat| seat.meets.contains(&mutant.id))
    }

    /// What becomes of `mutant`, and by whom.
    pub(crate) fn of(&self, mutant: &Mutant) -> Result<(Verdict, String), Error> {
        fs::write(&self.on, format!("{}\n", mutant.id))?;
        let mut verdict = Verdict::Unmet;
        for seat in self.seats.iter().filter(|seat| seat.meets.contains(&mutant.id)) {
            let patience = seat.takes * 3 + Duration::from_secs(10);
            verdict = run(&seat.judge, patience)?;
            // What fails three times is no accident.
            if verdict == Verdict::Killed && survives(&seat.judge, patience, 2)? {
                verdict = Verdict::Survived;
            }
            if verdict != Verdict::Survived {
                return Ok((verdict, seat.judge.name.clone()));
            }
        }
        Ok((verdict, String::new()))
    }
}

/// Whether it passes in one of so many tries.
fn survives(judge: &Judge, patience: Duration, tries: u32) -> Result<bool, Error> {
    for _ in 0..tries {
        if run(judge, patience)? == Verdict::Survived {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The modules of a judge's tests, each as a judge of its own; none where it has but one.
fn parts(judge: &Judge) -> Result<Vec<Judge>, Error> {
    let listed = Command::new(&judge.binary).args(["--list", "--format", "terse"]).output()?.stdout;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let module =
        |test: &str| test.split_once("::").map_or(test.to_owned(), |(module, _)| format!("{module}::"));
    let modules: BTreeSet<String> =
        listed.lines().filter_map(|it| it.strip_suffix(": test")).map(module).collect();
    if modules.len() < 2 {
        return Ok(Vec::new());
    }
    let part = |module: &String| Judge {
        name: format!("{}::{}", judge.name, module.trim_end_matches("::")),
        only: Some(module.clone()),
        ..judge.clone()
    };
    Ok(modules.iter().map(part).collect())
}

fn run(judge: &Judge, patience: Duration) -> Result<Verdict, Error> {
    let mut child = Command::new(&judge.binary)
        .current_dir(&judge.folder)
        .args(&judge.only)
        .env("CARGO_MANIFEST_DIR", &judge.folder)
        .envs([("CI", "1"), ("INSTA_UPDATE", "no"), ("RUST_TEST_THREADS", "4")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() { Verdict::Survived } else { Verdict::Killed });
        }
        if begun.elapsed() > patience {
            Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status()?;
            child.wait()?;
            return Ok(Verdict::TimedOut);
        }
        sleep(Duration::from_millis(5));
    }
}

/// The survivors that are known, each with its reason: the lines above it that begin with `#`.
pub(crate) fn known_survivors(list: &str) -> Result<BTreeMap<String, String>, Error> {
    let mut known = BTreeMap::new();
    let (mut reason, mut ended) = (String::new(), true);
    for line in list.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix('#') {
            if ended {
                reason.clear();
            }
            reason.push_str(text);
            ended = false;
        } else if line.is_empty() {
            reason.clear();
        } else {
            ended = true;
            if reason.trim().is_empty() {
                return Err(Error::NoReason(line.to_owned()));
            }
            known.insert(line.to_owned(), reason.trim().to_owned());
        }
    }
    Ok(known)
}
