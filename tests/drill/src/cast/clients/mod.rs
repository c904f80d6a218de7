//! Other people's clients: real programs in other stacks that write numbered rows all the time.

pub(crate) mod attempt;
mod pgbouncer;
mod process;
pub(crate) mod roster;
mod setting;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use drill_cloud::Region;
use tokio::process::Command;

use self::attempt::{Attempt, Clock};
use self::pgbouncer::PgBouncer;
use self::process::{Heard, Process, command};
use self::roster::{ALL, Entry, Plays};
use self::setting::Setting;
use crate::stage::Stage;
use crate::stage::error::DrillError;
use crate::stage::lock::lock;
use crate::stage::port_53::Port53;

/// Where they write.
const TABLE: &str = "CREATE TABLE client_writes (client text, number bigint, PRIMARY KEY (client, number))";
/// How far the numbers of a client that was started again are from those before.
const APART: u64 = 1_000_000;

/// All of them; dropping them ends those that run.
#[derive(Debug)]
pub(crate) struct Clients {
    all: Vec<Client>,
    clock: Clock,
    _port_53: Option<Port53>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) entry: &'static Entry,
    heard: Arc<Mutex<Heard>>,
    playing: Result<Playing, String>,
}

#[derive(Debug)]
struct Playing {
    process: Process,
    /// How often it was started.
    lives: u64,
    _bouncer: Option<PgBouncer>,
}

impl Client {
    /// The software with its version, where it was played.
    pub(crate) fn stack(&self) -> String {
        lock(&self.heard).version.clone().unwrap_or_else(|| self.entry.stack.to_owned())
    }

    /// Why it is not played.
    pub(crate) fn not_tried(&self) -> Option<&str> {
        self.playing.as_ref().err().map(String::as_str)
    }

    /// All that it said so far of its writes.
    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        lock(&self.heard).attempts.clone()
    }

    /// When its processes ended.
    pub(crate) fn ended(&self) -> Vec<Instant> {
        lock(&self.heard).ended.clone()
    }

    /// What it said besides.
    pub(crate) fn notes(&self) -> Vec<String> {
        lock(&self.heard).notes.clone()
    }

    /// How many of its writes were acknowledged from that number on.
    fn acknowledged(&self, first: u64) -> usize {
        lock(&self.heard).attempts.iter().filter(|it| it.ok && it.number >= first).count()
    }
}

impl Clients {
    /// Makes their table and starts all that can be had here.
    pub(crate) async fn start(stage: &Stage) -> Result<Self, DrillError> {
        let server = stage.servers.get(stage.cloud.aurora.truth().writer().unwrap_or(Region::Seoul));
        let user = &stage.app_settings.access.application.user;
        server.execute_batch(&format!("{TABLE}; ALTER TABLE client_writes OWNER TO \"{user}\"")).await?;
        let logs = logs(stage)?;
        let setting = Setting::of(stage);
        let port_53 = Port53::open(stage.cloud.dns.address()).await;
        let (clock, mut all) = (Clock::now(), Vec::new());
        for entry in &ALL {
            let heard = Arc::new(Mutex::new(Heard::default()));
            let playing = match can_play(entry, &setting, port_53.is_ok()) {
                Ok(()) => Ok(play(entry, &setting, &logs, (Arc::clone(&heard), clock)).await?),
                Err(reason) => Err(reason),
            };
            all.push(Client { entry, heard, playing });
        }
        Ok(Self { all, clock, _port_53: port_53.ok() })
    }

    pub(crate) fn all(&self) -> &[Client] {
        &self.all
    }

