//! The System V shared memory segment that a killed PostgreSQL leaves behind.
//!
//! It is tiny and serves as a lock only; the next start on the same data directory would remove it, but there
//! will be none when the directory goes.

use std::{fs, path::Path, process::Command, thread, time::Duration};

/// The segment that a `postmaster.pid` tells of.
#[derive(Debug, PartialEq, Eq)]
struct Segment {
    postmaster: i64,
    key: i64,
    id: i64,
}

/// How often and how long the last processes are waited for: they let go of the segment while they end.
const TRIES: u32 = 200;
const STEP: Duration = Duration::from_millis(10);

/// Removes the segment of a data directory whose server was killed, if it is still that server's and nobody uses it. Blocks.
pub(crate) fn remove_leftover(data_directory: &Path) {
    let pid_file = fs::read_to_string(data_directory.join("postmaster.pid"));
    let Some(segment) = pid_file.ok().as_deref().and_then(recorded) else {
        return;
    };
    for _ in 0..TRIES {
        let table = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
        match table.lines().find_map(|line| users(line, &segment)) {
            None => return,
            Some(0) => return remove(&segment),
            Some(_) => thread::sleep(STEP),
        }
    }
    tracing::warn!(id = segment.id, "a shared memory segment is still used");
}

fn remove(segment: &Segment) {
    let id = segment.id.to_string();
    let removed = Command::new("ipcrm").arg("-m").arg(id).status();
    tracing::debug!(id = segment.id, ?removed, "removed a leftover shared memory segment");
}

/// Line 1 of the file is the postmaster's process, line 7 the segment's key and identifier.
fn recorded(pid_file: &str) -> Option<Segment> {
    let postmaster = pid_file.lines().next()?.trim().parse().ok()?;
    let mut fields = pid_file.lines().nth(6)?.split_ascii_whitespace();
    Some(Segment { postmaster, key: fields.next()?.parse().ok()?, id: fields.next()?.parse().ok()? })
}

/// How many processes use the segment, if this line of the kernel's table is about it.
///
/// Columns: key, shmid, perms, size, cpid, lpid, nattch, …. Identifiers are used again, so the maker must be the same too.
fn users(line: &str, segment: &Segment) -> Option<i64> {
    let columns: Vec<&str> = line.split_ascii_whitespace().collect();
    let number = |index: usize| columns.get(index).and_then(|text| text.parse::<i64>().ok());
    // The key is printed signed, and PostgreSQL writes it unsigned.
    let same_key = number(0)? & 0xffff_ffff == segment.key & 0xffff_ffff;
    let same = same_key && number(1)? == segment.id && number(4)? == segment.postmaster;
    same.then(|| number(6)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PID_FILE: &str =
        "4711\n/tmp/x/data\n1700000000\n5432\n\n127.0.1.1\n  4294967295        12\nready\n";

    #[test]
    fn only_the_servers_own_segment_is_recognized() {
        let segment = recorded(PID_FILE).unwrap();
        let line = |key: &str, maker: u32, attached: u32| {
            format!("{key} 12 600 56 {maker} {maker} {attached} 101 104 101 104 0 0 0 56 0")
        };
        assert_eq!(users(&line("-1", 4711, 0), &segment), Some(0));
        assert_eq!(users(&line("-1", 4711, 1), &segment), Some(1));
        assert_eq!(users(&line("-1", 4712, 0), &segment), None);
        assert_eq!(users(&line("7", 4711, 0), &segment), None);
        assert_eq!(recorded("4711\n"), None);
    }
}
