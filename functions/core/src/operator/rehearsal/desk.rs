//! The ports of a drill with a desk in front, over which every call goes. A live desk makes each call and notes the time of
//! each phase. In a rehearsal it makes the reading calls, writes the changing ones down, and answers as if they had been
//! made. So the plan of a transition is the transition's own code.

use crate::ports::Connection;
use crate::ports::Turn;
use crate::ports::Write;
use crate::world::attempt::Kept;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::Database;
use crate::judge::permit::Authorized;
use crate::judge::permit::Switchover;
use crate::operator::rehearsal::calls::Ledger;
use crate::operator::rehearsal::overlay::Overlay;
use crate::ports::failover::{Journals, Readinesses, ReplicationLag, StartFailover};
use crate::ports::operator::{DrillPorts, OperatorSwitches, Runs, Snapshots, StartSwitchover};
use crate::ports::{
    Clock, Exchanged, HealthAlarms, Notices, Pages, Parameters, PortError, Probes, RegionViews, WriterRecord,
};
use crate::words::names::Region;
use crate::words::notice::Notice;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::AlarmReading;
use crate::world::attempt::Journal;
use crate::world::course::Course;
use crate::world::evidence::{Declaration, RegionParameters};
use crate::world::lag::Lags;
use crate::world::probe::{ProbeWord, Question};
use crate::world::readiness::{KeptReadiness, Readiness};
use crate::world::record::{Exchange, RecordSet};
use crate::world::run::Run;
use crate::world::snapshot::{Copied, Copy, Snapshot};
use crate::world::state::State;
use crate::world::topology::RegionView;

pub use crate::operator::rehearsal::calls::ApiCall;

/// The ports of a drill, each call passed over a desk.
#[derive(Debug)]
pub struct Desk<'a, P> {
    ports: &'a P,
    target: Region,
    is_rehearsal: bool,
    ledger: RefCell<Ledger>,
    overlay: RefCell<Overlay>,
    moments: RefCell<Vec<(&'static str, Timestamp)>>,
}

impl<'a, P: DrillPorts> Desk<'a, P> {
    /// Makes every call; notes when the writer arrives in `target`.
    pub fn live(ports: &'a P, target: &Region) -> Self {
        Self::new(ports, target, false)
    }

    /// Makes no call that changes anything.
    pub fn rehearsal(ports: &'a P, target: &Region) -> Self {
        Self::new(ports, target, true)
    }

    fn new(ports: &'a P, target: &Region, is_rehearsal: bool) -> Self {
        Self {
            ports,
            target: target.clone(),
            is_rehearsal,
            ledger: RefCell::default(),
            overlay: RefCell::default(),
            moments: RefCell::default(),
        }
    }

    /// Whether nothing is changed.
    pub const fn is_rehearsal(&self) -> bool {
        self.is_rehearsal
    }

    /// The calls that were made, or would have been.
    pub fn into_calls(self) -> Vec<ApiCall> {
        self.ledger.into_inner().into_calls()
    }

    /// The moments that were seen since somebody last asked, in their order.
    pub(crate) fn take_moments(&self) -> Vec<(&'static str, Timestamp)> {
        self.moments.take()
    }

    fn moment(&self, name: &'static str) {
        self.moments.borrow_mut().push((name, self.now()));
    }

    fn reads(&self, call: String) {
        self.ledger.borrow_mut().read(call);
    }

    /// A call that changes something: made, or only written down and shown by the overlay.
    async fn writes<T>(
        &self,
        call: String,
        what: Option<String>,
        make: impl Future<Output = Result<T, PortError>>,
        pretend: impl FnOnce(&mut Overlay) -> T,
    ) -> Result<T, PortError> {
        self.ledger.borrow_mut().write(call, what);
        if self.is_rehearsal {
            return Ok(pretend(&mut self.overlay.borrow_mut()));
        }
        make.await
    }
}

