//! What is written down of what is done by hand, and what is not worth a line.

use std::time::Instant;

use drill_report::{EventKind, Lane, TimelineEvent};

use super::denied::Denied;
use super::shared::Room;

/// The row of what is done by hand.
pub(crate) const BY_HAND: &str = "by hand";

/// Notes what is done in that row.
pub(crate) async fn note(room: &Room, kind: EventKind, text: &str) -> Result<Instant, Denied> {
    let lane = Lane::Other(BY_HAND.to_owned());
    room.with_mut(|house| house.play.act(lane, kind, text)).await
}

/// As a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// A tick of the schedule that found everything as it was, or does not know yet.
pub(crate) fn is_quiet(event: &TimelineEvent) -> bool {
    let found_nothing = event.kind == EventKind::Decision && event.text.starts_with("schedule: unchanged");
    found_nothing || event.text == "schedule: under way"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_a_sentence() {
        assert_eq!(sentence("kill -9 of Seoul's app"), "Kill -9 of Seoul's app.");
        assert_eq!(sentence(""), ".");
    }
}
