//! A look at one database that writes nothing: what every request sees before it decides.

use crate::answer::result::HoldKind;
use std::collections::BTreeSet;

use crate::answer::result::Check;
use crate::config::Database;
use crate::pass::context::Pass;
use crate::pass::decide::{Decision, Verdict};
use crate::pass::explain::checks;
use crate::pass::hold::Hold;
use crate::pass::observe::observe;
use crate::pass::plan::plan;
use crate::pass::sight::{Basis, Look, Seeing};
use crate::ports::{PortError, Ports};
use crate::words::names::Region;
use crate::world::evidence::Evidence;
use crate::world::known::Known;

/// What was seen, and what a pass would do about it.
#[derive(Debug)]
pub(super) struct Overview {
    pub(super) evidence: Evidence,
    /// `None` while what is published changes under the look.
    pub(super) decision: Option<Decision>,
    pub(super) failures: Vec<PortError>,
}

/// Looks at every channel and every Region.
pub(super) async fn look<P: Ports>(pass: Pass<'_, P>) -> Overview {
    let nobody = BTreeSet::new();
    let look = Look { basis: Basis::AllChannels, all_channels: true, silent: &nobody };
    let sight = observe(pass, &Known::default(), look).await;
    let decision = match sight.seeing {
        Seeing::Decided(decision) => Some(decision),
        Seeing::Superseded | Seeing::Reconfigured => None,
    };
    Overview { evidence: sight.evidence, decision, failures: sight.failures }
}

impl Overview {
    /// What a pass would do now, in a word, a name for a hold, and a sentence.
    pub(super) fn words(&self) -> (&'static str, Option<HoldKind>, String) {
        let Some(decision) = &self.decision else {
            return ("unknown", None, "what is published changes right now: look again".to_owned());
        };
        let word = match &decision.verdict {
            Verdict::Publish(..) => "publish",
            Verdict::Unchanged(_) => "unchanged",
            Verdict::Hold(_) => "hold",
            Verdict::Misconfigured(_) => "error",
        };
        (word, decision.verdict.hold().map(Hold::kind), decision.verdict.reason())
    }

    /// The pass's own checks.
    pub(super) fn checks<P: Ports>(&self, ports: &P, database: &Database) -> Vec<Check> {
        let decision = self.decision.as_ref();
        decision.map(|decision| checks(database, &self.evidence, decision, ports.now())).unwrap_or_default()
    }

    /// Whether a channel differs from what is published while nothing moves.
    pub(super) fn drifts<P: Ports>(&self, ports: &P, database: &Database, own: &Region) -> bool {
        self.decision.as_ref().is_some_and(|decision| {
            let still = !decision.watch && !matches!(decision.verdict, Verdict::Publish(..));
            still && plan(database, own, &self.evidence, decision, ports.now()).touches_channels()
        })
    }

    /// Whom a Region's own endpoint names, for people.
    pub(super) fn word(&self, region: &Region) -> String {
        let view = self.evidence.view(region);
        view.map_or_else(|| "does not answer".to_owned(), |view| view.word().said_by(region))
    }
}
