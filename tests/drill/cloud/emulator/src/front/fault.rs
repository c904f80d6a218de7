//! Faults of the emulated AWS, switched on and off while it runs.

use std::{
    future::Future,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
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
    /// Applied, and then the connection is closed in the middle of the answer.
    CutOff,
    /// Answered as the same question was answered when the front remembered answers last, where that is not today's answer.
    Stale,
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
    /// Only where the request's body has this text, such as a parameter's name; only of services whose bodies are read.
    pub about: Option<String>,
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

    /// The same, only where the body has this text.
    #[must_use]
    pub fn about(mut self, text: &str) -> Self {
        self.about = Some(text.to_owned());
        self
    }

    fn meets(&self, call: &Call, body: &[u8]) -> bool {
        self.region.is_none_or(|region| call.region == Some(region))
            && self.signed_for.as_ref().is_none_or(|it| *it == call.signed_for)
            && self.service.as_ref().is_none_or(|it| *it == call.service)
            && self.operation.as_ref().is_none_or(|it| *it == call.operation)
            && self.about.as_ref().is_none_or(|it| body.windows(it.len()).any(|part| part == it.as_bytes()))
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
    lasts: Lasts,
    met: u32,
    first: Option<Instant>,
}

/// How long a fault is on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lasts {
    /// Until it is healed.
    On,
    /// For so many requests more.
    Times(u32),
    /// For so long after the first request that met it.
    For(Duration),
}

impl Rule {
    fn is_over(&self) -> bool {
        match self.lasts {
            Lasts::On => false,
            Lasts::Times(left) => left == 0,
            Lasts::For(lasts) => self.first.is_some_and(|first| first.elapsed() > lasts),
        }
    }

    fn use_up(&mut self) {
        self.met += 1;
        self.first.get_or_insert_with(Instant::now);
        if let Lasts::Times(left) = &mut self.lasts {
            *left = left.saturating_sub(1);
        }
    }
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

    pub(super) fn inject(&self, scope: Scope, fault: Fault, lasts: Lasts) -> FaultId {
        let id = FaultId(self.next.fetch_add(1, Ordering::Relaxed));
        lock(&self.rules).push(Rule { id, scope, fault, lasts, met: 0, first: None });
        self.changed.send_replace(());
        id
    }

    pub(super) fn heal(&self, healed: impl Fn(FaultId, &Scope) -> bool) {
        lock(&self.rules).retain(|rule| !healed(rule.id, &rule.scope));
        self.changed.send_replace(());
    }

    /// The newest fault that meets the call; one with a limited number of uses loses one. Whether an answer is stale shows
    /// only when there is one: that fault is used by [`Faults::meet`].
    pub(super) fn take(&self, call: &Call, body: &[u8]) -> Option<(FaultId, Fault)> {
        let mut rules = lock(&self.rules);
        let rule = rules.iter_mut().rev().find(|rule| !rule.is_over() && rule.scope.meets(call, body))?;
        if rule.fault != Fault::Stale {
            rule.use_up();
        }
        Some((rule.id, rule.fault.clone()))
    }

    /// Uses that fault, unless it is over.
    pub(super) fn meet(&self, id: FaultId) -> bool {
        let mut rules = lock(&self.rules);
        let Some(rule) = rules.iter_mut().find(|rule| rule.id == id && !rule.is_over()) else { return false };
        rule.use_up();
        true
    }

    /// How many requests have met that fault, while it is not healed.
    pub(super) fn met(&self, id: FaultId) -> u32 {
        lock(&self.rules).iter().find(|rule| rule.id == id).map_or(0, |rule| rule.met)
    }

    /// The black hole that the call's answer would have to cross, without using it up.
    pub(super) fn black_hole(&self, call: &Call, body: &[u8]) -> Option<FaultId> {
        let is_hole = |rule: &&Rule| rule.fault == Fault::BlackHole && matches!(rule.lasts, Lasts::On);
        let rules = lock(&self.rules);
        rules.iter().find(|rule| is_hole(rule) && rule.scope.meets(call, body)).map(|rule| rule.id)
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
        faults.inject(Scope::region(Region::Seoul), Fault::BlackHole, Lasts::On);
        assert!(faults.take(&call(Some(Region::Seoul), "ssm", "PutParameter"), b"").is_some());
        assert!(faults.take(&call(Some(Region::Osaka), "ssm", "PutParameter"), b"").is_none());
        assert!(faults.take(&call(None, "route53", "ChangeResourceRecordSets"), b"").is_none());
    }

    #[test]
    fn a_third_region_is_cut_off_alone() {
        let faults = Faults::none();
        faults.inject(Scope::elsewhere("ap-northeast-1"), Fault::BlackHole, Lasts::On);
        let witness =
            Call { signed_for: "ap-northeast-1".to_owned(), ..call(None, "monitoring", "DescribeAlarms") };
        assert!(faults.take(&witness, b"").is_some());
        assert!(faults.take(&call(Some(Region::Osaka), "monitoring", "DescribeAlarms"), b"").is_none());
        assert!(faults.take(&call(None, "route53", "ChangeResourceRecordSets"), b"").is_none());
    }

    #[test]
    fn a_limited_fault_is_used_up_and_the_newest_wins() {
        let faults = Faults::none();
        let scope = Scope::service("route53").only("ChangeResourceRecordSets");
        faults.inject(Scope::service("route53"), Fault::Refuse, Lasts::On);
        faults.inject(scope, Fault::LostAnswer, Lasts::Times(1));
        let change = call(None, "route53", "ChangeResourceRecordSets");
        assert_eq!(faults.take(&change, b"").map(|(_, fault)| fault), Some(Fault::LostAnswer));
        assert_eq!(faults.take(&change, b"").map(|(_, fault)| fault), Some(Fault::Refuse));
    }

    #[test]
    fn a_fault_with_a_time_counts_it_from_the_first_request_that_meets_it() {
        let faults = Faults::none();
        let put = call(Some(Region::Osaka), "ssm", "PutParameter");
        let lasts = Duration::from_millis(30);
        let id = faults.inject(Scope::service("ssm"), Fault::Refuse, Lasts::For(lasts));
        std::thread::sleep(lasts * 2);
        assert!(faults.take(&put, b"").is_some() && faults.take(&put, b"").is_some());
        std::thread::sleep(lasts * 2);
        assert!(faults.take(&put, b"").is_none());
        assert_eq!(faults.met(id), 2);
    }

    #[test]
    fn a_fault_about_one_parameter_leaves_the_others_alone() {
        let faults = Faults::none();
        let scope = Scope::service("ssm").about("\"/todo/writer\"");
        faults.inject(scope, Fault::Refuse, Lasts::On);
        let put = call(Some(Region::Osaka), "ssm", "PutParameter");
        assert!(faults.take(&put, br#"{"Name":"/todo/writer"}"#).is_some());
        assert!(faults.take(&put, br#"{"Name":"/todo/writer2"}"#).is_none());
        assert!(faults.take(&put, b"").is_none());
    }

    #[test]
    fn a_stale_answer_is_used_when_it_differs() {
        let faults = Faults::none();
        let id = faults.inject(Scope::service("ssm"), Fault::Stale, Lasts::Times(1));
        let get = call(Some(Region::Osaka), "ssm", "GetParameter");
        assert!(faults.take(&get, b"").is_some() && faults.take(&get, b"").is_some());
        assert_eq!(faults.met(id), 0);
        assert!(faults.meet(id) && !faults.meet(id));
        assert_eq!(faults.met(id), 1);
    }
}
