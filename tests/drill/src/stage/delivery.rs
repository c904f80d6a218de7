//! What EventBridge, the scheduler, CloudWatch and SNS do: wake the functions. How well is the scenario's to say.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_cloud::aurora::RdsEvent;
use drill_cloud::{AlarmChange, Function, Pair, Region, Shape};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::functions::Functions;
use super::job::Job;
use super::lock::lock;

/// How long an event takes to its function.
const TRANSPORT: Duration = Duration::from_millis(50);
/// How long an asynchronous event of `failover` waits for its turn, as the module `responder` has it; then it is given up, and
/// not tried again: the schedule's next tick looks anyway.
const FAILOVER_AGE: Duration = Duration::from_mins(1);
/// Why the schedule's invocations began.
pub(crate) const SCHEDULE: &str = "schedule";
/// How often each event is delivered when events are doubled.
const COPIES: usize = 5;

/// How events are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Once, in order.
    Normal,
    /// Not at all.
    Lost,
    /// Kept back until [`Delivery::release`].
    KeptBack,
}

/// One invocation.
#[derive(Debug, Clone)]
pub(crate) struct Invoked {
    pub(crate) job: Job,
    pub(crate) region: Region,
    pub(crate) why: String,
    pub(crate) began: Instant,
    pub(crate) ended: Option<Instant>,
    /// The answer, or the error document.
    pub(crate) payload: Value,
    /// Whether the invocation failed.
    pub(crate) failed: bool,
}

struct Inner {
    functions: Functions,
    follow_slots: Pair<Semaphore>,
    failover_slots: Pair<Semaphore>,
    log: Mutex<Log>,
    kept: Mutex<Vec<RdsEvent>>,
    mode: Mutex<Mode>,
    dark: Mutex<Pair<bool>>,
}

/// The invocations in the order in which they began.
#[derive(Default)]
struct Log {
    kept: Vec<Invoked>,
    /// How many there were before these.
    forgotten: usize,
}

impl Inner {
    /// The function, and what an invocation of it has to wait for.
    const fn deployed(&self, job: Job, region: Region) -> (&Function, &Semaphore) {
        match job {
            Job::Follow => (self.functions.follow.get(region), self.follow_slots.get(region)),
            Job::Failover => (self.functions.failover.get(region), self.failover_slots.get(region)),
        }
    }

    fn is_dark(&self, region: Region) -> bool {
        *lock(&self.dark).get(region)
    }
}

/// Wakes the functions until it is dropped.
pub(crate) struct Delivery {
    inner: Arc<Inner>,
    schedule: watch::Sender<Option<Duration>>,
    tasks: Vec<AbortOnDropHandle<()>>,
}

impl Delivery {
    /// Delivers `events` normally, and no schedule yet.
    pub(crate) fn start(functions: Functions, events: broadcast::Receiver<RdsEvent>) -> Self {
        let inner = Arc::new(Inner {
            follow_slots: Pair::each(|_| Semaphore::new(functions.follow_slots)),
            failover_slots: Pair::each(|_| Semaphore::new(functions.failover_slots)),
            functions,
            log: Mutex::default(),
            kept: Mutex::default(),
            mode: Mutex::new(Mode::Normal),
            dark: Mutex::new(Pair::each(|_| false)),
        });
        let (schedule, seconds) = watch::channel(None);
        let deliver = AbortOnDropHandle::new(tokio::spawn(deliver(Arc::clone(&inner), events)));
        let tick = AbortOnDropHandle::new(tokio::spawn(tick(Arc::clone(&inner), seconds)));
        Self { inner, schedule, tasks: vec![deliver, tick] }
    }

    /// Changes how events are delivered.
    pub(crate) fn set_mode(&self, mode: Mode) {
        *lock(&self.inner.mode) = mode;
    }

    /// Runs the functions on a schedule, or stops doing so.
    pub(crate) fn set_schedule(&self, every: Option<Duration>) {
        self.schedule.send_replace(every);
    }

    /// A dark Region's functions are not invoked: they are as dead as the Region.
    pub(crate) fn set_dark(&self, region: Region, dark: bool) {
        *lock(&self.inner.dark).get_mut(region) = dark;
    }

