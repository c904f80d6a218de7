//! The words that everything else is said in: names, moments, messages.

pub mod failure;
pub mod names;
pub mod notice;
pub mod partition;
pub mod timestamp;
