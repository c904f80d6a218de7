//! Follows the writer: resolves its name when needed, and keeps one generation of connections to it.
//!
//! The name is resolved again
//! - when the answer's TTL has run out, in the background, between once a second and twice a minute: a
//!   connection to the former writer may still take writes, and only this finds out;
//! - when the writer parameter has changed;
//! - as soon as the generation is retired, and then four times a second until a server takes writes.
//!
//! While the nameserver does not answer, open connections go on being used, new ones are not made.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::sync::{Mutex, Notify, watch};
use tokio::time::Instant;

use super::connector::Connector;
use super::generation::{ConnectFailure, Ended, Generation, Reason};
use super::name::WriterName;
use super::resolver::{Answer, Resolve, ResolveError};
use crate::failure::Chain;
use crate::metrics::Metrics;

/// The shortest time between two lookups.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// The time between lookups in the background while no server takes writes.
const SEARCHING_PAUSE: Duration = Duration::from_millis(250);
/// An answer is looked up again after its TTL, but within these bounds.
const TTL_BOUNDS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// How much later than its TTL an answer may still be used for new connections: one lookup's time.
const GRACE: Duration = Duration::from_secs(2);

/// Why there is no address to connect to. Shared by all who waited for the same lookup.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum FollowError {
    /// The writer parameter was never read.
    #[error("the writer parameter has not been read yet")]
    NoName,
    /// The name was not resolved.
    #[error("the writer's name was not resolved")]
    NotResolved(#[source] Arc<ResolveError>),
    /// The pool of connections was not made.
    #[error("cannot make a pool of connections")]
    Pool(#[source] Arc<deadpool_postgres::BuildError>),
}

/// The one place that knows where the writer is.
pub(crate) struct Follower {
    name: WriterName,
    resolver: Box<dyn Resolve>,
    connector: Connector,
    metrics: Arc<Metrics>,
    generations: AtomicU64,
    state: RwLock<State>,
    last_look: Mutex<Option<Look>>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Generation>>,
    /// When the writer has to be looked up again.
    due: Option<Instant>,
    /// Until when the last answer serves for new connections.
    fresh_until: Option<Instant>,
}

/// The last lookup: when it ended, and how it failed if it did.
struct Look {
    ended: Instant,
    failure: Option<FollowError>,
}

impl Follower {
    /// Follows `name`; [`Self::run`] must run beside.
    pub(crate) fn new(
        name: WriterName,
        resolver: Box<dyn Resolve>,
        connector: Connector,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            resolver,
            connector,
            metrics,
            generations: AtomicU64::new(0),
            state: RwLock::default(),
            last_look: Mutex::new(None),
            wake: Notify::new(),
        })
    }

    /// What is followed.
    pub(crate) fn name(&self) -> &WriterName {
        &self.name
    }

    /// How connections are made.
    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// The last generation, retired or not, without looking anything up.
    pub(crate) fn last_known(&self) -> Option<Arc<Generation>> {
        self.read(|state| state.current.clone())
    }

    /// The generation to take a connection from; looks the writer up when there is none. Many callers at
    /// once cause one lookup.
    pub(crate) async fn current(self: &Arc<Self>) -> Result<Arc<Generation>, FollowError> {
        if let Some(generation) = self.usable() {
            return Ok(generation);
        }
        let asked = Instant::now();
        let mut last = self.last_look.lock().await;
        if let Some(generation) = self.usable() {
            return Ok(generation);
        }
        match last.as_ref() {
            Some(Look { ended, failure: Some(failure) }) if *ended >= asked => Err(failure.clone()),
            _ => self.look(&mut last).await,
        }
    }

    /// Ends a generation of connections, so that the writer is looked up anew.
    pub(crate) fn retire(&self, generation: &Generation, reason: Reason) {
        self.end(generation, Ended { reason, cause: None });
    }

    fn end(&self, generation: &Generation, ended: Ended) {
        let reason = ended.reason;
        let Some(open) = generation.retire(ended) else {
            return;
        };
        if reason.is_stale() {
            self.metrics.stale_sessions.add(u64::try_from(open).unwrap_or(u64::MAX));
        }
        let (number, address) = (generation.number, generation.address);
        if generation.is_proven() {
            tracing::warn!(number, %address, %reason, open, "connections retired");
        } else {
            // While a server is away this happens about once a second.
            tracing::debug!(number, %address, %reason, "no connection was made");
        }
        self.name.doubt();
        self.wake.notify_one();
    }

    /// Keeps the answer fresh for ever.
    pub(crate) async fn run(self: &Arc<Self>) {
        let mut changes = self.name.changes();
        let mut failing = false;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(self.next_look()) => {}
                () = self.wake.notified() => {}
                () = changed(&mut changes) => {}
            }
            let outcome = self.look(&mut *self.last_look.lock().await).await;
            log_change(outcome.err(), &mut failing);
        }
    }

    /// Looks the writer up now (not sooner than a moment after the last time) and adopts the answer.
    async fn look(self: &Arc<Self>, last: &mut Option<Look>) -> Result<Arc<Generation>, FollowError> {
        if let Some(look) = last.as_ref() {
            tokio::time::sleep_until(look.ended + SHORTEST_PAUSE).await;
        }
        let outcome = self.find().await;
        *last = Some(Look { ended: Instant::now(), failure: outcome.as_ref().err().cloned() });
        outcome
    }

    async fn find(self: &Arc<Self>) -> Result<Arc<Generation>, FollowError> {
        let host = self.name.host().ok_or(FollowError::NoName)?;
        match self.resolver.resolve(&host).await {
            Ok(answer) => {
                self.metrics.lookups.increment();
                self.adopt(&host, answer)
            }
            Err(error) => {
                self.metrics.lookup_failures.increment();
                self.write(|state| state.due = Some(Instant::now() + TTL_BOUNDS.0));
                Err(FollowError::NotResolved(Arc::new(error)))
            }
        }
    }

    /// Keeps the current generation when the answer still names its address, else begins a new one.
    fn adopt(self: &Arc<Self>, host: &str, answer: Answer) -> Result<Arc<Generation>, FollowError> {
        let due = Instant::now() + answer.ttl.clamp(TTL_BOUNDS.0, TTL_BOUNDS.1);
        let previous = self.last_known();
        if let Some(generation) = previous.as_ref() {
            let same = generation.serves(host, &answer.addresses);
            if same && !generation.is_retired() {
                let generation = Arc::clone(generation);
                self.set(Arc::clone(&generation), due);
                return Ok(generation);
            }
            if !same {
                self.metrics.moves.increment();
                self.retire(generation, Reason::Moved);
            }
        }
        let generation = self.begin(host, answer, previous.as_deref())?;
        self.set(Arc::clone(&generation), due);
        tokio::spawn(Arc::clone(self).prove(Arc::clone(&generation)));
        Ok(generation)
    }

    fn begin(
        &self,
        host: &str,
        answer: Answer,
        previous: Option<&Generation>,
    ) -> Result<Arc<Generation>, FollowError> {
        let no_address =
            || FollowError::NotResolved(Arc::new(ResolveError::NoAddress { host: host.to_owned() }));
        let ip = *answer.addresses.first().ok_or_else(no_address)?;
        let pool = self.connector.pool(host, ip).map_err(|error| FollowError::Pool(Arc::new(error)))?;
        let address = SocketAddr::new(ip, self.connector.port);
        let same = previous.filter(|previous| previous.address == address && previous.host == host);
        let since = same.map_or_else(SystemTime::now, |same| same.since);
        let number = self.generations.fetch_add(1, Ordering::Relaxed) + 1;
        self.metrics.generations.increment();
        if same.is_none() {
            let canonical = answer.canonical.as_deref();
            tracing::info!(number, host, canonical, %address, "following the writer");
        }
        Ok(Arc::new(Generation::new(number, host, answer.canonical, address, since, pool)))
    }

    /// Makes the first connection of a generation before anybody needs it, so that a dead address is
    /// noticed, and left, without waiting for a request.
    async fn prove(self: Arc<Self>, generation: Arc<Generation>) {
        match generation.connect().await {
            Ok(client) => generation.learn_timeline(&client).await,
            Err(failure) => self.connect_failed(&generation, &failure),
        }
    }

    /// Counts a failed connection and retires the generation when the failure says something of the address.
    pub(crate) fn connect_failed(&self, generation: &Generation, failure: &ConnectFailure) {
        match failure {
            ConnectFailure::NotWritable(_) => self.metrics.connections_not_writable.increment(),
            ConnectFailure::TimedOut | ConnectFailure::Refused(_) | ConnectFailure::Pool(_) => {
                self.metrics.connections_failed.increment();
            }
            ConnectFailure::Retired(_) | ConnectFailure::Busy => {}
        }
        if let Some(reason) = failure.reason() {
            // Others that wait for the same connection learn why it was not made.
            let cause = Some(Chain(failure).to_string().into());
            self.end(generation, Ended { reason, cause });
        }
    }

    /// The current generation, when statements may use it: not retired, and either its answer is fresh or
    /// there is a connection that was made while it was.
    fn usable(&self) -> Option<Arc<Generation>> {
        self.read(|state| {
            let generation = state.current.as_ref().filter(|generation| !generation.is_retired())?;
            let fresh = state.fresh_until.is_some_and(|until| Instant::now() <= until);
            (fresh || generation.has_idle()).then(|| Arc::clone(generation))
        })
    }

    fn next_look(&self) -> Instant {
        let now = Instant::now();
        self.read(|state| match (&state.current, state.due) {
            (None, None) => now,
            (Some(generation), Some(due)) if !generation.is_retired() && generation.is_proven() => due,
            _ => now + SEARCHING_PAUSE,
        })
    }

    fn set(&self, generation: Arc<Generation>, due: Instant) {
        self.write(|state| {
            let fresh_until = Some(due + GRACE);
            *state = State { current: Some(generation), due: Some(due), fresh_until };
        });
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Waits for the next change of the writer's name; for ever where none will be told.
async fn changed(changes: &mut Option<watch::Receiver<Option<Arc<str>>>>) {
    let told = match changes {
        Some(changes) => changes.changed().await.is_ok(),
        None => false,
    };
    if !told {
        std::future::pending::<()>().await;
    }
}

/// Logs the first of a row of failures, and its end.
fn log_change(failure: Option<FollowError>, failing: &mut bool) {
    match failure {
        Some(error) => {
            if !std::mem::replace(failing, true) {
                tracing::warn!(error = %Chain(&error), "cannot look the writer up");
            }
        }
        None => {
            if std::mem::take(failing) {
                tracing::info!("the writer can be looked up again");
            }
        }
    }
}
