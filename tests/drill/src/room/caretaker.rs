//! Who tends the stage while it is played on: sets the alarms by what is seen, counts the writes, and lets go of what is old.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::aurora::Moment;
use drill_cloud::{AlarmChange, AlarmState, Pair, Region, app_failover};
use drill_postgres::Server;
use drill_report::{EventKind, Lane};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::denied::Denied;
use super::shared::Room;
use super::{published, snapshot, strip};
use crate::findings::record;
use crate::script::alarms::short;
use crate::stage::error::DrillError;
use crate::stage::lock::lock;

/// How much of the past is kept, for the report.
const KEPT: Duration = Duration::from_mins(15);
/// The same of the checks of the health checkers, of which there are thirty a second.
const CHECKS_KEPT: Duration = Duration::from_mins(3);
/// For how long after a promotion writes are looked up, and how far back.
const LOOKED_UP: Duration = Duration::from_mins(2);
/// How long the writer may take to say which writes it has.
const ASKED: Duration = Duration::from_secs(3);
/// A write that was acknowledged so lately is looked up the next time.
const FRESH: Duration = Duration::from_millis(200);

/// Tends it until the handles are dropped.
pub(crate) fn tend(room: &Arc<Room>) -> Vec<AbortOnDropHandle<()>> {
    let each = |ms: u64| Duration::from_millis(ms);
    vec![
        every(each(100), Arc::clone(room), |room| async move { count(&room).await }),
        every(each(200), Arc::clone(room), |room| async move { alarms(&room).await }),
        every(each(250), Arc::clone(room), |room| async move { snapshot::send(&room).await }),
        every(each(500), Arc::clone(room), |room| async move { strip::send(&room).await }),
        every(each(500), Arc::clone(room), |room| async move { published::read(&room).await }),
        every(each(2_000), Arc::clone(room), |room| async move { look_up(&room).await }),
        every(each(10_000), Arc::clone(room), |room| async move { let_go(&room).await }),
    ]
}

/// Does it again and again. What fails, while the stage is being set up or a server is dead, is tried the next time.
fn every<F>(pause: Duration, room: Arc<Room>, does: fn(Arc<Room>) -> F) -> AbortOnDropHandle<()>
where
    F: Future<Output = Result<(), Denied>> + Send + 'static,
{
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut ticks = interval(pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let _ = does(Arc::clone(&room)).await;
        }
    }))
}

async fn count(room: &Room) -> Result<(), Denied> {
    room.with(|house| lock(&house.tally).count(&house.play.workload, Instant::now())).await
}

/// Each health check's alarm says what CloudWatch would make of it, or what it was made to say by hand.
async fn alarms(room: &Room) -> Result<(), Denied> {
    for region in Region::ALL {
        let wanted = room.with(|house| {
            let switches = &house.switches;
            let forced = *switches.forced.get(region);
            let state = forced.unwrap_or_else(|| house.door.alarm_state(region));
            let is_new = *switches.alarms.get(region) != state;
            let by = if forced.is_some() { None } else { house.door.datapoints() };
            is_new.then(|| (house.play.stage.cloud.alarms(), state, by))
        });
        if let Some((alarms, state, by)) = wanted.await? {
            let alarm = app_failover::alarm(region);
            let set = match by {
                Some(by) => alarms.set_by(alarm, state, by).await,
                None => alarms.set(alarm, state).await,
            };
            let change = set.map_err(|error| Denied::new(500, error.to_string()))?;
            tell(room, region, change).await?;
        }
    }
    Ok(())
}

async fn tell(room: &Room, region: Region, change: AlarmChange) -> Result<(), Denied> {
    let told = room.with_mut(|house| {
        *house.switches.alarms.get_mut(region) = change.state;
        let kind = if change.state == AlarmState::Alarm { EventKind::Fault } else { EventKind::State };
        house.play.act(Lane::Alarms, kind, &format!("{} is {}", short(change.alarm), change.state.as_str()));
        // Whoever delivers it lives as long as the stage.
        let _ = house.told.send(change);
    });
    told.await
}

/// After a promotion the acknowledged writes are looked up on the new writer, again and again: an old writer that nobody
/// fenced may go on acknowledging.
async fn look_up(room: &Room) -> Result<(), Denied> {
    let now = Instant::now();
    let since = now.checked_sub(LOOKED_UP).unwrap_or(now);
    let wanted = room.with(|house| {
        let notices = house.play.notices().into_iter().filter(|notice| notice.at >= since);
        let mut promoted = notices.rev().filter_map(|notice| match notice.moment {
            Moment::Promoted(region) => Some(region),
            _ => None,
        });
        let server = Arc::clone(house.play.stage.servers.get(promoted.next()?));
        let mut writes = house.play.workload.writes_since(since);
        writes.retain(|write| now.saturating_duration_since(write.ended) > FRESH);
        Some((server, writes))
    });
    let Some((server, writes)) = wanted.await? else { return Ok(()) };
    let Some(first) = writes.iter().map(|write| write.number).min() else { return Ok(()) };
    let present = present(&server, first).await?;
    room.with(|house| lock(&house.tally).looked_up(&writes, &present)).await
}

/// Which writes that server has; a frozen one would take a connection and never answer.
pub(crate) async fn present(server: &Server, first: u64) -> Result<Pair<BTreeSet<u64>>, DrillError> {
    let waited = || DrillError::Waited { what: "an answer of the writer".to_owned(), within: ASKED };
    timeout(ASKED, record::present(server, first)).await.map_err(|_| waited())?
}

async fn let_go(room: &Room) -> Result<(), Denied> {
    let now = Instant::now();
    let before = |kept: Duration| now.checked_sub(kept);
    let let_go = room.with_mut(|house| {
        if let Some(before) = before(KEPT) {
            house.forget(before);
        }
        if let Some(before) = before(CHECKS_KEPT) {
            house.door.forget(before);
        }
    });
    let_go.await
}
