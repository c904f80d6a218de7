//! The real `decide` and `plan`, asked in the words of the model.

use std::collections::HashMap;

use responder_core::config::Database;
use responder_core::config::owned::Owned;
use responder_core::pass::decide::{Decision, Verdict, decide};
use responder_core::pass::hold::Hold;
use responder_core::pass::plan;
use responder_core::words::names::{Epoch, Region};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::claim::{Claim, Plain};
use responder_core::world::evidence::RegionParameters;
use responder_core::world::evidence::{Base, Evidence, Seen, Switch};
use responder_core::world::publication::Published;
use responder_core::world::record::RecordSet;
use responder_core::world::state::Notes;
use responder_core::world::state::{Memory, State};
use responder_core::world::topology::RegionView;
use responder_fakes::{OSAKA, SEOUL, Settings, Site, database, endpoint, region};

/// When everything is decided, in milliseconds since 1970.
const NOW: Timestamp = Timestamp::from_ms(1_000_000);
/// The two Regions' places.
pub(super) const PLACES: [usize; 2] = [0, 1];

/// A memory: the writer that the Region named, and the epoch it was seen at.
pub(super) type Remembered = Option<(u8, u8)>;

/// How the model is explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The rule: the memories are read with the views.
    Rule,
    /// The memories are read with the record, which is as safe.
    EarlyMemory,
    /// The rule, where one read of a pass may run backwards: a Region whose view has caught up shows an earlier term once.
    Backward,
    /// Broken: the same world, and a claim counts at its first look.
    Uncorroborated,
    /// Broken: whoever publishes wins.
    NoFence,
    /// Broken: a function sees its own Region only, and believes its claim.
    OwnView,
    /// Broken: any claim is fresh.
    NoFreshness,
    /// Broken: the views are read before the record.
    ViewsFirst,
}

impl Mode {
    /// Those that hold.
    pub const SOUND: [Self; 3] = [Self::Rule, Self::EarlyMemory, Self::Backward];
    /// Those that are broken.
    pub const BROKEN: [Self; 5] =
        [Self::NoFence, Self::OwnView, Self::NoFreshness, Self::ViewsFirst, Self::Uncorroborated];

    /// Whether a read may run backwards.
    pub(super) const fn runs_backwards(self) -> bool {
        matches!(self, Self::Backward | Self::Uncorroborated)
    }
}

/// How often whoever claims has been seen to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Looked {
    /// Once.
    Once,
    /// As often as the rule wants it.
    Enough,
}

/// What a Region that answered named, and remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Named {
    pub(super) writer: u8,
    pub(super) memory: Remembered,
}

/// Whether a Region answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reached {
    No,
    Yes(Named),
}

/// What the real decision comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The record moves to this place.
    Publish(u8),
    /// The claim is looked at again.
    Again,
    /// Only these memories are written.
    Remember([Remembered; 2]),
}

/// Asks the real `decide`, once for each different question.
pub(super) struct Oracle {
    pub(super) mode: Mode,
    database: Database,
    regions: [Region; 2],
    answers: HashMap<(u8, u8, [Reached; 2], Looked), Target>,
}

impl Oracle {
    pub(super) fn new(mode: Mode) -> Self {
        let regions = [region(SEOUL), region(OSAKA)];
        let settings = Settings { settle_seconds: 0, ..Settings::default() };
        Self { mode, database: database(&regions, settings), regions, answers: HashMap::new() }
    }

    pub(super) fn ask(&mut self, writer: u8, epoch: u8, reached: [Reached; 2], looked: Looked) -> Target {
        let key = (writer, epoch, reached, looked);
        if let Some(known) = self.answers.get(&key) {
            return *known;
        }
        let answer = self.decide(writer, epoch, reached, looked);
        self.answers.insert(key, answer);
        answer
    }

