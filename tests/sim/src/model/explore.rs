//! Every state that can be reached, and what must hold in each.

use std::collections::HashSet;

use crate::model::decision::{Mode, Oracle, PLACES};
use crate::model::step::{At, MovedBack, Record, State};

/// What an exploration came to.
#[derive(Debug, Clone)]
pub struct Explored {
    /// How many states were reached.
    pub states: usize,
    /// The first violation, in words.
    pub violation: Option<String>,
}

/// Explores all states with up to `transitions` transitions. Of the rule itself, in every state: once the views
/// catch up three passes put the record right; and a function whose Region has the writer moves the record alone.
pub fn explore(mode: Mode, transitions: u8) -> Explored {
    let mut oracle = Oracle::new(mode);
    let mut seen = HashSet::from([State::start()]);
    let mut queue = vec![State::start()];
    let mut following = Vec::new();
    while let Some(state) = queue.pop() {
        following.clear();
        let end = state.successors(transitions, &mut oracle, &mut following);
        let end = end.map_err(in_words).and_then(|()| check(mode, &state, &mut oracle));
        if let Err(what) = end {
            return Explored { states: seen.len(), violation: Some(what) };
        }
        queue.extend(following.iter().filter(|next| seen.insert(**next)));
    }
    let violation = disaster(mode, transitions, &mut oracle).err();
    Explored { states: seen.len(), violation }
}

fn in_words(MovedBack(state): MovedBack) -> String {
    format!("the record moves back: {state:?}")
}

fn is_sound(mode: Mode) -> bool {
    Mode::SOUND.contains(&mode)
}

/// Once the views have caught up, three passes put the record right, whatever the functions were doing.
fn check(mode: Mode, state: &State, oracle: &mut Oracle) -> Result<(), String> {
    if !is_sound(mode) {
        return Ok(());
    }
    let mut settled = State { views: [state.term; 2], functions: [At::Idle; 2], ..*state };
    for place in [0, 1, 0] {
        settled = settled.pass(place, settled.views.map(Some), oracle).map_err(in_words)?;
    }
    if settled.record.writer == state.term % 2 {
        return Ok(());
    }
    Err(format!("does not converge from {state:?}"))
}

/// The old writer's Region is dead or says for ever that it is the writer.
fn disaster(mode: Mode, transitions: u8, oracle: &mut Oracle) -> Result<(), String> {
    if !is_sound(mode) {
        return Ok(());
    }
    for term in 0..transitions {
        let (old, new) = (term % 2, (term + 1) % 2);
        let mut views = [term; 2];
        views[usize::from(new)] = term + 1;
        let mut own = [None; 2];
        own[usize::from(new)] = Some(term + 1);
        let state = State {
            term: term + 1,
            views,
            record: Record { writer: old, epoch: term + 1, term },
            memories: PLACES.map(|_| Some((old, term + 1))),
            functions: [At::Idle; 2],
        };
        for seen in [own, views.map(Some)] {
            let after = state.pass(usize::from(new), seen, oracle).map_err(in_words)?;
            if after.record.writer != new {
                return Err(format!("stuck on the old writer: {state:?}"));
            }
        }
    }
    Ok(())
}
