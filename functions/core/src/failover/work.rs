//! What `failover` does for one database of its fleet.

use crate::pass::context::Pass;
use std::cell::Cell;
use std::time::Duration;

use crate::config::FailoverMode;
use crate::failover::respond::respond;
use crate::invocation::news::aftermath;
use crate::invocation::watch::DEADLINE_MARGIN_MS;
use crate::invocation::work::Work;
use crate::pass::outcome::Outcome;
use crate::ports::failover::FailoverPorts;
use crate::world::alarm::AlarmChange;
use crate::world::evidence::Alarms;
use crate::world::known::Known;
use crate::world::trigger::Trigger;

/// `failover`: the same pass once, and for an alarm that the database names what its policy says.
///
/// One invocation runs at a time. It does not stay for what it did not start, so that the next alarm does not wait for it;
/// and while it watches a failover that it started, it looks out for the alarms of all other databases, whose own
/// invocations do wait.
#[derive(Debug, Default)]
pub struct Failover {
    /// Databases whose alarm is being worked on.
    busy: Cell<u32>,
}

/// How often to see whether the invocation goes on.
const LOOK: Duration = Duration::from_secs(1);

/// Every which look also reads the alarms.
const READ_ALARMS: u32 = 5;

impl<P: FailoverPorts> Work<P> for Failover {
    async fn run(&self, pass: Pass<'_, P>, known: &mut Known) -> Outcome {
        let named = pass.trigger.alarms.iter().any(|alarm| alarm.concerns(pass.database));
        let mut outcome = if named { self.respond(pass, known).await } else { respond(pass, known).await };
        let looks_out = !named && !outcome.reconfigured && pass.database.failover().mode != FailoverMode::Off;
        if looks_out && let Some(alarms) = self.look_out(pass).await {
            let trigger = Trigger { alarms, ..pass.trigger.clone() };
            outcome = self.respond(Pass { trigger: &trigger, ..pass }, known).await;
        }
        aftermath(pass, &mut outcome).await;
        outcome
    }
}

impl Failover {
    async fn respond<P: FailoverPorts>(&self, pass: Pass<'_, P>, known: &mut Known) -> Outcome {
        self.busy.set(self.busy.get().saturating_add(1));
        let outcome = respond(pass, known).await;
        self.busy.set(self.busy.get().saturating_sub(1));
        outcome
    }

    /// Looks at the alarms of a database that nobody has named, as long as the invocation goes on for another.
    async fn look_out<P: FailoverPorts>(&self, pass: Pass<'_, P>) -> Option<Vec<AlarmChange>> {
        let Pass { ports, database, deadline, .. } = pass;
        let mut looks = 0_u32;
        while self.busy.get() > 0 && ports.now().plus_ms(DEADLINE_MARGIN_MS) < deadline {
            ports.sleep(LOOK).await;
            looks = looks.wrapping_add(1);
            if self.busy.get() == 0 || !looks.is_multiple_of(READ_ALARMS) {
                continue;
            }
            let readings = ports.alarm_readings(database).await;
            if Alarms::of(database, &readings) == Alarms::AllInAlarm {
                return Some(
                    readings.iter().filter_map(|(arn, reading)| AlarmChange::of(arn, reading)).collect(),
                );
            }
        }
        None
    }
}
