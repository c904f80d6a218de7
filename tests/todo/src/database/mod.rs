//! Statements that survive a move of the writer.

mod failure;
mod session;

pub(crate) use failure::{DatabaseError, Effect, Outcome};
pub(crate) use session::{Database, Patience, Reply, Statement};
