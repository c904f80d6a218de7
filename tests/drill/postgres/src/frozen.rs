//! A machine that does not answer: its processes are there and do nothing.

use std::{io, process::Stdio};

use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// Waits for the end of its input, which comes when we are gone, and then kills the processes it was given.
///
/// The terminal's interrupt reaches it too and must not end it before us.
const GUARD_SCRIPT: &str = r#"trap "" INT TERM HUP; read -r _; kill -KILL "$@""#;

/// Keeps frozen processes from outliving us.
///
/// A killed run takes its postmasters with it, and their children notice that; stopped children notice nothing.
#[derive(Debug)]
pub(crate) struct Guard {
    // Dropped, it is killed before it can act.
    _watcher: Child,
}

impl Guard {
    pub(crate) fn over(processes: &[Pid]) -> Result<Self, io::Error> {
        let watcher = Command::new("sh")
            .args(["-c", GUARD_SCRIPT, "guard"])
            .args(processes.iter().map(ToString::to_string))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { _watcher: watcher })
    }
}
