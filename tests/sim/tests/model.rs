//! The result of the abstract model, reproduced on the real `decide` and `plan`.

use std::env;
use std::time::Instant;

use responder_sim::model::{Mode, explore};

/// `TRANSITIONS=6` explores as many.
fn transitions() -> u8 {
    env::var("TRANSITIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(4)
}

#[test]
fn the_rule_never_moves_back_always_converges_and_survives_a_disaster() {
    for mode in Mode::SOUND {
        let started = Instant::now();
        let explored = explore(mode, transitions());
        let seconds = started.elapsed().as_secs_f64();
        eprintln!("{mode:?}: {} states, {} transitions, {seconds:.1} s", explored.states, transitions());
        assert_eq!(explored.violation, None, "{mode:?}");
    }
}

#[test]
fn each_broken_rule_is_found() {
    for mode in Mode::BROKEN {
        let explored = explore(mode, transitions());
        let violation = explored.violation.unwrap_or_else(|| panic!("{mode:?} was not found"));
        eprintln!("{mode:?}: found after {} states: {violation}", explored.states);
    }
}
