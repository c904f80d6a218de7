//! Decide: a pure total function of what was seen to what is to be done. No I/O; it cannot fail.
//!
//! # The rule
//!
//! A Region is believed about itself. Region X *claims* the writer when X's own RDS endpoint says that
//! X's cluster is the writer, and *renounces* when its endpoint answers and names somebody else. With
//! `o` the published writer, the record moves from `o` to `c` if and only if `c` alone among the others
//! claims, and `c`'s claim is *fresh* (its memory is of the current epoch and names somebody else) **or**
//! `o` renounces in favor of `c`. (Of three Regions, `o` may name the third, which does not answer, while
//! `c` has not noticed yet that its own term is long over: that renounces nothing in favor of `c`.)
//!
//! | `o`'s endpoint | `c`'s endpoint | `c`'s memory | decision |
//! | --- | --- | --- | --- |
//! | says `o` | says `o` | any | `Unchanged` (repair a drifted channel) |
//! | says `c` | says `c` | `o` at this epoch | `Publish(c)`: renounced |
//! | says `c` | says `c` | an older epoch, or already `c` | the same, once both were seen to say so twice |
//! | unreachable | says `c` | `o` at this epoch | `Publish(c)`: fresh |
//! | says `o` | says `c` | `o` at this epoch | `Hold(Corroborating)` for 5 s, then `Publish(c)`: fresh |
//! | unreachable | says `c` | an older epoch, or already `c` | `Hold(StaleClaim)` |
//! | says `o` | says `c` | an older epoch, or already `c` | `Hold(WriterConflict)` |
//! | says `c` | says `o` | any | `Hold(NoWriter)` |
//! | unreachable | says `o` | any | `Hold(WriterUnreachable)` |
//! | says `o` | unreachable | any | `Unchanged` |
//! | unreachable | unreachable | any | `Hold(Blind)` |
//!
//! In front of the table, in this order: the hold switch (`Held`), a record that is not ours
//! (`ForeignRecord`), nothing known (`Blind`), an operator's declaration (`Publish`). Behind a `Publish`
//! of the table: the settle time (`Settling`), a second look at a fresh claim (`Corroborating`), readiness (`WriterNotReady`),
//! and that the hold switch was seen to be absent (`Blind`).
//!
//! Readiness is the claimant's own Region's word about a cluster that replicates from no other, and SQL's where a probe was
//! asked in this look:
//!
//! | RDS lists | the probe says | decision |
//! | --- | --- | --- |
//! | not ready | anything | `Hold(WriterNotReady)` |
//! | ready | no | `Hold(WriterNotReady)`, with the probe's words |
//! | ready | yes, nothing, or was not asked | `Publish` |
//! | ready, a replica for less than a minute of claims | yes | `Publish` |
//! | ready, a replica for less than a minute of claims | nothing, or was not asked | `Hold(WriterNotReady)` |
//!
//! Two others that claim are a `WriterConflict`. A detached cluster claims
//! nothing: it may be somebody's copy, and is an `UndeclaredPromotion` until an operator declares it. A Region that
//! reports no writer or several neither claims nor renounces. Where nothing was ever published, every
//! Region has to answer and exactly one has to claim.

use crate::answer::result::DecisionKind;
use crate::pass::why::Incumbent;
use crate::pass::why::Why;
use crate::world::publication::settling_ms;

use crate::config::{Database, Fault};
use crate::pass::hold::Hold;
use crate::pass::misconfigured::misconfigured;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::asked::Asked;
use crate::world::claim::Claim;
use crate::world::evidence::{Base, Evidence, Seen};
use crate::world::publication::Published;
use crate::world::record::Standing;
use crate::world::state::Memory;
use crate::world::topology::{NotReady, Readiness, RegionView, Word};

/// What is to be done about one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The decision.
    pub verdict: Verdict,
    /// Whether a transition is under way or awaited, so that the function stays and looks again.
    pub watch: bool,
}

/// The decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Move the writer record and the writer parameters to this publication.
    Publish(Published, Why),
    /// Nothing moves, for this reason.
    Hold(Hold),
    /// What is published is right; a drifted channel is repaired.
    Unchanged(Published),
    /// RDS contradicts the configuration: nothing is done until somebody mends it.
    Misconfigured(Fault),
}

