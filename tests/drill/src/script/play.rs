//! One scenario being played: the stage with its audience, and the words that the scripts are written in.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_cloud::aurora::{Moment, Names, Notice};
use drill_cloud::dns::NameChange;
use drill_cloud::front::{Change, Entry};
use drill_cloud::{Aurora, Region};
use drill_report::{Check, Client, EventKind, Expectation, Lane, PhaseName, TimelineEvent};
use tokio::sync::broadcast;
use tokio_util::task::AbortOnDropHandle;

use super::progress::Progress;
use crate::cast::workload::Workload;
use crate::stage::Stage;
use crate::stage::delivery::{Delivery, Invoked};
use crate::stage::error::DrillError;
use crate::stage::lock::lock;
use crate::stage::probes::Probes;

/// How often it is looked for.
const POLL: Duration = Duration::from_millis(20);
/// Writes that each app has to have acknowledged before a scenario begins.
const WARM_WRITES: usize = 20;
/// Writes by the new writer after which an app counts as moved.
pub(crate) const MOVED_WRITES: usize = 5;

/// One transition of the scenario, as the script saw it.
#[derive(Debug, Clone)]
pub(crate) struct LegSpan {
    pub(crate) name: String,
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    /// When the fault was injected or the operation asked for.
    pub(crate) injected: Option<Instant>,
    /// When the last of the health alarms went off.
    pub(crate) alarmed: Option<Instant>,
    /// What else the script timed.
    pub(crate) phases: Vec<(PhaseName, Instant, Region)>,
    /// Where the writer moves to, in a leg in which it does.
    pub(crate) target: Option<Region>,
}

impl LegSpan {
    /// Whether it was under way then.
    pub(crate) fn covers(&self, at: Instant) -> bool {
        at >= self.from && at < self.to
    }
}

/// A scenario being played.
pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) delivery: Delivery,
    pub(crate) workload: Workload,
    pub(crate) progress: Progress,
    pub(crate) started: Instant,
    pub(crate) legs: Vec<LegSpan>,
    pub(crate) events: Vec<TimelineEvent>,
    pub(crate) expectations: Vec<Expectation>,
    pub(crate) checks: Vec<Check>,
    pub(crate) notes: Vec<String>,
    /// What became of other people's clients.
    pub(crate) clients: Vec<Client>,
    notices: Collector<Notice>,
    changes: Collector<NameChange>,
}

/// Keeps all that comes over a channel.
struct Collector<T> {
    seen: Arc<Mutex<Vec<T>>>,
    _task: AbortOnDropHandle<()>,
}

impl<T: Clone + Send + 'static> Collector<T> {
    fn of(mut receiver: broadcast::Receiver<T>) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok(item) = receiver.recv().await {
                lock(&kept).push(item);
            }
        });
        Self { seen, _task: AbortOnDropHandle::new(task) }
    }

    fn all(&self) -> Vec<T> {
        lock(&self.seen).clone()
    }

    fn keep(&self, kept: impl FnMut(&T) -> bool) {
        lock(&self.seen).retain(kept);
    }
}

impl Play {
    /// Waits until `apps` write without trouble, as `workload` makes them; then the clock starts.
    pub(crate) async fn begin(
        stage: Stage,
        workload: Workload,
        apps: &[Region],
        progress: &Progress,
    ) -> Result<Self, DrillError> {
        let aurora = &stage.cloud.aurora;
        let writer = aurora.truth().writer().unwrap_or(Region::Seoul);
        let mut delivery = Delivery::start(stage.functions.clone(), aurora.events());
        if let Some(probes) = &stage.probes {
            delivery.tell(probes.watch.changes());
        }
        let (notices, changes) = (Collector::of(aurora.notices()), Collector::of(stage.cloud.dns.changes()));
        let mut play = Self {
            stage,
            delivery,
            workload,
            progress: progress.clone(),
            started: Instant::now(),
            legs: Vec::new(),
            events: Vec::new(),
            expectations: Vec::new(),
            checks: Vec::new(),
            notes: Vec::new(),
            clients: Vec::new(),
            notices,
            changes,
        };
        for app in apps {
            play.wait_for_app(*app, writer, play.started, WARM_WRITES).await?;
        }
        // A first pass in each Region, as the schedule would have made long ago: the functions are warm.
        for invoked in play.pass_in_each_region("warm-up").await {
            if invoked.failed {
                let (region, said) = (invoked.region, invoked.payload);
                return Err(DrillError::Unproven(format!("the function in {region} fails: {said}")));
            }
        }
        let well = |play: &Self| play.stage.probes.as_ref().is_none_or(Probes::are_well).then_some(());
        play.wait("every probe to see the writer take writes", well).await?;
        play.started = Instant::now();
        Ok(play)
    }

