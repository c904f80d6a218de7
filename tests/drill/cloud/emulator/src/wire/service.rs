//! What the front asks before it passes a request on.

use std::fmt;

use crate::wire::{call::Call, change::Change, reply::Reply};

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What is asked.
    pub call: &'a Call,
    /// The query of its path.
    pub query: &'a str,
    /// Its body; empty for a service whose bodies are not looked at.
    pub body: &'a [u8],
    /// What it changes.
    pub change: Option<&'a Change>,
}

/// Plays some operations of AWS itself.
pub trait Service: fmt::Debug + Send + Sync {
    /// The answer; `None` leaves the request to the emulator behind the front.
    fn answer(&self, request: &Request<'_>) -> Option<Reply>;
}