    fn decide(&self, writer: u8, epoch: u8, reached: [Reached; 2], looked: Looked) -> Target {
        let evidence = self.evidence(writer, epoch, reached, looked);
        let decision: Decision = decide(&self.database, &evidence, NOW);
        if let Verdict::Publish(published, _) = &decision.verdict {
            return Target::Publish(u8::from(published.writer == self.regions[1]));
        }
        if matches!(decision.verdict, Verdict::Hold(Hold::Corroborating { .. })) {
            return Target::Again;
        }
        let plan = plan::plan(&self.database, &self.regions[0], &evidence, &decision, NOW);
        assert!(plan.exchange.is_none(), "a record that nobody changed needs no repair");
        Target::Remember(PLACES.map(|at| {
            let state = plan.regions.get(&self.regions[at])?.state.as_ref()?;
            let memory = state.memory.as_ref()?;
            Some(self.remembered(memory))
        }))
    }

    fn remembered(&self, memory: &Memory) -> (u8, u8) {
        let epoch = u8::try_from(memory.epoch.0).expect("a small epoch");
        (u8::from(memory.writer == self.regions[1]), epoch)
    }

    fn evidence(&self, writer: u8, epoch: u8, reached: [Reached; 2], looked: Looked) -> Evidence {
        let writer = self.regions[usize::from(writer)].clone();
        let published = Published {
            epoch: Epoch(u64::from(epoch)),
            endpoint: endpoint(&writer),
            writer,
            at: Timestamp::from_ms(0),
        };
        let mut evidence = Evidence {
            record: Seen::Got(RecordSet::of(&self.database, &published)),
            base: Base::Known(published.clone()),
            ..Evidence::default()
        };
        let (looks, since) = match looked {
            Looked::Once => (1, NOW),
            Looked::Enough => (6, NOW.plus_ms(-5_000)),
        };
        let row = Claim { epoch: published.epoch, since, last: NOW, looks, plain: Plain { since, looks } };
        for at in PLACES {
            evidence.claims.insert(self.regions[at].clone(), row);
            self.note(&mut evidence, at, reached[at], &published);
        }
        let switch = Switch { reason: None, read_at: NOW };
        evidence.switches.insert(self.regions[0].clone(), switch);
        evidence
    }

    fn note(&self, evidence: &mut Evidence, at: usize, reached: Reached, published: &Published) {
        let region = self.regions[at].clone();
        let Reached::Yes(named) = reached else {
            evidence.views.insert(region.clone(), Seen::silent(""));
            evidence.parameters.insert(region, Seen::silent(""));
            return;
        };
        let memory = self.memory(at, named.memory, published.epoch);
        if let Some(memory) = &memory {
            evidence.memories.insert(region.clone(), memory.clone());
        }
        evidence.views.insert(region.clone(), Seen::Got(self.view(at, named.writer)));
        let parameters = RegionParameters {
            state: Some(self.state(named.memory, published)),
            writer: Some(published.endpoint.clone()),
            ..RegionParameters::default()
        };
        evidence.parameters.insert(region, Seen::Got(parameters));
    }

    /// The memory as the decision sees it: as it is, or made fresh in the modes that break the rule so.
    fn memory(&self, at: usize, remembered: Remembered, epoch: Epoch) -> Option<Memory> {
        match self.mode {
            Mode::OwnView | Mode::NoFreshness => Some(Memory { writer: self.regions[1 - at].clone(), epoch }),
            _ => remembered.map(|memory| self.memory_of(memory)),
        }
    }

    fn memory_of(&self, (writer, epoch): (u8, u8)) -> Memory {
        Memory { writer: self.regions[usize::from(writer)].clone(), epoch: Epoch(u64::from(epoch)) }
    }

    fn state(&self, remembered: Remembered, published: &Published) -> State {
        State {
            epoch: published.epoch,
            writer: published.writer.clone(),
            endpoint: published.endpoint.clone(),
            at: published.at,
            memory: remembered.map(|memory| self.memory_of(memory)),
            owns: Some(Owned::of(&self.database)),
            record_pending: false,
            notes: Notes::default(),
        }
    }

    fn view(&self, at: usize, named: u8) -> RegionView {
        let site = Site::new(&self.regions[at]);
        let facts = site.facts(&self.regions, Some(&self.regions[usize::from(named)]));
        RegionView::new(&self.database, &self.regions[at], &facts)
    }
}