impl<P: DrillPorts> RegionViews for Desk<'_, P> {
    async fn view(
        &self,
        database: &Database,
        region: &Region,
        connection: Connection,
    ) -> Result<RegionView, PortError> {
        for operation in ["DescribeGlobalClusters", "DescribeDBClusters", "DescribeDBInstances"] {
            self.reads(format!("rds:{operation} in {region}"));
        }
        let view = self.ports.view(database, region, connection).await?;
        let view = self.overlay.borrow().view(region, view);
        if view.failover_status().is_some() {
            self.moment("under_way");
        }
        if *region == self.target && view.claims(region) {
            self.moment("promoted");
        }
        Ok(view)
    }
}

impl<P: DrillPorts> WriterRecord for Desk<'_, P> {
    async fn read_record(&self, database: &Database) -> Result<RecordSet, PortError> {
        self.reads(format!("route53:ListResourceRecordSets of {}", database.record().name));
        let read = self.ports.read_record(database).await?;
        Ok(self.overlay.borrow().record(read))
    }

    async fn exchange(&self, database: &Database, exchange: &Exchange) -> Result<Exchanged, PortError> {
        self.moment("decided");
        let call = format!("route53:ChangeResourceRecordSets of {}", database.record().name);
        let cname = exchange.to.cname.as_ref().and_then(|record| record.values.first().cloned());
        let make = self.ports.exchange(database, exchange);
        let pretend = |overlay: &mut Overlay| {
            overlay.exchange(exchange.to.clone());
            Exchanged::Accepted
        };
        let exchanged = self.writes(call, cname, make, pretend).await;
        if matches!(exchanged, Ok(Exchanged::Accepted)) {
            self.moment("record_accepted");
        }
        exchanged
    }
}

impl<P: DrillPorts> Parameters for Desk<'_, P> {
    async fn turn(&self, database: &Database, region: &Region, write: Write) -> Result<Turn, PortError> {
        if self.is_rehearsal {
            return Ok(Turn::default());
        }
        self.ports.turn(database, region, write).await
    }

    fn no_turns_after(&self, end: Timestamp) {
        self.ports.no_turns_after(end);
    }

    async fn read_parameters(
        &self,
        database: &Database,
        region: &Region,
    ) -> Result<RegionParameters, PortError> {
        self.reads(format!("ssm:GetParameters in {region}"));
        let read = self.ports.read_parameters(database, region).await?;
        Ok(self.overlay.borrow().parameters(region, read))
    }

    async fn put_writer(
        &self,
        database: &Database,
        region: &Region,
        endpoint: &str,
    ) -> Result<(), PortError> {
        self.moment("decided");
        let make = self.ports.put_writer(database, region, endpoint);
        let pretend = |overlay: &mut Overlay| overlay.put_writer(region, endpoint);
        let put =
            self.writes(put(database.parameter(), region), Some(endpoint.to_owned()), make, pretend).await;
        if put.is_ok() {
            self.moment("parameter_accepted");
        }
        put
    }

    async fn put_state(&self, database: &Database, region: &Region, state: &State) -> Result<(), PortError> {
        let make = self.ports.put_state(database, region, state);
        let pretend = |overlay: &mut Overlay| overlay.put_state(region, state);
        self.writes(put(&database.state_parameter(), region), Some(state.to_json()), make, pretend).await
    }
}

impl<P: DrillPorts> HealthAlarms for Desk<'_, P> {
    async fn alarm_readings(&self, database: &Database) -> BTreeMap<String, AlarmReading> {
        self.reads("cloudwatch:DescribeAlarms".to_owned());
        self.ports.alarm_readings(database).await
    }

    async fn mute_rules(&self, database: &Database) -> BTreeMap<String, Result<Option<String>, PortError>> {
        self.reads("cloudwatch:ListAlarmMuteRules".to_owned());
        self.ports.mute_rules(database).await
    }

    async fn cloudwatch_answers(&self, region: &Region) -> Result<(), PortError> {
        self.reads(format!("cloudwatch:DescribeAlarms in {region}"));
        self.ports.cloudwatch_answers(region).await
    }
}

