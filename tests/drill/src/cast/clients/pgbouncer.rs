//! `PgBouncer` in front of an unchanged application.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::process::{self, Process};
use super::roster::Bouncing;
use super::setting::Setting;
use crate::stage::error::DrillError;
use crate::stage::port_53::NAMESERVER;

/// A running `PgBouncer` with its helper, where it has one; dropping it kills both.
#[derive(Debug)]
pub(crate) struct PgBouncer {
    pub(crate) port: u16,
    /// Such as `PgBouncer 1.18.0`.
    pub(crate) version: String,
    _helper: Option<Process>,
    _process: Process,
}

impl PgBouncer {
    /// Starts it in a folder of its own.
    pub(crate) async fn start(setting: &Setting<'_>, by: Bouncing, log: &Path) -> Result<Self, DrillError> {
        let port = drill_postgres::free_port(&[IpAddr::V4(Ipv4Addr::LOCALHOST)])?;
        let folder = setting.run.join(format!("pgbouncer-{port}"));
        let program = place(setting, &folder)?;
        let ini = configure(setting, by, &folder, port).await?;
        let version = version(setting, &program).await?;
        let process = Process::start(command(setting, &program, &ini), log, None)?;
        let pid_file = folder.join("pgbouncer.pid");
        write(&pid_file, &process.pid().unwrap_or_default().to_string())?;
        let helper = if by == Bouncing::Parameter {
            let mut follows = helper(setting, &folder)?;
            follows.arg("--pid-file").arg(&pid_file);
            Some(Process::start(follows, log, None)?)
        } else {
            None
        };
        Ok(Self { port, version, _helper: helper, _process: process })
    }
}

/// Writes its configuration, by way of the helper where that leads it; answers where it is.
async fn configure(
    setting: &Setting<'_>,
    by: Bouncing,
    folder: &Path,
    port: u16,
) -> Result<PathBuf, DrillError> {
    let (text, ini) = (configuration(setting, by, folder, port), folder.join("pgbouncer.ini"));
    let who = &setting.access.application;
    write(&folder.join("resolv.conf"), &format!("nameserver {NAMESERVER}\n"))?;
    write(&folder.join("users.txt"), &format!("\"{}\" \"{}\"\n", who.user, who.password.expose()))?;
    if by == Bouncing::Parameter {
        write(&folder.join("pgbouncer.ini.in"), &text)?;
        let written = helper(setting, folder)?.arg("--once").status().await;
        let written = written.map_err(DrillError::io("write PgBouncer's first configuration"))?;
        if !written.success() {
            return Err(DrillError::Unproven("PgBouncer's helper wrote no configuration".to_owned()));
        }
    } else {
        write(&ini, &text.replace("{writer}", setting.record))?;
    }
    Ok(ini)
}

/// What keeps it on the parameter.
fn helper(setting: &Setting<'_>, folder: &Path) -> Result<Command, DrillError> {
    let mut command = process::command(setting.python()?);
    command.arg(&setting.kit.helper).args(["--parameter", setting.parameter]);
    command.arg("--template").arg(folder.join("pgbouncer.ini.in"));
    command.arg("--out").arg(folder.join("pgbouncer.ini"));
    setting.aws(&mut command);
    Ok(command)
}

/// The program where the account that runs it can reach it: one that was unpacked may lie in a home.
fn place(setting: &Setting<'_>, folder: &Path) -> Result<PathBuf, DrillError> {
    let failed = |path: &Path| DrillError::io(format!("copy PgBouncer from {}", path.display()));
    std::fs::create_dir(folder).map_err(DrillError::io(format!("create {}", folder.display())))?;
    let program = setting.pgbouncer()?;
    if !setting.kit.is_unpacked(&program) {
        return Ok(program);
    }
    let from = program.parent().unwrap_or(&program);
    for entry in std::fs::read_dir(from).map_err(failed(from))? {
        let path = entry.map_err(failed(from))?.path();
        let name = path.file_name().unwrap_or_default();
        std::fs::copy(&path, folder.join(name)).map_err(failed(&path))?;
    }
    Ok(folder.join("pgbouncer"))
}

/// What is said in docs/clients.md, and what a drill needs besides.
fn configuration(setting: &Setting<'_>, by: Bouncing, folder: &Path, port: u16) -> String {
    let follows = match by {
        Bouncing::Record => "dns_max_ttl = 1\nserver_lifetime = 10\nserver_login_retry = 1\n",
        Bouncing::Parameter => "server_login_retry = 1\n",
        Bouncing::AsItComes => "",
    };
    let tls = setting.ca.map_or_else(String::new, |ca| {
        let mode = if by == Bouncing::Parameter { "verify-full" } else { "verify-ca" };
        format!("server_tls_sslmode = {mode}\nserver_tls_ca_file = {}\n", ca.display())
    });
    let (database, servers) = (&setting.access.database, setting.port);
    let in_folder = |name: &str| folder.join(name).display().to_string();
    format!(
        "[databases]\n{database} = host={{writer}} port={servers} dbname={database}\n\n[pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\npool_mode = transaction\n\
         auth_type = scram-sha-256\nauth_file = {}\nresolv_conf = {}\n{tls}{follows}",
        in_folder("users.txt"),
        in_folder("resolv.conf"),
    )
}

fn command(setting: &Setting<'_>, program: &Path, argument: &Path) -> Command {
    let mut command = setting.binaries.as_the_servers(program);
    command.arg(argument);
    if let Some(folder) = program.parent().filter(|folder| folder.starts_with(setting.run)) {
        command.env("LD_LIBRARY_PATH", folder);
    }
    command.into()
}

/// The first line of what it says of itself.
async fn version(setting: &Setting<'_>, program: &Path) -> Result<String, DrillError> {
    let said = command(setting, program, Path::new("--version")).output().await;
    let said = said.map_err(DrillError::io("ask PgBouncer for its version"))?;
    let first = String::from_utf8_lossy(&said.stdout).lines().next().unwrap_or("PgBouncer").to_owned();
    Ok(first)
}

fn write(path: &Path, text: &str) -> Result<(), DrillError> {
    std::fs::write(path, text).map_err(DrillError::io(format!("write {}", path.display())))
}
