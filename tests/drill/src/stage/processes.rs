//! The functions' processes, as `/proc` shows them: which there are, and what each takes.

use std::collections::BTreeSet;
use std::fs;

use drill_cloud::Region;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::error::DrillError;
use super::job::Job;

/// A process of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) job: Job,
    pub(crate) region: Region,
}

/// What a process takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Its own memory, without what it maps of files, in kB.
    pub(crate) memory_kb: u64,
    /// Open file descriptors.
    pub(crate) files: u64,
    /// TCP connections, half-closed ones too: to AWS, and one or two to its Runtime API.
    pub(crate) connections: u64,
}

/// The processes of the functions of the emulated AWS with that endpoint, the eldest first as long as numbers grow.
pub(crate) fn of_functions(endpoint: &str) -> Vec<Process> {
    let job = |name: &str| match name {
        "follow" => Some(Job::Follow),
        "failover" => Some(Job::Failover),
        _ => None,
    };
    let found = all(endpoint).into_iter();
    let found = found.filter_map(|(pid, name, region)| {
        Some(Process { pid, job: job(&name)?, region: Region::from_id(&region)? })
    });
    found.collect()
}

/// The same of the probes in the Region of that name.
pub(crate) fn of_probes(endpoint: &str, place: &str) -> Vec<i32> {
    let found = all(endpoint).into_iter();
    found.filter(|(_, name, region)| name == "probe" && region == place).map(|(pid, ..)| pid).collect()
}

/// Each process's number, the last word of its function's name, and its Region, by the environment that Lambda gave it.
fn all(endpoint: &str) -> Vec<(i32, String, String)> {
    let pids = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let pids = pids.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    let mut found: Vec<_> = pids.filter_map(|pid| function(pid, endpoint)).collect();
    found.sort_unstable();
    found
}

fn function(pid: i32, endpoint: &str) -> Option<(i32, String, String)> {
    let environment = fs::read_to_string(format!("/proc/{pid}/environ")).ok()?;
    let value = |name: &str| {
        environment.split('\0').find_map(|line| line.strip_prefix(name).and_then(|it| it.strip_prefix('=')))
    };
    value("AWS_ENDPOINT_URL").filter(|it| *it == endpoint)?;
    let name = value("AWS_LAMBDA_FUNCTION_NAME")?.rsplit('-').next()?.to_owned();
    Some((pid, name, value("AWS_REGION")?.to_owned()))
}

/// Kills it as kill -9 does; one that has gone already needs no kill.
pub(crate) fn kill_9(pid: i32) -> Result<bool, DrillError> {
    match kill(Pid::from_raw(pid), Signal::SIGKILL) {
        Ok(()) => Ok(true),
        Err(nix::errno::Errno::ESRCH) => Ok(false),
        Err(error) => Err(DrillError::io(format!("kill process {pid}"))(error.into())),
    }
}

/// What the process takes now; none when it is gone.
pub(crate) fn usage(pid: i32) -> Option<Usage> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let memory = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let links: Vec<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .ok()?
        .filter_map(|entry| Some(fs::read_link(entry.ok()?.path()).ok()?.to_string_lossy().into_owned()))
        .collect();
    let connected: BTreeSet<String> = connections().map(|it| format!("socket:[{}]", it.inode)).collect();
    let count = |of: usize| u64::try_from(of).unwrap_or(u64::MAX);
    Some(Usage {
        memory_kb: memory.trim().trim_end_matches("kB").trim().parse().ok()?,
        files: count(links.len()),
        connections: count(links.iter().filter(|link| connected.contains(*link)).count()),
    })
}

/// How many connections are open at the server that listens on that port of this machine.
pub(crate) fn accepted_at(port: u16) -> usize {
    connections().filter(|it| it.local_port == port).count()
}

struct Connection {
    local_port: u16,
    inode: String,
}

/// A socket that listens.
const LISTENS: &str = "0A";

/// The TCP connections of this machine, without those whose owner has let go of them.
fn connections() -> impl Iterator<Item = Connection> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let lines: Vec<Connection> = table.lines().skip(1).filter_map(connection).collect();
    lines.into_iter()
}

/// Reads `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`.
fn connection(line: &str) -> Option<Connection> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (_, port) = fields.get(1)?.split_once(':')?;
    let (state, inode) = (*fields.get(3)?, (*fields.get(9)?).to_owned());
    let local_port = u16::from_str_radix(port, 16).ok()?;
    (state != LISTENS && inode != "0").then_some(Connection { local_port, inode })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_is_kept_is_counted() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let pid = i32::try_from(std::process::id()).unwrap();
        assert_eq!(accepted_at(port), 0, "one that listens is no connection");
        let before = usage(pid).unwrap();
        let kept: Vec<_> =
            (0..20).map(|_| (std::net::TcpStream::connect(("127.0.0.1", port)), listener.accept())).collect();
        assert!(kept.iter().all(|(ours, theirs)| ours.is_ok() && theirs.is_ok()));
        // The kernel's table is read in pieces and changes meanwhile; other tests of this process open and close some.
        let counts = |_| {
            let after = usage(pid).unwrap();
            let grown = after.connections >= before.connections + 35 && after.files >= before.files + 35;
            let is_whole = grown && accepted_at(port) == 20;
            if !is_whole {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            is_whole
        };
        assert!((0..50).any(counts), "{before:?} {:?}", usage(pid));
        assert!(before.memory_kb > 0);
    }

    #[test]
    fn only_functions_of_this_aws_are_found() {
        let mut child = std::process::Command::new("sleep");
        child.arg("30").env_clear().env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        child
            .env("AWS_LAMBDA_FUNCTION_NAME", "failover-responder-follow")
            .env("AWS_REGION", "ap-northeast-3");
        let mut child = child.spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let of = |endpoint: &str| {
            of_functions(endpoint).into_iter().filter(|it| it.pid == pid).collect::<Vec<_>>()
        };
        let found = of("http://127.0.0.1:1");
        assert_eq!(found, [Process { pid, job: Job::Follow, region: Region::Osaka }]);
        assert_eq!(of("http://127.0.0.1:2"), []);
        assert!(kill_9(pid).unwrap());
        assert!(!child.wait().unwrap().success());
        assert!(!kill_9(pid).unwrap() && usage(pid).is_none());
    }
}
