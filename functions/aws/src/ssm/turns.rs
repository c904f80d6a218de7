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
/// Sends a second after the first refusal for the quota: the quota of an account that never asked for more. An account that
/// pays for it has 10. The pace finds out: each write that is taken makes it a little faster, each refusal a quarter slower.
const FIRST_PACE: f64 = 3.0;
const FASTER: f64 = 0.25;
const SLOWER: f64 = 0.75;
const SLOWEST_PACE: f64 = 1.0;
/// What is faster than any quota is no pace.
const FASTEST_PACE: f64 = 20.0;

/// All writers before all states, then by importance, then in the order in which they came.
type Rank = (Write, Reverse<u32>, u64);

#[derive(Debug, Default)]
struct Lane {
    waiting: BTreeMap<Rank, oneshot::Sender<()>>,
    /// Turns of the group that have not ended.
    under_way: usize,
    came: u64,
    /// Sends a second: as many as come, until the service says that there are too many.
    pace: Option<f64>,
    /// When the pace was last made slower.
    slowed: Option<Instant>,
    next_send: Option<Instant>,
}

impl Lane {
    /// The time between two sends.
    fn pause(&self) -> Duration {
        self.pace.map_or(Duration::ZERO, |pace| Duration::from_secs_f64(1.0 / pace))
    }
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

    /// When the next write may be sent; `None` where that is not before `end`. Who does not send takes nobody's place: else
    /// those of each invocation that come too late would keep all of the next one's away.
    pub(super) fn send_at(&self, region: &Region, end: Instant) -> Option<Instant> {
        let lane = self.lane(region);
        let mut lane = lock(&lane);
        let at = lane.next_send.map_or_else(Instant::now, |next| next.max(Instant::now()));
        let at = Some(at).filter(|at| *at < end)?;
        lane.next_send = Some(at + lane.pause());
        Some(at)
    }

    /// A write that was sent then was refused for the quota, or was taken: the pace follows. Of those that were sent at the
    /// same pace only the first refusal counts.
    pub(super) fn note(&self, region: &Region, sent: Instant, refused: bool) {
        let lane = self.lane(region);
        let mut lane = lock(&lane);
        let news = lane.slowed.is_none_or(|slowed| sent >= slowed);
        lane.pace = match lane.pace {
            Some(pace) if refused && news => Some((pace * SLOWER).max(SLOWEST_PACE)),
            None if refused => Some(FIRST_PACE),
            Some(pace) if !refused => Some(pace + FASTER).filter(|pace| *pace < FASTEST_PACE),
            as_it_was => as_it_was,
        };
        if refused && news {
            let now = Instant::now();
            lane.slowed = Some(now);
            lane.next_send = lane.next_send.max(Some(now + lane.pause()));
        }
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

    /// When the next write may be sent by one who has a day.
    fn send_at(turns: &Turns) -> Instant {
        turns.send_at(&osaka(), Instant::now() + Duration::from_hours(24)).unwrap()
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

    /// A released group ends before the next begins: who waits looks at the record again for all of its own.
    #[tokio::test(start_paused = true)]
    async fn the_next_group_waits_for_the_last_of_this_one() {
        let (turns, start) = (Turns::default(), Instant::now());
        let slow = async {
            let turn = turns.turn(&osaka(), Write::Writer, 0).await.unwrap();
            sleep(Duration::from_millis(300)).await;
            drop(turn);
        };
        let late = async { turns.turn(&osaka(), Write::Writer, 0).await.unwrap().waited };
        let group = order(&turns, &[(Write::Writer, 0); RELEASED - 1]);
        let (((), _), waited) = join(join(slow, group), late).await;
        assert_eq!((waited, start.elapsed()), (Duration::from_millis(300), Duration::from_millis(300)));
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

    /// So many writes, one after the other, to a service that takes `quota` a second, with a bucket of as many; answers how many
    /// were taken in how long, and how many were refused.
    async fn writes(turns: &Turns, quota: f64, count: u32) -> (Duration, u32) {
        let (start, mut tokens, mut at, mut refusals) = (Instant::now(), quota, Instant::now(), 0);
        let mut taken = 0;
        while taken < count {
            tokio::time::sleep_until(send_at(turns)).await;
            tokens = (tokens + at.elapsed().as_secs_f64() * quota).min(quota);
            at = Instant::now();
            let refused = tokens < 1.0;
            if refused {
                refusals += 1;
            } else {
                tokens -= 1.0;
                taken += 1;
            }
            turns.note(&osaka(), at, refused);
        }
        (start.elapsed(), refusals)
    }

    #[tokio::test(start_paused = true)]
    async fn the_pace_finds_the_quota_out_whichever_it_is() {
        for quota in [3.0, 10.0] {
            let (took, refused) = writes(&Turns::default(), quota, 100).await;
            let ideal = (100.0 - quota) / quota;
            assert!(took.as_secs_f64() < ideal * 1.35, "{quota} a second: {took:?}");
            assert!(refused < 25, "{quota} a second: {refused} refused");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn sends_keep_apart_once_the_service_has_refused_and_all_refusals_of_one_burst_are_one() {
        let turns = Turns::default();
        assert_eq!(send_at(&turns), send_at(&turns));
        let sent = Instant::now();
        sleep(Duration::from_millis(20)).await;
        for _ in 0..RELEASED {
            turns.note(&osaka(), sent, true);
        }
        let first = send_at(&turns);
        assert_eq!(send_at(&turns), first + Duration::from_secs_f64(1.0 / FIRST_PACE));
    }

    /// A fleet's writes that come too late for each of many short invocations: the next one's are sent all the same.
    #[tokio::test(start_paused = true)]
    async fn who_comes_too_late_takes_nobodys_place() {
        let turns = Turns::default();
        turns.note(&osaka(), Instant::now(), true);
        for _ in 0..100 {
            let end = Instant::now() + Duration::from_secs(2);
            let sent = (0..100).filter(|_| turns.send_at(&osaka(), end).is_some()).count();
            assert!((5..=7).contains(&sent), "{sent}");
            tokio::time::sleep_until(end).await;
        }
    }
}

#[cfg(test)]
mod more_tests;