impl<P: DrillPorts> Notices for Desk<'_, P> {
    async fn publish(&self, topic_arn: &str, notice: &Notice) -> Result<(), PortError> {
        let make = self.ports.publish(topic_arn, notice);
        let subject = Some(notice.subject().to_owned());
        self.writes(format!("sns:Publish to {topic_arn}"), subject, make, |_| ()).await
    }
}

impl<P: DrillPorts> Pages for Desk<'_, P> {
    fn page(&self, database: &Database, run: &str) -> Option<String> {
        self.ports.page(database, run)
    }

    async fn keep_page(&self, course: &Course) -> Result<Option<String>, PortError> {
        let Some(page) = self.ports.page(&course.database, &course.run.id) else {
            return if self.is_rehearsal { Ok(None) } else { self.ports.keep_page(course).await };
        };
        let make = self.ports.keep_page(course);
        self.writes("s3:PutObject of the page about it".to_owned(), None, make, |_| Some(page)).await
    }
}

/// What a rehearsal takes for granted: whoever would have the writer by then would take writes.
const REHEARSED: &str = "not asked in a rehearsal";

impl<P: DrillPorts> Probes for Desk<'_, P> {
    async fn probe(
        &self,
        region: &Region,
        function: &str,
        question: &Question,
    ) -> Result<ProbeWord, PortError> {
        self.reads(format!("lambda:Invoke of {function} in {region}"));
        if self.is_rehearsal {
            return Ok(ProbeWord { writable: Some(true), took_ms: 0, said: REHEARSED.to_owned() });
        }
        self.ports.probe(region, function, question).await
    }
}

impl<P: DrillPorts> Clock for Desk<'_, P> {
    fn now(&self) -> Timestamp {
        self.ports.now().plus_ms(self.overlay.borrow().waited_ms)
    }

    /// A rehearsal does not wait: its time passes all the same.
    async fn sleep(&self, duration: Duration) {
        if self.is_rehearsal {
            let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
            self.overlay.borrow_mut().waited_ms += ms;
        } else {
            self.ports.sleep(duration).await;
        }
    }
}

impl<P: DrillPorts> ReplicationLag for Desk<'_, P> {
    async fn lag(&self, database: &Database, region: &Region, since: Timestamp) -> Result<Lags, PortError> {
        self.reads(format!("cloudwatch:GetMetricData in {region}"));
        self.ports.lag(database, region, since).await
    }
}

impl<P: DrillPorts> Journals for Desk<'_, P> {
    async fn read_journal(&self, database: &Database) -> Result<Kept, PortError> {
        self.reads(format!("ssm:GetParameter {}", database.attempt_parameter()));
        let written = self.overlay.borrow().journal.clone();
        match written {
            Some(kept) => Ok(kept),
            None => self.ports.read_journal(database).await,
        }
    }

    async fn put_journal(&self, database: &Database, journal: &Journal) -> Result<u64, PortError> {
        let make = self.ports.put_journal(database, journal);
        let pretend = |overlay: &mut Overlay| overlay.put_journal(journal);
        let call = format!("ssm:PutParameter {}", database.attempt_parameter());
        self.writes(call, Some(journal.to_json()), make, pretend).await
    }
}

impl<P: DrillPorts> Readinesses for Desk<'_, P> {
    async fn read_readiness(&self, database: &Database, region: &Region) -> Result<KeptReadiness, PortError> {
        self.reads(format!("ssm:GetParameter {} in {region}", database.readiness_parameter()));
        self.ports.read_readiness(database, region).await
    }

    async fn put_readiness(&self, database: &Database, readiness: &Readiness) -> Result<u64, PortError> {
        let make = self.ports.put_readiness(database, readiness);
        let call = format!("ssm:PutParameter {}", database.readiness_parameter());
        self.writes(call, Some(readiness.to_json()), make, |_| 1).await
    }
}

