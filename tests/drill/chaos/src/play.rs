//! One cell, played: the move, the ticks of the schedule, and what stands there in the end.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use drill_cloud::aurora::RdsEvent;
use drill_cloud::front::{FaultId, Front};
use drill_cloud::installation::{PARAMETER, STATE};
use drill_cloud::{AlarmState, Region, Shape};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::time::sleep;

use crate::call::Call;
use crate::cell::Cell;
use crate::error::ChaosError;
use crate::fault::Chaos;
use crate::pulse::Pulse;
use crate::scene::Scene;
use crate::seen::{Seen, published_at};
use crate::stage::{LOCAL, Props, Stage, WITNESS};
use crate::woken::Woken;

/// When the schedule first ticks after the event, and its period, which is AWS's own.
const FIRST_TICK: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_mins(1);
/// How often is looked whether it is published.
const LOOK: Duration = Duration::from_millis(50);
/// In so many ticks everything has to come to rest: the first looks at a Region that was silent for a short time only, the
/// second repairs what it left, and what that did is remembered.
const LAST_TICKS: u32 = 4;
/// How long a message may take from its topic to whoever listens.
const MAIL: Duration = Duration::from_millis(300);

/// Plays it.
pub(crate) async fn play(cell: Cell, props: &Props) -> Result<Seen, ChaosError> {
    let stage = Stage::set(cell.scene, props).await?;
    stage.look_before(cell.scene, props, cell.chaos() == Some(Chaos::Stale)).await?;
    let mut events = stage.installation.cloud.aurora.events();
    begin(&stage, cell.scene).await?;

    let front = &stage.installation.cloud.front;
    let (place, since) = (front.journal().entries().len(), Instant::now());
    let (trouble, pulse) = (Trouble::begin(front, cell), Pulse::start());
    let mut woken = Woken::default();
    wake_first(&stage, cell.scene, &mut events, &mut woken).await?;
    let published = tokio::select! {
        published = until_published(&stage, cell.scene, since, place, &mut woken) => published,
        never = trouble.heal_in_time() => match never {},
    };
    // What has not met the trouble may still meet it: a message, or the last write.
    tokio::select! {
        () = woken.all_done() => {}
        never = trouble.heal_in_time() => match never {},
    }
    let met = trouble.end();
    let calls = front.journal().entries_from(place).iter().map(|entry| Call::name_of(entry)).collect();

    let late_writes = come_to_rest(&stage, cell.scene, &mut woken).await?;
    Ok(Seen {
        scene: cell.scene,
        disturbed: cell.disturbed.map(|(row, chaos)| (row.call, chaos)),
        met,
        calls,
        entries: front.journal().entries_from(place),
        published,
        invoked: woken.log(),
        record: stage.installation.find_published().await?,
        parameters: parameters(&stage).await?,
        mail: stage.inbox.mail().into_iter().map(|mail| mail.subject).collect(),
        late_writes,
        slowest: pulse.slowest(),
    })
}

/// What happens to the database, before anybody hears of it.
async fn begin(stage: &Stage, scene: Scene) -> Result<(), ChaosError> {
    let cloud = &stage.installation.cloud;
    if scene.is_dark() {
        cloud.cut_region(Region::Seoul);
    }
    let begun = match scene {
        Scene::Switchover | Scene::Recovery => cloud.aurora.switchover(Region::Osaka),
        Scene::RegionDeath => cloud.aurora.failover(Region::Osaka),
        Scene::Outage | Scene::ProbedOutage => Ok(()),
    };
    begun.map_err(|_| ChaosError::Aurora("begin its transition"))?;
    let settled = stage.installation.has_settled().await;
    if settled { Ok(()) } else { Err(ChaosError::Aurora("end its transition")) }
}

/// The event that says that the new writer was promoted, to `follow`; or the alarm, to `failover`.
async fn wake_first(
    stage: &Stage,
    scene: Scene,
    events: &mut Receiver<RdsEvent>,
    woken: &mut Woken,
) -> Result<(), ChaosError> {
    if let Some(failover) = &stage.failover {
        let alarms = stage.installation.cloud.alarms();
        alarms.set(WITNESS, AlarmState::Alarm).await?;
        let change = alarms.set(LOCAL, AlarmState::Alarm).await?;
        woken.wake(failover, "failover", "the alarm", change.event(Shape::EventBridge));
        return Ok(());
    }
    let promoted = if scene.is_warm() { "RDS-EVENT-0184" } else { "RDS-EVENT-0238" };
    while let Ok(event) = events.try_recv() {
        let function = stage.follow.iter().find(|follow| follow.region() == event.region);
        if let Some(follow) = function.filter(|_| event.id == promoted) {
            woken.wake(follow, "follow", event.id, event.event);
        }
    }
    Ok(())
}

