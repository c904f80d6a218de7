//! What is known of one connection: what the server said on it, whether an answer is still to come, and whether it may be
//! used again.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use crate::generation::{Generation, Reason};

/// The server's word for a session that is in no transaction.
const IDLE: u8 = b'I';

/// One connection's health.
#[derive(Debug)]
pub(crate) struct Health {
    pub(crate) generation: Arc<Generation>,
    /// Nothing counts before the connection was checked: a refused login says nothing of the others.
    live: AtomicBool,
    /// Something was sent since the server last said that it is ready.
    busy: AtomicBool,
    status: AtomicU8,
    spoiled: OnceLock<Reason>,
    /// The generation's suspicion when this connection was last checked.
    checked: AtomicU64,
}

/// Whether a connection may be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fitness {
    /// As it is.
    Fit,
    /// If it answers, and says that it takes writes.
    Doubtful,
    /// Never.
    Unfit(Reason),
}

impl Health {
    pub(crate) fn new(generation: Arc<Generation>) -> Self {
        let checked = AtomicU64::new(generation.suspicion());
        Self {
            generation,
            live: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            status: AtomicU8::new(IDLE),
            spoiled: OnceLock::new(),
            checked,
        }
    }

    pub(crate) fn fitness(&self) -> Fitness {
        if let Some(ended) = self.generation.ended() {
            return Fitness::Unfit(ended.reason);
        }
        if let Some(reason) = self.spoiled.get() {
            return Fitness::Unfit(*reason);
        }
        let clean = !self.is_busy() && self.is_idle();
        let trusted = self.checked.load(Ordering::Relaxed) == self.generation.suspicion();
        if clean && trusted { Fitness::Fit } else { Fitness::Doubtful }
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// Whether the session is in no transaction.
    pub(crate) fn is_idle(&self) -> bool {
        self.status.load(Ordering::Relaxed) == IDLE
    }

    /// Notes that the connection answered as a writer's, as of the suspicion `as_of`.
    pub(crate) fn passed(&self, as_of: u64) {
        self.checked.store(as_of, Ordering::Relaxed);
        self.live.store(true, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self) {
        self.busy.store(true, Ordering::Relaxed);
    }

    pub(crate) fn ready(&self, status: u8) {
        self.status.store(status, Ordering::Relaxed);
        self.busy.store(false, Ordering::Relaxed);
    }

    /// Notes an error that the server sent on this connection.
    pub(crate) fn said(&self, state: &str, fatal: bool) {
        match state {
            "25006" => self.spoil(Reason::ReadOnly),
            _ if fatal || state.starts_with("57P") || state.starts_with("08") => self.spoil(Reason::Broken),
            _ => {}
        }
    }

    /// Notes a setting that the server reports by itself when it changes (PostgreSQL 14 and newer).
    pub(crate) fn reported(&self, name: &str, value: &str) {
        let about = matches!(name, "in_hot_standby" | "default_transaction_read_only");
        if about && value == "on" {
            self.spoil(Reason::ReadOnly);
        }
    }

    /// Gives this connection up, and gives reason to doubt the others of its generation.
    pub(crate) fn spoil(&self, reason: Reason) {
        if self.live.load(Ordering::Relaxed) && self.spoiled.set(reason).is_ok() {
            self.generation.tally.spoiled.one();
            self.generation.suspect(reason);
        }
    }
}
