//! Follows the writer: one generation of connections at a time, to where the watch says that the writer is.
//!
//! A generation ends
//! - when the watch names another host or address: at once, with all its connections;
//! - when a new connection shows that the server takes no writes, refuses, or does not answer.
//!
//! A connection that breaks, hangs or says 25006 is given up alone, and gives reason to doubt the rest: the watch is asked
//! anew, a new connection is tried, and the other connections are checked before they are used again.
//!
//! While the source does not answer, open connections go on being used, and new ones are not made: without a fresh word of
//! where the writer is, a new connection to a former writer would take writes that are lost.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_postgres::Client;

use crate::chain::Chain;
use crate::connect::connector::{Connector, Made};
use crate::connect::failure::ConnectFailure;
use crate::counters::{Counters, Tally};
use crate::generation::{Ended, Generation, Reason};
use crate::session::Session;
use crate::source::writer_source::SourceError;
use crate::watch::{EndsWithIt, Known, Watch};

/// How much later than its TTL an answer may still be used for new connections: one lookup's time.
const GRACE: Duration = Duration::from_secs(2);
/// The most that asking for the timeline may take.
const TIMELINE_BUDGET: Duration = Duration::from_secs(1);
const TIMELINE: &str = "SELECT pg_walfile_name(pg_current_wal_lsn())";

/// What keeps a herd of connections from thundering, and how long a check may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most connections that are being made at one time; 8 unless it is said.
    pub connecting: usize,
    /// The longest random pause before a connection that is not among the first so many; 50 ms unless it is said.
    pub jitter: Duration,
    /// The most that checking a connection again may take; 1 s unless it is said.
    pub check_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connecting: 8, jitter: Duration::from_millis(50), check_timeout: Duration::from_secs(1) }
    }
}

impl Limits {
    /// The same, with at most so many connections being made at one time.
    #[must_use]
    pub fn connecting(mut self, most: usize) -> Self {
        self.connecting = most.max(1);
        self
    }

    /// The same, with checks that may take so long.
    #[must_use]
    pub fn check_timeout(mut self, most: Duration) -> Self {
        self.check_timeout = most;
        self
    }
}

/// The one place that knows where the writer is, and makes connections there. It ends when its last clone is dropped.
#[derive(Debug, Clone)]
pub struct Follower {
    shared: Arc<Shared>,
    _task: Arc<EndsWithIt>,
}

struct Shared {
    watch: Watch,
    connector: Connector,
    limits: Limits,
    tally: Arc<Tally>,
    wake: Arc<Notify>,
    connecting: Semaphore,
    state: Mutex<State>,
    numbers: AtomicU64,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Generation>>,
    /// The number of the read that was adopted last.
    adopted: u64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").field("watch", &self.watch).finish_non_exhaustive()
    }
}

impl Follower {
    /// Follows what `watch` says, on tokio's runtime, which must be there.
    pub fn start(watch: Watch, connector: Connector) -> Self {
        Self::within(watch, connector, Limits::default())
    }

    /// The same, with limits of one's own.
    pub fn within(watch: Watch, connector: Connector, limits: Limits) -> Self {
        let shared = Arc::new(Shared {
            watch,
            connector,
            limits,
            tally: Arc::default(),
            wake: Arc::default(),
            connecting: Semaphore::new(limits.connecting),
            state: Mutex::default(),
            numbers: AtomicU64::new(0),
        });
        let task = tokio::spawn(run(Arc::clone(&shared)));
        Self { shared, _task: Arc::new(EndsWithIt(task.abort_handle())) }
    }

    /// What says where the writer is.
    pub fn watch(&self) -> &Watch {
        &self.shared.watch
    }

    /// How connections are made.
    pub fn connector(&self) -> &Connector {
        &self.shared.connector
    }

    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        self.shared.tally.counters()
    }

    /// The last generation, ended or not, without asking anybody.
    pub fn last_known(&self) -> Option<Arc<Generation>> {
        self.shared.state().current.clone()
    }

    /// The generation to connect with; asks where the writer is when there is none.
    pub async fn current(&self) -> Result<Arc<Generation>, SourceError> {
        Shared::current(&self.shared).await
    }

    /// A connection to the writer, checked to take writes, for whoever has no pool or a pool of their own.
    pub async fn session(&self) -> Result<Session, ConnectFailure> {
        self.connect().await.map(Session::new)
    }

    /// A connection to the writer, checked to take writes. Where the writer moves meanwhile, one to where it is then.
    pub(crate) async fn connect(&self) -> Result<Made, ConnectFailure> {
        match self.connect_once().await {
            Err(ConnectFailure::Retired(Ended { reason: Reason::Moved, .. })) => self.connect_once().await,
            outcome => outcome,
        }
    }

    async fn connect_once(&self) -> Result<Made, ConnectFailure> {
        let generation = self.current().await.map_err(ConnectFailure::NoWriter)?;
        let turn = generation.begin();
        tokio::select! {
            biased;
            () = generation.retired() => Err(ConnectFailure::retired(&generation)),
            made = self.in_turn(&generation, turn) => made,
        }
    }

    async fn in_turn(&self, generation: &Arc<Generation>, turn: usize) -> Result<Made, ConnectFailure> {
        let Limits { connecting, jitter, .. } = self.shared.limits;
        if turn >= connecting {
            sleep(jitter.mul_f64(fastrand::f64())).await;
        }
        // It is never closed.
        let _permit = self.shared.connecting.acquire().await;
        self.shared.make(generation).await
    }

    /// What keeps a herd from thundering, and how long a check may take.
    pub fn limits(&self) -> Limits {
        self.shared.limits
    }
}

