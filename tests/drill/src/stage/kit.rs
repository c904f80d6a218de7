//! What other people's clients are made of, as `make setup-clients` laid it down, and what of it is not here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where the programs and what they need are.
#[derive(Debug)]
pub(crate) struct Kit {
    /// What was installed.
    installed: PathBuf,
    /// The programs.
    pub(crate) programs: PathBuf,
    /// What keeps `PgBouncer` on the parameter.
    pub(crate) helper: PathBuf,
}

impl Kit {
    /// That which was installed in `installed`; the programs are those of the sources at `root`.
    pub(crate) fn of(installed: PathBuf, root: &Path) -> Self {
        let (programs, helper) = (root.join("tests/clients"), root.join("infra/pgbouncer/follow_writer.py"));
        Self { installed, programs, helper }
    }

    /// Python with the packages.
    pub(crate) fn python(&self) -> Result<PathBuf, String> {
        let python = self.installed.join("venv/bin/python");
        found(python).ok_or_else(|| "not installed here: make setup-clients".to_owned())
    }

    /// Node, and where its packages are.
    pub(crate) fn node(&self) -> Result<(PathBuf, PathBuf), String> {
        let packages = found(self.installed.join("node/node_modules/pg"));
        let packages = packages.as_deref().and_then(Path::parent).map(Path::to_owned);
        on_path("node").zip(packages).ok_or_else(|| {
            "no node here, install it with apt-get install nodejs npm, then make setup-clients".to_owned()
        })
    }

    /// `PgBouncer`: the system's, or the one that was unpacked, whose libraries lie beside it.
    pub(crate) fn pgbouncer(&self) -> Result<PathBuf, String> {
        let unpacked = || found(self.installed.join("pgbouncer/pgbouncer"));
        let system = on_path("pgbouncer").or_else(|| found(PathBuf::from("/usr/sbin/pgbouncer")));
        system.or_else(unpacked).ok_or_else(|| {
            "no PgBouncer here, install it with apt-get install pgbouncer, or unpack it with make setup-clients"
                .to_owned()
        })
    }

    /// Whether that `PgBouncer` is the one that was unpacked.
    pub(crate) fn is_unpacked(&self, program: &Path) -> bool {
        program.starts_with(&self.installed)
    }
}

fn found(path: PathBuf) -> Option<PathBuf> {
    path.exists().then_some(path)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find_map(|folder| found(folder.join(program)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_installed_says_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let kit = Kit::of(folder.path().to_owned(), Path::new("/"));
        assert_eq!(kit.python().unwrap_err(), "not installed here: make setup-clients");
        assert!(kit.node().unwrap_err().contains("apt-get install nodejs npm"));
        std::fs::create_dir_all(folder.path().join("venv/bin")).unwrap();
        std::fs::write(folder.path().join("venv/bin/python"), "").unwrap();
        assert_eq!(kit.python().unwrap(), folder.path().join("venv/bin/python"));
        assert!(kit.is_unpacked(&folder.path().join("pgbouncer/pgbouncer")));
    }
}
