//! A state of the model, and every state that can follow it.

use crate::model::decision::{Looked, Mode, Named, Oracle, PLACES, Reached, Remembered, Target};

/// The record: its writer, its epoch, and the term of its evidence, which no function knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Record {
    pub(super) writer: u8,
    pub(super) epoch: u8,
    pub(super) term: u8,
}

/// Where a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum At {
    Idle,
    /// It has read the record, and the memories where the mode says so.
    Read {
        writer: u8,
        epoch: u8,
        memories: Option<[Remembered; 2]>,
    },
    /// It has seen a claim, and looks again.
    Again {
        writer: u8,
        epoch: u8,
        memories: [Remembered; 2],
    },
    /// It has read the views before the record (a broken rule).
    Viewed {
        views: [Option<u8>; 2],
        memories: [Remembered; 2],
    },
    /// It is about to exchange the record.
    Publish {
        writer: u8,
        epoch: u8,
        target: u8,
        term: u8,
        memories: [Remembered; 2],
    },
    /// It is about to write these memories; `None` where nothing is to be written.
    Remember([Option<Remembered>; 2]),
}

/// A state of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) term: u8,
    pub(super) views: [u8; 2],
    pub(super) record: Record,
    pub(super) memories: [Remembered; 2],
    pub(super) functions: [At; 2],
}

/// The record would have moved to an earlier term.
#[derive(Debug)]
pub(super) struct MovedBack(pub(super) State);

impl State {
    pub(super) fn start() -> Self {
        Self {
            term: 0,
            views: [0, 0],
            record: Record { writer: 0, epoch: 1, term: 0 },
            memories: [Some((0, 1)); 2],
            functions: [At::Idle; 2],
        }
    }

    fn with(mut self, place: usize, at: At) -> Self {
        self.functions[place] = at;
        self
    }

    /// Every state that can follow.
    pub(super) fn successors(
        &self,
        last_term: u8,
        oracle: &mut Oracle,
        out: &mut Vec<Self>,
    ) -> Result<(), MovedBack> {
        if self.term < last_term && self.views[usize::from(self.term % 2)] == self.term {
            out.push(Self { term: self.term + 1, ..*self });
        }
        for place in PLACES {
            if self.views[place] < self.term {
                let mut next = *self;
                next.views[place] += 1;
                out.push(next);
            }
            if self.functions[place] != At::Idle {
                out.push(self.with(place, At::Idle)); // a crash
            }
            self.step(place, oracle, out)?;
        }
        Ok(())
    }

    fn step(&self, place: usize, oracle: &mut Oracle, out: &mut Vec<Self>) -> Result<(), MovedBack> {
        match self.functions[place] {
            At::Idle => self.begin(place, oracle.mode, out),
            At::Read { writer, epoch, memories } => {
                let memories = memories.unwrap_or(self.memories);
                let looked = if oracle.mode == Mode::Backward { Looked::Once } else { Looked::Enough };
                for views in self.shown(place, oracle.mode) {
                    out.push(self.decided(place, oracle, (writer, epoch), views, (memories, looked)));
                }
            }
            At::Again { writer, epoch, memories } => {
                for views in self.reachable(place, oracle.mode) {
                    let looked = (memories, Looked::Enough);
                    out.push(self.decided(place, oracle, (writer, epoch), views, looked));
                }
            }
            At::Viewed { views, memories } => {
                let base = (self.record.writer, self.record.epoch);
                out.push(self.decided(place, oracle, base, views, (memories, Looked::Enough)));
            }
            At::Publish { writer, epoch, target, term, memories } => {
                let stands = (self.record.writer, self.record.epoch) == (writer, epoch);
                if stands || oracle.mode == Mode::NoFence {
                    out.push(self.published(
                        place,
                        Record { writer: target, epoch: epoch + 1, term },
                        memories,
                    )?);
                } else {
                    out.push(self.with(place, At::Idle)); // the fence was lost
                }
            }
            At::Remember(writes) => self.remember(place, writes, out),
        }
        Ok(())
    }

