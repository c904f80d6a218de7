//! How long a round trip takes.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use tokio::{task::spawn_blocking, time::sleep};

use crate::{lock::lock, wire::call::Call};

/// How far a Region is, by the name that the request's signature has: one round trip.
pub type Distance = fn(&str) -> Duration;

/// Round trips that a new connection costs before its first request: one for TCP, one for TLS 1.3.
const HANDSHAKES: u32 = 2;

/// Each call is answered so long after it was asked and no sooner, with all that the service takes in it.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Trips>);

#[derive(Debug, Default, Clone, Copy)]
struct Trips {
    flat: Duration,
    far: Option<Distance>,
}

impl Pace {
    pub(super) fn set(&self, round_trip: Duration) {
        lock(&self.0).flat = round_trip;
    }

    /// From now on each Region has its own distance, and a new connection costs its handshakes.
    pub(super) fn set_distances(&self, far: Distance) {
        lock(&self.0).far = Some(far);
    }

    /// When a request comes in that was sent now, on a connection that was accepted then: on loopback the handshakes took
    /// nothing.
    pub(super) fn comes_in(&self, call: &Call, now: Instant, accepted: Instant) -> Instant {
        let far = lock(&self.0).far;
        far.map_or(now, |far| now.max(accepted + far(&call.signed_for) * HANDSHAKES))
    }

    /// Holds an answer until the round trip is over that began at `asked`. tokio's timers round up to a millisecond and one
    /// more, which would be a thirtieth of it: a thread sleeps the last of it.
    pub(super) async fn hold(&self, call: &Call, asked: Instant) {
        const LAST: Duration = Duration::from_millis(2);
        let trips = *lock(&self.0);
        let arrival = asked + trips.far.map_or(trips.flat, |far| far(&call.signed_for));
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