async fn run(shared: Arc<Shared>) {
    let mut looks = shared.watch.looks();
    loop {
        let look = looks.borrow_and_update().clone();
        if let (None, Some(known)) = (&look.failure, look.known) {
            // Why no generation can be begun is told to whoever wants a connection.
            let _ = Shared::adopt(&shared, look.number, known);
        }
        shared.watch.search(shared.is_searching());
        tokio::select! {
            changed = looks.changed() => if changed.is_err() { return },
            () = shared.wake.notified() => Shared::woken(&shared),
        }
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody knows a server that takes writes.
    fn is_searching(&self) -> bool {
        let well = |it: &Arc<Generation>| !it.is_retired() && it.is_proven() && !it.is_suspected();
        !self.state().current.as_ref().is_some_and(well)
    }

    /// Where a generation ended or is suspected, the source is asked anew, and the suspected server is tried.
    fn woken(shared: &Arc<Self>) {
        let Some(generation) = shared.state().current.clone() else { return };
        if generation.is_retired() || generation.is_suspected() {
            shared.watch.doubt();
        }
        if generation.is_suspected() && !generation.is_retired() {
            tokio::spawn(prove(Arc::clone(shared), generation));
        }
    }

    async fn current(shared: &Arc<Self>) -> Result<Arc<Generation>, SourceError> {
        let fresh = shared.watch.known().is_some_and(|known| known.is_fresh(GRACE));
        let current = shared.state().current.clone().filter(|it| fresh && !it.is_retired());
        if let Some(generation) = current {
            return Ok(generation);
        }
        let (number, known) = shared.watch.next().await;
        Self::adopt(shared, number, known?)
    }

    /// Keeps the current generation when the answer still names its address, else begins a new one.
    fn adopt(shared: &Arc<Self>, number: u64, known: Known) -> Result<Arc<Generation>, SourceError> {
        let mut state = shared.state();
        let writer = &known.writer;
        if let Some(current) = state.current.clone() {
            let same = current.serves(writer);
            // One answer begins one generation: what ended since is not begun again without another look.
            if state.adopted >= number || (same && !current.is_retired()) {
                state.adopted = state.adopted.max(number);
                return Ok(current);
            }
            if !same {
                shared.tally.moves.one();
                current.retire(Ended { reason: Reason::Moved, cause: None });
            }
        }
        let generation = Arc::new(shared.begin(known, state.current.as_deref())?);
        *state = State { current: Some(Arc::clone(&generation)), adopted: number };
        drop(state);
        tokio::spawn(prove(Arc::clone(shared), Arc::clone(&generation)));
        Ok(generation)
    }

    fn begin(&self, known: Known, before: Option<&Generation>) -> Result<Generation, SourceError> {
        let writer = known.writer;
        let no_address = || SourceError::new(format!("{} has no address: see Watch::resolved", writer.host));
        let ip = *writer.addresses.first().ok_or_else(no_address)?;
        let address = SocketAddr::new(ip, self.connector.to_port());
        let same = before.filter(|before| before.address == address && before.writer.host == writer.host);
        let since = same.map_or_else(SystemTime::now, |same| same.since);
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        self.tally.generations.one();
        if same.is_none() {
            let (host, canonical) = (writer.host.as_str(), writer.canonical.as_deref());
            tracing::info!(number, host, canonical, %address, "following the writer");
        }
        Ok(Generation::new(number, writer, address, since, Arc::clone(&self.tally), Arc::clone(&self.wake)))
    }

    /// Makes a connection; ends the generation when the failure says something of the address.
    async fn make(&self, generation: &Arc<Generation>) -> Result<Made, ConnectFailure> {
        let outcome = self.connector.connect(generation).await;
        match &outcome {
            Ok(_) => {
                self.tally.made.one();
                generation.prove();
                // Whoever searched may stop.
                self.wake.notify_one();
            }
            Err(ConnectFailure::NotWritable) => self.tally.not_writable.one(),
            Err(ConnectFailure::Retired(_)) => {}
            Err(_) => self.tally.failed.one(),
        }
        if let Err(failure) = &outcome
            && let Some(reason) = failure.reason()
        {
            // Others that wait for the same connection learn why it was not made.
            generation.retire(Ended { reason, cause: Some(Chain(failure).to_string().into()) });
        }
        outcome
    }
}

/// Makes a connection before anybody needs it, so that a server that is dead, or no writer any more, is noticed and left
/// without waiting for a request.
async fn prove(shared: Arc<Shared>, generation: Arc<Generation>) {
    // One is enough, however many connections break at once.
    let Ok(_one) = generation.proving.try_lock() else { return };
    let Ok(made) = shared.make(&generation).await else { return };
    if generation.timeline().is_none()
        && let Ok(Some(timeline)) = timeout(TIMELINE_BUDGET, timeline(&made.client)).await
    {
        generation.set_timeline(timeline);
    }
    made.task.abort();
}

/// The server's timeline. Not every PostgreSQL can tell.
async fn timeline(client: &Client) -> Option<u32> {
    let row = client.query_typed_one(TIMELINE, &[]).await.ok()?;
    timeline_of(&row.try_get::<_, String>(0).ok()?)
}

/// The timeline in the name of a WAL file: its first eight hexadecimal digits.
fn timeline_of(file: &str) -> Option<u32> {
    u32::from_str_radix(file.get(..8)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeline_is_the_first_part_of_the_file_name() {
        assert_eq!(timeline_of("0000000A0000000000000003"), Some(10));
        assert_eq!(timeline_of("short"), None);
        assert_eq!(timeline_of("zzzzzzzz"), None);
    }
}