    fn begin(&self, place: usize, mode: Mode, out: &mut Vec<Self>) {
        if mode == Mode::ViewsFirst {
            for views in self.reachable(place, mode) {
                out.push(self.with(place, At::Viewed { views, memories: self.memories }));
            }
            return;
        }
        let memories = (mode == Mode::EarlyMemory).then_some(self.memories);
        let Record { writer, epoch, .. } = self.record;
        out.push(self.with(place, At::Read { writer, epoch, memories }));
    }

    /// The views of the Regions that answer: the own one, or both.
    fn reachable(&self, place: usize, mode: Mode) -> Vec<[Option<u8>; 2]> {
        let mut own = [None, None];
        own[place] = Some(self.views[place]);
        let both = self.views.map(Some);
        if mode == Mode::OwnView { vec![own] } else { vec![own, both] }
    }

    /// The same, and where a read may run backwards also one in which a Region that has caught up shows an earlier term. The
    /// promoted Region knows of its promotion by then, as in the rest of the model.
    fn shown(&self, place: usize, mode: Mode) -> Vec<[Option<u8>; 2]> {
        let mut shown = self.reachable(place, mode);
        if mode.runs_backwards() && self.views[usize::from(self.term % 2)] == self.term {
            for views in shown.clone() {
                for at in PLACES.into_iter().filter(|at| views[*at] == Some(self.term)) {
                    for earlier in 0..self.term {
                        let mut backward = views;
                        backward[at] = Some(earlier);
                        shown.push(backward);
                    }
                }
            }
        }
        shown
    }

    fn decided(
        &self,
        place: usize,
        oracle: &mut Oracle,
        (writer, epoch): (u8, u8),
        views: [Option<u8>; 2],
        (memories, looked): ([Remembered; 2], Looked),
    ) -> Self {
        let named = views.map(|view| view.map(|term| term % 2));
        let reached = PLACES.map(|at| {
            named[at].map_or(Reached::No, |named| Reached::Yes(Named { writer: named, memory: memories[at] }))
        });
        let at = match oracle.ask(writer, epoch, reached, looked) {
            Target::Publish(target) => {
                let naming = views.iter().flatten().filter(|term| *term % 2 == target);
                let term = naming.max().copied().unwrap_or_default();
                At::Publish { writer, epoch, target, term, memories }
            }
            Target::Again => At::Again { writer, epoch, memories },
            Target::Remember([None, None]) => At::Idle,
            Target::Remember(planned) => At::Remember(planned.map(|memory| memory.map(Some))),
        };
        self.with(place, at)
    }

    fn published(&self, place: usize, record: Record, memories: [Remembered; 2]) -> Result<Self, MovedBack> {
        if record.term < self.record.term {
            return Err(MovedBack(*self));
        }
        // A publication writes every Region's state, with the memory that was read before.
        let next = self.with(place, At::Remember(memories.map(Some)));
        Ok(Self { record, ..next })
    }

    /// One of the writes takes effect.
    fn remember(&self, place: usize, writes: [Option<Remembered>; 2], out: &mut Vec<Self>) {
        for at in PLACES {
            let Some(memory) = writes[at] else { continue };
            let mut unwritten = writes;
            unwritten[at] = None;
            let then = if unwritten == [None, None] { At::Idle } else { At::Remember(unwritten) };
            let mut next = self.with(place, then);
            next.memories[at] = memory;
            out.push(next);
        }
    }

    /// A whole pass by the function at `place`, with nothing in between: publish, then see and remember.
    pub(super) fn pass(
        &self,
        place: usize,
        views: [Option<u8>; 2],
        oracle: &mut Oracle,
    ) -> Result<Self, MovedBack> {
        let mut next = self.with(place, At::Idle);
        for _ in 0..2 {
            let base = (next.record.writer, next.record.epoch);
            next = next.decided(place, oracle, base, views, (next.memories, Looked::Enough));
            if let At::Publish { epoch, target, term, memories, .. } = next.functions[place] {
                next = next.published(place, Record { writer: target, epoch: epoch + 1, term }, memories)?;
            }
            if let At::Remember(writes) = next.functions[place] {
                for at in PLACES.into_iter().filter(|at| views[*at].is_some()) {
                    next.memories[at] = writes[at].unwrap_or(next.memories[at]);
                }
            }
            next.functions[place] = At::Idle;
        }
        Ok(next)
    }
}