/// Decides about one database, from all that was seen, at `now`. An answer that is not there yet counts
/// as one that will not come; [`crate::pass::early`] says when that is safe.
pub fn decide(database: &Database, evidence: &Evidence, now: Timestamp) -> Decision {
    let verdict = verdict(database, evidence, now);
    let transition =
        evidence.views.values().filter_map(Seen::got).any(|view| view.failover_status().is_some());
    // A listing may flicker: what a person has to mend is looked at again while a Region does not say the same.
    let by_person =
        matches!(&verdict, Verdict::Misconfigured(_) | Verdict::Hold(Hold::UndeclaredPromotion { .. }));
    let doubted = by_person && database.regions().any(|region| evidence.view(region).is_none());
    let awaited = doubted || matches!(&verdict, Verdict::Hold(hold) if hold.is_watched());
    let held = matches!(&verdict, Verdict::Hold(Hold::Held(_)));
    Decision { verdict, watch: (transition || awaited) && !held }
}

fn verdict(database: &Database, evidence: &Evidence, now: Timestamp) -> Verdict {
    if let Some(reason) = evidence.hold() {
        return Verdict::Hold(Hold::Held(reason.to_owned()));
    }
    match by_the_table(database, evidence, now) {
        Verdict::Publish(..) if !evidence.is_hold_absent(now) => {
            let why = "no Region's Parameter Store has said within a minute that the hold switch is not set";
            Verdict::Hold(Hold::Blind { why: why.to_owned() })
        }
        verdict => verdict,
    }
}

/// The verdict as far as it does not look at the hold switch.
pub(super) fn by_the_table(database: &Database, evidence: &Evidence, now: Timestamp) -> Verdict {
    if let Some(why) = foreign(database, evidence) {
        return Verdict::Hold(Hold::ForeignRecord { why });
    }
    match &evidence.base {
        Base::Unknown => Verdict::Hold(Hold::Blind { why: "no channel tells what is published".to_owned() }),
        Base::Nothing => first_publication(database, evidence, now),
        Base::Known(published) => Case { database, evidence, published, now }.verdict(),
    }
}

/// Why the record is foreign, if it is.
fn foreign(database: &Database, evidence: &Evidence) -> Option<String> {
    match evidence.standing(database)? {
        Standing::Foreign(why) => Some(why),
        Standing::Unowned(value) if !database.adopt() => {
            Some(format!("it has no ownership record, and points to {value}"))
        }
        Standing::Unrecognized(published) if !database.adopt() => {
            Some(format!("{} is no known member's endpoint", published.endpoint))
        }
        _ => None,
    }
}

/// Nothing was ever published: every Region has to answer, and exactly one has to claim.
fn first_publication(database: &Database, evidence: &Evidence, now: Timestamp) -> Verdict {
    if let Some(fault) = misconfigured(database, evidence) {
        return Verdict::Misconfigured(fault);
    }
    let silent: Vec<&str> =
        database.regions().filter(|region| evidence.view(region).is_none()).map(Region::as_str).collect();
    if !silent.is_empty() {
        let why = format!("nothing is published yet, and {} does not answer", silent.join(", "));
        return Verdict::Hold(Hold::Blind { why });
    }
    let claimants: Vec<&Region> = database.regions().filter(|region| claims(evidence, region)).collect();
    match claimants.as_slice() {
        [] => Verdict::Hold(Hold::NoWriter),
        [only] => publish_when_ready(database, evidence, only, now, Why::First((*only).clone())),
        several => conflict(several.iter().copied()),
    }
}

/// One database with a published writer.
struct Case<'a> {
    database: &'a Database,
    evidence: &'a Evidence,
    published: &'a Published,
    now: Timestamp,
}