    /// Those that run and have not had so many writes acknowledged since they were started, by their keys.
    pub(crate) fn still_without(&self, writes: usize) -> Vec<&'static str> {
        let without = self.all.iter().filter(|client| {
            client.playing.as_ref().is_ok_and(|it| client.acknowledged((it.lives - 1) * APART) < writes)
        });
        without.map(|client| client.entry.key).collect()
    }

    /// Starts those again that came as they come, as a person would who has no other cure.
    pub(crate) async fn restart_those_as_they_come(&mut self, stage: &Stage) -> Result<(), DrillError> {
        let (setting, logs) = (Setting::of(stage), logs(stage)?);
        for client in self.all.iter_mut().filter(|client| !client.entry.as_documented) {
            let Ok(playing) = &mut client.playing else { continue };
            playing.process.kill().await?;
            let heard = (Arc::clone(&client.heard), self.clock);
            let lives = playing.lives + 1;
            *playing = live(client.entry, &setting, &logs, heard, lives).await?;
        }
        Ok(())
    }

    /// Ends all.
    pub(crate) async fn end(&mut self) -> Result<(), DrillError> {
        for playing in self.all.iter_mut().filter_map(|client| client.playing.as_mut().ok()) {
            playing.process.kill().await?;
        }
        Ok(())
    }
}

/// A folder for their logs, beside the report.
fn logs(stage: &Stage) -> Result<PathBuf, DrillError> {
    let logs = stage.props.out.join("clients");
    std::fs::create_dir_all(&logs).map_err(DrillError::io(format!("create {}", logs.display())))?;
    Ok(logs)
}

fn can_play(entry: &Entry, setting: &Setting<'_>, has_port_53: bool) -> Result<(), String> {
    let python = setting.kit.python().map(drop);
    match entry.plays {
        Plays::Python(_) => python,
        Plays::Node(_) => setting.kit.node().map(drop),
        Plays::PgBouncer(_) if !has_port_53 => {
            Err("its resolver asks port 53 alone, where root alone may answer: play it as root".to_owned())
        }
        Plays::PgBouncer(_) => python.and(setting.kit.pgbouncer().map(drop)),
        Plays::Nothing(reason) => Err(reason.to_owned()),
    }
}

async fn play(
    entry: &'static Entry,
    setting: &Setting<'_>,
    logs: &Path,
    heard: (Arc<Mutex<Heard>>, Clock),
) -> Result<Playing, DrillError> {
    let log = logs.join(format!("{}.log", entry.key));
    if log.exists() {
        std::fs::remove_file(&log).map_err(DrillError::io(format!("remove {}", log.display())))?;
    }
    live(entry, setting, logs, heard, 1).await
}

/// Starts its program for the first or a further time.
async fn live(
    entry: &'static Entry,
    setting: &Setting<'_>,
    logs: &Path,
    heard: (Arc<Mutex<Heard>>, Clock),
    lives: u64,
) -> Result<Playing, DrillError> {
    let log = logs.join(format!("{}.log", entry.key));
    let bouncer = match entry.plays {
        Plays::PgBouncer(by) => Some(PgBouncer::start(setting, by, &log).await?),
        _ => None,
    };
    let mut command = program(entry, setting)?;
    setting.tell(&mut command);
    command.env("CLIENT", entry.key).env("FIRST", ((lives - 1) * APART + 1).to_string());
    if let Some(bouncer) = &bouncer {
        command.env("PGBOUNCER_PORT", bouncer.port.to_string()).env("PGBOUNCER_VERSION", &bouncer.version);
    }
    let process = Process::start(command, &log, Some(heard))?;
    Ok(Playing { process, lives, _bouncer: bouncer })
}

fn program(entry: &Entry, setting: &Setting<'_>) -> Result<Command, DrillError> {
    let programs = &setting.kit.programs;
    let with = |mut command: Command, arguments: &[&str]| {
        if let Some((file, rest)) = arguments.split_first() {
            command.arg(programs.join(file)).args(rest);
        }
        command
    };
    match entry.plays {
        Plays::Python(arguments) => Ok(with(command(setting.python()?), arguments)),
        Plays::PgBouncer(_) => Ok(with(command(setting.python()?), &["behind_pgbouncer.py"])),
        Plays::Node(arguments) => {
            let (node, packages) = setting.kit.node().map_err(DrillError::Unproven)?;
            let mut command = with(command(node), arguments);
            command.env("NODE_PATH", packages);
            Ok(command)
        }
        Plays::Nothing(reason) => Err(DrillError::Unproven(reason.to_owned())),
    }
}
