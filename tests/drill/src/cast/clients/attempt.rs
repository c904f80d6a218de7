//! What a client says of each of its writes, a line of JSON each.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// The SQLSTATE of a write on a server that takes none.
const READ_ONLY: &str = "25006";

/// One numbered write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) number: u64,
    /// When it ended.
    pub(crate) at: Instant,
    /// Whether it was acknowledged.
    pub(crate) ok: bool,
    /// Whether the server said that it takes no writes.
    pub(crate) read_only: bool,
    /// The session of the database that was asked, where the client got so far.
    pub(crate) session: Option<String>,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Attempt(Attempt),
    /// The software's name and version.
    Version(String),
    /// Something for the reader of the report.
    Note(String),
}

/// Which of this process's own moments a moment of the system's clock is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    instant: Instant,
    since_epoch: Duration,
}

impl Clock {
    pub(crate) fn now() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { instant: Instant::now(), since_epoch }
    }

    fn moment(self, ms: u64) -> Instant {
        let at = Duration::from_millis(ms);
        match at.checked_sub(self.since_epoch) {
            Some(later) => self.instant + later,
            None => self.instant.checked_sub(self.since_epoch.saturating_sub(at)).unwrap_or(self.instant),
        }
    }
}

/// Reads one line; none where it says nothing of ours.
pub(crate) fn read(line: &str, clock: Clock) -> Option<Said> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| line.get(key).and_then(Value::as_str).map(str::to_owned);
    if let Some(version) = text("version") {
        return Some(Said::Version(version));
    }
    if let Some(note) = text("note") {
        return Some(Said::Note(note));
    }
    Some(Said::Attempt(Attempt {
        number: line.get("n")?.as_u64()?,
        at: clock.moment(line.get("at")?.as_u64()?),
        ok: line.get("ok")?.as_bool()?,
        read_only: text("sqlstate").as_deref() == Some(READ_ONLY),
        session: text("session"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_attempt_a_version_or_a_note() {
        let instant = Instant::now();
        let clock = Clock { instant, since_epoch: Duration::from_secs(10) };
        let line = r#"{"n": 7, "at": 12500, "ok": false, "sqlstate": "25006", "server": "127.0.1.1", "session": "127.0.1.1/9"}"#;
        let attempt = Attempt {
            number: 7,
            at: instant + Duration::from_millis(2_500),
            ok: false,
            read_only: true,
            session: Some("127.0.1.1/9".to_owned()),
        };
        assert_eq!(read(line, clock), Some(Said::Attempt(attempt)));
        let acknowledged = read(r#"{"n": 8, "at": 9000, "ok": true, "session": null}"#, clock);
        let Some(Said::Attempt(acknowledged)) = acknowledged else { panic!("an attempt") };
        assert_eq!(instant - acknowledged.at, Duration::from_secs(1));
        assert!(acknowledged.ok && !acknowledged.read_only && acknowledged.session.is_none());
        assert_eq!(read(r#"{"version": "x 1"}"#, clock), Some(Said::Version("x 1".to_owned())));
        assert_eq!(read(r#"{"note": "so"}"#, clock), Some(Said::Note("so".to_owned())));
        assert_eq!((read("nonsense", clock), read("{}", clock)), (None, None));
    }
}
