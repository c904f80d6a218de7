//! What a function does for one database of its fleet.

use std::cell::Cell;
use std::time::Duration;

use crate::aftermath::aftermath;
use crate::config::{Database, FailoverMode};
use crate::evidence::Alarms;
use crate::failover::AlarmChange;
use crate::failover::ports::FailoverPorts;
use crate::failover::respond::respond;
use crate::names::Region;
use crate::ports::{Notices, Ports};
use crate::reconcile::{Known, Outcome};
use crate::timestamp::Timestamp;
use crate::trigger::Trigger;
use crate::watch::{DEADLINE_MARGIN_MS, watch};

/// What a function does for one database.
pub trait Work<P> {
    /// Does it, until `deadline` is near.
    fn run(
        &self,
        ports: &P,
        database: &Database,
        own: &Region,
        known: &mut Known,
        trigger: &Trigger,
        deadline: Timestamp,
    ) -> impl Future<Output = Outcome>;
}

/// `follow`: publish the current writer, and stay while a transition is under way. Nothing that it is handed could
/// start one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Follow;

impl<P: Ports + Notices> Work<P> for Follow {
    async fn run(
        &self,
        ports: &P,
        database: &Database,
        own: &Region,
        known: &mut Known,
        trigger: &Trigger,
        deadline: Timestamp,
    ) -> Outcome {
        let mut outcome = watch(ports, database, own, known, trigger, deadline).await;
        aftermath(ports, database, own, trigger, &mut outcome).await;
        outcome
    }
}

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
    async fn run(
        &self,
        ports: &P,
        database: &Database,
        own: &Region,
        known: &mut Known,
        trigger: &Trigger,
        deadline: Timestamp,
    ) -> Outcome {
        let named = trigger.alarms.iter().any(|alarm| alarm.concerns(database));
        let mut outcome = if named {
            self.respond(ports, database, own, known, trigger, deadline).await
        } else {
            respond(ports, database, own, known, trigger, deadline).await
        };
        let looks_out = !named && !outcome.reconfigured && database.failover().mode != FailoverMode::Off;
        if looks_out && let Some(alarms) = self.look_out(ports, database, deadline).await {
            let trigger = Trigger { alarms, ..trigger.clone() };
            outcome = self.respond(ports, database, own, known, &trigger, deadline).await;
        }
        aftermath(ports, database, own, trigger, &mut outcome).await;
        outcome
    }
}

impl Failover {
    async fn respond<P: FailoverPorts>(
        &self,
        ports: &P,
        database: &Database,
        own: &Region,
        known: &mut Known,
        trigger: &Trigger,
        deadline: Timestamp,
    ) -> Outcome {
        self.busy.set(self.busy.get().saturating_add(1));
        let outcome = respond(ports, database, own, known, trigger, deadline).await;
        self.busy.set(self.busy.get().saturating_sub(1));
        outcome
    }

    /// Looks at the alarms of a database that nobody has named, as long as the invocation goes on for another.
    async fn look_out<P: FailoverPorts>(
        &self,
        ports: &P,
        database: &Database,
        deadline: Timestamp,
    ) -> Option<Vec<AlarmChange>> {
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
