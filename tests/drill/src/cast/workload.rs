//! The steady stream of writes: every app is written to all the time, and every write carries a number.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_cloud::{Pair, Region};
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

use crate::stage::app::App;
use crate::stage::error::DrillError;
use crate::stage::lock::lock;

/// How many clients write to each app at once. Several, so that one that waits for its answer does not
/// look like an outage.
const CLIENTS: usize = 4;
/// The pause of one client between two writes.
const PAUSE: Duration = Duration::from_millis(40);
/// The most that a client waits for its answer; more than the app itself takes.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The number of the next write. They go on where an earlier stream of this process ended, since a second scenario on the
/// same database would otherwise find the first one's writes in the place of its own.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Takes the next number.
pub(crate) fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Whose pauses are an outage: an app's that several clients write to, or a user's, whichever app answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stream {
    /// The app of that Region.
    App(Region),
    /// The user of that number.
    User(usize),
}

/// What became of one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Confirmed by the server at this address.
    Acknowledged(String),
    /// Refused with a clear answer, or by nobody being there: nothing was stored.
    Rejected,
    /// Nobody knows.
    Indeterminate,
}

/// One write.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    /// Whose it is.
    pub(crate) stream: Stream,
    /// Which app it was sent to; also the name under which it is numbered.
    pub(crate) region: Region,
    /// Its number.
    pub(crate) number: u64,
    /// When it was sent.
    pub(crate) sent: Instant,
    /// When its answer came, or did not.
    pub(crate) ended: Instant,
    /// What became of it.
    pub(crate) fate: Fate,
}

impl Write {
    /// Whether some server confirmed it.
    pub(crate) const fn is_acknowledged(&self) -> bool {
        matches!(self.fate, Fate::Acknowledged(_))
    }
}

/// The running stream; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Workload {
    writes: Arc<Mutex<Vec<Write>>>,
    _clients: Vec<AbortOnDropHandle<()>>,
}

impl Workload {
    /// A stream that these clients write, and note down here.
    pub(crate) const fn of(writes: Arc<Mutex<Vec<Write>>>, clients: Vec<AbortOnDropHandle<()>>) -> Self {
        Self { writes, _clients: clients }
    }

    /// Starts writing to both apps.
    pub(crate) fn start(apps: &Pair<App>) -> Result<Self, DrillError> {
        let http = reqwest::Client::builder().timeout(ANSWER_TIMEOUT).no_proxy().build();
        let http =
            http.map_err(|source| DrillError::Http { operation: "make the writing client", source })?;
        let writes = Arc::new(Mutex::new(Vec::new()));
        let clients = Region::ALL.into_iter().flat_map(|region| {
            let url = format!("{}/api/todos", apps.get(region).url);
            let (writes, http) = (Arc::clone(&writes), http.clone());
            (0..CLIENTS).map(move |_| {
                let client = client(region, http.clone(), url.clone(), Arc::clone(&writes));
                AbortOnDropHandle::new(tokio::spawn(client))
            })
        });
        let clients = clients.collect();
        Ok(Self::of(writes, clients))
    }

    /// All writes that have ended so far, in the order in which they ended.
    pub(crate) fn writes(&self) -> Vec<Write> {
        lock(&self.writes).clone()
    }

    /// The same from that place on, for whoever has read the earlier ones.
    pub(crate) fn writes_from(&self, place: usize) -> Vec<Write> {
        lock(&self.writes).iter().skip(place).cloned().collect()
    }

    /// Those that have ended since then.
    pub(crate) fn writes_since(&self, since: Instant) -> Vec<Write> {
        let writes = lock(&self.writes);
        let first = writes.iter().rposition(|write| write.ended < since).map_or(0, |place| place + 1);
        writes.iter().skip(first).cloned().collect()
    }

    /// Drops those that ended before then, for whoever goes on for hours; answers how many, by which every place moves.
    pub(crate) fn forget(&self, before: Instant) -> usize {
        let mut writes = lock(&self.writes);
        let old = writes.iter().take_while(|write| write.ended < before).count();
        writes.drain(..old);
        old
    }

    /// How many writes to the app of `region` were acknowledged after `since` by the server at `address`.
    pub(crate) fn acknowledged(&self, region: Region, since: Instant, address: &str) -> usize {
        let by = Fate::Acknowledged(address.to_owned());
        lock(&self.writes)
            .iter()
            .rev()
            .take_while(|write| write.ended >= since)
            .filter(|write| write.region == region && write.fate == by)
            .count()
    }

    /// Whose writes were acknowledged after `since` by way of the app of `region` and by the server at `address`, and when first.
    pub(crate) fn served(&self, region: Region, since: Instant, address: &str) -> BTreeMap<Stream, Instant> {
        let by = Fate::Acknowledged(address.to_owned());
        lock(&self.writes)
            .iter()
            .rev()
            .take_while(|write| write.ended >= since)
            .filter(|write| write.region == region && write.sent >= since && write.fate == by)
            // From the last to the first, which stays.
            .map(|write| (write.stream, write.ended))
            .collect()
    }
}

async fn client(region: Region, http: reqwest::Client, url: String, writes: Arc<Mutex<Vec<Write>>>) {
    loop {
        let number = next_number();
        let sent = Instant::now();
        let fate = write(http.post(&url), region, number).await;
        let (stream, ended) = (Stream::App(region), Instant::now());
        lock(&writes).push(Write { stream, region, number, sent, ended, fate });
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sends one numbered write to the app of `region`.
pub(crate) async fn write(request: reqwest::RequestBuilder, region: Region, number: u64) -> Fate {
    let todo = json!({ "title": format!("write {number}"), "client": region.id(), "number": number });
    let answer = match request.json(&todo).send().await {
        Ok(answer) => answer,
        // Without a connection nothing was sent.
        Err(error) if error.is_connect() => return Fate::Rejected,
        Err(_) => return Fate::Indeterminate,
    };
    let created = answer.status() == reqwest::StatusCode::CREATED;
    let Ok(body) = answer.json::<Value>().await else { return Fate::Indeterminate };
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    match (created, text("server"), text("outcome")) {
        (true, Some(server), _) => Fate::Acknowledged(server.to_owned()),
        (false, _, Some("not_applied")) => Fate::Rejected,
        _ => Fate::Indeterminate,
    }
}
