//! How this machine keeps time: where it lets everybody wait, what waits is no finding.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

const BEAT: Duration = Duration::from_millis(20);

/// Measures until it is dropped.
pub(crate) struct Pulse {
    slowest_us: Arc<AtomicU64>,
    _task: JoinSet<()>,
}

impl Pulse {
    pub(crate) fn start() -> Self {
        let slowest_us = Arc::new(AtomicU64::new(0));
        let (kept, mut task) = (Arc::clone(&slowest_us), JoinSet::new());
        task.spawn(async move {
            loop {
                let began = Instant::now();
                sleep(BEAT).await;
                let late = began.elapsed().saturating_sub(BEAT).as_micros();
                kept.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        });
        Self { slowest_us, _task: task }
    }

    /// The longest time for which a beat was late.
    pub(crate) fn slowest(&self) -> Duration {
        Duration::from_micros(self.slowest_us.load(Ordering::Relaxed))
    }
}
