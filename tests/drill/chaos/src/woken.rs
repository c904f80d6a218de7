//! The functions, and who wakes them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use drill_cloud::Function;
use serde_json::Value;
use tokio::task::JoinSet;

/// One invocation.
#[derive(Debug, Clone)]
pub(crate) struct Invoked {
    /// Which function, and what woke it.
    pub(crate) what: String,
    pub(crate) ended: Option<Instant>,
    /// The answer, or the error document.
    pub(crate) payload: Value,
    /// Whether the invocation failed.
    pub(crate) failed: bool,
}

/// Wakes functions, and keeps what they answer; dropping it forgets those that are still at work.
#[derive(Default)]
pub(crate) struct Woken {
    log: Arc<Mutex<Vec<Invoked>>>,
    tasks: JoinSet<()>,
}

impl Woken {
    /// Invokes it and goes on.
    pub(crate) fn wake(&mut self, function: &Function, name: &str, why: &str, event: Value) {
        let what = format!("{name} in {}, woken by {why}", function.region().city());
        let (log, function) = (Arc::clone(&self.log), function.clone());
        let index = {
            let mut log = lock(&log);
            log.push(Invoked { what, ended: None, payload: Value::Null, failed: false });
            log.len() - 1
        };
        self.tasks.spawn(async move {
            let (payload, failed) = match function.invoke(&event).await {
                Ok(answer) => (answer.payload, answer.function_error.is_some()),
                Err(error) => (Value::String(error.to_string()), true),
            };
            if let Some(entry) = lock(&log).get_mut(index) {
                (entry.payload, entry.failed, entry.ended) = (payload, failed, Some(Instant::now()));
            }
        });
    }

    /// Waits until all have answered or failed.
    pub(crate) async fn all_done(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// All invocations so far.
    pub(crate) fn log(&self) -> Vec<Invoked> {
        lock(&self.log).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