    /// Delivers what was kept back: each event five times, the newest first, and at the very end the
    /// old primary's own "promoted" and "finished", which would mislead whoever obeys events.
    pub(crate) async fn release(&self, old_primary: Region) {
        release(Arc::clone(&self.inner), old_primary).await;
    }

    /// The same, without waiting for it.
    pub(crate) fn release_meanwhile(&self, old_primary: Region) {
        tokio::spawn(release(Arc::clone(&self.inner), old_primary));
    }

    /// Invokes `follow` in `region` by hand and waits for its answer.
    pub(crate) async fn invoke(&self, region: Region, why: &str) -> Invoked {
        invoke(Arc::clone(&self.inner), Job::Follow, region, why.to_owned(), json!({})).await
    }

    /// Invokes `failover` in `region` with one event of that change, and waits for its answer.
    pub(crate) async fn invoke_failover(
        &self,
        region: Region,
        change: &AlarmChange,
        shape: Shape,
    ) -> Invoked {
        invoke_failover(&self.inner, region, change, shape).await
    }

    /// Delivers the change of an alarm in each of these shapes, all at once, to `failover` in every Region that is not
    /// dark; waits until the last one has been worked on.
    pub(crate) async fn alarm(&self, change: &AlarmChange, shapes: &[Shape]) -> Vec<Invoked> {
        alarm(&self.inner, change, shapes).await
    }

    /// From now on each of these changes comes as its EventBridge event to the same functions.
    pub(crate) fn tell(&mut self, mut changes: broadcast::Receiver<AlarmChange>) {
        let inner = Arc::clone(&self.inner);
        let telling = tokio::spawn(async move {
            while let Ok(change) = changes.recv().await {
                let inner = Arc::clone(&inner);
                tokio::spawn(async move { alarm(&inner, &change, &[Shape::EventBridge]).await });
            }
        });
        self.tasks.push(AbortOnDropHandle::new(telling));
    }

    /// All invocations so far.
    pub(crate) fn log(&self) -> Vec<Invoked> {
        lock(&self.inner.log).kept.clone()
    }

    /// The last invocation of that function that has ended.
    pub(crate) fn last(&self, job: Job, region: Region) -> Option<Invoked> {
        let log = lock(&self.inner.log);
        let its = |it: &&Invoked| it.job == job && it.region == region && it.ended.is_some();
        log.kept.iter().rev().find(its).cloned()
    }

    /// Drops those that began before then: for whoever goes on for hours.
    pub(crate) fn forget(&self, before: Instant) {
        let mut log = lock(&self.inner.log);
        let old = log.kept.iter().take_while(|it| it.began < before && it.ended.is_some()).count();
        log.kept.drain(..old);
        log.forgotten += old;
    }

    /// Those that began since then.
    pub(crate) fn since(&self, since: Instant) -> Vec<Invoked> {
        let log = lock(&self.inner.log);
        // They are in the order in which they began.
        log.kept.iter().rev().take_while(|it| it.began >= since).cloned().collect()
    }

    /// Whether an invocation of that function that began since then has ended well.
    pub(crate) fn has_worked(&self, job: Job, region: Region, since: Instant) -> bool {
        let is_its = |it: &Invoked| it.job == job && it.region == region && it.began >= since;
        lock(&self.inner.log).kept.iter().any(|it| is_its(it) && it.ended.is_some() && !it.failed)
    }

    /// Whether an invocation is under way.
    pub(crate) fn is_busy(&self) -> bool {
        lock(&self.inner.log).kept.iter().any(|invoked| invoked.ended.is_none())
    }
}

async fn release(inner: Arc<Inner>, old_primary: Region) {
    let mut events = std::mem::take(&mut *lock(&inner.kept));
    events.reverse();
    let misleading = |event: &RdsEvent| {
        event.region == old_primary && matches!(event.id, "RDS-EVENT-0184" | "RDS-EVENT-0185")
    };
    let (last, first): (Vec<_>, Vec<_>) = events.into_iter().partition(misleading);
    for event in first.into_iter().chain(last) {
        let copy = || {
            let (inner, why) = (Arc::clone(&inner), event.id.to_owned());
            invoke(inner, Job::Follow, event.region, why, event.event.clone())
        };
        futures_util::future::join_all((0..COPIES).map(|_| copy())).await;
    }
}

