//! What only the `drill` function calls, and transitions that go on by themselves once they were started.

use responder_core::config::Database;
use responder_core::config::installation::Installation;
use responder_core::judge::permit::Switchover;
use responder_core::operator::job::Place;
use responder_core::operator::perform;
use responder_core::operator::refusal::DrillError;
use responder_core::operator::reply::Reply;
use responder_core::operator::request::Request;
use responder_core::ports::PortError;
use responder_core::ports::operator::{OperatorSwitches, Runs, StartSwitchover};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::evidence::Declaration;
use responder_core::world::run::{Caller, Run};
use serde_json::Value;

use crate::actor::{Actor, run_until_death};
use crate::call::Operation;
use crate::clockwork::Death;
use crate::cloud::Cloud;
use crate::world::World;

impl World {
    /// A transition that is started goes on by itself, and is over after so many milliseconds.
    pub fn transitions_take_ms(&self, ms: i64) {
        self.cloud.borrow_mut().transition_ms = Some(ms);
    }

    /// The Regions to which a switchover was started since the last time that somebody asked.
    pub fn take_switchovers(&self) -> Vec<Region> {
        std::mem::take(&mut self.cloud.borrow_mut().switchovers)
    }

    /// What a Region's `drill` function remembers.
    pub fn run(&self, name: &str) -> Option<Run> {
        let json = self.site(name).run.clone()?;
        Run::of_json(&json).ok()
    }
}

impl Cloud {
    /// RDS takes a switchover unless an operation is under way, or the target has the writer already.
    fn start_switchover(&mut self, target: &Region) -> bool {
        self.writes.switchovers += 1;
        let at = self.at(target);
        let busy = self.under_way.is_some() || self.sites.iter().any(|site| site.failover_status.is_some());
        if busy || self.history.last() == Some(&at) {
            return false;
        }
        for site in &mut self.sites {
            site.failover_status = Some("switching-over".to_owned());
        }
        self.switchovers.push(target.clone());
        self.goes_on(target)
    }

    /// A transition that was taken goes on by itself, where the world is so.
    pub(crate) fn goes_on(&mut self, target: &Region) -> bool {
        self.under_way = self.transition_ms.map(|ms| (target.clone(), self.now_ms + ms));
        true
    }

    /// What has gone on by itself since the last call.
    pub(crate) fn go_on(&mut self) {
        let Some((target, over_ms)) = self.under_way.clone() else { return };
        if self.now_ms < over_ms {
            return;
        }
        self.under_way = None;
        let at = self.at(&target);
        self.history.push(at);
        let term = self.history.len() - 1;
        for site in &mut self.sites {
            site.failover_status = None;
            site.shown = term;
        }
    }
}

impl Actor {
    /// One invocation of `drill` for the world's one database.
    ///
    /// # Panics
    ///
    /// Where somebody else conducts the world's time.
    pub fn drill(&self, event: &Value, deadline: Timestamp) -> Result<Reply, DrillError> {
        let answer = self.drill_until(event, deadline, Death::Never);
        answer.expect("nobody kills it")
    }

    /// The same, which dies at that point: what it would have done from there on is not done. `None` when it died.
    ///
    /// # Panics
    ///
    /// Where somebody else conducts the world's time.
    pub fn drill_until(
        &self,
        event: &Value,
        deadline: Timestamp,
        death: Death,
    ) -> Option<Result<Reply, DrillError>> {
        let request = match Request::in_time(event, self.world.now()) {
            Ok(request) => request,
            Err(error) => return Some(Err(error.into())),
        };
        let database = Database::clone(&self.world.database);
        let installation = Installation { databases: vec![database], refused: Vec::new() };
        let (actor, clockwork) = self.on_time();
        let clockwork = clockwork.expect("a world whose time nobody else conducts");
        let caller = Caller::new(Some("a test".to_owned()), None, "request-1");
        let place = Place { installation: &installation, own: &self.own, caller: &caller, deadline };
        clockwork.dies(death);
        run_until_death(perform(&actor, place, &request), &clockwork)
    }
}

impl StartSwitchover for Actor {
    async fn start_switchover(&self, switchover: &Switchover) -> Result<(), PortError> {
        let call = self.call_of(Operation::StartSwitchover, Some(switchover.writer()));
        let operation = call.to_string();
        let target = switchover.target().region();
        let started = self.call(
            call,
            |_, cloud| cloud.start_switchover(target),
            |call, &taken| self.log(call, || if taken { "taken" } else { "refused" }.to_owned()),
        );
        if started.await? { Ok(()) } else { Err(PortError::new(operation, FailureKind::Refused)) }
    }
}

impl OperatorSwitches for Actor {
    async fn put_hold(&self, _: &Database, region: &Region, reason: &str) -> Result<(), PortError> {
        let call = self.call_of(Operation::PutHold, Some(region));
        let put = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(region);
                cloud.sites[at].hold = Some(reason.to_owned());
            },
            |call, ()| self.log(call, || format!("hold = {reason}")),
        );
        put.await
    }

    async fn delete_hold(&self, _: &Database, region: &Region) -> Result<bool, PortError> {
        let call = self.call_of(Operation::DeleteHold, Some(region));
        let deleted = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(region);
                cloud.sites[at].hold.take().is_some()
            },
            |call, _| self.log(call, || "no hold".to_owned()),
        );
        deleted.await
    }

    async fn put_declared(
        &self,
        _: &Database,
        region: &Region,
        declared: &Declaration,
    ) -> Result<(), PortError> {
        let call = self.call_of(Operation::PutDeclared, Some(region));
        let json = serde_json::to_string(declared).unwrap_or_default();
        let put = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(region);
                cloud.sites[at].declared = Some(json.clone());
            },
            |call, ()| self.log(call, || format!("declared = {json}")),
        );
        put.await
    }
}

impl Runs for Actor {
    async fn read_run(&self, _: &Database, region: &Region) -> Result<Option<Run>, PortError> {
        let call = self.call_of(Operation::ReadRun, Some(region));
        let operation = call.to_string();
        let json = self.call(call, |_, cloud| cloud.sites[cloud.at(region)].run.clone(), |_, _| ()).await?;
        let run = json.map(|json| Run::of_json(&json)).transpose();
        run.map_err(|_| PortError::new(operation, FailureKind::Refused))
    }

    async fn put_run(&self, _: &Database, run: &Run) -> Result<(), PortError> {
        let call = self.call_of(Operation::PutRun, Some(&self.own));
        let put = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(&self.own);
                cloud.sites[at].run = Some(run.to_json());
            },
            |call, ()| self.log(call, || format!("run = {} {:?}", run.id, run.called)),
        );
        put.await
    }
}
