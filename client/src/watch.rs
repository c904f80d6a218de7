//! A source that is asked again and again, and what it said last.
//!
//! It is asked again when what it said is too old, as soon as somebody doubts it, and often while nobody knows a server that
//! takes writes. While it does not answer, the last word stands, and says how old it is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::chain::Chain;
use crate::pace::Pace;
use crate::source::resolve::Resolve;
use crate::source::writer_source::{BoxFuture, SourceError, WriterSource};
use crate::writer::{Reading, Writer};

/// The most that a source may take for one answer.
const BUDGET: Duration = Duration::from_secs(5);

/// What is known of the writer.
#[derive(Debug, Clone)]
pub struct Known {
    /// The writer.
    pub writer: Writer,
    /// When this was first read, after something else.
    pub since: SystemTime,
    read: Instant,
    fresh_until: Instant,
}

impl Known {
    /// How old the knowledge is: the time since the source last said so.
    pub fn age(&self) -> Duration {
        self.read.elapsed()
    }

    /// Whether the source's own word for how long it may be believed still holds, with a little grace for the next read.
    pub fn is_fresh(&self, grace: Duration) -> bool {
        Instant::now() <= self.fresh_until + grace
    }
}

/// The last answers of a source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    /// Counts the reads that ended.
    pub(crate) number: u64,
    pub(crate) known: Option<Known>,
    /// Why the last read failed, if it did.
    pub(crate) failure: Option<SourceError>,
}

/// Watches a source until the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Watch {
    shared: Arc<Shared>,
    _task: Arc<EndsWithIt>,
}

struct Shared {
    source: Box<dyn WriterSource>,
    pace: Pace,
    look: watch::Sender<Look>,
    wanted: Notify,
    searching: AtomicBool,
    failures: AtomicU64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.source.describe())
    }
}

/// Ends a task when it is dropped.
#[derive(Debug)]
pub(crate) struct EndsWithIt(pub(crate) AbortHandle);

impl Drop for EndsWithIt {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Watch {
    /// Watches `source` at its own pace. It runs on tokio's runtime, which must be there.
    pub fn of(source: impl WriterSource) -> Self {
        let pace = source.pace();
        Self::at_pace(source, pace)
    }

    /// Watches `source` at a pace of one's own.
    pub fn at_pace(source: impl WriterSource, pace: Pace) -> Self {
        let shared = Arc::new(Shared {
            source: Box::new(source),
            pace,
            look: watch::Sender::default(),
            wanted: Notify::new(),
            searching: AtomicBool::new(false),
            failures: AtomicU64::new(0),
        });
        let task = tokio::spawn(run(Arc::clone(&shared)));
        Self { shared, _task: Arc::new(EndsWithIt(task.abort_handle())) }
    }

    /// The same writer with its addresses, for a source that knows only its name. An address is asked for by its own TTL,
    /// whether the source answers or not.
    #[must_use]
    pub fn resolved(&self, resolver: impl Resolve) -> Self {
        let resolver = Box::new(resolver);
        Self::of(Resolved { names: self.clone(), resolver, seen: RwLock::default() })
    }

    /// What is known, without asking anybody.
    pub fn known(&self) -> Option<Known> {
        self.shared.look.borrow().known.clone()
    }

    /// Why the source did not answer the last time it was asked, if it did not.
    pub fn failure(&self) -> Option<SourceError> {
        self.shared.look.borrow().failure.clone()
    }

    /// What is watched, for a person.
    pub fn describe(&self) -> String {
        self.shared.source.describe()
    }

    /// How many reads were answered, and how many were not.
    pub fn reads(&self) -> (u64, u64) {
        let failed = self.shared.failures.load(Ordering::Relaxed);
        (self.shared.look.borrow().number - failed, failed)
    }

    /// Asks for the next read soon, because the last known writer failed.
    pub fn doubt(&self) {
        self.shared.source.doubt();
        self.shared.wanted.notify_one();
    }

    /// Says whether somebody is without a writer, so that the source is asked more often.
    pub fn search(&self, on: bool) {
        if !self.shared.searching.swap(on, Ordering::Relaxed) && on {
            self.shared.wanted.notify_one();
        }
    }

    /// The outcome of a read that ends after this call; many callers at once cause one.
    pub async fn fresh(&self) -> Result<Known, SourceError> {
        self.next().await.1
    }

    /// The same, with the number of the read.
    pub(crate) async fn next(&self) -> (u64, Result<Known, SourceError>) {
        let mut looks = self.shared.look.subscribe();
        let asked = looks.borrow().number;
        self.shared.wanted.notify_one();
        let ended = looks.wait_for(|look| look.number > asked).await.map(|look| look.clone());
        let look = ended.unwrap_or_default();
        let outcome = match (look.failure, look.known) {
            (None, Some(known)) => Ok(known),
            (failure, _) => Err(failure.unwrap_or_else(|| SourceError::new("nobody watches the source"))),
        };
        (look.number, outcome)
    }

