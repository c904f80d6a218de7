//! What happens in a run, and when: drawn from the seed before it begins, and at each alarm.

use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmChange, AlarmState};
use responder_core::world::trigger::Trigger;
use responder_core::world::trigger::TriggerKind;
use responder_fakes::{ALARM, World};

use crate::outage::stage::Stage;
use crate::outage::terms::{Happening, Spoil};

/// The alarm of a third Region.
pub(super) const WITNESS: &str = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:todo-witness";
/// Both health alarms.
pub(super) const ALARMS: [&str; 2] = [ALARM, WITNESS];

/// Puts a run's happenings into the queue.
pub(super) fn write(stage: &Stage, world: &World) {
    for arn in ALARMS {
        world.set_alarm(arn, &AlarmState::Ok);
    }
    let end_ms = outages(stage);
    flapping(stage, end_ms);
    spoils(stage, end_ms);
    {
        let mut weather = stage.weather.borrow_mut();
        let mut dice = stage.dice.borrow_mut();
        weather.faults_percent = [0, 0, 2, 8, 25][dice.place(5)];
        weather.slow_percent = [0, 5, 15][dice.place(3)];
        weather.slow_ms = [500, 3_000][dice.place(2)];
    }
    for _ in 0..stage.between(0, 6) {
        let place = usize::from(stage.percent(50));
        stage.queue.after(stage.between(0, end_ms), Happening::Follow(place));
    }
}

/// None, one or two outages of whatever Region has the writer; some end, and the Region comes back with stale news.
fn outages(stage: &Stage) -> i64 {
    let mut at_ms = 0;
    for _ in 0..stage.between(0, 3) {
        at_ms += stage.between(1_000, 60_000);
        stage.queue.after(at_ms, Happening::Outage);
        if stage.percent(70) {
            let back_ms = at_ms + stage.between(5_000, 300_000);
            stage.queue.after(back_ms, Happening::Back);
        }
        at_ms += stage.between(60_000, 900_000);
        stage.queue.after(at_ms, Happening::Rejoin);
    }
    at_ms + 60_000
}

/// Both alarms of an outage, each a while after it, and often OK again later.
pub(super) fn alarms_of_outage(stage: &Stage) {
    for at in 0..ALARMS.len() {
        if stage.percent(90) {
            let fires_ms = stage.between(100, 30_000);
            stage.queue.after(fires_ms, Happening::Alarm(at, AlarmState::Alarm));
            if stage.percent(60) {
                let over_ms = fires_ms + stage.between(1_000, 400_000);
                stage.queue.after(over_ms, Happening::Alarm(at, AlarmState::Ok));
            }
        }
    }
}

/// Alarms that lie.
fn flapping(stage: &Stage, end_ms: i64) {
    let states = [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData];
    for _ in 0..stage.between(0, 6) {
        let at = usize::from(stage.percent(50));
        let drawn = stage.dice.borrow_mut().place(states.len());
        stage.queue.after(stage.between(0, end_ms), Happening::Alarm(at, states[drawn].clone()));
    }
}

/// Things that have to stop a failover, for a while or for good.
fn spoils(stage: &Stage, end_ms: i64) {
    for spoil in Spoil::ALL {
        if stage.percent(15) {
            let from_ms = stage.between(0, end_ms);
            stage.queue.after(from_ms, Happening::Spoil(spoil, true));
            if stage.percent(60) {
                stage.queue.after(from_ms + stage.between(1_000, 200_000), Happening::Spoil(spoil, false));
            }
        }
    }
}

/// An alarm's event reaches the functions of both Regions: late, several times, or never.
pub(super) fn deliver(stage: &Stage, at: usize, new: &AlarmState, now: Timestamp) {
    let change = AlarmChange {
        arn: Some(ALARMS[at].to_owned()),
        name: "todo".to_owned(),
        state: new.clone(),
        at: Some(now),
    };
    for place in 0..2 {
        for _ in 0..stage.between(0, 4) {
            let trigger =
                Trigger { kind: TriggerKind::Alarm, alarms: vec![change.clone()], ..Trigger::default() };
            let late_ms =
                if stage.percent(85) { stage.between(10, 3_000) } else { stage.between(10, 120_000) };
            stage.queue.after(late_ms, Happening::Wake(place, Box::new(trigger)));
        }
    }
}
