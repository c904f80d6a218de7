//! The early decision is taken as soon as the answers that are still missing cannot change it.
//!
//! A dead Region would cost its whole budget if each pass waited for it. The decision may be taken
//! without it when every completion of the missing answers leads to the same one; a property test
//! holds this function to exactly that.

use crate::config::Database;
use crate::pass::decide::{Decision, Verdict, decide};
use crate::pass::hold::Hold;
use crate::pass::why::Why;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::asked::Asked;
use crate::world::evidence::{Evidence, Seen};
use crate::world::topology::NotReady;

/// The decision, if no answer that is still missing can change it.
pub fn decide_early(database: &Database, evidence: &Evidence, now: Timestamp) -> Option<Decision> {
    let pending: Vec<&Region> = database.regions().filter(|region| is_pending(evidence, region)).collect();
    let decision = decide(database, evidence, now);
    if waits_for_sql(evidence, &decision.verdict) {
        return None;
    }
    if pending.is_empty() {
        return Some(decision);
    }
    let certain = match &decision.verdict {
        // The operator has spoken about a Region that has answered; the hold switch looks at no view.
        Verdict::Publish(_, Why::Declared(_)) | Verdict::Hold(Hold::Held(_)) => true,
        _ => false,
    };
    certain.then_some(decision)
}

/// Whether a probe has been asked and has not answered yet about the cluster that this verdict is about: its no would hold what
/// is to be published, and its yes would publish what replicates as RDS lists it.
fn waits_for_sql(evidence: &Evidence, verdict: &Verdict) -> bool {
    let region = match verdict {
        Verdict::Publish(published, _) => &published.writer,
        Verdict::Hold(Hold::WriterNotReady { claimant, why: NotReady::Replica }) => claimant,
        _ => return false,
    };
    evidence.asked_about(region).is_some_and(Asked::is_pending)
}

/// Whether `region` has been asked and has not answered yet.
fn is_pending(evidence: &Evidence, region: &Region) -> bool {
    evidence.views.get(region).is_none_or(Seen::is_not_yet)
}
