//! Turns of writes to a Region's Parameter Store, which takes few a second: some write at once, the others wait, the most
//! important first.
//!
//! Writes are released twenty at a time, so that one read of the record serves all of them: each looks at it again after its
//! wait. The next twenty are released when all of these are done.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use responder_core::ports::{PortError, Turn, Write};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::lock::lock;

/// How many writes are released together: two seconds' worth at ten a second, so that a write follows its second look closely.
const RELEASED: usize = 20;
/// The first pause between two sends after a refusal for the quota, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// All writers before all states, then by importance, then in the order in which they came.
type Rank = (Write, Reverse<u32>, u64);

#[derive(Debug, Default)]
struct Lane {
    waiting: BTreeMap<Rank, oneshot::Sender<()>>,
    /// Turns of the group that have not ended.
    under_way: usize,
    came: u64,
    /// The time between two sends: none until the service says that there are too many.
    pause: Duration,
    next_send: Option<Instant>,
}

/// The turns of each Region.
#[derive(Debug, Default)]
pub(super) struct Turns {
    lanes: Mutex<HashMap<Region, Arc<Mutex<Lane>>>>,
    end: Mutex<Option<Instant>>,
}

/// Ends a turn when it is dropped.
#[derive(Debug)]
struct Ends(Arc<Mutex<Lane>>);

impl Drop for Ends {
    fn drop(&mut self) {
        let mut lane = lock(&self.0);
        lane.under_way = lane.under_way.saturating_sub(1);
        if lane.under_way > 0 {
            return;
        }
        while lane.under_way < RELEASED
            && let Some((_, next)) = lane.waiting.pop_first()
        {
            // Who waits no longer has no turn.
            lane.under_way += usize::from(next.send(()).is_ok());
        }
    }
}

impl Turns {
    /// Until when turns are waited for.
    pub(super) fn end_at(&self, end: Instant) {
        *lock(&self.end) = Some(end);
    }

    /// When turns end; `None` when nobody has said so.
    pub(super) fn end(&self) -> Option<Instant> {
        *lock(&self.end)
    }

    /// Waits for a turn in `region`.
    pub(super) async fn turn(&self, region: &Region, write: Write, priority: u32) -> Result<Turn, PortError> {
        let lane = self.lane(region);
        let asked = Instant::now();
        let Some(mut comes) = enter(&lane, write, priority) else {
            return Ok(Turn { waited: Duration::ZERO, guard: Some(Box::new(Ends(lane))) });
        };
        let came = match self.end() {
            Some(end) => timeout_at(end, &mut comes).await,
            None => Ok((&mut comes).await),
        };
        match came {
            Ok(Ok(())) => Ok(Turn { waited: asked.elapsed(), guard: Some(Box::new(Ends(lane))) }),
            Ok(Err(_)) => {
                Err(untried(region, FailureKind::Unreachable, "the Region did not answer just now"))
            }
            Err(_) => {
                comes.close();
                if comes.try_recv().is_ok() {
                    drop(Ends(lane)); // It came in the same moment.
                }
                Err(untried(
                    region,
                    FailureKind::Throttled,
                    "its turn had not come when the invocation ended; the next one goes on",
                ))
            }
        }
    }

    /// The Region swallowed a write: who waits for the same is told at once, and does not lose its own budget there.
    pub(super) fn is_silent(&self, region: &Region) {
        lock(&self.lane(region)).waiting.clear();
    }

    /// When the next write may be sent.
    pub(super) fn send_at(&self, region: &Region) -> Instant {
        let lane = self.lane(region);
        let mut lane = lock(&lane);
        let at = lane.next_send.map_or_else(Instant::now, |next| next.max(Instant::now()));
        lane.next_send = Some(at + lane.pause);
        at
    }

    /// A write was refused for the quota, or was taken: the pause between two sends follows.
    pub(super) fn note(&self, region: &Region, refused: bool) {
        let lane = self.lane(region);
        let mut lane = lock(&lane);
        lane.pause = if refused {
            (lane.pause * 3 / 2).clamp(FIRST_PAUSE, LONGEST_PAUSE)
        } else {
            lane.pause * 15 / 16
        };
    }

    fn lane(&self, region: &Region) -> Arc<Mutex<Lane>> {
        Arc::clone(lock(&self.lanes).entry(region.clone()).or_default())
    }
}