impl Case<'_> {
    fn verdict(&self) -> Verdict {
        if let Some(verdict) = self.declared() {
            return verdict;
        }
        if let Some(fault) = misconfigured(self.database, self.evidence) {
            return Verdict::Misconfigured(fault);
        }
        let claimants: Vec<&Region> = self.others().filter(|region| claims(self.evidence, region)).collect();
        match claimants.as_slice() {
            [] => self.nobody_claims(),
            [only] => self.one_claims(only),
            several => conflict(several.iter().copied()),
        }
    }

    /// An operator's word, good for this epoch, about a Region that itself says that it can write.
    fn declared(&self) -> Option<Verdict> {
        let declared = self.evidence.declared.as_ref()?;
        let region = &declared.region;
        let valid = declared.epoch == self.published.epoch && *region != self.published.writer;
        let stands = claims(self.evidence, region) || self.is_detached(region);
        (valid && stands).then(|| self.publish(region, Why::Declared(region.clone())))
    }

    /// Exactly one other Region claims.
    fn one_claims(&self, claimant: &Region) -> Verdict {
        let incumbent = self.published.writer.clone();
        let why = if self.incumbent_names(claimant) {
            Why::Renounced { by: claimant.clone(), incumbent }
        } else if self.is_fresh(claimant) {
            let incumbent_says = self.incumbent();
            Why::FreshClaim { by: claimant.clone(), incumbent, incumbent_says }
        } else if self.incumbent_stands() {
            return conflict([&self.published.writer, claimant]);
        } else {
            let epoch = self.published.epoch;
            return Verdict::Hold(Hold::StaleClaim { claimant: claimant.clone(), incumbent, epoch });
        };
        if let Some(remaining_ms) = settling_ms(self.database, self.published, self.now) {
            return Verdict::Hold(Hold::Settling { claimant: claimant.clone(), remaining_ms });
        }
        self.uncorroborated(claimant, &why).unwrap_or_else(|| self.publish(claimant, why))
    }

    /// The hold on what one read that runs backwards could have made, until it was seen often enough: a fresh claim that
    /// nobody renounced in favor of, and a renunciation in favor of a claim that is not fresh.
    fn uncorroborated(&self, claimant: &Region, why: &Why) -> Option<Verdict> {
        let incumbent = &self.published.writer;
        let opposed = match why {
            Why::FreshClaim { incumbent_says, .. } => *incumbent_says == Incumbent::Claims,
            Why::Renounced { .. } if !self.is_fresh(claimant) => false,
            _ => return None,
        };
        let missing_ms = self.evidence.claim(claimant).map_or(Some(0), |row| row.missing_ms(opposed))?;
        let opposed_by = opposed.then(|| incumbent.clone());
        Some(Verdict::Hold(Hold::Corroborating { claimant: claimant.clone(), opposed_by, missing_ms }))
    }

    /// No other Region claims, or none whose claim counts.
    fn nobody_claims(&self) -> Verdict {
        if let Some(promoted) = self.others().find(|region| self.is_detached(region)) {
            return Verdict::Hold(Hold::UndeclaredPromotion { promoted: promoted.clone() });
        }
        let writer = &self.published.writer;
        if self.incumbent_stands() {
            return self.unchanged();
        }
        let answered = self.database.regions().any(|region| self.evidence.view(region).is_some());
        if !answered {
            return Verdict::Hold(Hold::Blind { why: "no Region answers".to_owned() });
        }
        // Whoever is named as the writer and does not answer is what everybody waits for.
        let named = self.named_but_silent();
        match named.or_else(|| self.evidence.view(writer).is_none().then(|| writer.clone())) {
            Some(writer) => Verdict::Hold(Hold::WriterUnreachable { writer }),
            None => Verdict::Hold(Hold::NoWriter),
        }
    }

    /// The writer is who it was. Its endpoint may have been renamed: that is a move as well.
    fn unchanged(&self) -> Verdict {
        let writer = &self.published.writer;
        let endpoint = endpoint(self.database, self.evidence, writer);
        if self.published.epoch == Epoch(0) && claims(self.evidence, writer) {
            return self.publish(writer, Why::Adopted(writer.clone()));
        }
        let renamed =
            endpoint.is_some_and(|endpoint| !endpoint.eq_ignore_ascii_case(&self.published.endpoint));
        if renamed && settling_ms(self.database, self.published, self.now).is_none() {
            return self.publish(writer, Why::EndpointChanged(writer.clone()));
        }
        Verdict::Unchanged(self.published.clone())
    }

    fn publish(&self, region: &Region, why: Why) -> Verdict {
        publish_when_ready(self.database, self.evidence, region, self.now, why)
    }

    fn others(&self) -> impl Iterator<Item = &Region> {
        self.database.regions().filter(|region| **region != self.published.writer)
    }

    fn word(&self, region: &Region) -> Option<&Word> {
        self.evidence.view(region).map(RegionView::word)
    }

    fn is_detached(&self, region: &Region) -> bool {
        matches!(self.word(region), Some(Word::Detached))
    }

    fn is_fresh(&self, claimant: &Region) -> bool {
        let memory: Option<&Memory> = self.evidence.memories.get(claimant);
        memory.is_some_and(|memory| memory.makes_fresh(claimant, self.published.epoch))
    }

    /// The published writer's own Region says that it is the writer; a published writer that was
    /// detached (declared once) stands alone and says so in its own way.
    fn incumbent_stands(&self) -> bool {
        let writer = &self.published.writer;
        claims(self.evidence, writer) || self.is_detached(writer)
    }

    /// The published writer's own Region renounces in favor of this claimant. Where it names a third
    /// Region, the claim may be one from before the publication, and has to be fresh.
    fn incumbent_names(&self, claimant: &Region) -> bool {
        matches!(self.word(&self.published.writer), Some(Word::Writer(named)) if named == claimant)
    }

    fn incumbent(&self) -> Incumbent {
        match self.evidence.views.get(&self.published.writer) {
            Some(Seen::Got(_)) if self.incumbent_stands() => Incumbent::Claims,
            Some(Seen::Got(_)) => Incumbent::Unclear,
            Some(Seen::Unreachable(_) | Seen::NotYet) | None => Incumbent::Unreachable,
        }
    }

    fn named_but_silent(&self) -> Option<Region> {
        let named = self.database.regions().filter_map(|region| match self.word(region) {
            Some(Word::Writer(named)) => Some(named),
            _ => None,
        });
        named.into_iter().find(|named| self.evidence.view(named).is_none()).cloned()
    }
}

