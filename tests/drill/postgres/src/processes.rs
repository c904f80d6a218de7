//! The processes of a server: the postmaster and all that it has forked.
//!
//! Each backend leads a session of its own, so no process group holds them: they are found in `/proc`.

use std::{fs, path::Path, time::Duration};

use nix::{
    errno::Errno,
    sys::signal::{self, Signal},
    unistd::Pid,
};

use crate::poll::poll;

/// How long the kernel gets to act on a signal.
const SETTLE_LIMIT: Duration = Duration::from_secs(5);
const SETTLE_STEP: Duration = Duration::from_millis(1);

/// What is needed of one line of the process table.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    pid: i32,
    name: String,
    state: char,
    parent: i32,
}

/// All processes below one, without itself.
pub(crate) fn descendants(root: Pid) -> Vec<Pid> {
    let table = table();
    let mut found = vec![root.as_raw()];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        let children = table.iter().filter(|process| process.parent == parent);
        found.extend(children.map(|process| process.pid));
    }
    found.into_iter().skip(1).map(Pid::from_raw).collect()
}

/// The PostgreSQL processes whose command line mentions a text. (A backend's tells its cluster's name.)
pub(crate) fn postgres_mentioning(text: &str) -> Vec<Pid> {
    let mentions = |pid: i32| {
        fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains(text))
    };
    table()
        .iter()
        .filter(|process| process.name == "postgres" && mentions(process.pid))
        .map(|process| Pid::from_raw(process.pid))
        .collect()
}

/// Sends a signal; a process that has gone already needs none.
pub(crate) fn send(pid: Pid, signal: Signal) -> Result<(), Errno> {
    match signal::kill(pid, signal) {
        Err(Errno::ESRCH) => Ok(()),
        sent => sent,
    }
}

/// Sends a signal where nobody is left to tell that it failed.
pub(crate) fn send_if_possible(pid: Pid, signal: Signal) {
    if let Err(error) = send(pid, signal) {
        tracing::warn!(%pid, %signal, %error, "could not signal a process");
    }
}

/// Waits until the processes are stopped or gone; false when they are not in time.
pub(crate) async fn wait_stopped(pids: &[Pid]) -> bool {
    wait(pids, |state| matches!(state, 'T' | 't')).await
}

/// Waits until the processes are gone; false when they are not in time.
pub(crate) async fn wait_gone(pids: &[Pid]) -> bool {
    wait(pids, |_| false).await
}

/// Whether a process runs or could run again: one that nobody has reaped yet does not count.
pub(crate) fn is_alive(pid: Pid) -> bool {
    state_of(pid).is_some_and(|state| !is_dead(state))
}

async fn wait(pids: &[Pid], reached: impl Fn(char) -> bool) -> bool {
    let settled = |pid: &Pid| state_of(*pid).is_none_or(|state| is_dead(state) || reached(state));
    poll(SETTLE_LIMIT, SETTLE_STEP, || std::future::ready(pids.iter().all(settled).then_some(())))
        .await
        .is_some()
}

/// A process that is dead but not reaped has let go of its memory and its sockets.
fn is_dead(state: char) -> bool {
    matches!(state, 'Z' | 'X' | 'x')
}

fn state_of(pid: Pid) -> Option<char> {
    read(Path::new("/proc").join(pid.to_string()).as_path()).map(|process| process.state)
}

fn table() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().parse::<i32>().is_ok())
        .filter_map(|entry| read(&entry.path()))
        .collect()
}

fn read(directory: &Path) -> Option<Process> {
    parse(&fs::read_to_string(directory.join("stat")).ok()?)
}

/// Reads `pid (name) state parent …`; the name may hold spaces and brackets.
fn parse(line: &str) -> Option<Process> {
    let (head, rest) = line.rsplit_once(')')?;
    let (pid, name) = head.split_once(" (")?;
    let mut fields = rest.split_ascii_whitespace();
    Some(Process {
        pid: pid.parse().ok()?,
        name: name.to_owned(),
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_an_awkward_name_is_read() {
        let read = parse("42 (tmux: (1) x) S 7 42 42 0").unwrap();
        assert_eq!((read.pid, read.state, read.parent), (42, 'S', 7));
        assert_eq!(read.name, "tmux: (1) x");
        assert_eq!(parse("nonsense"), None);
    }

    #[test]
    fn a_child_is_found_below_us() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
        assert!(descendants(Pid::this()).contains(&pid));
        assert!(is_alive(pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_alive(pid));
    }
}
