//! What a function answers: data only. Code that decides by an answer reads its types and never its texts.

pub mod failover;
pub mod readiness;
pub mod result;
