//! One seeded run, from the first transition to the disaster at its end.

mod epilogue;
mod passes;
pub(crate) mod play;
mod script;
mod task;
pub(crate) mod terms;

pub use play::{Library, run};
pub use terms::{Config, Summary, Violation};
