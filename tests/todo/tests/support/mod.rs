//! What the tests stand on: a nameserver that says what a test wants, a pair of real servers, and the app
//! as its own process.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub,
    reason = "test support, shared by several test programs; a failure here is a failed test"
)]

pub mod app;
pub mod dns;
pub mod pair;

use std::future::Future;
use std::time::{Duration, Instant};

/// Waits until `ready` says something, and fails the test after `limit`.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    limit: Duration,
    mut ready: impl FnMut() -> F,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = ready().await {
            return value;
        }
        assert!(started.elapsed() < limit, "after {limit:?} still not: {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
