//! What probes were asked, what was heard of them, and whether the record moved by that.

use std::time::{Duration, Instant};

use drill_cloud::front::{Entry, Outcome};

use crate::scene::Scene;
use crate::seen::Seen;

/// From the first question until the record moves: three looks that hear a no, a second apart, and what a call that fails adds.
const IN_TIME: Duration = Duration::from_secs(10);

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// The function heard a probe's word.
    Word(Option<bool>),
    /// It heard nothing, or an error.
    Nothing,
}

/// What is wrong, a sentence each. A no holds the record, and whoever heard it watches until it is over; silence, and a probe that
/// does not know, leave it to RDS's word, at once; where a second probe can be asked there is a yes first.
pub(crate) fn asked(seen: &Seen) -> Vec<String> {
    if seen.scene.words().is_empty() {
        return Vec::new();
    }
    let heard = heard(seen);
    let moved = seen.of("ChangeResourceRecordSets").find(|entry| entry.applied()).map(|entry| entry.received);
    // That it never moved is said elsewhere.
    let Some(moved) = moved else { return Vec::new() };
    let before: Vec<Heard> = heard.iter().filter(|(_, at, _)| *at <= moved).map(|(.., word)| *word).collect();
    let mut wrong: Vec<String> = by_its_last_word(seen.scene, &before).into_iter().collect();
    let has_no = before.contains(&Heard::Word(Some(false)));
    if !has_no && (seen.disturbed.is_none() || seen.scene.has_second_probe()) {
        wrong.push("no probe was heard to say no: the cell proves nothing".to_owned());
    }
    let first = heard.iter().map(|(received, ..)| *received).min();
    let took = first.map(|first| moved.saturating_duration_since(first)).unwrap_or_default();
    if took > IN_TIME {
        wrong.push(format!("the record moved {} s after the first question to a probe", took.as_secs()));
    }
    wrong
}

fn by_its_last_word(scene: Scene, before: &[Heard]) -> Option<String> {
    let what = match before.last() {
        None => "and no probe had been asked",
        Some(Heard::Word(Some(false))) => "though a probe had just said that it takes no writes",
        Some(Heard::Word(Some(true))) => return None,
        Some(_) if scene.has_second_probe() => "without a yes, though one of two probes knew",
        Some(_) => return None,
    };
    Some(format!("the record moved {what}"))
}

/// Each question to a probe: when it was asked, when that ended, and how. Words are given out in order, also those that got lost.
fn heard(seen: &Seen) -> Vec<(Instant, Instant, Heard)> {
    let words = seen.scene.words();
    let mut given = words.iter().copied();
    let heard = |entry: &Entry| {
        let is_given = entry.status == Some(200);
        let word = if is_given { given.next().or_else(|| words.last().copied()) } else { None };
        let heard = word.filter(|_| entry.outcome == Outcome::Answered).map_or(Heard::Nothing, Heard::Word);
        (entry.received, entry.ended, heard)
    };
    seen.of("Invoke").map(AsRef::as_ref).map(heard).collect()
}