    /// The emulated Aurora.
    pub(crate) fn aurora(&self) -> &Aurora {
        &self.stage.cloud.aurora
    }

    /// Milliseconds from the scenario's start.
    pub(crate) fn ms(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX)
    }

    /// Invokes `follow` in one Region after the other.
    pub(crate) async fn pass_in_each_region(&self, why: &str) -> Vec<Invoked> {
        let mut passes = Vec::new();
        for region in Region::ALL {
            passes.push(self.delivery.invoke(region, why).await);
        }
        passes
    }

    /// Lets things run for so many seconds.
    pub(crate) async fn rest(&self, seconds: impl Into<f64>) {
        tokio::time::sleep(Duration::from_secs_f64(seconds.into())).await;
    }

    /// Notes something that the drill does, and says so on the terminal.
    pub(crate) fn act(&mut self, lane: Lane, kind: EventKind, text: &str) -> Instant {
        let now = Instant::now();
        self.progress.step(text);
        self.events.push(TimelineEvent::at(self.ms(now), lane, kind, text));
        now
    }

    /// Begins a leg; [`Play::end_leg`] ends it.
    pub(crate) fn begin_leg(&mut self, name: &str, target: Option<Region>) {
        let from = Instant::now();
        let name = name.to_owned();
        let phases = Vec::new();
        self.legs.push(LegSpan { name, from, to: from, injected: None, alarmed: None, phases, target });
    }

    /// Marks when the leg's fault was injected or its operation asked for.
    pub(crate) fn injected(&mut self, at: Instant) {
        self.in_leg(|leg| leg.injected = Some(at));
    }

    /// Marks that now the last of the health alarms has gone off.
    pub(crate) fn alarmed(&mut self) {
        self.in_leg(|leg| leg.alarmed = Some(Instant::now()));
    }

    /// Marks something of the leg's own, which happened in that Region.
    pub(crate) fn phase(&mut self, name: &str, at: Instant, region: Region) {
        self.in_leg(|leg| leg.phases.push((PhaseName::Other(name.to_owned()), at, region)));
    }

    /// Ends the leg.
    pub(crate) fn end_leg(&mut self) {
        self.in_leg(|leg| leg.to = Instant::now());
    }

    fn in_leg(&mut self, change: impl FnOnce(&mut LegSpan)) {
        self.legs.last_mut().map(change);
    }

    /// Waits until `done` answers something.
    pub(crate) async fn wait<T>(
        &self,
        what: &str,
        mut done: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, DrillError> {
        let (began, within) = (Instant::now(), self.stage.pace.patience());
        loop {
            if let Some(found) = done(self) {
                return Ok(found);
            }
            if began.elapsed() > within {
                return Err(DrillError::Waited { what: what.to_owned(), within });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the emulated Aurora has come to `moment` after `since`; a failed transition ends the wait.
    pub(crate) async fn wait_for_moment(
        &self,
        moment: &Moment,
        since: Instant,
    ) -> Result<Instant, DrillError> {
        let what = format!("{moment:?}");
        let come = self.wait(&what, |play| {
            let notices = play.notices.all();
            notices.into_iter().filter(|notice| notice.at >= since).find_map(|notice| match notice.moment {
                Moment::Failed(why) => Some(Err(why)),
                reached if reached == *moment => Some(Ok(notice.at)),
                _ => None,
            })
        });
        come.await?
            .map_err(|why| DrillError::Unproven(format!("the emulated Aurora's transition failed: {why}")))
    }

    /// Waits until one app writes to the server of `region`.
    pub(crate) async fn wait_for_app(
        &self,
        app: Region,
        region: Region,
        since: Instant,
        count: usize,
    ) -> Result<(), DrillError> {
        let address = self.stage.address(region).to_string();
        let what = format!("{} writes by the app of {} to {}", count, app.city(), region.city());
        self.wait(&what, |play| (play.workload.acknowledged(app, since, &address) >= count).then_some(()))
            .await
    }

    /// Waits until both apps write to the server of `region`.
    pub(crate) async fn wait_until_moved(&self, region: Region, since: Instant) -> Result<(), DrillError> {
        for app in Region::ALL {
            self.wait_for_app(app, region, since, MOVED_WRITES).await?;
        }
        Ok(())
    }

    /// Waits until no function runs.
    pub(crate) async fn wait_for_functions(&self) -> Result<(), DrillError> {
        self.wait("the functions' end", |play| (!play.delivery.is_busy()).then_some(())).await
    }

    /// When Route 53 accepted that the record points to `region`, since `since`.
    pub(crate) fn record_accepted(&self, region: Region, since: Instant) -> Option<Arc<Entry>> {
        let (endpoint, record) = (Names::of(region).endpoint(), &self.stage.installation.record);
        self.writes_since(since).into_iter().find(|entry| {
            let created =
                entry.change.as_ref().map(|change| change.created(record, "CNAME")).unwrap_or_default();
            entry.applied() && created.iter().any(|value| value.trim_end_matches('.') == endpoint)
        })
    }

    /// When `region` took writes as the new writer, since `since`.
    pub(crate) fn promoted(&self, region: Region, since: Instant) -> Option<Instant> {
        let notices = self.notices.all().into_iter().filter(|notice| notice.at >= since);
        notices.filter(|it| it.moment == Moment::Promoted(region)).map(|it| it.at).next()
    }

    /// Every accepted change of the writer record since `since`.
    pub(crate) fn record_changes(&self, since: Instant) -> usize {
        let moved = |entry: &Arc<Entry>| matches!(entry.change, Some(Change::Records(_))) && entry.applied();
        self.writes_since(since).iter().filter(|entry| moved(entry)).count()
    }

    /// When SSM in any Region accepted that the parameter holds `region`'s endpoint, since `since`.
    pub(crate) fn parameter_accepted(&self, region: Region, since: Instant) -> Option<Arc<Entry>> {
        let (endpoint, parameter) = (Names::of(region).endpoint(), &self.stage.installation.parameter);
        let holds = |change: &Change| matches!(change, Change::Parameter { name, value } if name == parameter && value.as_ref() == Some(&endpoint));
        let accepted = |entry: &Arc<Entry>| entry.applied() && entry.change.as_ref().is_some_and(holds);
        self.writes_since(since).into_iter().find(accepted)
    }

    /// When a resolver first got `region`'s endpoint, since `since`.
    pub(crate) fn record_visible(&self, region: Region, since: Instant) -> Option<Instant> {
        let endpoint = Names::of(region).endpoint();
        let shows = |change: &&NameChange| {
            change.at >= since
                && change.name.eq_ignore_ascii_case(&self.stage.installation.record)
                && change.values.iter().any(|value| value.trim_end_matches('.') == endpoint)
        };
        self.changes.all().iter().find(shows).map(|change| change.at)
    }

    /// Every change of AWS that was asked for since `since`.
    pub(crate) fn writes_since(&self, since: Instant) -> Vec<Arc<Entry>> {
        self.stage.cloud.front.journal().writes_since(since)
    }

    /// All notices of the emulated Aurora.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.notices.all()
    }

    /// All changes that DNS showed.
    pub(crate) fn name_changes(&self) -> Vec<NameChange> {
        self.changes.all()
    }

    /// Drops what happened before then: for whoever goes on for hours. Answers how many writes went.
    pub(crate) fn forget(&mut self, before: Instant) -> usize {
        let before_ms = self.ms(before);
        self.events.retain(|event| event.at_ms >= before_ms);
        self.notices.keep(|notice| notice.at >= before);
        self.changes.keep(|change| change.at >= before);
        self.delivery.forget(before);
        self.stage.cloud.front.journal().forget(before);
        self.workload.forget(before)
    }

    /// The address of the Region's database server.
    pub(crate) fn address(&self, region: Region) -> IpAddr {
        self.stage.address(region)
    }
}
