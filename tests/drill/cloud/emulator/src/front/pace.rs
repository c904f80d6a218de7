//! How long a round trip takes.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use tokio::{task::spawn_blocking, time::sleep};

use crate::lock::lock;

/// Each call is answered so long after it was asked and no sooner, with all that the service takes in it.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Duration>);

impl Pace {
    pub(super) fn set(&self, round_trip: Duration) {
        *lock(&self.0) = round_trip;
    }

    /// Holds an answer until the round trip is over that began at `asked`. tokio's timers round up to a millisecond and one
    /// more, which would be a thirtieth of it: a thread sleeps the last of it.
    pub(super) async fn hold(&self, asked: Instant) {
        const LAST: Duration = Duration::from_millis(2);
        let arrival = asked + *lock(&self.0);
        let left = move || arrival.saturating_duration_since(Instant::now());
        if left() > LAST {
            sleep(left().saturating_sub(LAST)).await;
        }
        if !left().is_zero() {
            // It cannot panic, and when the server ends there is nobody who waits.
            let _ = spawn_blocking(move || std::thread::sleep(left())).await;
        }
    }
}
