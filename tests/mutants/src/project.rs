//! The woven copy of the project, and its build.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use syn::visit::Visit;

use crate::error::Error;
use crate::weave::{Mutant, Unfit, Weaver};

/// What is mutated.
const SHIPPED: &str = "functions/";
/// The switches, for the end of each crate's root.
const SWITCH: &str = include_str!("switch.rs.txt");
/// Whose tests judge; what starts PostgreSQL or a browser would take minutes for each mutation.
const JUDGES: [&str; 21] = [
    "onset",
    "properties",
    "adapters",
    "alarms",
    "process",
    "json",
    "page",
    "drill",
    "services",
    "world",
    "early",
    "rule",
    "outages",
    "seeds",
    "failover",
    "failover_fleet",
    "levels",
    "news",
    "owner",
    "quiet",
    "scripts",
];
const MORE_JUDGES: [&str; 10] = [
    "fleet",
    "unkind",
    "edges",
    "told",
    "turns",
    "terminal",
    "explained",
    "operated",
    "probe",
    "probe_settings",
];
/// Judges that start processes: where they are wanted they are heard last, and only where the others let a mutation live.
const LATE_JUDGES: [&str; 2] = ["fuzz", "contract"];
const LATE: [&str; 4] = ["/tests/fuzz", "/tests/drill", "/tests/bench", "/functions/sql"];
const BINARIES: [&str; 4] = ["drill", "failoverctl", "follow", "failover"];
/// More rounds than mistakes that hide behind others can make.
const ROUNDS: u32 = 60;

/// The switches of a file begin at a multiple of this.
const ROUND: u32 = 50;

/// A test binary that judges.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    /// Its name, with its package's folder.
    pub(crate) name: String,
    /// The binary.
    pub(crate) binary: PathBuf,
    /// Where it is started.
    pub(crate) folder: PathBuf,
    /// Which of its tests are run, if not all.
    pub(crate) only: Option<String>,
    /// Whether it is heard after the others.
    pub(crate) is_late: bool,
}

/// The copy.
#[derive(Debug)]
pub(crate) struct Project {
    /// Where everything of a run is kept.
    pub(crate) out: PathBuf,
    /// Whether the judges that start processes are heard as well.
    late: bool,
    unfit: Unfit,
    files: BTreeMap<String, Vec<Mutant>>,
}

/// Takes over what an earlier build made. Only what the compiler never writes in place is linked: a fingerprint that both builds
/// shared would tell each of them that what the other has built is its own, and tests without a mutation would judge.
fn take(made: &Path, build: &Path) -> Result<(), Error> {
    for (folder, how) in [("deps", "-al"), ("build", "-a"), (".fingerprint", "-a")] {
        if made.join(folder).exists() {
            Command::new("cp").arg(how).arg(made.join(folder)).arg(build).status()?;
        }
    }
    for entry in fs::read_dir(build.join("deps")).into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "d") {
            let text = fs::read(&path)?;
            fs::remove_file(&path)?;
            fs::write(&path, text)?;
        }
    }
    Ok(())
}

impl Project {
    /// Below `out`; what an earlier build of the workspace made of others' crates is taken, not built again.
    pub(crate) fn new(out: &Path, late: bool) -> Result<Self, Error> {
        let build = out.join("build/debug");
        if !build.exists() {
            fs::create_dir_all(&build)?;
            take(Path::new("target/debug"), &build)?;
        }
        // The contract's tests look for the AWS emulator beside the binaries.
        let venv = out.join("build/venv");
        if late && !venv.exists() {
            std::os::unix::fs::symlink(Path::new("target/venv").canonicalize()?, venv)?;
        }
        let mut unfit = Unfit::default();
        for line in fs::read_to_string(out.join("unfit")).unwrap_or_default().lines() {
            match line.strip_prefix("const ") {
                Some(name) => unfit.constant.insert(name.to_owned()),
                None => unfit.mutants.insert(line.to_owned()),
            };
        }
        Ok(Self { out: out.canonicalize()?, late, unfit, files: BTreeMap::new() })
    }

