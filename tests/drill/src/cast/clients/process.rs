//! A client's process, and what it said so far.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::attempt::{Attempt, Clock, Said, read};
use crate::stage::error::DrillError;
use crate::stage::lock::lock;

/// What a client said, in all its lives.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) version: Option<String>,
    pub(crate) notes: Vec<String>,
    /// When a process of it ended, by itself or killed.
    pub(crate) ended: Vec<Instant>,
}

/// A process with a name for its log; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts it. What it says on its standard output goes to `heard`, the rest to `log`.
    pub(crate) fn start(
        mut command: Command,
        log: &Path,
        heard: Option<(Arc<Mutex<Heard>>, Clock)>,
    ) -> Result<Self, DrillError> {
        let file = std::fs::File::options().create(true).append(true).open(log);
        let file = file.map_err(DrillError::io(format!("open {}", log.display())))?;
        command.stdin(Stdio::null()).stderr(file).kill_on_drop(true);
        command.stdout(if heard.is_some() { Stdio::piped() } else { Stdio::null() });
        let started = command.spawn();
        let mut child = started.map_err(DrillError::io(format!("start what logs to {}", log.display())))?;
        if let (Some((heard, clock)), Some(stdout)) = (heard, child.stdout.take()) {
            tokio::spawn(async move {
                let mut lines = BufReader::new(stdout).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    keep(&heard, read(&line, clock));
                }
                lock(&heard).ended.push(Instant::now());
            });
        }
        Ok(Self { child })
    }

    /// The process's number.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills it, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<(), DrillError> {
        self.child.kill().await.map_err(DrillError::io("kill a client"))
    }
}

fn keep(heard: &Mutex<Heard>, said: Option<Said>) {
    match said {
        Some(Said::Attempt(attempt)) => lock(heard).attempts.push(attempt),
        Some(Said::Version(version)) => lock(heard).version = Some(version),
        Some(Said::Note(note)) => lock(heard).notes.push(note),
        None => {}
    }
}

/// A command that dies with us and sees nothing of our environment but where programs are.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program).env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}