impl<P: DrillPorts> StartFailover for Desk<'_, P> {
    async fn start_failover(&self, authorized: &Authorized) -> Result<(), PortError> {
        let target = authorized.target();
        let call = format!("rds:FailoverGlobalCluster in {}", target.region());
        let make = self.ports.start_failover(authorized);
        let pretend = |overlay: &mut Overlay| overlay.move_to(target.region().clone());
        self.writes(call, Some(format!("to {target}, AllowDataLoss")), make, pretend).await
    }
}

impl<P: DrillPorts> StartSwitchover for Desk<'_, P> {
    async fn start_switchover(&self, switchover: &Switchover) -> Result<(), PortError> {
        let target = switchover.target();
        let call = format!("rds:SwitchoverGlobalCluster in {}", switchover.writer());
        let make = self.ports.start_switchover(switchover);
        let pretend = |overlay: &mut Overlay| overlay.move_to(target.region().clone());
        self.writes(call, Some(format!("to {target}")), make, pretend).await
    }
}

impl<P: DrillPorts> OperatorSwitches for Desk<'_, P> {
    async fn put_hold(&self, database: &Database, region: &Region, reason: &str) -> Result<(), PortError> {
        let make = self.ports.put_hold(database, region, reason);
        self.writes(put(&database.hold_parameter(), region), Some(reason.to_owned()), make, |_| ()).await
    }

    async fn delete_hold(&self, database: &Database, region: &Region) -> Result<bool, PortError> {
        let make = self.ports.delete_hold(database, region);
        let call = format!("ssm:DeleteParameter {} in {region}", database.hold_parameter());
        self.writes(call, None, make, |_| true).await
    }

    async fn put_declared(
        &self,
        database: &Database,
        region: &Region,
        declared: &Declaration,
    ) -> Result<(), PortError> {
        let make = self.ports.put_declared(database, region, declared);
        let what = format!("{} at epoch {}", declared.region, declared.epoch);
        self.writes(put(&database.declared_parameter(), region), Some(what), make, |_| ()).await
    }
}

impl<P: DrillPorts> Runs for Desk<'_, P> {
    async fn read_run(&self, database: &Database, region: &Region) -> Result<Option<Run>, PortError> {
        self.reads(format!("ssm:GetParameter {} in {region}", database.run_parameter()));
        let written = self.overlay.borrow().run.clone();
        match written {
            Some(run) => Ok(Some(run)),
            None => self.ports.read_run(database, region).await,
        }
    }

    async fn put_run(&self, database: &Database, run: &Run) -> Result<(), PortError> {
        let make = self.ports.put_run(database, run);
        let pretend = |overlay: &mut Overlay| overlay.run = Some(run.clone());
        let call = format!("ssm:PutParameter {}", database.run_parameter());
        self.writes(call, Some(format!("the run {}, {:?}", run.id, run.called)), make, pretend).await
    }
}

impl<P: DrillPorts> Snapshots for Desk<'_, P> {
    async fn snapshots(&self, database: &Database, region: &Region) -> Result<Vec<Snapshot>, PortError> {
        self.reads(format!("rds:DescribeDBClusterSnapshots in {region}"));
        self.ports.snapshots(database, region).await
    }

    async fn copy_snapshot(
        &self,
        database: &Database,
        region: &Region,
        copy: &Copy,
    ) -> Result<Copied, PortError> {
        let make = self.ports.copy_snapshot(database, region, copy);
        let call = format!("rds:CopyDBClusterSnapshot {} in {region}", copy.original);
        self.writes(call, Some(copy.name.clone()), make, |_| Copied::Started).await
    }
}

fn put(name: &str, region: &Region) -> String {
    format!("ssm:PutParameter {name} in {region}")
}
