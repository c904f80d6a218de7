//! The todo app of each Region, as a process of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use drill_cloud::{Pair, Region};
use drill_postgres::Access;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::error::DrillError;

/// Where the apps listen, each in its Region's own network.
pub(crate) const APP_ADDRESSES: Pair<IpAddr> =
    Pair { seoul: IpAddr::V4(Ipv4Addr::new(127, 0, 1, 10)), osaka: IpAddr::V4(Ipv4Addr::new(127, 0, 2, 10)) };
/// How long an app may take to listen.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// What every app is told.
#[derive(Debug, Clone)]
pub(crate) struct AppSettings {
    pub(crate) program: PathBuf,
    /// Where each app listens: two addresses that share a port, so that DNS alone chooses the Region.
    pub(crate) listen: Pair<SocketAddr>,
    /// Whom each app asks for names.
    pub(crate) nameserver: Pair<SocketAddr>,
    pub(crate) database_port: u16,
    pub(crate) access: Access,
    /// The certificate authority, where the servers have TLS.
    pub(crate) ca: Option<PathBuf>,
    pub(crate) aws_endpoint: String,
    /// The writer record's name.
    pub(crate) record: String,
    /// The writer parameter's name.
    pub(crate) parameter: String,
    pub(crate) log_directory: PathBuf,
}

/// Which of the two channels an app follows: Seoul's the record, Osaka's the parameter, so that both are proven.
pub(crate) const fn channel(region: Region) -> &'static str {
    match region {
        Region::Seoul => "record",
        Region::Osaka => "parameter",
    }
}

/// The Region whose app is at that address.
pub(crate) fn region_of(address: IpAddr) -> Option<Region> {
    Region::ALL.into_iter().find(|region| *APP_ADDRESSES.get(*region) == address)
}

/// A running app; dropping it kills it.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) url: String,
    child: Child,
}

impl App {
    /// Starts the app of `region` and waits until it listens.
    pub(crate) async fn start(region: Region, settings: &AppSettings) -> Result<Self, DrillError> {
        let log = settings.log_directory.join(format!("todo-{}.log", region.id()));
        let log = std::fs::File::create(&log).map_err(DrillError::io(format!("create {}", log.display())))?;
        let mut command = command(region, settings);
        command.stdout(Stdio::piped()).stderr(log).stdin(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(DrillError::io("start the todo app"))?;
        let problem = |problem: &str| DrillError::App { region: region.id(), problem: problem.to_owned() };
        let stdout = child.stdout.take().ok_or_else(|| problem("has no standard output"))?;
        let mut lines = BufReader::new(stdout).lines();
        let listening = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(url) = line.strip_prefix("listening on ") {
                    return Some(url.trim().to_owned());
                }
            }
            None
        };
        let url = timeout(START_TIMEOUT, listening).await.ok().flatten();
        let url = url.ok_or_else(|| problem("did not start; its log is beside the report"))?;
        // Whatever it prints from now on has to be read, or it would block.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { url, child })
    }

    /// Kills it, as kill -9 does.
    pub(crate) async fn kill(&mut self) -> Result<(), DrillError> {
        self.child.kill().await.map_err(DrillError::io("kill the todo app"))
    }

    /// Stops it where it is: it neither answers nor refuses anything, as in a Region that has gone dark.
    pub(crate) fn freeze(&self) -> Result<(), DrillError> {
        self.send(Signal::SIGSTOP)
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) -> Result<(), DrillError> {
        self.send(Signal::SIGCONT)
    }

    /// The process's id; none when it has ended.
    pub(crate) fn pid(&self) -> Option<i32> {
        self.child.id().and_then(|id| i32::try_from(id).ok())
    }

    fn send(&self, signal: Signal) -> Result<(), DrillError> {
        let sent = self.pid().ok_or(Errno::ESRCH).and_then(|id| kill(Pid::from_raw(id), signal));
        sent.map_err(|error| DrillError::io(format!("send the todo app {signal}"))(error.into()))
    }

    /// Whether the process that was started is still the one that runs: nothing restarted it.
    pub(crate) fn never_stopped(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

fn command(region: Region, settings: &AppSettings) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(&settings.program);
    let writer = match channel(region) {
        "record" => format!("record:{}", settings.record),
        _ => format!("parameter:{}", settings.parameter),
    };
    let listen = settings.listen.get(region).to_string();
    command.args(["--writer", &writer, "--listen", &listen, "--refresh-seconds", "1"]);
    command.args(["--nameserver", &settings.nameserver.get(region).to_string()]);
    command.args(["--port", &settings.database_port.to_string()]);
    command.args(["--database", &settings.access.database, "--user", &settings.access.application.user]);
    tls(&mut command, region, settings.ca.as_deref());
    command
        .env("TODO_DATABASE_PASSWORD", settings.access.application.password.expose())
        .env("AWS_REGION", region.id())
        .env("AWS_ENDPOINT_URL", &settings.aws_endpoint)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

fn tls(command: &mut Command, region: Region, ca: Option<&Path>) {
    match (ca, channel(region)) {
        (None, _) => command.args(["--tls", "off"]),
        (Some(_), "record") => command.args(["--tls", "require"]),
        (Some(ca), _) => command.args(["--tls", "verify-full", "--ca-file"]).arg(ca),
    };
}
