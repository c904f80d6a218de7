//! Users, who know nothing but the application's name: each resolves it, keeps the answer for its time to live, and
//! writes todos to whatever address DNS gave.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::app_failover::{HOST, TTL_SECONDS};
use drill_cloud::dns::DnsClient;
use tokio_util::task::AbortOnDropHandle;

use super::workload::{Stream, Workload, Write, next_number, write};
use crate::stage::app::{APP_ADDRESSES, region_of};
use crate::stage::error::DrillError;
use crate::stage::lock::lock;
use crate::stage::pace::Pace;

/// How many there are.
pub(crate) const USERS: usize = 6;
/// The pause of one user between two writes.
const PAUSE: Duration = Duration::from_millis(100);
/// The most that the least patient user waits for an answer: no less than the app itself takes.
const PATIENCE_LEAST: Duration = Duration::from_secs(3);
/// How much more patient each is than the one before. Users who all wait for a dead Region would otherwise all ask again,
/// and be out, at the same moments.
const PATIENCE_APART: Duration = Duration::from_millis(300);
/// The most that any of them waits.
pub(crate) const PATIENCE_MOST: Duration = PATIENCE_LEAST.saturating_add(PATIENCE_APART.saturating_mul(5));

impl Workload {
    /// Starts the users. They resolve at `nameserver`; the apps share `port`, so that the address alone chooses one.
    pub(crate) fn of_users(nameserver: SocketAddr, port: u16, pace: Pace) -> Result<Self, DrillError> {
        let writes = Arc::new(Mutex::new(Vec::new()));
        // Not all of them ask DNS at the same moment: their answers run out one after the other.
        let apart = pace.seconds(TTL_SECONDS) / u32::try_from(USERS).unwrap_or(1);
        let users = (0..USERS).zip(0_u32..).map(|(number, place)| {
            let patience = (PATIENCE_LEAST + PATIENCE_APART * place).min(PATIENCE_MOST);
            let http = reqwest::Client::builder().timeout(patience).no_proxy().build();
            let http =
                http.map_err(|source| DrillError::Http { operation: "make a user's client", source })?;
            let dns = DnsClient::new(nameserver)?;
            let user = User { number, dns, http, port, pace, kept: None };
            Ok(AbortOnDropHandle::new(tokio::spawn(user.write_on(apart * place, Arc::clone(&writes)))))
        });
        let users = users.collect::<Result<Vec<_>, DrillError>>()?;
        Ok(Self::of(writes, users))
    }
}

struct User {
    number: usize,
    dns: DnsClient,
    http: reqwest::Client,
    port: u16,
    pace: Pace,
    /// The answer that is kept, and until when.
    kept: Option<(Region, Instant)>,
}

impl User {
    async fn write_on(mut self, first: Duration, writes: Arc<Mutex<Vec<Write>>>) {
        tokio::time::sleep(first).await;
        loop {
            // A user without an address writes nothing, and so is out.
            if let Some(region) = self.region().await {
                let written = self.write_once(region).await;
                lock(&writes).push(written);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn write_once(&self, region: Region) -> Write {
        let number = next_number();
        let url = format!("http://{}:{}/api/todos", APP_ADDRESSES.get(region), self.port);
        let request = self.http.post(url).header("host", HOST);
        let sent = Instant::now();
        let fate = write(request, region, number).await;
        Write { stream: Stream::User(self.number), region, number, sent, ended: Instant::now(), fate }
    }

    /// The Region that the kept answer leads to, or a new one.
    async fn region(&mut self) -> Option<Region> {
        if let Some((region, until)) = self.kept
            && Instant::now() < until
        {
            return Some(region);
        }
        let resolved = self.dns.resolve(HOST).await.ok();
        self.kept = resolved.and_then(|resolved| {
            let until = Instant::now() + resolved.ttl / self.pace.divisor();
            Some((region_of(resolved.address)?, until))
        });
        self.kept.map(|(region, _)| region)
    }
}
