//! One reconcile: observe, decide, apply, verify; again when the fence was lost, a bounded number of times.
//!
//! Verify is the next round of the same loop: it reads back every channel and finds nothing to write.
//! So a second reconcile right after the first changes nothing.

use std::collections::BTreeSet;

use crate::apply::apply;
use crate::config::Database;
use crate::evidence::Evidence;
use crate::names::Region;
use crate::observe::{Basis, Look, observe};
use crate::plan::plan;
use crate::ports::Ports;
use crate::report::DatabaseResult;
use crate::run::{Run, Step};
use crate::timestamp::Timestamp;

pub use crate::known::Known;

/// Most rounds of one reconcile: the first, its verification, and some lost fences.
pub const ROUNDS_MAX: usize = 6;
/// After writes that took longer, in milliseconds, a pass does not verify by itself: where many databases wait for their
/// turns, all of them are looked at together afterwards. More than every budget of one database's writes together.
pub const SLOW_MS: i64 = 10_000;

/// How a reconcile ended.
#[derive(Debug)]
pub struct Outcome {
    /// What to answer.
    pub result: DatabaseResult,
    /// Whether to look again soon.
    pub watch: bool,
    /// When what is published now was published.
    pub published_at: Option<Timestamp>,
    /// Other Regions that did not answer.
    pub silent: BTreeSet<Region>,
    /// The configuration was changed since it was read: read it anew and start again.
    pub reconfigured: bool,
    /// It was written and not read back, because that took so long: another pass verifies it.
    pub unverified: bool,
    /// All that the last round saw.
    pub evidence: Evidence,
}

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
pub async fn reconcile<P: Ports>(
    ports: &P,
    database: &Database,
    own: &Region,
    known: &mut Known,
    attention: Attention<'_>,
) -> Outcome {
    let started = ports.now();
    let mut run = Run::new(database, own);
    let mut all_channels = true;
    let mut unverified = false;
    if let Attention::Transition(silent) = attention {
        run.silent.clone_from(silent);
        all_channels = false;
    }
    let mut basis = if known.published.is_some() { Basis::Known } else { Basis::Record };
    for _ in 0..ROUNDS_MAX {
        let look = Look { basis, all_channels, silent: &run.silent };
        let sight = observe(ports, database, own, known, look).await;
        let decision = match run.note(sight) {
            Step::Decided(decision) => decision,
            Step::Again => {
                basis = Basis::AllChannels;
                continue;
            }
            Step::Stop => break,
        };
        known.learn(database, &run.evidence);
        run.explain(&decision, ports);
        let plan = plan(database, &run.evidence, &decision);
        if plan.is_empty() {
            break;
        }
        let verify = plan.touches_channels();
        let began = ports.now();
        let applied = apply(ports, database, plan.clone(), run.evidence.record.got()).await;
        known.note(&plan, &applied);
        basis = if applied.fence_lost() { Basis::Record } else { Basis::Known };
        all_channels = true;
        let degraded = run.applied(&decision, &plan, applied, ports.now());
        unverified = verify && basis == Basis::Known && ports.now().since_ms(began) > SLOW_MS;
        if degraded || unverified || (basis == Basis::Known && !verify) {
            break;
        }
    }
    Outcome { unverified, ..run.outcome(ports.now().since_ms(started)) }
}
