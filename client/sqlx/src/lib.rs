#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod check;
mod outcome;
mod place;
mod pool;
mod session;

pub use outcome::{Failure, judge};
pub use pool::WriterPool;
pub use session::Session;
/// What this crate's calls take and give.
pub use writer_follower;
