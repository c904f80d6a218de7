//! One server: made, started, stopped, killed, frozen.

use std::{
    fs::File,
    process::Stdio,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nix::{sys::signal::Signal, unistd::Pid};
use tokio::process::{Child, Command};

use crate::{command, files, processes};

use crate::access::Credentials;
use crate::binaries::Binaries;

use crate::config::{ServerConfig, Upstream};

use crate::error::PostgresError;

use crate::frozen::Guard;

use crate::poll::poll;

use crate::quoting::{identifier, literal};

/// How long a server may take to start, recovery included, or to stop.
const LIFECYCLE_LIMIT: Duration = Duration::from_mins(1);

/// How often a state is looked at: the drill measures tens of milliseconds.
const STEP: Duration = Duration::from_millis(5);

/// A PostgreSQL server, its files and its processes.
///
/// Every method can be called at any time and from several tasks; `kill` and `freeze` never wait for another one.
/// Dropped, it is killed. Call the methods on a runtime's worker threads: the server dies with the thread that started it.
#[derive(Debug)]
pub struct Server {
    binaries: Binaries,
    config: ServerConfig,
    running: Mutex<Option<Running>>,
    pub(crate) upstream: Mutex<Option<Upstream>>,
    // Held by what starts or stops it in order, one at a time.
    pub(crate) lifecycle: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Running {
    postmaster: Child,
    pid: Pid,
    frozen: Option<Guard>,
}

impl Server {
    /// Makes a new, empty server with the roles and the database of its configuration, and starts it as a writer.
    pub async fn create_primary(binaries: &Binaries, config: ServerConfig) -> Result<Self, PostgresError> {
        let server = Self::prepare(binaries, config)?;
        server.initialize().await?;
        server.start().await?;
        server.make_roles().await?;
        Ok(server)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// What it was made from.
    pub fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// The last lines of its log.
    pub fn log_tail(&self) -> String {
        files::log_tail(&self.config.log_file())
    }

    /// How many lines of its log are about that user and say that.
    pub fn count_logged(&self, user: &str, text: &str) -> usize {
        let log = std::fs::read(self.config.log_file()).unwrap_or_default();
        let (log, user) = (String::from_utf8_lossy(&log), format!("] {user} "));
        log.lines().filter(|line| line.contains(&user) && line.contains(text)).count()
    }

    /// Starts it and waits until it answers; a standby when it was one before. After a kill it recovers first.
    pub async fn start(&self) -> Result<(), PostgresError> {
        let _one = self.lifecycle.lock().await;
        self.launch().await
    }

    /// Stops it cleanly: sessions are ended, and standbys that stream get the whole log before it goes.
    pub async fn stop_fast(&self) -> Result<(), PostgresError> {
        let _one = self.lifecycle.lock().await;
        let Some(pid) = self.pid() else {
            return Ok(());
        };
        self.send(pid, Signal::SIGINT)?;
        self.wait_exit("a clean stop").await
    }

    /// Kills all its processes at once, as when its machine loses power; also a frozen one. Returns when they are gone.
    pub async fn kill(&self) -> Result<(), PostgresError> {
        let Some(pid) = self.pid() else {
            return Ok(());
        };
        // A stopped postmaster forks no more, so that nobody is missed, and does not tidy up after the others.
        self.send(pid, Signal::SIGSTOP)?;
        let mut all = self.settle_stopped(vec![pid]).await?;
        all.extend(processes::descendants(pid));
        for pid in all.iter().rev() {
            self.send(*pid, Signal::SIGKILL)?;
        }
        self.wait_exit("a kill").await?;
        if processes::wait_gone(&all).await {
            return Ok(());
        }
        Err(self.timeout_error("a kill", LIFECYCLE_LIMIT))
    }

    /// Stops all its processes in their tracks: connections are accepted by the kernel and nothing answers.
    pub async fn freeze(&self) -> Result<(), PostgresError> {
        let pid = self.running_pid("freeze")?;
        self.send(pid, Signal::SIGSTOP)?;
        let mut all = self.settle_stopped(vec![pid]).await?;
        let children = processes::descendants(pid);
        for child in &children {
            self.send(*child, Signal::SIGSTOP)?;
        }
        let children = self.settle_stopped(children).await?;
        all.extend(children);
        let guard =
            Guard::over(&all).map_err(|source| PostgresError::Spawn { program: "sh".to_owned(), source })?;
        if let Some(running) = self.running().as_mut() {
            running.frozen = Some(guard);
        }
        Ok(())
    }

    /// Lets a frozen server go on where it was, with the sessions that still wait for it.
    pub fn thaw(&self) -> Result<(), PostgresError> {
        let pid = self.running_pid("thaw")?;
        for child in processes::descendants(pid) {
            self.send(child, Signal::SIGCONT)?;
        }
        self.send(pid, Signal::SIGCONT)?;
        if let Some(running) = self.running().as_mut() {
            running.frozen = None;
        }
        Ok(())
    }

    /// Whether its postmaster is there, answering or not.
    pub fn is_running(&self) -> bool {
        self.pid().is_some()
    }

    pub(crate) fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Writes the files that a server needs beside its data.
    pub(crate) fn prepare(binaries: &Binaries, config: ServerConfig) -> Result<Self, PostgresError> {
        config.write(binaries.account())?;
        Ok(Self {
            binaries: binaries.clone(),
            config,
            running: Mutex::new(None),
            upstream: Mutex::new(None),
            lifecycle: tokio::sync::Mutex::new(()),
        })
    }

    /// Starts it; the caller holds `lifecycle`.
    pub(crate) async fn launch(&self) -> Result<(), PostgresError> {
        if self.is_running() {
            return Err(PostgresError::AlreadyRunning { server: self.name().to_owned() });
        }
        let postmaster = self.spawn()?;
        let pid = postmaster.id().and_then(|id| i32::try_from(id).ok());
        *self.running() = pid.map(Pid::from_raw).map(|pid| Running { postmaster, pid, frozen: None });
        let answered = poll(LIFECYCLE_LIMIT, STEP, || async {
            match self.exited("the start") {
                Err(exited) => Some(Err(exited)),
                Ok(()) => self.is_up().await.then_some(Ok(())),
            }
        });
        answered.await.unwrap_or_else(|| Err(self.timeout_error("the start", LIFECYCLE_LIMIT)))
    }

    /// Makes it read its settings again.
    pub(crate) fn reload(&self) -> Result<(), PostgresError> {
        let pid = self.running_pid("reload")?;
        self.send(pid, Signal::SIGHUP)
    }

    pub(crate) fn timeout_error(&self, operation: &'static str, limit: Duration) -> PostgresError {
        PostgresError::Timeout { server: self.name().to_owned(), operation, limit, log_tail: self.log_tail() }
    }

    async fn initialize(&self) -> Result<(), PostgresError> {
        let superuser = &self.config.access.superuser;
        let password_file = self.config.directory.join("superuser.password");
        let account = self.binaries.account();
        files::write(account, &password_file, superuser.password.expose())?;
        let mut initdb = self.binaries.command("initdb");
        initdb
            .args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg(format!("--username={}", superuser.user))
            .arg(format!("--pwfile={}", password_file.display()))
            .arg(format!("--pgdata={}", self.config.data_directory().display()));
        let made = command::run(initdb, &self.binaries.program("initdb")).await;
        std::fs::remove_file(&password_file).map_err(PostgresError::file("remove", &password_file))?;
        made.map(drop)
    }

    async fn make_roles(&self) -> Result<(), PostgresError> {
        let access = &self.config.access;
        let role = |credentials: &Credentials, attributes: &str| {
            let name = identifier(&credentials.user);
            let password = literal(credentials.password.expose());
            format!("CREATE ROLE {name} LOGIN {attributes} PASSWORD {password};")
        };
        let roles = role(&access.replication, "REPLICATION") + &role(&access.application, "");
        let owner = identifier(&access.application.user);
        let database = format!("CREATE DATABASE {} OWNER {owner}", identifier(&access.database));
        let session = self.session("postgres").await?;
        session.execute("make the roles", &roles, LIFECYCLE_LIMIT).await?;
        // Not in one batch: a database cannot be made inside a transaction.
        session.execute("make the database", &database, LIFECYCLE_LIMIT).await
    }

    /// `postgres` is our own child, so that it dies with us; its children end when it does.
    fn spawn(&self) -> Result<Child, PostgresError> {
        let path = self.config.log_file();
        let log = File::options()
            .append(true)
            .create(true)
            .open(&path)
            .map_err(PostgresError::file("open", &path))?;
        let program = self.binaries.program("postgres");
        let mut command = self.binaries.command("postgres");
        command.arg("-D").arg(&self.config.directory);
        Command::from(command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| PostgresError::Spawn { program: program.display().to_string(), source })
    }

    async fn wait_exit(&self, operation: &'static str) -> Result<(), PostgresError> {
        poll(LIFECYCLE_LIMIT, STEP, || std::future::ready((!self.is_running()).then_some(())))
            .await
            .ok_or_else(|| self.timeout_error(operation, LIFECYCLE_LIMIT))
    }

    /// An error when it has ended.
    fn exited(&self, operation: &'static str) -> Result<(), PostgresError> {
        let mut running = self.running();
        let ended = running.as_mut().and_then(|running| running.postmaster.try_wait().ok().flatten());
        let Some(status) = ended else {
            return Ok(());
        };
        *running = None;
        Err(PostgresError::Exited {
            server: self.name().to_owned(),
            operation,
            status,
            log_tail: self.log_tail(),
        })
    }

    /// The postmaster's process, if it has not ended.
    fn pid(&self) -> Option<Pid> {
        let mut running = self.running();
        let ended =
            running.as_mut().is_some_and(|running| !matches!(running.postmaster.try_wait(), Ok(None)));
        if ended {
            *running = None;
        }
        running.as_ref().map(|running| running.pid)
    }

    fn running_pid(&self, operation: &'static str) -> Result<Pid, PostgresError> {
        self.pid().ok_or_else(|| PostgresError::NotRunning { server: self.name().to_owned(), operation })
    }

    async fn settle_stopped(&self, pids: Vec<Pid>) -> Result<Vec<Pid>, PostgresError> {
        if processes::wait_stopped(&pids).await {
            return Ok(pids);
        }
        Err(self.timeout_error("a freeze", LIFECYCLE_LIMIT))
    }

    fn send(&self, pid: Pid, signal: Signal) -> Result<(), PostgresError> {
        processes::send(pid, signal).map_err(|source| PostgresError::Signal {
            server: self.name().to_owned(),
            signal: signal.as_str(),
            pid: pid.as_raw(),
            source,
        })
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(pid) = self.pid() else {
            return;
        };
        for process in processes::descendants(pid).into_iter().chain([pid]) {
            processes::send_if_possible(process, Signal::SIGKILL);
        }
    }
}
