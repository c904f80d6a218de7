//! Waiting for something that nothing tells us about.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Asks again every `step` until there is an answer; `None` when `limit` has passed without one.
///
/// It takes a plain closure that makes a future, not an async one: the compiler cannot show yet that the future of
/// an async closure is `Send`, and the emulated AWS needs that.
pub(crate) async fn poll<T, F>(limit: Duration, step: Duration, mut ask: impl FnMut() -> F) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        if Instant::now() >= deadline {
            return None;
        }
        sleep(step).await;
    }
}
