//! A run that is killed leaves no process behind, and the next one removes its files and its shared memory.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use drill_postgres::{Choice, RunDirectory};

use crate::{
    pair::{Pair, binaries},
    processes_mention,
};

/// Set for the run that is to be killed: it holds its servers until then.
const HOLD: &str = "DRILL_POSTGRES_TEST_HOLD";
const READY: &str = "ready: ";

/// Does nothing unless it is the run that the test below starts and kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_servers_until_it_is_killed() {
    if std::env::var_os(HOLD).is_none() {
        return;
    }
    let pair = Pair::create(binaries(Choice::Auto).unwrap(), false).await;
    pair.seoul.freeze().await.unwrap();
    println!("\n{READY}{}", pair.run.path().display());
    tokio::time::sleep(Duration::from_mins(1)).await;
}

#[test]
fn a_killed_run_leaves_nothing() {
    if binaries(Choice::Auto).is_none() {
        return;
    }
    let mut run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("killed_run::holds_servers_until_it_is_killed")
        .env(HOLD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(run.stdout.take().unwrap()).lines();
    let directory = lines.map_while(Result::ok).find_map(|line| line.strip_prefix(READY).map(PathBuf::from));
    let directory = directory.expect("the run never had its servers");
    let name = directory.file_name().unwrap().to_str().unwrap();
    let postmasters = ["seoul", "osaka"].map(|server| postmaster(&directory.join(server)));
    assert!(processes_mention(name));
    run.kill().unwrap();
    run.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while processes_mention(name) {
        assert!(Instant::now() < deadline, "servers outlive their run");
        std::thread::sleep(Duration::from_millis(20));
    }
    RunDirectory::remove_stale();
    assert!(!directory.exists());
    assert!(!postmasters.iter().any(|pid| has_shared_memory(pid)));
}

fn postmaster(server: &Path) -> String {
    let file = std::fs::read_to_string(server.join("data/postmaster.pid")).unwrap();
    file.lines().next().unwrap().to_owned()
}

/// Whether a System V segment is left that this process made.
fn has_shared_memory(pid: &str) -> bool {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
    table.lines().any(|line| line.split_ascii_whitespace().nth(4) == Some(pid))
}