/// Ticks until it is published, or the time is over.
async fn until_published(
    stage: &Stage,
    scene: Scene,
    since: Instant,
    place: usize,
    woken: &mut Woken,
) -> Option<(Duration, u32)> {
    let journal = stage.installation.cloud.front.journal();
    let (mut ticks, mut next_tick) = (0, FIRST_TICK);
    while since.elapsed() < scene.limit() {
        if let Some(at) = published_at(&journal.entries_from(place), scene.followers()) {
            return Some((at.saturating_duration_since(since), ticks));
        }
        if since.elapsed() >= next_tick {
            (ticks, next_tick) = (ticks + 1, next_tick + TICK);
            tick(stage, &format!("tick {ticks}"), woken);
        }
        sleep(LOOK).await;
    }
    None
}

/// What a call meets.
struct Trouble<'a> {
    front: &'a Front,
    fault: Option<FaultId>,
    /// A call that hangs is hung up on after this, counted from the first one.
    hangs: Option<Duration>,
    met: AtomicU32,
}

impl<'a> Trouble<'a> {
    fn begin(front: &'a Front, cell: Cell) -> Self {
        let fault = cell.disturbed.map(|(row, chaos)| chaos.inject(front, &row.call, row.budget));
        let hangs = cell.disturbed.filter(|(_, chaos)| *chaos == Chaos::Hang).map(|(row, _)| row.budget);
        Self { front, fault, hangs, met: AtomicU32::new(0) }
    }

    /// Never ends by itself.
    async fn heal_in_time(&self) -> Infallible {
        if let (Some(fault), Some(budget)) = (self.fault, self.hangs) {
            while self.met.load(Ordering::Relaxed) == 0 {
                if self.front.met(fault) > 0 {
                    sleep(budget).await;
                    self.end();
                }
                sleep(LOOK).await;
            }
        }
        std::future::pending().await
    }

    /// It is over; how many requests have met it.
    fn end(&self) -> u32 {
        if let Some(fault) = self.fault {
            self.met.fetch_max(self.front.met(fault), Ordering::Relaxed);
            self.front.heal(fault);
        }
        self.met.load(Ordering::Relaxed)
    }
}

/// The schedule ticks once more as things are, for what was put off to a later pass; then Seoul comes back, and it ticks until
/// there is nothing left to write. What the last of these ticks wrote, in words.
async fn come_to_rest(stage: &Stage, scene: Scene, woken: &mut Woken) -> Result<Vec<String>, ChaosError> {
    let cloud = &stage.installation.cloud;
    tick(stage, "the tick after the move", woken);
    woken.all_done().await;
    if scene.is_dark() {
        cloud.reconnect_region(Region::Seoul);
        cloud.aurora.heal(Region::Seoul);
        for alarm in [LOCAL, WITNESS] {
            cloud.alarms().set(alarm, AlarmState::Ok).await?;
        }
    }
    let mut written = Vec::new();
    for _ in 0..LAST_TICKS {
        let place = cloud.front.journal().entries().len();
        tick(stage, "a tick at the end", woken);
        woken.all_done().await;
        let after = cloud.front.journal().entries_from(place);
        written = after.iter().filter(|entry| entry.call.write).map(|entry| Call::name_of(entry)).collect();
        if written.is_empty() {
            break;
        }
    }
    sleep(MAIL).await;
    Ok(written)
}

/// The schedule wakes every function that is there.
fn tick(stage: &Stage, why: &str, woken: &mut Woken) {
    let event = |region: Region| json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event", "region": region.id(), "detail": {} });
    for follow in &stage.follow {
        woken.wake(follow, "follow", why, event(follow.region()));
    }
    if let Some(failover) = &stage.failover {
        woken.wake(failover, "failover", why, event(failover.region()));
    }
}

async fn parameters(stage: &Stage) -> Result<[(Region, Option<String>, Option<u64>); 2], ChaosError> {
    let seed = stage.installation.cloud.seed();
    let [mut seoul, mut osaka] = Region::ALL.map(|region| (region, None, None));
    for (region, parameter, epoch) in [&mut seoul, &mut osaka] {
        *parameter = seed.read_parameter(*region, PARAMETER).await?;
        let json = seed.read_parameter(*region, STATE).await?;
        let json: Option<Value> = json.and_then(|json| serde_json::from_str(&json).ok());
        *epoch = json.and_then(|json| json.get("epoch")?.as_u64());
    }
    Ok([seoul, osaka])
}