async fn deliver(inner: Arc<Inner>, mut events: broadcast::Receiver<RdsEvent>) {
    while let Ok(event) = events.recv().await {
        let mode = *lock(&inner.mode);
        let dark = inner.is_dark(event.region);
        match mode {
            Mode::Normal if !dark => {
                tokio::spawn(carry(Arc::clone(&inner), event));
            }
            Mode::KeptBack => lock(&inner.kept).push(event),
            Mode::Normal | Mode::Lost => {}
        }
    }
}

/// Brings an event to all that it wakes.
async fn carry(inner: Arc<Inner>, event: RdsEvent) {
    sleep(TRANSPORT).await;
    let jobs = inner.functions.wakes.jobs(&event).await;
    let woken = jobs
        .into_iter()
        .map(|job| invoke(Arc::clone(&inner), job, event.region, event.id.to_owned(), event.event.clone()));
    futures_util::future::join_all(woken).await;
}

async fn tick(inner: Arc<Inner>, mut every: watch::Receiver<Option<Duration>>) {
    loop {
        let pause = *every.borrow_and_update();
        let Some(pause) = pause else {
            if every.changed().await.is_err() {
                return;
            }
            continue;
        };
        tokio::select! {
            () = sleep(pause) => wake_both(&inner),
            changed = every.changed() => if changed.is_err() { return },
        }
    }
}

fn wake_both(inner: &Arc<Inner>) {
    for region in Region::ALL {
        if !inner.is_dark(region) {
            for job in [Job::Follow, Job::Failover] {
                let event = schedule_event(region);
                tokio::spawn(invoke(Arc::clone(inner), job, region, SCHEDULE.to_owned(), event));
            }
        }
    }
}

fn schedule_event(region: Region) -> Value {
    let time = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    json!({
        "source": "aws.scheduler", "detail-type": "Scheduled Event", "region": region.id(), "time": time, "detail": {},
    })
}

async fn alarm(inner: &Arc<Inner>, change: &AlarmChange, shapes: &[Shape]) -> Vec<Invoked> {
    sleep(TRANSPORT).await;
    let reaches = |shape: Shape, region: Region| {
        let own = change.alarm.region == region.id();
        (own || shape != Shape::Direct) && !inner.is_dark(region)
    };
    let deliveries = shapes.iter().flat_map(|shape| Region::ALL.map(|region| (*shape, region)));
    let deliveries = deliveries.filter(|(shape, region)| reaches(*shape, *region));
    let invocations = deliveries.map(|(shape, region)| invoke_failover(inner, region, change, shape));
    futures_util::future::join_all(invocations).await
}

async fn invoke_failover(inner: &Arc<Inner>, region: Region, change: &AlarmChange, shape: Shape) -> Invoked {
    invoke(Arc::clone(inner), Job::Failover, region, words(change, shape), change.event(shape)).await
}

/// What woke a function, in a few words.
fn words(change: &AlarmChange, shape: Shape) -> String {
    format!("{} of {} by {}", change.state.as_str(), change.alarm.name, shape.as_str())
}

async fn invoke(inner: Arc<Inner>, job: Job, region: Region, why: String, event: Value) -> Invoked {
    let (function, slots) = inner.deployed(job, region);
    let slot = match job {
        Job::Follow => slots.acquire().await.ok(),
        Job::Failover => timeout(FAILOVER_AGE, slots.acquire()).await.ok().and_then(Result::ok),
    };
    let began = Instant::now();
    let pending = Invoked { job, region, why, began, ended: None, payload: Value::Null, failed: false };
    if slot.is_none() {
        return Invoked { ended: Some(began), ..pending };
    }
    let number = {
        let mut log = lock(&inner.log);
        log.kept.push(pending.clone());
        log.forgotten + log.kept.len() - 1
    };
    let (payload, failed) = match function.invoke(&event).await {
        Ok(answer) => (answer.payload, answer.function_error.is_some()),
        Err(error) => (json!({ "errorMessage": error.to_string() }), true),
    };
    let done = Invoked { ended: Some(Instant::now()), payload, failed, ..pending };
    let mut log = lock(&inner.log);
    let index = number.checked_sub(log.forgotten);
    if let Some(entry) = index.and_then(|index| log.kept.get_mut(index)) {
        *entry = done.clone();
    }
    drop(log);
    drop(slot);
    done
}
