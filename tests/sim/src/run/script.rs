//! What happens in a run, and when: drawn from the seed before it begins, and at each transition.

use responder_fakes::World;

use crate::run::terms::Config;
use crate::stage::{Happening, Stage};

/// The settle time of a spaced run, in milliseconds.
const SETTLE_MS: i64 = 60_000;

/// Puts a run's happenings into the queue.
pub(super) fn write(stage: &Stage, config: Config) {
    let end_ms = transitions(stage, config);
    weather(stage, config, end_ms);
    wakes(stage, config, end_ms);
    if config.runs_backwards {
        stuck_node(stage, config, end_ms);
    }
}

/// Up to six transitions; returns when the run is about to end, in milliseconds.
fn transitions(stage: &Stage, config: Config) -> i64 {
    let mut at_ms = 0;
    for _ in 0..stage.between(0, 7) {
        at_ms += match (config.is_spaced, stage.percent(50)) {
            (true, _) => SETTLE_MS + stage.between(0, 90_000),
            (false, true) => stage.between(0, 2_000),
            (false, false) => stage.between(0, 30_000),
        };
        stage.after(at_ms, Happening::Transition);
    }
    at_ms + stage.between(5_000, 40_000)
}

/// Half of the runs have fair weather.
fn weather(stage: &Stage, config: Config, end_ms: i64) {
    {
        let mut weather = stage.weather.borrow_mut();
        weather.slow_percent = [0, 5, 15][stage.dice.borrow_mut().place(3)];
        weather.slow_ms = [500, 3_000, 20_000][stage.dice.borrow_mut().place(3)];
        weather.faults_percent = [0, 0, 2, 10, 30][stage.dice.borrow_mut().place(5)];
    }
    for _ in 0..stage.between(0, 5).max(2) - 2 {
        let (from, to) = (place(stage, config), place(stage, config));
        let at_ms = stage.between(0, end_ms);
        stage.after(at_ms, Happening::Cut(from, to));
        stage.after(at_ms + stage.between(100, 60_000), Happening::Mend(from, to));
    }
    if stage.percent(25) {
        let at_ms = stage.between(0, end_ms);
        let back_ms = at_ms + stage.between(100, 60_000);
        let alone = stage.percent(30).then(|| place(stage, config));
        for place in (0..config.regions).filter(|place| alone.is_none_or(|alone| alone == *place)) {
            stage.after(at_ms, Happening::Route53Down(place));
            stage.after(back_ms, Happening::Route53Back(place));
        }
    }
}

/// A node of one Region that gets stuck again and again, a term ago or two. Of two Regions whose news ran backwards in one
/// pass, one could renounce and the other claim, and the rule believes them.
fn stuck_node(stage: &Stage, config: Config, end_ms: i64) {
    let place = place(stage, config);
    for _ in 0..stage.between(1, 6) {
        let at_ms = stage.between(0, end_ms);
        let terms = 1 + stage.dice.borrow_mut().place(2);
        stage.after(at_ms, Happening::Stick(place, terms));
        stage.after(at_ms + stage.between(100, 60_000), Happening::Loosen);
    }
}

/// The schedule, and events of which nobody knows where they come from.
fn wakes(stage: &Stage, config: Config, end_ms: i64) {
    for _ in 0..stage.between(2, 7) {
        stage.after(stage.between(0, end_ms), Happening::Wake(place(stage, config)));
    }
    for _ in 0..stage.between(0, 3) {
        stage.after(stage.between(0, end_ms), Happening::Twice(place(stage, config)));
    }
}

/// What a transition brings: views that catch up, readiness, events that are late, lost or doubled.
pub(super) fn follow_transition(stage: &Stage, world: &World, writer: usize) {
    for place in 0..world.regions().len() {
        let lag_ms = if place == writer || stage.percent(40) {
            stage.between(0, 3_000)
        } else {
            stage.between(0, 50_000)
        };
        stage.after(lag_ms, Happening::CatchUp(place));
        if stage.percent(20) {
            world.site_at(place).failover_status = Some("switching-over".to_owned());
            stage.after(stage.between(0, 20_000), Happening::OperationEnds(place));
        }
        for _ in 0..stage.between(0, 3) {
            stage.after(stage.between(0, 15_000), Happening::Wake(place));
        }
    }
    if stage.percent(30) {
        "rebooting".clone_into(&mut world.site_at(writer).instance_status);
        stage.after(stage.between(0, 8_000), Happening::Ready(writer));
    }
}

fn place(stage: &Stage, config: Config) -> usize {
    stage.dice.borrow_mut().place(config.regions)
}