/// Enters a lane: nothing to wait for, or what tells that the turn has come.
fn enter(lane: &Mutex<Lane>, write: Write, priority: u32) -> Option<oneshot::Receiver<()>> {
    let mut lane = lock(lane);
    if lane.under_way == 0 {
        // Nobody is left to hand a turn on: who still stands here has given up.
        lane.waiting.retain(|_, tell| !tell.is_closed());
    }
    if lane.waiting.is_empty() && lane.under_way < RELEASED {
        lane.under_way += 1;
        return None;
    }
    let (tell, comes) = oneshot::channel();
    lane.came += 1;
    let rank = (write, Reverse(priority), lane.came);
    lane.waiting.insert(rank, tell);
    Some(comes)
}

fn untried(region: &Region, kind: FailureKind, why: &str) -> PortError {
    let detail = Some(format!("not tried: {why}"));
    PortError { detail, ..PortError::new(format!("ssm:PutParameter in {region}"), kind) }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as StdMutex;

    use futures_util::future::{join, join_all};
    use tokio::time::sleep;

    use super::*;

    fn osaka() -> Region {
        "ap-northeast-3".parse().unwrap()
    }

    /// Writes that take a tenth of a second each; answers the order in which they began.
    async fn order(turns: &Turns, writes: &[(Write, u32)]) -> Vec<(Write, u32)> {
        let began = StdMutex::new(Vec::new());
        let all = writes.iter().map(|(write, priority)| {
            let began = &began;
            async move {
                let turn = turns.turn(&osaka(), *write, *priority).await.unwrap();
                began.lock().unwrap().push((*write, *priority));
                sleep(Duration::from_millis(100)).await;
                drop(turn);
            }
        });
        join_all(all).await;
        began.into_inner().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn few_writes_wait_for_nothing() {
        let turns = Turns::default();
        let start = Instant::now();
        order(&turns, &[(Write::State, 0); RELEASED]).await;
        assert_eq!(start.elapsed(), Duration::from_millis(100));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_comes_by_kind_then_by_importance() {
        let turns = Turns::default();
        // Those of one group begin together, so each rank fills one.
        let ranks = [
            (Write::State, 0),
            (Write::State, 9),
            (Write::Writer, 1),
            (Write::State, 10),
            (Write::Writer, 2),
        ];
        let writes: Vec<(Write, u32)> = ranks.iter().flat_map(|rank| [*rank; RELEASED]).collect();
        let order = order(&turns, &writes).await;
        let ranks: Vec<(Write, u32)> = order.iter().step_by(RELEASED).copied().collect();
        let expected = [
            (Write::State, 0),
            (Write::Writer, 2),
            (Write::Writer, 1),
            (Write::State, 10),
            (Write::State, 9),
        ];
        assert_eq!(ranks, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_does_not_come_in_time_is_said_and_blocks_nobody() {
        let turns = Turns::default();
        turns.end_at(Instant::now() + Duration::from_millis(50));
        let group = order(&turns, &[(Write::Writer, 0); RELEASED]);
        let late = async { turns.turn(&osaka(), Write::Writer, 0).await };
        let (_, late) = join(group, late).await;
        let error = late.unwrap_err();
        assert_eq!(error.kind, FailureKind::Throttled);
        assert!(error.to_string().contains("the next one goes on"), "{error}");
        order(&turns, &[(Write::Writer, 0)]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_region_that_is_silent_is_told_at_once() {
        let turns = Turns::default();
        let group = order(&turns, &[(Write::Writer, 0); RELEASED]);
        let waits = async { turns.turn(&osaka(), Write::Writer, 0).await };
        let told = async {
            sleep(Duration::from_millis(10)).await;
            turns.is_silent(&osaka());
        };
        let ((_, waits), ()) = join(join(group, waits), told).await;
        assert_eq!(waits.unwrap_err().kind, FailureKind::Unreachable);
        order(&turns, &[(Write::Writer, 0)]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn sends_keep_apart_once_the_service_has_refused() {
        let turns = Turns::default();
        assert_eq!(turns.send_at(&osaka()), turns.send_at(&osaka()));
        turns.note(&osaka(), true);
        let first = turns.send_at(&osaka());
        assert_eq!(turns.send_at(&osaka()), first + FIRST_PAUSE);
    }
}
