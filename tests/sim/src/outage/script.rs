//! What happens in a run, and when: drawn from the seed before it begins, and at each alarm.

use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::{AlarmChange, AlarmState};
use responder_core::world::trigger::{Trigger, TriggerKind};
use responder_fakes::{LagCourse, Unkind, World};

use super::life::{ALARMS, Lost, Story};
use super::{Happening, Spoil, Stage};
use crate::weather::Buckets;

/// How long a life goes on after its last alarm that is not wild, in milliseconds.
const AFTERWARDS_MS: i64 = 270_000;

/// Puts a run's happenings into the queue.
pub(super) fn write(stage: &Stage, world: &World) {
    for at in stage.life.alarms() {
        world.set_alarm(ALARMS[at].0, &AlarmState::Ok);
    }
    for place in 0..2 {
        let mut site = world.site_at(place);
        site.lag.late_ms = stage.life.late_ms;
        site.clock_ms = if stage.life.has(Unkind::Clocks) { stage.between(-2_000, 2_001) } else { 0 };
    }
    if stage.life.has(Unkind::Stale) {
        world.keep_past();
        stage.whims.borrow_mut().stale_percent = 30;
    }
    let end_ms = if stage.life.is_wild() { wild(stage) } else { one_outage(stage) };
    ticks(stage, end_ms);
    {
        let mut weather = stage.weather.borrow_mut();
        let mut dice = stage.dice.borrow_mut();
        let faults = [0, 0, 2, 8, 25][dice.place(5)];
        weather.faults_percent = if stage.life.is_wild() { faults } else { 0 };
        weather.buckets = stage.life.has(Unkind::Buckets).then(Buckets::default);
        weather.slow_percent = [0, 5, 15][dice.place(3)];
        weather.slow_ms = if stage.life.is_wild() { [500, 3_000][dice.place(2)] } else { 500 };
    }
    for _ in 0..stage.between(0, if stage.life.is_wild() { 6 } else { 3 }) {
        let place = usize::from(stage.percent(50));
        stage.queue.after(stage.between(0, end_ms), Happening::Follow(place));
    }
}

/// The schedule wakes `failover` in both Regions, each minute at a moment of its own.
fn ticks(stage: &Stage, end_ms: i64) {
    for place in 0..2 {
        let first_ms = stage.between(0, 60_000);
        for at_ms in (first_ms..end_ms).step_by(60_000) {
            let trigger = Trigger { kind: TriggerKind::Schedule, ..Trigger::default() };
            let late_ms = stage.between(0, 1_000);
            stage.queue.after(at_ms + late_ms, Happening::Wake(place, Box::new(trigger)));
        }
    }
}

/// One thing happens to the database or its applications, and its alarms say so as soon as real ones do.
fn one_outage(stage: &Stage) -> i64 {
    if let Some(spoil) = stage.life.spoilt {
        stage.queue.after(0, Happening::Spoil(spoil, true));
    }
    let at_ms = stage.between(1_000, 90_000);
    stage.queue.after(at_ms, Happening::Outage);
    at_ms + stage.life.alarms_ms() + AFTERWARDS_MS
}

/// Outages, flapping alarms, and things that stand in the way for a while.
fn wild(stage: &Stage) -> i64 {
    let end_ms = outages(stage);
    flapping(stage, end_ms);
    spoils(stage, end_ms);
    end_ms
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

/// The alarms of an outage, each a while after it; in a wild life some never come, and often one is OK again later.
pub(super) fn alarms_of_outage(stage: &Stage) {
    let all_at_ms = stage.between(100, stage.life.alarms_ms());
    let missing = (stage.life.story == Story::Partial).then(|| usize::from(stage.percent(50)));
    for at in stage.life.alarms() {
        let is_wild = stage.life.is_wild();
        let is_of_the_database = stage.life.writer.contains(&at);
        if missing == Some(at) || (stage.life.story == Story::Release && is_of_the_database) {
            continue;
        }
        if is_wild && !stage.percent(90) {
            continue;
        }
        let alone_at_ms = stage.between(100, stage.life.alarms_ms());
        let fires_ms = if stage.life.is_at_once { all_at_ms } else { alone_at_ms };
        stage.queue.after(fires_ms, Happening::Alarm(at, AlarmState::Alarm));
        if is_wild && stage.percent(60) {
            let over_ms = fires_ms + stage.between(1_000, 400_000);
            stage.queue.after(over_ms, Happening::Alarm(at, AlarmState::Ok));
        }
    }
}

/// Alarms that lie.
fn flapping(stage: &Stage, end_ms: i64) {
    let states = [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData];
    let alarms: Vec<usize> = stage.life.alarms().collect();
    for _ in 0..stage.between(0, 6) {
        let at = alarms[stage.dice.borrow_mut().place(alarms.len())];
        let drawn = stage.dice.borrow_mut().place(states.len());
        stage.queue.after(stage.between(0, end_ms), Happening::Alarm(at, states[drawn].clone()));
    }
}

/// Things that have to stop a failover, for a while or for good.
fn spoils(stage: &Stage, end_ms: i64) {
    for spoil in Spoil::ALL {
        if stage.percent(15) {
            let from_ms = if spoil.is_of_the_lag() { 0 } else { stage.between(0, end_ms) };
            stage.queue.after(from_ms, Happening::Spoil(spoil, true));
            if stage.percent(60) && !spoil.is_of_the_lag() {
                stage.queue.after(from_ms + stage.between(1_000, 200_000), Happening::Spoil(spoil, false));
            }
        }
    }
}

/// What the lag is, where it is spoilt so.
pub(super) fn lag_of(spoil: Spoil) -> Option<LagCourse> {
    match spoil {
        Spoil::Lag => Some(LagCourse::Steady(60_000)),
        Spoil::NoLag => Some(LagCourse::Stops),
        _ => None,
    }
}

/// An alarm's event reaches the functions of both Regions: late, several times, or never.
pub(super) fn deliver(stage: &Stage, at: usize, new: &AlarmState, now: Timestamp) {
    if !stage.life.is_wild() && matches!(stage.life.lost, Lost::Event(lost) if lost == at) {
        return;
    }
    let change = AlarmChange {
        arn: Some(ALARMS[at].0.to_owned()),
        name: "todo".to_owned(),
        state: new.clone(),
        at: Some(now),
    };
    // An event that is two minutes late is as good as lost: not in a life that loses something else.
    let may_be_late = stage.life.is_wild() || !matches!(stage.life.lost, Lost::Tick(_));
    for place in 0..2 {
        let least = i64::from(!stage.life.is_wild());
        for copy in 0..stage.between(least, 4) {
            let trigger =
                Trigger { kind: TriggerKind::Alarm, alarms: vec![change.clone()], ..Trigger::default() };
            let late_ms = if copy == 0 && stage.life.is_at_once {
                stage.between(10, 40)
            } else if stage.percent(85) || !may_be_late {
                stage.between(10, 3_000)
            } else {
                stage.between(10, 120_000)
            };
            stage.queue.after(late_ms, Happening::Wake(place, Box::new(trigger)));
        }
    }
}
