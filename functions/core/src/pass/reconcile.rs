//! One reconcile: observe, decide, apply, verify; again when the fence was lost, a bounded number of times.
//!
//! Verify is the next round of the same loop: it reads back every channel and finds nothing to write.
//! So a second reconcile right after the first changes nothing.

use crate::pass::context::Pass;
use crate::pass::outcome::Outcome;
use std::collections::BTreeSet;
use std::time::Duration;

use crate::pass::apply::apply;
use crate::pass::observe::observe;
use crate::pass::plan::plan;
use crate::pass::rounds::{ROUNDS_MAX, Rounds, Step};
use crate::pass::sight::{Basis, Look};
use crate::ports::Ports;
use crate::words::names::Region;

pub use crate::world::known::Known;

/// After writes that took longer, in milliseconds, a pass does not verify by itself: where many databases wait for their
/// turns, all of them are looked at together afterwards. More than every budget of one database's writes together.
pub const SLOW_MS: i64 = 10_000;

/// Parameter Store promises no fresh reads: what was just written and reads as before is looked at again after so long, before it
/// is written again.
const STALE: Duration = Duration::from_secs(2);

/// What a reconcile looks at.
#[derive(Debug, Clone, Copy)]
pub enum Attention<'a> {
    /// Everything: the views, the record, and each Region's parameters.
    Everything,
    /// The views and the hold switch only, for a look in between; drift is not looked for, and these
    /// Regions, which did not answer a moment ago, are not waited for.
    Transition(&'a BTreeSet<Region>),
}

/// Runs one reconcile of `database` by a function in the Region `own`.
pub async fn reconcile<P: Ports>(pass: Pass<'_, P>, known: &mut Known, attention: Attention<'_>) -> Outcome {
    let Pass { ports, database, own, .. } = pass;
    let started = ports.now();
    let mut rounds = Rounds::new(database, own);
    let mut all_channels = true;
    let mut unverified = false;
    let (mut written, mut patient) = (None, false);
    if let Attention::Transition(silent) = attention {
        rounds.silent.clone_from(silent);
        all_channels = false;
    }
    let mut basis = if known.published.is_some() { Basis::Known } else { Basis::Record };
    for _ in 0..ROUNDS_MAX {
        let look = Look { basis, all_channels, silent: &rounds.silent };
        let sight = observe(pass, known, look).await;
        let decision = match rounds.note(sight) {
            Step::Decided(decision) => decision,
            Step::Again => {
                basis = Basis::AllChannels;
                continue;
            }
            Step::Stop => break,
        };
        known.learn(database, &rounds.evidence);
        rounds.explain(&decision, ports);
        let plan = plan(database, own, &rounds.evidence, &decision, ports.now());
        if plan.is_empty() {
            break;
        }
        if !patient && written.as_ref().is_some_and(|before| plan.repeats(before)) {
            patient = true;
            ports.sleep(STALE).await;
            continue;
        }
        patient = false;
        let verify = plan.touches_channels();
        let began = ports.now();
        let applied = apply(pass, plan.clone(), rounds.evidence.record.got()).await;
        known.note(&plan, &applied);
        written = Some(plan.clone());
        basis = if applied.fence_lost() { Basis::Record } else { Basis::Known };
        all_channels = true;
        let degraded = rounds.applied(&decision, &plan, applied, ports.now());
        unverified = verify && basis == Basis::Known && ports.now().since_ms(began) > SLOW_MS;
        if degraded || unverified || (basis == Basis::Known && !verify) {
            break;
        }
    }
    Outcome { unverified, ..rounds.outcome(ports.now().since_ms(started)) }
}
