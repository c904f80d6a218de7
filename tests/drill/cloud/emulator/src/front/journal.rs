//! What was asked of the emulated AWS, and how it ended.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::sync::broadcast;

use crate::{
    lock::lock,
    wire::{call::Call, change::Change},
};

/// Room for subscribers that fall behind; a drill makes a few hundred requests a minute.
const BACKLOG: usize = 4_096;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The service answered, with any status, and the answer was passed on.
    Answered,
    /// The service answered, and the answer was withheld or broke off: the change may well be applied.
    AnswerLost,
    /// A fault answered with an error and nothing was applied.
    Failed,
    /// It was refused for its quota and nothing was applied.
    Throttled,
    /// A fault closed the connection and nothing was applied.
    Refused,
    /// It fell into a black hole before any service saw it.
    BlackHoled,
    /// The emulator could not be reached.
    Unavailable,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What was asked.
    pub call: Call,
    /// When it came in.
    pub received: Instant,
    /// When it ended: answered, refused, or swallowed.
    pub ended: Instant,
    /// When it ended, in ms since the front started.
    pub at_ms: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The service's HTTP status, also when the answer was lost; the front's own for `Failed` and `Throttled`.
    pub status: Option<u16>,
    /// What a change was about; `None` for reads and for services whose bodies are not looked at.
    pub change: Option<Change>,
}

impl Entry {
    /// Whether the service accepted a change, heard or not by whoever asked for it.
    pub fn applied(&self) -> bool {
        self.call.write && self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Every request since the front started.
#[derive(Debug)]
pub struct Journal {
    started: Instant,
    entries: Mutex<Vec<Arc<Entry>>>,
    sender: broadcast::Sender<Arc<Entry>>,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self { started: Instant::now(), entries: Mutex::default(), sender: broadcast::Sender::new(BACKLOG) }
    }

    /// When the front started: the zero of `at_ms`.
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// Every entry from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Entry>> {
        self.sender.subscribe()
    }

    /// Every entry so far, in the order in which they ended.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        lock(&self.entries).clone()
    }

    /// The entries from that place on, for whoever has read the earlier ones.
    pub fn entries_from(&self, place: usize) -> Vec<Arc<Entry>> {
        lock(&self.entries).iter().skip(place).cloned().collect()
    }

    /// The changes asked for since then, whatever came of them.
    pub fn writes_since(&self, since: Instant) -> Vec<Arc<Entry>> {
        let entries = lock(&self.entries);
        entries.iter().filter(|entry| entry.call.write && entry.received >= since).cloned().collect()
    }

    /// Drops the entries that ended before then: for whoever goes on for hours.
    pub fn forget(&self, before: Instant) {
        // They are in the order in which they ended.
        let mut entries = lock(&self.entries);
        let old = entries.partition_point(|entry| entry.ended < before);
        entries.drain(..old);
    }

    pub(super) fn record(&self, asked: Asked, outcome: Outcome, status: Option<u16>) {
        let ended = Instant::now();
        let entry = Arc::new(Entry {
            call: asked.call,
            received: asked.received,
            ended,
            at_ms: millis(ended.duration_since(self.started)),
            outcome,
            status,
            change: asked.change,
        });
        lock(&self.entries).push(Arc::clone(&entry));
        // Nobody listening is no error: the list above has it.
        let _ = self.sender.send(entry);
    }
}

/// A request of which the end is still open.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) call: Call,
    pub(super) received: Instant,
    pub(super) change: Option<Change>,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
