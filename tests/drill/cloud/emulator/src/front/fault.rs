//! Faults of the emulated AWS, switched on and off while it runs.

use std::{
    future::Future,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use crate::{lock::lock, region::Region, wire::call::Call};

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Accepted and never answered; whoever still waits when it is healed is hung up on.
    BlackHole,
    /// The connection is closed without an answer and nothing is applied.
    Refuse,
    /// An error in the shape of the service's protocol; nothing is applied.
    Fail {
        /// HTTP status.
        status: u16,
        /// AWS's error code, such as `Throttling`.
        code: String,
    },
    /// Served as usual, after that pause.
    Delay(Duration),
    /// Applied, and then the connection is closed without an answer.
    LostAnswer,
}

/// Which requests a fault meets; `None` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only that Region's own services; the global Route 53 belongs to none.
    pub region: Option<Region>,
    /// Only what is signed for the Region of that name, for one that is neither of the two.
    pub signed_for: Option<String>,
    /// Only that service, by its signing name, such as `rds`, `ssm`, `route53`, `monitoring`.
    pub service: Option<String>,
    /// Only that operation.
    pub operation: Option<String>,
}

impl Scope {
    /// All of a Region's own services.
    pub fn region(region: Region) -> Self {
        Self { region: Some(region), ..Self::default() }
    }

    /// All services of a third Region, such as a witness's `ap-northeast-1`.
    pub fn elsewhere(region: &str) -> Self {
        Self { signed_for: Some(region.to_owned()), ..Self::default() }
    }

    /// One service in every Region.
    pub fn service(service: &str) -> Self {
        Self { service: Some(service.to_owned()), ..Self::default() }
    }

    /// The same, of that Region only.
    #[must_use]
    pub fn within(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// The same, for that operation only.
    #[must_use]
    pub fn only(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    fn meets(&self, call: &Call) -> bool {
        self.region.is_none_or(|region| call.region == Some(region))
            && self.signed_for.as_ref().is_none_or(|it| *it == call.signed_for)
            && self.service.as_ref().is_none_or(|it| *it == call.service)
            && self.operation.as_ref().is_none_or(|it| *it == call.operation)
    }
}

/// Names a fault that was switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultId(u64);

#[derive(Debug)]
struct Rule {
    id: FaultId,
    scope: Scope,
    fault: Fault,
    left: Option<u32>,
}

/// The faults that are on.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Mutex<Vec<Rule>>,
    next: AtomicU64,
    changed: watch::Sender<()>,
}

impl Faults {
    pub(super) fn none() -> Self {
        Self { rules: Mutex::default(), next: AtomicU64::new(1), changed: watch::Sender::new(()) }
    }

    pub(super) fn inject(&self, scope: Scope, fault: Fault, times: Option<u32>) -> FaultId {
        let id = FaultId(self.next.fetch_add(1, Ordering::Relaxed));
        lock(&self.rules).push(Rule { id, scope, fault, left: times });
        self.changed.send_replace(());
        id
    }

    pub(super) fn heal(&self, healed: impl Fn(FaultId, &Scope) -> bool) {
        lock(&self.rules).retain(|rule| !healed(rule.id, &rule.scope));
        self.changed.send_replace(());
    }

    /// The newest fault that meets the call; one with a limited number of uses loses one.
    pub(super) fn take(&self, call: &Call) -> Option<(FaultId, Fault)> {
        let mut rules = lock(&self.rules);
        let rule = rules.iter_mut().rev().find(|rule| rule.left != Some(0) && rule.scope.meets(call))?;
        rule.left = rule.left.map(|left| left.saturating_sub(1));
        Some((rule.id, rule.fault.clone()))
    }

    /// The black hole that the call's answer would have to cross, without using it up.
    pub(super) fn black_hole(&self, call: &Call) -> Option<FaultId> {
        lock(&self.rules)
            .iter()
            .find(|rule| rule.fault == Fault::BlackHole && rule.left.is_none() && rule.scope.meets(call))
            .map(|rule| rule.id)
    }

    /// Ends when that fault has been healed.
    pub(super) fn healed(&self, id: FaultId) -> impl Future<Output = ()> + '_ {
        let mut changes = self.changed.subscribe();
        async move {
            while lock(&self.rules).iter().any(|rule| rule.id == id) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(region: Option<Region>, service: &str, operation: &str) -> Call {
        let signed_for = region.map_or("us-east-1", Region::id).to_owned();
        Call { region, signed_for, service: service.to_owned(), operation: operation.to_owned(), write: true }
    }

    #[test]
    fn a_cut_region_leaves_route53_and_the_peer_alone() {
        let faults = Faults::none();
        faults.inject(Scope::region(Region::Seoul), Fault::BlackHole, None);
        assert!(faults.take(&call(Some(Region::Seoul), "ssm", "PutParameter")).is_some());
        assert!(faults.take(&call(Some(Region::Osaka), "ssm", "PutParameter")).is_none());
        assert!(faults.take(&call(None, "route53", "ChangeResourceRecordSets")).is_none());
    }

    #[test]
    fn a_third_region_is_cut_off_alone() {
        let faults = Faults::none();
        faults.inject(Scope::elsewhere("ap-northeast-1"), Fault::BlackHole, None);
        let witness =
            Call { signed_for: "ap-northeast-1".to_owned(), ..call(None, "monitoring", "DescribeAlarms") };
        assert!(faults.take(&witness).is_some());
        assert!(faults.take(&call(Some(Region::Osaka), "monitoring", "DescribeAlarms")).is_none());
        assert!(faults.take(&call(None, "route53", "ChangeResourceRecordSets")).is_none());
    }

    #[test]
    fn a_limited_fault_is_used_up_and_the_newest_wins() {
        let faults = Faults::none();
        let scope = Scope::service("route53").only("ChangeResourceRecordSets");
        faults.inject(Scope::service("route53"), Fault::Refuse, None);
        faults.inject(scope, Fault::LostAnswer, Some(1));
        let change = call(None, "route53", "ChangeResourceRecordSets");
        assert_eq!(faults.take(&change).map(|(_, fault)| fault), Some(Fault::LostAnswer));
        assert_eq!(faults.take(&change).map(|(_, fault)| fault), Some(Fault::Refuse));
    }
}
