//! What `failover` does for one database of its fleet.
//!
//! Levels, not edges: an alarm's event only wakes the function, and so does the schedule; what counts is what the alarms say
//! when they are read. So a lost event, a refused call, a hold that is lifted or a lag that becomes known delays a failover
//! by seconds, and nothing is ever forgotten.

use std::cell::Cell;
use std::time::Duration;

use crate::answer::result::DatabaseResult;
use crate::config::FailoverMode;
use crate::failover::readiness::look_ahead;
use crate::failover::respond::{Responded, respond};
use crate::failover::survey::Readings;
use crate::invocation::watch::DEADLINE_MARGIN_MS;
use crate::invocation::work::Work;
use crate::pass::context::Pass;
use crate::pass::outcome::Outcome;
use crate::pass::reconcile::{Attention, reconcile};
use crate::ports::failover::FailoverPorts;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::AlarmReading;
use crate::world::attempt::Kept;
use crate::world::known::Known;
use crate::world::trigger::{Trigger, TriggerKind};

/// `failover`: the same pass, and what a database's policy says while its health alarms are in ALARM.
///
/// It returns within 55 seconds unless it started a failover itself; while it watches one, it looks out for the alarms of
/// all other databases, whose own invocations may wait.
#[derive(Debug, Default)]
pub struct Failover {
    /// Databases that are being failed over.
    busy: Cell<u32>,
    /// Alarms that were read in this invocation.
    alarms_read: Cell<u64>,
}

/// The pause between two looks of one invocation.
const LOOK: Duration = Duration::from_secs(5);
/// How long an invocation goes on that has started nothing, in milliseconds: the next one comes each minute.
const STAY_MS_MAX: i64 = 55_000;

impl<P: FailoverPorts> Work<P> for Failover {
    /// What people hear after a pass they hear from `follow`, which is woken too: of two that tell, each would.
    async fn run(&self, pass: Pass<'_, P>, known: &mut Known) -> Outcome {
        self.tend(pass, known).await
    }

    /// Levels here too: each tick looks whether it is time, and an alarm's own invocation has nothing else to do.
    fn has_more(&self, trigger: &Trigger) -> bool {
        trigger.kind == TriggerKind::Schedule
    }

    async fn afterwards(&self, pass: Pass<'_, P>, known: &mut Known, result: &mut DatabaseResult) {
        let is_started = result.failover.as_ref().is_some_and(|failover| failover.action.is_under_way());
        if !is_started && pass.database.failover().mode != FailoverMode::Off {
            result.readiness = look_ahead(pass, known).await.map(Box::new);
        }
    }

    fn alarms_read(&self) -> Option<u64> {
        Some(self.alarms_read.take())
    }
}

impl Failover {
    async fn tend<P: FailoverPorts>(&self, pass: Pass<'_, P>, known: &mut Known) -> Outcome {
        let by_schedule = pass.trigger.kind == TriggerKind::Schedule;
        if pass.database.failover().mode == FailoverMode::Off {
            if by_schedule {
                return Outcome::idle(pass.database, "the mode is off");
            }
            return reconcile(pass, known, Attention::Everything).await;
        }
        let stays_until = pass.ports.now().plus_ms(STAY_MS_MAX);
        let mut last: Option<Outcome> = None;
        let mut kept: Option<Kept> = None;
        let mut is_last = false;
        loop {
            let readings = self.read(pass).await;
            let (mut waits, mut may_wait) = (false, false);
            if readings.values().any(AlarmReading::is_alarm) && is_named_in_alarm(pass, &readings) {
                may_wait = !is_last && is_time_for_another(pass, stays_until);
                let responded = self.look(pass, known, readings, kept.take(), may_wait).await;
                waits = responded.waits;
                kept = responded.kept;
                last = Some(responded.outcome);
            } else if last.is_none() && !by_schedule {
                last = Some(reconcile(pass, known, Attention::Everything).await);
            }
            let is_over = last.as_ref().is_some_and(|outcome| outcome.reconfigured || has_started(outcome));
            let goes_on = self.busy.get() > 0 && is_time_for_another(pass, pass.deadline);
            let again = goes_on || (waits && is_time_for_another(pass, stays_until));
            if !is_over && !again && waits && may_wait {
                // The look took so long that no other fits: what it left to a later one is remembered and said now.
                is_last = true;
                continue;
            }
            if is_over || !again {
                return last.unwrap_or_else(|| Outcome::idle(pass.database, "no health alarm is in ALARM"));
            }
            pass.ports.sleep(LOOK).await;
        }
    }

    /// One look; the others look out as long as it lasts.
    async fn look<P: FailoverPorts>(
        &self,
        pass: Pass<'_, P>,
        known: &mut Known,
        readings: Readings,
        kept: Option<Kept>,
        may_wait: bool,
    ) -> Responded {
        self.busy.set(self.busy.get().saturating_add(1));
        let responded = respond(pass, known, readings, kept, may_wait).await;
        self.busy.set(self.busy.get().saturating_sub(1));
        responded
    }

    async fn read<P: FailoverPorts>(&self, pass: Pass<'_, P>) -> Readings {
        let readings = pass.ports.alarm_readings(pass.database).await;
        let known = readings.values().filter(|reading| reading.status().is_some()).count();
        self.alarms_read.set(self.alarms_read.get() + u64::try_from(known).unwrap_or_default());
        readings
    }
}

/// Whether one of the database's health alarms is in ALARM; a writer alarm alone asks for nothing.
fn is_named_in_alarm<P>(pass: Pass<'_, P>, readings: &Readings) -> bool {
    let mut alarms = pass.database.failover().health_alarms.iter().filter_map(|arn| readings.get(arn));
    alarms.any(AlarmReading::is_alarm)
}

fn is_time_for_another<P: FailoverPorts>(pass: Pass<'_, P>, until: Timestamp) -> bool {
    let next = pass.ports.now().plus_ms(i64::try_from(LOOK.as_millis()).unwrap_or_default());
    next < until && next.plus_ms(DEADLINE_MARGIN_MS) < pass.deadline
}

fn has_started(outcome: &Outcome) -> bool {
    outcome.result.failover.as_ref().is_some_and(|failover| failover.action.is_under_way())
}
