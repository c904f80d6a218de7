//! What a function answers: data only. Who decides anything by it reads its types, never its words.

pub mod failover;
pub mod result;
