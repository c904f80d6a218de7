//! What `failover` does about one database with a health alarm in ALARM: one look, and what follows from it. The look is the
//! pass that every trigger runs and, beside it, what the policy looks at; then the policy says what may be done.

use futures_util::future::join;

use crate::failover::flight::Flight;
use crate::failover::response::Response;
use crate::failover::survey::{Readings, Survey};
use crate::judge::policy::{Action, Judgement, judge};
use crate::pass::context::Pass;
use crate::pass::outcome::Outcome;
use crate::pass::reconcile::{Attention, reconcile};
use crate::ports::failover::FailoverPorts;
use crate::world::attempt::Kept;
use crate::world::known::Known;

/// What came of one look.
#[derive(Debug)]
pub(crate) struct Responded {
    /// What to answer.
    pub(crate) outcome: Outcome,
    /// What this invocation remembers, for its next look.
    pub(crate) kept: Option<Kept>,
    /// Only what nobody can answer yet is in the way: another look may find that it passes.
    pub(crate) waits: bool,
}

/// One look. Where `may_wait`, people are told only when a later look of this invocation does not decide otherwise.
pub(crate) async fn respond<P: FailoverPorts>(
    pass: Pass<'_, P>,
    known: &mut Known,
    readings: Readings,
    kept: Option<Kept>,
    may_wait: bool,
) -> Responded {
    let Pass { ports, database, own, .. } = pass;
    let writer = known.published.as_ref().map(|published| published.writer.clone());
    let hurried = writer.as_ref().is_some_and(|writer| known.silent.contains(writer));
    let (outcome, mut survey) = join(
        reconcile(pass, known, Attention::Everything),
        Survey::of(pass, own, writer.as_ref(), hurried, Some(readings), kept),
    )
    .await;
    known.silent.clone_from(&outcome.silent);
    if outcome.reconfigured {
        return Responded { outcome, kept: None, waits: false };
    }
    let (evidence, now) = (outcome.evidence.clone(), ports.now());
    survey.remember(database, own, &evidence, now);
    let case = survey.case(database, own, own, &evidence, now);
    let judgement = judge(case);
    let waits = judgement.waits() && case.may_be_all_in_alarm();
    let Judgement { checks, action } = judgement;
    let mut response = Response::new(pass, case, survey.version, &checks, &action);
    let outcome = match action {
        Action::Off => outcome,
        Action::Refused if waits && may_wait => outcome,
        Action::Refused | Action::Advised(_) => {
            response.advise(matches!(action, Action::Advised(_))).await;
            outcome
        }
        Action::Start(authorized) => Flight { known }.start(&mut response, &authorized, outcome).await,
    };
    // What could not be read is no empty journal: the next look reads it again.
    let again = response.again;
    let kept = case
        .journal
        .got()
        .filter(|_| !again)
        .map(|_| Kept { journal: response.journal.clone(), version: response.version });
    Responded { outcome: response.into_outcome(outcome), kept, waits: waits || again }
}
