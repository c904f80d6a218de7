//! Texts from outside, made wrong: valid ones are taken and changed, a few changes each, and what reads them must not panic,
//! hang or grow, and has to refuse in a sentence. Rust without coverage feedback finds nothing in pure noise, so the changes know
//! the shape of JSON and XML.

mod change;
mod hunt;
mod sentence;

pub use hunt::{Check, Target, hunt, rounds};
pub use sentence::{failure, sentence};
