//! What is asked of a probe before a publication, and what it says: SQL's word on whether an endpoint takes writes.
//! Both ends of the call read and write these types, so the two cannot drift apart.

use serde::{Deserialize, Serialize};

/// The question to a probe: does this endpoint take writes?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The host name of a member's cluster endpoint.
    pub endpoint: String,
    /// Its port.
    pub port: u16,
}

/// What a probe says of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeWord {
    /// `true` where a heartbeat committed; `false` where the server answered and is in recovery or read-only; `None` where
    /// neither is known: no connection, no grant, a certificate that is not trusted.
    pub writable: Option<bool>,
    /// How long the probe took, in milliseconds.
    pub took_ms: u64,
    /// What it saw, as a sentence without a secret.
    #[serde(default)]
    pub said: String,
}
