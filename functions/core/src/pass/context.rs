//! What one pass is about: who looks at which database, why, and until when.

use crate::config::Database;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::trigger::Trigger;

/// What one pass is about. Everything from an invocation down to a single observation is handed this.
#[derive(Debug)]
pub struct Pass<'a, P> {
    /// What is asked of the outside.
    pub ports: &'a P,
    /// The database.
    pub database: &'a Database,
    /// The function's own Region.
    pub own: &'a Region,
    /// What woke the function.
    pub trigger: &'a Trigger,
    /// When the invocation ends.
    pub deadline: Timestamp,
}

impl<P> Clone for Pass<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Pass<'_, P> {}
