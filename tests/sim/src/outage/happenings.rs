//! What happens to the world in a run, beside its functions.

use responder_core::world::alarm::{AlarmState, AlarmStatus};
use responder_fakes::LagCourse;

use super::life::{ALARMS, Life, Story};
use super::terms::{Lie, Spoil};
use super::{Run, script};

impl Run {
    pub(super) fn outage(&mut self) {
        let life = &self.stage.life;
        self.stage.has_begun.set(true);
        self.began.set(self.world.now());
        let dead = self.stage.place(&self.world.writer());
        if matches!(life.story, Story::Wild | Story::Region | Story::Partial) {
            let cuts = (0..3).flat_map(|place| [(place, dead), (dead, place)]);
            self.stage.weather.borrow_mut().cut.extend(cuts);
        }
        if life.story == Story::Cluster && life.writer.is_empty() {
            "failed".clone_into(&mut self.world.site_at(dead).cluster_status);
        }
        let mut audit = self.stage.audit.borrow_mut();
        audit.outage();
        if life.story != Story::Release {
            audit.is_down(true, self.world.now());
            if !audit.is_spoilt(Spoil::Lag) && !audit.is_spoilt(Spoil::NoLag) {
                let now = self.world.now();
                self.world.site_at(1 - dead).lag.goes_on(now, life.course);
            }
        }
        drop(audit);
        script::alarms_of_outage(&self.stage);
    }

    pub(super) fn back(&self) {
        self.stage.weather.borrow_mut().cut.clear();
        self.stage.audit.borrow_mut().is_down(false, self.world.now());
    }

    pub(super) fn hides(&self, spoil: Spoil) -> bool {
        self.lie.is_some_and(|lie| lie.hides(spoil))
    }

    pub(super) fn alarm(&self, at: usize, state: &AlarmState) {
        let life = &self.stage.life;
        let lies =
            self.lie == Some(Lie::Alarms) || (self.lie == Some(Lie::WriterDown) && life.writer.contains(&at));
        let mut status = AlarmStatus::plain(state.clone(), Some(self.world.now()));
        if lies {
            status.state = AlarmState::Alarm;
        } else if !life.is_wild() {
            let mut dice = self.stage.dice.borrow_mut();
            if let Some((start, period_ms)) = Life::breaching(&mut dice, self.began.get()) {
                status.breaching_since = Some(start);
                status.period_ms = Some(period_ms);
                status.evaluation_periods = Some(2);
            }
        }
        let audit = self.stage.audit.borrow();
        if audit.is_spoilt(Spoil::Quieted) && !self.hides(Spoil::Quieted) {
            status.quieted = Some("its actions are disabled".to_owned());
        }
        drop(audit);
        self.world.set_alarm_status(ALARMS[at].0, status);
        self.stage.audit.borrow_mut().alarm(at, *state == AlarmState::Alarm, self.world.now());
        script::deliver(&self.stage, at, state, self.world.now());
    }

    pub(super) fn spoil(&self, spoil: Spoil, is_bad: bool) {
        self.stage.audit.borrow_mut().spoil(spoil, is_bad, self.world.now());
        let is_bad = is_bad && !self.hides(spoil);
        for at in self.stage.life.health.iter().filter(|_| spoil == Spoil::Quieted) {
            self.world.quiet_alarm(ALARMS[*at].0, is_bad.then_some("its actions are disabled"));
        }
        for place in 0..2 {
            let mut site = self.world.site_at(place);
            match spoil {
                Spoil::Hold => site.hold = is_bad.then(|| "maintenance".to_owned()),
                Spoil::Headless => site.instances = if is_bad { 0 } else { 2 },
                Spoil::Version => {
                    let version = if is_bad { "15.18" } else { responder_fakes::ENGINE_VERSION };
                    version.clone_into(&mut site.engine_version);
                }
                Spoil::NoLag | Spoil::Lag => {
                    let course = script::lag_of(spoil).filter(|_| is_bad);
                    site.lag.always(course.unwrap_or(LagCourse::Steady(80)));
                }
                Spoil::Quieted => {}
            }
        }
    }

    pub(super) fn promote(&self, place: usize) {
        let writer = self.stage.regions[place].clone();
        self.world.begin_term(writer.as_str());
        self.world.catch_up(writer.as_str());
        self.stage.audit.borrow_mut().promoted(&writer, self.world.now());
    }

    /// The other Region has learnt of the promotion.
    pub(super) fn rejoin(&self) {
        // What comes from now on is another outage, or alarms that lie.
        self.stage.audit.borrow_mut().outage();
        self.back();
        for place in 0..2 {
            let audit = self.stage.audit.borrow();
            if !audit.is_spoilt(Spoil::Lag) && !audit.is_spoilt(Spoil::NoLag) {
                let now = self.world.now();
                self.world.site_at(place).lag.goes_on(now, LagCourse::Steady(80));
            }
        }
        for region in self.stage.regions.iter() {
            self.world.catch_up(region.as_str());
        }
    }
}
