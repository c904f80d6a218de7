//! What a function does for one database of its fleet.

use crate::answer::result::DatabaseResult;
use crate::pass::context::Pass;
use crate::world::trigger::Trigger;

use crate::invocation::news::aftermath;
use crate::invocation::watch::watch;
use crate::pass::outcome::Outcome;
use crate::ports::{Notices, Ports};
use crate::world::known::Known;

/// What a function does for one database.
pub trait Work<P> {
    /// Does it, until the deadline is near.
    fn run(&self, pass: Pass<'_, P>, known: &mut Known) -> impl Future<Output = Outcome>;

    /// Whether something is left to do when all databases are done.
    fn has_more(&self, _: &Trigger) -> bool {
        false
    }

    /// Does it for one database, whose result is there. Nothing of the invocation waits for this.
    fn afterwards(&self, _: Pass<'_, P>, _: &mut Known, _: &mut DatabaseResult) -> impl Future<Output = ()> {
        async {}
    }

    /// How many alarms were read since somebody last asked, for a function that reads them: a metric says that it looks.
    fn alarms_read(&self) -> Option<u64> {
        None
    }
}

/// `follow`: publish the current writer, and stay while a transition is under way. Nothing that it is handed could
/// start one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Follow;

impl<P: Ports + Notices> Work<P> for Follow {
    async fn run(&self, pass: Pass<'_, P>, known: &mut Known) -> Outcome {
        let mut outcome = watch(pass, known).await;
        aftermath(pass, &mut outcome).await;
        outcome
    }
}