    /// Waits for a word of the source that is as `wanted`; the last one counts, where the source answered since.
    pub async fn wait_for(&self, mut wanted: impl FnMut(&Known) -> bool) -> Known {
        let mut looks = self.looks();
        let is_so = |look: &Look| look.failure.is_none() && look.known.as_ref().is_some_and(&mut wanted);
        let known = looks.wait_for(is_so).await.ok().and_then(|look| look.known.clone());
        // It ends only with the watch, which is here.
        match known {
            Some(known) => known,
            None => std::future::pending().await,
        }
    }

    pub(crate) fn looks(&self) -> watch::Receiver<Look> {
        self.shared.look.subscribe()
    }
}

async fn run(shared: Arc<Shared>) {
    loop {
        let outcome = timeout(BUDGET, shared.source.read()).await;
        shared.note(outcome.unwrap_or_else(|_| Err(SourceError::new("no answer in time"))));
        let ended = Instant::now();
        tokio::select! {
            () = sleep_until(ended + shared.pause()) => {}
            () = shared.wanted.notified() => sleep_until(ended + shared.pace.shortest).await,
            () = shared.source.changed() => {}
        }
    }
}

impl Shared {
    fn pause(&self) -> Duration {
        let look = self.look.borrow();
        let (least, most) = self.pace.between;
        match &look.known {
            Some(known) if !self.searching.load(Ordering::Relaxed) => {
                let left = known.fresh_until.saturating_duration_since(Instant::now());
                if look.failure.is_some() { least } else { left.clamp(least, most) }
            }
            // Not all in step, who search at one time.
            _ => self.pace.searching.mul_f64(0.8 + 0.4 * fastrand::f64()),
        }
    }

    /// Keeps what was read. The first of a row of failures is told, and its end.
    fn note(&self, outcome: Result<Reading, SourceError>) {
        let source = self.source.describe();
        let failing = self.look.borrow().failure.is_some();
        match &outcome {
            Ok(_) if failing => tracing::info!(source, "the source answers again"),
            Err(error) if !failing => {
                let known = self.look.borrow().known.clone();
                let last_known = known.as_ref().map(|known| known.writer.host.as_str());
                let error = Chain(error).to_string();
                tracing::warn!(source, error, last_known, "going on with the last known value");
            }
            _ => {}
        }
        if outcome.is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        self.look.send_modify(|look| {
            look.number += 1;
            match outcome {
                Ok(reading) => {
                    look.failure = None;
                    look.known = Some(self.known(reading, look.known.take()));
                }
                Err(error) => look.failure = Some(error),
            }
        });
    }

    fn known(&self, Reading { writer, ttl }: Reading, before: Option<Known>) -> Known {
        let (least, most) = self.pace.between;
        let (read, ttl) = (Instant::now(), ttl.unwrap_or(most).clamp(least, most));
        let same = before.filter(|before| before.writer == writer);
        if same.is_none() {
            tracing::debug!(source = self.source.describe(), host = writer.host, "the source names a writer");
        }
        Known {
            since: same.map_or_else(SystemTime::now, |same| same.since),
            writer,
            read,
            fresh_until: read + ttl,
        }
    }
}

/// The last known name of a watch, with its addresses.
struct Resolved {
    names: Watch,
    resolver: Box<dyn Resolve>,
    /// The name that was resolved last.
    seen: RwLock<Option<String>>,
}

impl WriterSource for Resolved {
    fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>> {
        Box::pin(async move {
            let known = self.name().await.ok_or_else(|| self.unknown())?;
            let mut writer = known.writer;
            *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Some(writer.host.clone());
            let answer = self.resolver.resolve(&writer.host).await?;
            if answer.addresses.is_empty() {
                return Err(SourceError::new(format!("{} has no address", writer.host)));
            }
            writer.canonical = answer.canonical.or(writer.canonical);
            Ok(Reading { writer: writer.at(answer.addresses), ttl: Some(answer.ttl) })
        })
    }

    fn describe(&self) -> String {
        self.names.describe()
    }

    fn pace(&self) -> Pace {
        Pace::BY_TTL
    }

    fn doubt(&self) {
        self.names.doubt();
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        let mut looks = self.names.looks();
        Box::pin(async move {
            let is_new =
                |look: &Look| look.known.as_ref().is_some_and(|known| self.has_not_seen(&known.writer));
            if looks.wait_for(is_new).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

impl Resolved {
    /// The last known name; the first one is waited for.
    async fn name(&self) -> Option<Known> {
        let mut looks = self.names.looks();
        looks.wait_for(|look| look.number > 0).await.ok().and_then(|look| look.known.clone())
    }

    fn has_not_seen(&self, writer: &Writer) -> bool {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).as_ref() != Some(&writer.host)
    }

    fn unknown(&self) -> SourceError {
        let unread = || SourceError::new(format!("{} has not been read yet", self.names.describe()));
        self.names.failure().unwrap_or_else(unread)
    }
}
