//! Do the tests bite? Every mutation of what ships is woven into a copy of the project behind a switch, all of them are built
//! once, and then the tests are run with one switch on at a time. One that no test notices fails the run, unless
//! `survivors.txt` says why nothing can notice it.
//!
//! Building each mutation for itself, as cargo-mutants does, takes most of a minute for each: core is under everything.

mod error;
mod project;
mod sites;
mod trial;
mod values;
mod weave;

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use error::Error;
use project::{Project, say};
use trial::{Trial, Verdict};
use weave::Mutant;

const SURVIVORS: &str = "tests/mutants/survivors.txt";

/// What was asked for.
#[derive(Debug)]
struct Asked {
    /// Every `of`th mutation, beginning with this one, in an order that has nothing to do with where they stand.
    shard: (usize, usize),
    /// Only those that the last run left alive.
    again: bool,
    /// Whether what the others let live comes before the tests that start processes.
    late: bool,
    /// Only those whose names begin so: those of a folder, a file, a function.
    only: String,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn asked() -> Result<Asked, Error> {
    let mut asked = Asked { shard: (1, 1), again: false, late: false, only: String::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--again" => asked.again = true,
            "--late" => asked.late = true,
            "--only" => asked.only = arguments.next().unwrap_or_default(),
            "--shard" => {
                let text = arguments.next().unwrap_or_default();
                let numbers =
                    text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
                asked.shard = numbers.filter(|(k, n)| (1..=*n).contains(k)).ok_or(Error::Usage(text))?;
            }
            _ => return Err(Error::Usage(argument)),
        }
    }
    Ok(asked)
}

fn run() -> Result<(), Error> {
    let asked = asked()?;
    let known = trial::known_survivors(&fs::read_to_string(SURVIVORS)?)?;
    let begun = Instant::now();
    let mut project = Project::new(Path::new("target/mutants"), asked.late)?;
    let judges = project.build()?;
    let trial = Trial::new(&project.out, judges)?;
    let (all, unfit) = project.counts();
    let chosen = chosen(&project, &asked)?;
    let unmet = project.viable().filter(|it| !trial.meets(it)).map(|it| format!("{}\n", it.name));
    fs::write(project.out.join("unmet.txt"), unmet.collect::<String>())?;
    let built = begun.elapsed().as_secs();
    say(&format!(
        "{all} mutations, {unfit} do not compile; {} are tried now (built in {built} s)",
        chosen.len()
    ));
    let outcomes = project.out.join("outcomes.txt");
    let (mut killed, mut timed_out, mut explained, mut new) = (0, 0, 0, 0);
    let mut lines = String::new();
    for (at, mutant) in chosen.iter().enumerate() {
        let started = Instant::now();
        let (verdict, by) = trial.of(mutant)?;
        match verdict {
            Verdict::Killed => killed += 1,
            Verdict::TimedOut => timed_out += 1,
            _ if known.contains_key(&mutant.name) => explained += 1,
            _ => {
                new += 1;
                say(&format!("{verdict:?}: {} (line {})", mutant.name, mutant.line));
            }
        }
        let took = started.elapsed().as_secs_f64();
        let _ = writeln!(lines, "{verdict:?}\t{}\t{by}\t{took:.1}", mutant.name);
        fs::write(&outcomes, &lines)?;
        if at % 20 == 19 {
            say(&format!(
                "{} of {}: {killed} killed, {timed_out} out of time, {explained} explained, {new} survived",
                at + 1,
                chosen.len()
            ));
        }
    }
    let seconds = begun.elapsed().as_secs();
    say(&format!(
        "{} tried in {seconds} s, {built} of them for the build: {killed} killed, {timed_out} out of time, {explained} survivors explained, {new} not",
        chosen.len()
    ));
    if new == 0 { Ok(()) } else { Err(Error::Survivors(new)) }
}

fn chosen(project: &Project, asked: &Asked) -> Result<Vec<Mutant>, Error> {
    let mut all: Vec<Mutant> =
        project.viable().filter(|it| it.name.starts_with(&asked.only)).cloned().collect();
    all.sort_by_key(|mutant| {
        let mut hasher = DefaultHasher::new();
        mutant.name.hash(&mut hasher);
        hasher.finish()
    });
    if asked.again {
        let last = fs::read_to_string(project.out.join("outcomes.txt"))?;
        let alive = |name: &str| {
            last.lines().any(|line| {
                line.split('\t').nth(1) == Some(name)
                    && (line.starts_with("Survived") || line.starts_with("Unmet"))
            })
        };
        all.retain(|mutant| alive(&mutant.name));
        return Ok(all);
    }
    let (first, of) = asked.shard;
    Ok(all.into_iter().skip(first - 1).step_by(of).collect())
}