    /// Weaves and builds until everything compiles: each mutation that does not fit its types is left out.
    pub(crate) fn build(&mut self) -> Result<Vec<Judge>, Error> {
        for round in 1..=ROUNDS {
            self.weave()?;
            let messages = self.compile()?;
            let errors: Vec<&Value> =
                messages.iter().filter(|it| word(it, "/message/level") == "error").collect();
            if errors.is_empty() {
                self.keep_unfit()?;
                self.build_programs()?;
                let judges = messages.iter().filter_map(judge);
                return Ok(judges.filter(|judge| self.late || !judge.is_late).collect());
            }
            let before = self.unfit.mutants.len() + self.unfit.constant.len();
            let unexplained: Vec<&Value> = errors
                .into_iter()
                .filter(|it| !it.get("message").is_some_and(|it| self.leave_out(it)))
                .collect();
            let now = self.unfit.mutants.len() + self.unfit.constant.len();
            say(&format!("round {round}: {} do not compile and are left out", self.unfit.mutants.len()));
            if now == before {
                let texts: Vec<&str> =
                    unexplained.iter().map(|it| word(it, "/message/rendered")).take(5).collect();
                return Err(Error::Unexplained(texts.join("\n")));
            }
        }
        Err(Error::Unexplained(format!("still not built after {ROUNDS} rounds")))
    }

    /// The next run need not find out again what does not compile.
    fn keep_unfit(&self) -> Result<(), Error> {
        let constant = self.unfit.constant.iter().map(|name| format!("const {name}"));
        let lines: Vec<String> = constant.chain(self.unfit.mutants.iter().cloned()).collect();
        Ok(fs::write(self.out.join("unfit"), lines.join("\n"))?)
    }

    /// The mutations that compile.
    pub(crate) fn viable(&self) -> impl Iterator<Item = &Mutant> {
        self.files.values().flatten().filter(|it| !it.woven.is_empty())
    }

