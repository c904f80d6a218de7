//! Questions that are asked at the same time share a round of calls.
//!
//! A round begins after everything that was ready to run has had its turn, so that databases that are
//! looked at together ask together. Safety: **an answer is never older than its question.** A question
//! that comes while a round is under way waits for the next one, which begins when that round ends, or
//! after [`PATIENCE`], so that a round that hangs holds up nobody.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use crate::lock::lock;

/// The longest that a round waits for the one before it: the more questions it has, the more there is to gain, and the longer
/// a round takes that does not hang.
const PATIENCE: Duration = Duration::from_millis(100);
const PATIENCE_EACH: Duration = Duration::from_micros(400);
const PATIENCE_MAX: Duration = Duration::from_secs(2);
/// Turns of the executor in which questions gather: one for the tasks that are ready now, one for those
/// that they wake.
const TURNS: usize = 2;

/// One question of a round, to be answered as soon as its own answer is known.
#[derive(Debug)]
pub(crate) struct Asked<Q, A> {
    pub(crate) question: Q,
    reply: oneshot::Sender<A>,
}

impl<Q, A> Asked<Q, A> {
    /// Answers it. Who asked may have gone: then nobody listens, and that is all.
    pub(crate) fn answer(self, answer: A) {
        drop(self.reply.send(answer));
    }
}

/// The questions of the next round; `None` once it has begun.
type Gathering<Q, A> = Mutex<Option<Vec<Asked<Q, A>>>>;

/// Gathers questions into rounds, for each key (a Region, a zone) on its own.
#[derive(Debug)]
pub(crate) struct Coalescer<K, Q, A> {
    budget: Duration,
    lanes: Mutex<HashMap<K, Lane<Q, A>>>,
}

#[derive(Debug)]
struct Lane<Q, A> {
    /// Owned by the round that will take it, so that a round that is dropped leaves nothing waiting.
    gathering: Weak<Gathering<Q, A>>,
    under_way: Arc<Semaphore>,
}

impl<K, Q, A> Coalescer<K, Q, A>
where
    K: Eq + Hash + Clone,
    Q: Send + 'static,
    A: Send + 'static,
{
    /// Rounds that take no longer than `budget` from when they begin: what waited for the round before it is not late.
    pub(crate) fn new(budget: Duration) -> Self {
        Self { budget, lanes: Mutex::default() }
    }

    /// Asks in the next round of `key`, which `run` performs until the deadline that it is given. `None`
    /// when the round ended without an answer.
    pub(crate) async fn ask<R, F>(&self, key: &K, question: Q, run: R) -> Option<A>
    where
        R: FnOnce(Vec<Asked<Q, A>>, Instant) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.join_round(key, Asked { question, reply }, run);
        answer.await.ok()
    }

    fn join_round<R, F>(&self, key: &K, asked: Asked<Q, A>, run: R)
    where
        R: FnOnce(Vec<Asked<Q, A>>, Instant) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let mut lanes = lock(&self.lanes);
        let lane = lanes
            .entry(key.clone())
            .or_insert_with(|| Lane { gathering: Weak::new(), under_way: Arc::new(Semaphore::new(1)) });
        if let Some(gathering) = lane.gathering.upgrade()
            && let Some(questions) = lock(&gathering).as_mut()
        {
            questions.push(asked);
            return;
        }
        let gathering = Arc::new(Mutex::new(Some(vec![asked])));
        lane.gathering = Arc::downgrade(&gathering);
        let under_way = Arc::clone(&lane.under_way);
        let budget = self.budget;
        tokio::spawn(async move {
            let size = gathered(&gathering).await;
            let patience = PATIENCE.max(PATIENCE_EACH * size).min(PATIENCE_MAX);
            let _turn = timeout(patience, under_way.acquire_owned()).await;
            let mut questions = lock(&gathering).take().unwrap_or_default();
            questions.retain(|asked| !asked.reply.is_closed());
            if !questions.is_empty() {
                run(questions, Instant::now() + budget).await;
            }
        });
    }
}

