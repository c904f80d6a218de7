//! The operating system's account that runs PostgreSQL, and the wrapping of every command of it.

use std::{ffi::OsStr, os::unix::fs::chown, path::Path, process::Command};

use nix::unistd::{Gid, Uid, User};

use crate::error::PostgresError;

/// Accounts that can stand in for root, the most fitting first.
const SUBSTITUTES: [&str; 2] = ["postgres", "nobody"];

/// Who runs PostgreSQL: ourselves, or another account when we are root, since PostgreSQL refuses root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    substitute: Option<(Uid, Gid)>,
}

impl Account {
    /// Ourselves; as root the user `postgres`, or else `nobody`.
    pub(crate) fn choose() -> Result<Self, PostgresError> {
        if !Uid::effective().is_root() {
            return Ok(Self { substitute: None });
        }
        SUBSTITUTES
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self { substitute: Some((user.uid, user.gid)) })
            .ok_or(PostgresError::NoAccount)
    }

    /// A command of this account that dies with the thread that started it: start it from a thread that
    /// lives as long as the run does (a runtime's worker), never from a blocking task.
    ///
    /// It sees nothing of our environment but `PATH`: a `PGHOST` or `PGOPTIONS` there would send it elsewhere.
    pub(crate) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("setpriv");
        if let Some((uid, gid)) = self.substitute {
            command.arg(format!("--reuid={uid}"));
            command.arg(format!("--regid={gid}"));
            command.arg("--clear-groups");
        }
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command.env_clear().env("LC_ALL", "C").env("TZ", "UTC");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        // The account may not be allowed into our working directory.
        command.current_dir("/");
        command
    }

    /// Gives a file or directory to this account.
    pub(crate) fn own(self, path: &Path) -> Result<(), PostgresError> {
        match self.substitute {
            None => Ok(()),
            Some((uid, gid)) => chown(path, Some(uid.as_raw()), Some(gid.as_raw()))
                .map_err(PostgresError::file("change the owner of", path)),
        }
    }
}