    /// How many there are, and how many of them do not compile.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let all: usize = self.files.values().map(Vec::len).sum();
        (all, all - self.viable().count())
    }

    /// Copies the project; every source file that ships with its mutations.
    fn weave(&mut self) -> Result<(), Error> {
        let listed =
            Command::new("git").args(["ls-files", "-co", "--exclude-standard", "-z"]).output()?.stdout;
        let on = self.out.join("on");
        let mut first = 1;
        for path in String::from_utf8_lossy(&listed).split('\0').filter(|it| Path::new(it).is_file()) {
            let mut content = fs::read(path)?;
            if path.starts_with(SHIPPED)
                && path.contains("/src/")
                && Path::new(path).extension().is_some_and(|it| it == "rs")
                && !path.contains("tests")
            {
                let source = String::from_utf8_lossy(&content).into_owned();
                let file =
                    syn::parse_file(&source).map_err(|it| Error::Source(path.to_owned(), it.to_string()))?;
                let mut weaver = Weaver::new(path, &source, &self.unfit, first);
                weaver.visit_file(&file);
                let (mut woven, mutants) = weaver.finish();
                // Each file begins at a round number, so that one that changes does not change those behind it.
                first = (first + u32::try_from(mutants.len()).unwrap_or_default()).next_multiple_of(ROUND);
                if path.ends_with("src/lib.rs") || path.ends_with("src/main.rs") {
                    woven.push_str(&SWITCH.replace("PATH", &on.to_string_lossy()));
                }
                self.files.insert(path.to_owned(), mutants);
                content = woven.into_bytes();
            }
            let copy = self.out.join("tree").join(path);
            if fs::read(&copy).ok().as_ref() != Some(&content) {
                fs::create_dir_all(copy.parent().unwrap_or(&copy))?;
                fs::write(&copy, content)?;
            }
        }
        Ok(())
    }

    /// cargo in the copy, for the programs that ship.
    fn cargo(&self, what: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.args(what).args(["--locked", "--workspace"]);
        for name in BINARIES {
            cargo.args(["--bin", name]);
        }
        cargo.current_dir(self.out.join("tree")).env("CARGO_TARGET_DIR", self.out.join("build"));
        cargo
    }

    /// What processes are started from.
    fn build_programs(&self) -> Result<(), Error> {
        if !self.late {
            return Ok(());
        }
        let built = self.cargo(&["build", "--quiet"]).stderr(Stdio::null()).status()?;
        if built.success() { Ok(()) } else { Err(Error::Cargo) }
    }

    fn compile(&self) -> Result<Vec<Value>, Error> {
        let mut cargo = self.cargo(&["test", "--no-run", "--message-format=json", "--lib"]);
        let late: &[&str] = if self.late { &LATE_JUDGES } else { &[] };
        for name in JUDGES.iter().chain(&MORE_JUDGES).chain(late) {
            cargo.args(["--test", name]);
        }
        let output = cargo.stderr(Stdio::inherit()).output()?;
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let messages: Vec<Value> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let failed = messages.iter().any(|it| word(it, "/message/level") == "error");
        if output.status.success() || failed { Ok(messages) } else { Err(Error::Cargo) }
    }

    /// Leaves out what the compiler's `message` is about. False where it leads to nothing that was woven.
    fn leave_out(&mut self, message: &Value) -> bool {
        let text = word(message, "/message");
        if word(message, "/code/code") == "E0015" || text.contains("in constant") {
            let name = text.split('`').nth(1).unwrap_or_default();
            let name = name.rsplit("::").next().unwrap_or_default();
            let name = name.split(['(', '<']).next().unwrap_or_default();
            if !name.is_empty() && self.unfit.constant.insert(name.to_owned()) {
                return true;
            }
        }
        // Where something was moved or stays unset, the place that did it is a second one in the message.
        let spans = message.get("spans").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let moved =
            |span: &&Value| ["moved here", "borrow"].iter().any(|it| word(span, "/label").contains(it));
        let places = spans
            .iter()
            .filter(moved)
            .chain(spans.iter().filter(|it| it.get("is_primary") == Some(&Value::Bool(true))))
            .chain(spans);
        let found = { places }.find_map(|span| self.woven_at(span));
        found.is_some_and(|name| self.unfit.mutants.insert(name))
    }

    /// The innermost mutation around a place of the woven text.
    fn woven_at(&self, span: &Value) -> Option<String> {
        // What a macro of the standard library made of it is not where it stands.
        let mut outer = span;
        while let Some(call) = outer.pointer("/expansion/span").filter(|it| it.is_object())
            && self.mutants_of(outer).is_none()
        {
            outer = call;
        }
        let (start, end) = (at(outer, "byte_start")?, at(outer, "byte_end")?);
        let around = self.mutants_of(outer)?.iter().filter(|it| {
            it.woven.start <= start
                && end <= it.woven.end
                && !it.woven.is_empty()
                && !self.unfit.mutants.contains(&it.name)
        });
        around.min_by_key(|it| it.woven.len()).map(|it| it.name.clone())
    }

    fn mutants_of(&self, span: &Value) -> Option<&Vec<Mutant>> {
        self.files.get(word(span, "/file_name"))
    }
}

/// The text at this place of a message; nothing where there is none.
fn word<'a>(message: &'a Value, place: &str) -> &'a str {
    message.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

fn at(span: &Value, key: &str) -> Option<usize> {
    usize::try_from(span.get(key)?.as_u64()?).ok()
}

/// The test binary that a message of cargo's tells of.
fn judge(message: &Value) -> Option<Judge> {
    let is_test = message.pointer("/profile/test") == Some(&Value::Bool(true));
    let binary = message.get("executable")?.as_str().filter(|_| is_test)?;
    let folder = Path::new(message.get("manifest_path")?.as_str()?).parent()?;
    let target = word(message, "/target/name");
    let place = folder.to_string_lossy();
    let among = |places: &[&str]| {
        places.iter().find_map(|it| place.find(it).map(|from| place.split_at(from + 1).1.to_owned()))
    };
    let late = among(&LATE);
    let is_late = late.is_some();
    let package =
        late.or_else(|| among(&["/functions/", "/tests/fakes", "/tests/sim", "/tests/scenarios"]))?;
    Some(Judge {
        name: format!("{package}:{target}"),
        binary: binary.into(),
        folder: folder.into(),
        only: None,
        is_late,
    })
}

/// A line for whoever waits.
#[expect(clippy::print_stderr, reason = "a command line's words")]
pub(crate) fn say(line: &str) {
    eprintln!("mutants: {line}");
}
