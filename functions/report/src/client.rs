//! Programs of other people's making that wrote through the moves of a scenario.

use serde::{Deserialize, Serialize};

/// A program, how it was led to the writer, and what became of its writes in each move.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Which software, with its version where it was played.
    pub stack: String,
    /// What leads it to the writer, such as `the parameter`.
    pub led_by: String,
    /// Whether it was set up as the documentation says; else as it comes.
    pub as_documented: bool,
    /// What it takes to follow, in a few words.
    #[serde(default)]
    pub needed: String,
    /// Why it was not tried; then it has no moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_tried: Option<String>,
    /// One for each move.
    #[serde(default)]
    pub moves: Vec<ClientMove>,
}

/// What became of a client's writes in one move.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientMove {
    /// The leg's name.
    pub leg: String,
    /// The longest time without an acknowledged write.
    pub write_outage_ms: u64,
    /// Writes that were acknowledged to it.
    pub acknowledged_writes: u64,
    /// Writes that it was told had failed, or that nobody answered.
    pub failed_writes: u64,
    /// Acknowledged writes that were not found afterwards.
    pub lost_writes: u64,
    /// Sessions of the database that answered more than once that they are read-only (SQLSTATE 25006).
    pub read_only_again: u64,
    /// Whether writes still failed half a minute after the new writer took them.
    pub stuck: bool,
    /// Whether its process ended by itself.
    #[serde(default)]
    pub ended: bool,
}
