//! One endpoint, and its one connection: kept while it answers, given up when it does not.
//!
//! A new connection each time would hide what clients see, whose connections are old. One that is not answered is tried
//! once more anew within the same look: it may have died while Lambda had the process frozen, and that is no outage.
//!
//! On Aurora the writer endpoint of a secondary cluster is inactive. What can be seen of a replica is then seen at the
//! cluster's reader endpoint; that it takes writes is never learned there, and no heartbeat is written there.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use responder_core::probe::sight::{Seen, Sight};
use responder_core::probe::trouble::Trouble;
use responder_core::words::names::Region;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use crate::dns::Dns;
use crate::login::{Connection, Login, Place};
use crate::statements::{self, Parties};

/// An endpoint.
pub(crate) struct Endpoint {
    place: Place,
    reader: Option<Place>,
    own: Region,
    login: Arc<Login>,
    dns: Dns,
    kept: Mutex<Option<Connection>>,
}

/// Where to ask, and until when.
#[derive(Clone, Copy)]
struct Ask<'a> {
    place: &'a Place,
    own: Option<&'a str>,
    deadline: Instant,
}

impl Endpoint {
    pub(crate) fn new(place: Place, own: Region, login: Arc<Login>, dns: Dns) -> Self {
        Self { reader: place.reader(), place, own, login, dns, kept: Mutex::default() }
    }

    pub(crate) fn host(&self) -> &str {
        &self.place.host
    }

    /// Looks at it, for no longer than `budget`.
    pub(crate) async fn look(&self, budget: Duration) -> Sight {
        let begun = Instant::now();
        let deadline = begun + budget;
        let seen = match timeout_at(deadline, self.kept.lock()).await {
            Ok(mut kept) => self.seen(&mut kept, deadline).await,
            Err(_) => Err(Trouble::Busy),
        };
        Sight { took_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX), seen }
    }

    async fn seen(&self, kept: &mut Option<Connection>, deadline: Instant) -> Result<Seen, Trouble> {
        // What is left of the budget goes to the reader endpoint, where there is one.
        let first = if self.reader.is_some() { half_way(deadline) } else { deadline };
        let own = Ask { place: &self.place, own: Some(self.own.as_str()), deadline: first };
        let trouble = match self.ask(kept, own).await {
            Ok(seen) => return Ok(seen),
            Err(trouble) => trouble,
        };
        let Some(place) = self.reader.as_ref().filter(|_| trouble.is_absence()) else { return Err(trouble) };
        match self.ask(kept, Ask { place, own: None, deadline }).await {
            Ok(seen) => Ok(Seen { beat: Err(trouble), ..seen }),
            Err(_) => Err(trouble),
        }
    }

    async fn ask(&self, kept: &mut Option<Connection>, ask: Ask<'_>) -> Result<Seen, Trouble> {
        let host = &ask.place.host;
        let address = timeout_at(ask.deadline, self.dns.address(host)).await;
        let address = address.unwrap_or_else(|_| Err(Trouble::NoAddress(host.clone())));
        if let Some(connection) = kept.take_if(|it| it.leads_to(host, address.as_ref().ok())) {
            let patience = half_way(ask.deadline);
            if let Ok(Ok(seen)) = timeout_at(patience, self.statements(&connection, ask)).await {
                *kept = Some(connection);
                return Ok(seen);
            }
        }
        let address = address?;
        *kept = None;
        let connection = self.connect(ask, address).await?;
        let asked = timeout_at(ask.deadline, self.statements(&connection, ask)).await;
        let seen = asked.map_err(|_| Trouble::Stuck)??;
        *kept = Some(connection);
        Ok(seen)
    }

    async fn connect(&self, ask: Ask<'_>, address: IpAddr) -> Result<Connection, Trouble> {
        let connecting = self.login.connect(ask.place, address, ask.deadline);
        timeout_at(ask.deadline, connecting).await.map_err(|_| Trouble::Silent)?
    }

    async fn statements(&self, connection: &Connection, ask: Ask<'_>) -> Result<Seen, Trouble> {
        let circumstances = self.login.circumstances(ask.place);
        let parties = Parties { own: ask.own, its: ask.place.region.as_str(), circumstances };
        statements::look(&connection.client, parties).await
    }
}

fn half_way(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now) / 2
}
