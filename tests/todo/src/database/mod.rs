//! Statements that survive a move of the writer.

mod error;
mod session;

pub(crate) use error::{DatabaseError, word};
pub(crate) use session::{Database, Effect, Reply, Statement};
