//! What must hold at every step of a run, with what only the simulation knows: the term of the evidence
//! behind each publication.

use std::collections::HashMap;

use responder_core::config::Database;
use responder_core::words::names::{Epoch, Region};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::ownership::Ownership;
use responder_core::world::record::{Exchange, RecordSet};
use responder_core::world::state::State;
use responder_fakes::{Call, Effect, Operation};

/// How long after a hold was set a function may still act on having read that there is none, in milliseconds: a minute, and
/// the time of one pass in which calls are slow.
const HELD_MS_MAX: i64 = 60_000 + 45_000;

/// What tells one publication from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Publication {
    epoch: Epoch,
    writer: Region,
    at: Timestamp,
}

/// Watches every effect of a run.
#[derive(Debug, Default)]
pub struct Audit {
    /// What each function has last seen of each Region: the term, and whom it named.
    seen: HashMap<(u32, Region), (usize, Option<Region>)>,
    /// The term of the evidence behind each publication.
    evidence: HashMap<Publication, usize>,
    standing: Option<Publication>,
    /// Whether only the record's going back is looked for, as in the model: for the broken variants.
    pub is_about_terms_only: bool,
    /// When each function was woken.
    woke: HashMap<u32, Timestamp>,
    /// Since when each Region's cluster takes no connections.
    unready_since: HashMap<Region, Timestamp>,
    /// Since when the hold switch is set in every Region.
    pub held_since: Option<Timestamp>,
    /// What SQL said to each function's last question, and about whom; nothing where no answer came.
    by_sql: HashMap<u32, Option<(Region, Option<bool>)>>,
    /// Whether a database has probes, every one of which is asked before a publication.
    pub has_probes: bool,
    /// What was violated first.
    pub violation: Option<String>,
    /// How often the record moved.
    pub moves: u32,
}

impl Audit {
    /// The record stands like this when the run begins, by the evidence of term 0.
    pub fn begin(&mut self, ownership: &Ownership) {
        let publication = Publication::of_ownership(ownership);
        self.evidence.insert(publication.clone(), 0);
        self.standing = Some(publication);
    }

    /// Notes an effect of a call.
    pub fn note(&mut self, call: &Call, effect: &Effect<'_>, database: &Database, now: Timestamp) {
        match effect {
            Effect::Viewed { region, term, named } => {
                let key = (call.actor, (*region).clone());
                // A Region may be asked twice in one pass, and the first answer come last.
                let last = self.seen.entry(key).or_default();
                if *term >= last.0 {
                    *last = (*term, named.cloned());
                }
            }
            Effect::Exchanged { exchange, accepted } => {
                self.exchanged(call, exchange, *accepted, database);
                let held_ms = self.held_since.map_or(0, |since| now.since_ms(since));
                if *accepted && held_ms > HELD_MS_MAX {
                    self.violate(format!("{call} changes the record under a hold of {} s", held_ms / 1000));
                }
            }
            Effect::StatePut { state, .. } => {
                self.learn(call, &Publication::of_state(state));
            }
            Effect::Probed { region, writable } => {
                self.by_sql.insert(call.actor, Some(((*region).clone(), *writable)));
            }
            Effect::WriterPut { .. } | Effect::FailoverAsked { .. } => {}
        }
    }

    fn exchanged(&mut self, call: &Call, exchange: &Exchange, accepted: bool, database: &Database) {
        let Some(next) = ownership_of(&exchange.to) else {
            self.violate(format!("{call} writes a record without an ownership"));
            return;
        };
        let agrees = exchange.to.cname.is_some() && next.is_ours(database);
        let next = Publication::of_ownership(&next);
        let term = self.learn(call, &next);
        if !agrees {
            self.violate(format!("{call} writes a CNAME and an ownership that do not agree"));
        }
        if !accepted {
            return;
        }
        self.moves += 1;
        if let Some(standing) = self.standing.replace(next.clone()) {
            let before = self.evidence.get(&standing).copied().unwrap_or_default();
            if next.epoch <= standing.epoch && !self.is_about_terms_only {
                self.violate(format!("the epoch does not grow: from {standing:?} to {next:?}"));
            }
            if term < before {
                self.violate(format!(
                    "the record moved back, from term {before} to term {term}: from {standing:?} to {next:?}"
                ));
            }
        }
    }

    /// A call is made. Whoever asks a probe again does not know any more what the last one said.
    pub fn called(&mut self, call: &Call) {
        if call.operation == Operation::Probe {
            self.by_sql.insert(call.actor, None);
        }
    }

    /// A function was woken.
    pub fn woke(&mut self, actor: u32, now: Timestamp) {
        self.woke.insert(actor, now);
    }

    /// Whether a Region's cluster takes connections.
    pub fn is_ready(&mut self, region: &Region, is_ready: bool, now: Timestamp) {
        if is_ready {
            self.unready_since.remove(region);
        } else {
            self.unready_since.entry(region.clone()).or_insert(now);
        }
    }

    /// The term of the evidence behind a publication: known, or what its author has seen.
    fn learn(&mut self, call: &Call, publication: &Publication) -> usize {
        if let Some(term) = self.evidence.get(publication) {
            return *term;
        }
        let seen = self.seen.iter().filter(|((actor, _), _)| *actor == call.actor);
        let naming = seen.filter(|(_, (_, named))| named.as_ref() == Some(&publication.writer));
        let term = naming.map(|(_, (term, _))| *term).max();
        let Some(term) = term else {
            self.violate(format!(
                "{publication:?} was published by a function that saw nobody name that writer"
            ));
            return 0;
        };
        self.evidence.insert(publication.clone(), term);
        self.asked(call, &publication.writer);
        // Whoever is published now took connections at some time since the function woke.
        let since = self.unready_since.get(&publication.writer);
        let woke = self.woke.get(&call.actor);
        if let Some(since) = since.filter(|since| woke.is_some_and(|woke| *since < woke)) {
            let writer = &publication.writer;
            self.violate(format!("{call} publishes {writer}, which takes no connections since {since}"));
        }
        term
    }

    /// Who publishes has asked a probe about it, and was not told that it takes no writes.
    fn asked(&mut self, call: &Call, writer: &Region) {
        match self.by_sql.get(&call.actor) {
            Some(Some((region, Some(false)))) if region == writer => {
                self.violate(format!("{call} publishes {writer}, which took no writes when a probe asked"));
            }
            None if self.has_probes && !self.is_about_terms_only => {
                self.violate(format!("{call} publishes {writer}, and no probe was asked about it"));
            }
            _ => {}
        }
    }

    fn violate(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }
}

impl Publication {
    fn of_ownership(ownership: &Ownership) -> Self {
        Self { epoch: ownership.epoch, writer: ownership.writer.clone(), at: ownership.at }
    }

    fn of_state(state: &State) -> Self {
        Self { epoch: state.epoch, writer: state.writer.clone(), at: state.at }
    }
}

/// The ownership that stands in these records.
pub fn ownership_of(records: &RecordSet) -> Option<Ownership> {
    let txt = records.txt.as_ref()?;
    txt.values.first()?.parse().ok()
}