/// Waits until no more questions come in a few turns of the executor, which starts thousands of databases in more than one;
/// answers how many there are.
async fn gathered<Q, A>(gathering: &Gathering<Q, A>) -> u32 {
    let mut size = 0;
    loop {
        for _ in 0..TURNS {
            yield_now().await;
        }
        let now = lock(gathering).as_ref().map_or(0, Vec::len);
        if now == size {
            return u32::try_from(size).unwrap_or(u32::MAX);
        }
        size = now;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::time::sleep;

    use super::*;

    /// A world that changes: a round answers with what it saw when it began, and how many asked.
    #[derive(Default)]
    struct World {
        rounds: AtomicUsize,
        version: AtomicUsize,
    }

    type Rounds = Coalescer<&'static str, usize, (usize, usize)>;

    async fn ask(
        rounds: &Rounds,
        world: &Arc<World>,
        key: &'static str,
        question: usize,
        lasts: Duration,
    ) -> Option<(usize, usize)> {
        let world = Arc::clone(world);
        let run = move |asked: Vec<Asked<usize, (usize, usize)>>, _| async move {
            world.rounds.fetch_add(1, Ordering::Relaxed);
            let seen = world.version.load(Ordering::Relaxed);
            sleep(lasts).await;
            let size = asked.len();
            for asked in asked {
                asked.answer((seen, size));
            }
        };
        rounds.ask(&key, question, run).await
    }

    #[tokio::test(start_paused = true)]
    async fn questions_of_one_turn_share_a_round_and_keys_do_not() {
        let (rounds, world) = (Rounds::new(Duration::from_secs(2)), Arc::default());
        let many = (0..100).map(|question| ask(&rounds, &world, "seoul", question, Duration::from_millis(5)));
        let other = ask(&rounds, &world, "osaka", 0, Duration::from_millis(5));
        let (answers, other) = futures_util::future::join(join_all(many), other).await;
        assert!(answers.iter().all(|answer| *answer == Some((0, 100))));
        assert_eq!(other, Some((0, 1)));
        assert_eq!(world.rounds.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_never_older_than_its_question() {
        let (rounds, world) = (Rounds::new(Duration::from_secs(2)), Arc::<World>::default());
        let first = ask(&rounds, &world, "seoul", 0, Duration::from_millis(50));
        let later = async {
            sleep(Duration::from_millis(10)).await;
            world.version.store(1, Ordering::Relaxed);
            let second = ask(&rounds, &world, "seoul", 1, Duration::from_millis(50));
            let third = async {
                sleep(Duration::from_millis(10)).await;
                ask(&rounds, &world, "seoul", 2, Duration::from_millis(50)).await
            };
            futures_util::future::join(second, third).await
        };
        let (first, (second, third)) = futures_util::future::join(first, later).await;
        assert_eq!(first, Some((0, 1)));
        assert_eq!((second, third), (Some((1, 2)), Some((1, 2))), "they share the next round");
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_that_hangs_holds_up_nobody() {
        let (rounds, world) = (Rounds::new(Duration::from_secs(2)), Arc::default());
        let start = Instant::now();
        let hangs = ask(&rounds, &world, "seoul", 0, Duration::from_mins(1));
        let next = async {
            sleep(Duration::from_millis(1)).await;
            ask(&rounds, &world, "seoul", 1, Duration::from_millis(5)).await;
            start.elapsed()
        };
        let (_, elapsed) = futures_util::future::join(timeout(Duration::from_secs(2), hangs), next).await;
        assert!(elapsed < PATIENCE + Duration::from_millis(20), "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_stopped_listening_is_not_asked_for_and_takes_nobody_along() {
        let (rounds, world) = (Rounds::new(Duration::from_secs(2)), Arc::<World>::default());
        let gone = ask(&rounds, &world, "seoul", 0, Duration::from_millis(5));
        let stays = ask(&rounds, &world, "seoul", 1, Duration::from_millis(5));
        let mut gone = Box::pin(gone);
        let mut stays = Box::pin(stays);
        assert!(futures_util::poll!(&mut gone).is_pending());
        assert!(futures_util::poll!(&mut stays).is_pending());
        drop(gone);
        assert_eq!(stays.await, Some((0, 1)));
        let mut alone = Box::pin(ask(&rounds, &world, "seoul", 2, Duration::from_millis(5)));
        assert!(futures_util::poll!(&mut alone).is_pending());
        drop(alone);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(world.rounds.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_that_ends_without_an_answer_leaves_nothing_stuck() {
        let rounds: Coalescer<&str, (), ()> = Coalescer::new(Duration::from_secs(2));
        let silent = |_: Vec<Asked<(), ()>>, _| std::future::ready(());
        assert_eq!(rounds.ask(&"seoul", (), silent).await, None);
        let answers = |asked: Vec<Asked<(), ()>>, _| async move {
            for asked in asked {
                asked.answer(());
            }
        };
        assert_eq!(rounds.ask(&"seoul", (), answers).await, Some(()));
    }

    #[test]
    fn a_runtime_that_ends_leaves_nothing_stuck() {
        let rounds: Coalescer<&str, (), ()> = Coalescer::new(Duration::from_secs(2));
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let answers = |asked: Vec<Asked<(), ()>>, _| async move {
            for asked in asked {
                asked.answer(());
            }
        };
        runtime().block_on(async {
            let mut asking = Box::pin(rounds.ask(&"seoul", (), answers));
            assert!(futures_util::poll!(&mut asking).is_pending());
        });
        assert_eq!(runtime().block_on(rounds.ask(&"seoul", (), answers)), Some(()));
    }
}
