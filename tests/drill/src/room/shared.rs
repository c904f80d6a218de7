//! What the page, the stage and whoever tends it share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::{RwLock, mpsc, watch};

use super::denied::Denied;
use super::guard::Guard;
use super::house::House;
use crate::stage::lock::lock;
use crate::stage::pace::Pace;
use crate::stage::props::Props;

/// Of how many commands what they said is kept.
const TYPED_KEPT: usize = 12;

/// What the page, the stage and whoever tends it share.
pub(crate) struct Room {
    pub(super) guard: Guard,
    pub(super) props: Arc<Props>,
    pub(super) pace: Pace,
    /// None while it is being set up.
    pub(super) house: RwLock<Option<House>>,
    /// Why it could not be set up the last time.
    pub(super) waits: Mutex<Result<(), String>>,
    pub(super) faults: Lane,
    pub(super) commands: Lane,
    pub(super) reports: Lane,
    /// What was typed and what it said, the last of all last.
    pub(super) typed: Mutex<VecDeque<Value>>,
    pub(super) saved: Mutex<Option<Value>>,
    pub(super) snapshot: watch::Sender<Arc<str>>,
    pub(super) strip: watch::Sender<Arc<str>>,
    pub(super) reset: mpsc::Sender<()>,
}

/// One thing at a time is done in it.
#[derive(Debug, Default)]
pub(super) struct Lane(Mutex<Option<String>>);

/// Holds a lane; whatever becomes of it, the lane is free afterwards.
pub(super) struct Held<'a>(&'a Lane);

impl Lane {
    /// Takes it for that.
    pub(super) fn take(&self, what: &str) -> Result<Held<'_>, Denied> {
        let mut held = lock(&self.0);
        if let Some(other) = held.as_ref() {
            return Err(Denied::conflict(format!("\"{other}\" is under way: wait for its end.")));
        }
        *held = Some(what.to_owned());
        Ok(Held(self))
    }

    /// What it is held for.
    pub(super) fn held(&self) -> Option<String> {
        lock(&self.0).clone()
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *lock(&self.0.0) = None;
    }
}

impl Room {
    /// Looks at the stage, without waiting for anything on it.
    pub(super) async fn with<T>(&self, look: impl FnOnce(&House) -> T) -> Result<T, Denied> {
        self.house.read().await.as_ref().map(look).ok_or_else(being_set_up)
    }

    /// Changes something of it, without waiting either.
    pub(super) async fn with_mut<T>(&self, change: impl FnOnce(&mut House) -> T) -> Result<T, Denied> {
        self.house.write().await.as_mut().map(change).ok_or_else(being_set_up)
    }

    /// Keeps what was typed, and what it said.
    pub(super) fn keep_typed(&self, typed: Value) {
        let mut all = lock(&self.typed);
        all.push_back(typed);
        let old = all.len().saturating_sub(TYPED_KEPT);
        all.drain(..old);
    }
}

/// There is no stage at the moment.
pub(super) fn being_set_up() -> Denied {
    Denied::new(503, "The stage is being set up: wait for it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_at_a_time_is_done_in_a_lane() {
        let lane = Lane::default();
        let held = lane.take("Kill database").ok();
        assert_eq!(lane.held().as_deref(), Some("Kill database"));
        let second = lane.take("Stop database").err().map(|it| (it.status, it.sentence));
        assert_eq!(second, Some((409, "\"Kill database\" is under way: wait for its end.".to_owned())));
        drop(held);
        assert!(lane.take("Stop database").is_ok());
    }
}