/// Whether `region`'s own endpoint says that `region` has the writer.
fn claims(evidence: &Evidence, region: &Region) -> bool {
    evidence.view(region).is_some_and(|view| view.claims(region))
}

/// What is published for `region`: the name that the configuration gives it, or its cluster's own endpoint.
fn endpoint<'a>(database: &'a Database, evidence: &'a Evidence, region: &Region) -> Option<&'a str> {
    let own = evidence.view(region).and_then(RegionView::endpoint)?;
    Some(database.endpoint_of(region).unwrap_or(own))
}

/// Publishes `region`'s cluster at the next epoch, once it can take writes by its own Region's word, and by SQL's.
fn publish_when_ready(
    database: &Database,
    evidence: &Evidence,
    region: &Region,
    now: Timestamp,
    why: Why,
) -> Verdict {
    let unready = |why| Verdict::Hold(Hold::WriterNotReady { claimant: region.clone(), why });
    let Some(view) = evidence.view(region) else { return unready(NotReady::Missing) };
    if let Readiness::NotReady(why) = view.readiness() {
        return unready(why.clone());
    }
    let asked = evidence.asked_about(region);
    if let Some(refusal) = asked.and_then(Asked::refusal) {
        return unready(NotReady::Probe(refusal));
    }
    let is_published = evidence.published().is_some_and(|published| published.writer == *region);
    let is_known = is_published
        || asked.is_some_and(|asked| asked.takes_writes(now))
        || evidence.claim(region).is_some_and(Claim::is_old);
    if view.is_replica() && !is_known {
        return unready(NotReady::Replica);
    }
    let Some(endpoint) = endpoint(database, evidence, region) else { return unready(NotReady::NoEndpoint) };
    let published = Published {
        epoch: evidence.epoch().next(),
        writer: region.clone(),
        endpoint: endpoint.to_owned(),
        at: now.whole_seconds(),
    };
    Verdict::Publish(published, why)
}

fn conflict<'a>(claimants: impl IntoIterator<Item = &'a Region>) -> Verdict {
    Verdict::Hold(Hold::WriterConflict { claimants: claimants.into_iter().cloned().collect() })
}

impl Verdict {
    /// Its name in the contract.
    pub const fn kind(&self) -> DecisionKind {
        match self {
            Self::Publish(..) => DecisionKind::Publish,
            Self::Hold(_) => DecisionKind::Hold,
            Self::Unchanged(_) => DecisionKind::Unchanged,
            Self::Misconfigured(_) => DecisionKind::Error,
        }
    }

    /// The hold, if it is one.
    pub const fn hold(&self) -> Option<&Hold> {
        match self {
            Self::Hold(hold) => Some(hold),
            _ => None,
        }
    }

    /// Why, in a sentence.
    pub fn reason(&self) -> String {
        match self {
            Self::Publish(_, why) => why.to_string(),
            Self::Hold(hold) => hold.to_string(),
            Self::Unchanged(published) => {
                format!("{} is the writer, and is published", published.writer)
            }
            Self::Misconfigured(fault) => fault.to_string(),
        }
    }
}
