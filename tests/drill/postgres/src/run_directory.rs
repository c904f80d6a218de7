//! The directory that holds all files of a run, and the removal of those whose run was killed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::{processes, shared_memory};

use crate::account::Account;

use crate::error::PostgresError;

/// Ours begin like this, and no one else's do.
const PREFIX: &str = "failover-drill-";

/// A run holds a lock on this file for as long as it lives; the kernel drops the lock with the process.
const LOCK_FILE: &str = "run.lock";

/// How often and how long a server's last processes are waited for.
const GONE_TRIES: u32 = 200;
const GONE_STEP: Duration = Duration::from_millis(10);

/// A temporary directory that the account which runs PostgreSQL can reach.
///
/// Dropped, it ends every server that still runs in it and removes everything.
#[derive(Debug)]
pub struct RunDirectory {
    directory: TempDir,
    _lock: File,
}

impl RunDirectory {
    /// Where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Removes the directories of runs that were killed, and any server that still runs in one. Best effort.
    pub fn remove_stale() {
        for directory in directories_of_runs() {
            // Without the lock's file it is being made or removed just now.
            let Ok(lock) = File::open(directory.join(LOCK_FILE)) else {
                continue;
            };
            if lock.try_lock().is_ok() {
                tracing::info!(directory = %directory.display(), "removing what a killed run left");
                end_servers(&directory);
                drop(fs::remove_dir_all(&directory));
            }
        }
    }

    pub(crate) fn of(account: Account) -> Result<Self, PostgresError> {
        let place = std::env::temp_dir();
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .rand_bytes(10)
            .tempdir_in(&place)
            .map_err(PostgresError::file("make a directory in", &place))?;
        let lock = lock(directory.path())?;
        account.own(directory.path())?;
        Ok(Self { directory, _lock: lock })
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        end_servers(self.directory.path());
    }
}

/// The file gets its name when it is locked: another run that looks for stale ones never sees it unlocked.
fn lock(directory: &Path) -> Result<File, PostgresError> {
    let (draft, path) = (directory.join("run.draft"), directory.join(LOCK_FILE));
    let file = File::create_new(&draft).map_err(PostgresError::file("create", &draft))?;
    file.lock().map_err(PostgresError::file("lock", &draft))?;
    fs::rename(&draft, &path).map_err(PostgresError::file("create", &path))?;
    Ok(file)
}

fn directories_of_runs() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path())
        .collect()
}

/// Kills the servers that run in a directory, waits until they are gone, and removes their shared memory.
fn end_servers(run: &Path) {
    let Some(name) = run.file_name().map(|name| name.to_string_lossy()) else {
        return;
    };
    for attempt in 0..GONE_TRIES {
        let left = processes::postgres_mentioning(&name);
        if !left.iter().copied().any(processes::is_alive) {
            break;
        }
        if attempt > 0 {
            thread::sleep(GONE_STEP);
        }
        for pid in left {
            processes::send_if_possible(pid, Signal::SIGKILL);
        }
    }
    for entry in fs::read_dir(run).into_iter().flatten().filter_map(Result::ok) {
        shared_memory::remove_leftover(&entry.path().join("data"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_directory_whose_run_is_gone_is_removed() {
        let alive = RunDirectory::of(Account::choose().unwrap()).unwrap();
        let killed = tempfile::Builder::new().prefix(PREFIX).tempdir().unwrap();
        let starting = tempfile::Builder::new().prefix(PREFIX).tempdir().unwrap();
        File::create(killed.path().join(LOCK_FILE)).unwrap();
        RunDirectory::remove_stale();
        assert!(alive.path().exists());
        assert!(!killed.path().exists());
        assert!(starting.path().exists());
    }
}
