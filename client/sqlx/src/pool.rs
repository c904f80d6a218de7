//! A pool of sqlx whose sessions all go to where the writer is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Error;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use writer_follower::{SourceError, Watch};

use crate::check::{Shared, UNFIT};
use crate::outcome::Failure;
use crate::place::Place;
use crate::session::Session;

/// The most that asking a session may take, unless it is said.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many wait for sqlx at one time where it has nothing idle, and so may have it log in.
const MAKING: usize = 8;

/// A [`PgPool`] that follows the writer, until its last clone is dropped.
#[derive(Clone)]
pub struct WriterPool {
    pool: PgPool,
    shared: Arc<Shared>,
    _task: Arc<EndsWithIt>,
}

/// Ends a task when it is dropped.
struct EndsWithIt(AbortHandle);

impl Drop for EndsWithIt {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for WriterPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.shared.place.borrow();
        formatter.debug_struct("WriterPool").field("host", &place.host).finish_non_exhaustive()
    }
}

impl WriterPool {
    /// A pool that logs in as `login` says, at the host that `source` names. It sets `after_connect`, `before_acquire`
    /// and `test_before_acquire` of `options`; hooks that were set before are gone.
    pub async fn start(
        source: Watch,
        options: PgPoolOptions,
        login: PgConnectOptions,
    ) -> Result<Self, SourceError> {
        Self::within(source, options, login, PATIENCE).await
    }

    /// The same, with sessions that have so long to answer when they are checked; 1 s unless it is said.
    pub async fn within(
        source: Watch,
        options: PgPoolOptions,
        login: PgConnectOptions,
        patience: Duration,
    ) -> Result<Self, SourceError> {
        let known = source.fresh().await?;
        let place = Place::new(1, &known.writer);
        let first = place.options(&login);
        let (place, making) = (watch::Sender::new(place), Semaphore::new(MAKING));
        let shared = Arc::new(Shared { source, login, patience, place, making });
        let pool = hooked(options, &shared).connect_lazy_with(first);
        let task = tokio::spawn(run(Arc::clone(&shared), pool.clone()));
        Ok(Self { pool, shared, _task: Arc::new(EndsWithIt(task.abort_handle())) })
    }

    /// What says where the writer is.
    pub fn watch(&self) -> &Watch {
        &self.shared.source
    }

    /// sqlx's own pool, for what there is no call for here. A session of it is checked before it is lent as well; one that
    /// hangs when it comes back keeps its place there. A clone that outlives us follows no more.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A session to the writer that takes writes, within the pool's `acquire_timeout`.
    pub async fn acquire(&self) -> Result<Session, Error> {
        let most = self.pool.options().get_acquire_timeout();
        timeout(most, self.acquire_in_time()).await.unwrap_or(Err(Error::PoolTimedOut))
    }

    /// Whoever waits for a server that is not, or no longer, the writer begins anew.
    async fn acquire_in_time(&self) -> Result<Session, Error> {
        // It is never closed.
        let _turn = if self.pool.num_idle() == 0 { self.shared.making.acquire().await.ok() } else { None };
        loop {
            let (mut places, unfit) = (self.shared.place.subscribe(), Arc::new(Notify::new()));
            let place = places.borrow_and_update().number;
            tokio::select! {
                biased;
                Ok(()) = places.changed() => {}
                lent = UNFIT.scope(Arc::clone(&unfit), self.pool.acquire()) => {
                    return lent.map(|lent| Session::new(lent, &self.shared, place));
                }
                () = unfit.notified() => {}
            }
        }
    }

    /// Waits for statements on a session of ours, for no longer than `patience` and no longer than the writer stays. Nobody
    /// but who uses it can end a session that is lent: give it to `answer` (`async move`), so that it goes back with that.
    pub async fn confirm<T>(
        &self,
        patience: Duration,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        let mut places = self.shared.place.subscribe();
        tokio::select! {
            // A confirmation that comes together with the move is none.
            biased;
            Ok(()) = places.changed() => Err(Failure::Moved),
            answered = timeout(patience, answer) => match answered {
                Ok(answered) => answered.map_err(Failure::Statement),
                Err(_) => Err(Failure::NoAnswer),
            },
        }
    }
}

/// The pool's options with our checks.
fn hooked(options: PgPoolOptions, shared: &Arc<Shared>) -> PgPoolOptions {
    let [made, lent] = [shared, shared].map(Arc::clone);
    options
        .test_before_acquire(false)
        .after_connect(move |session, _| {
            let shared = Arc::clone(&made);
            Box::pin(async move { shared.made(session).await })
        })
        .before_acquire(move |session, about| {
            let shared = Arc::clone(&lent);
            Box::pin(async move { shared.again(session, about.age).await })
        })
}

async fn run(shared: Arc<Shared>, pool: PgPool) {
    loop {
        let place = shared.place.borrow().clone();
        let known = shared.source.wait_for(|known| !place.serves(&known.writer)).await;
        let next = Place::new(place.number + 1, &known.writer);
        tracing::info!(from = place.host, to = next.host, idle = pool.num_idle(), "the writer moved");
        let options = next.options(&shared.login);
        // First nothing of the former writer is lent, then new sessions go to the next.
        shared.place.send_replace(next);
        pool.set_connect_options(options);
        // Dropped and not closed: a server that is silent would take no farewell.
        while let Some(idle) = pool.try_acquire() {
            drop(idle.detach());
        }
    }
}
