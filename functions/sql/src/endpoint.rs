//! One endpoint, and its one connection: kept while it answers, given up when it does not.
//!
//! A new connection each time would hide what clients see, whose connections are old. One that is not answered is tried
//! once more anew within the same look: it may have died while Lambda had the process frozen, and that is no outage.

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
    own: Region,
    login: Arc<Login>,
    dns: Dns,
    kept: Mutex<Option<Connection>>,
}

impl Endpoint {
    pub(crate) fn new(place: Place, own: Region, login: Arc<Login>, dns: Dns) -> Self {
        Self { place, own, login, dns, kept: Mutex::default() }
    }

    pub(crate) fn host(&self) -> &str {
        &self.place.host
    }

    /// Looks at it, for no longer than `budget`.
    pub(crate) async fn look(&self, budget: Duration) -> Sight {
        let begun = Instant::now();
        let deadline = begun + budget;
        let seen = match timeout_at(deadline, self.kept.lock()).await {
            Ok(mut kept) => self.ask(&mut kept, deadline).await,
            Err(_) => Err(Trouble::Busy),
        };
        Sight { took_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX), seen }
    }

    async fn ask(&self, kept: &mut Option<Connection>, deadline: Instant) -> Result<Seen, Trouble> {
        let nameless = || Trouble::NoAddress(self.place.host.clone());
        let address = timeout_at(deadline, self.dns.address(&self.place.host)).await;
        let address = address.unwrap_or_else(|_| Err(nameless()));
        if let Some(connection) = kept.take_if(|it| self.is_good(it, address.as_ref().ok())) {
            let patience = Instant::now() + deadline.saturating_duration_since(Instant::now()) / 2;
            if let Ok(Ok(seen)) = timeout_at(patience, self.statements(&connection)).await {
                *kept = Some(connection);
                return Ok(seen);
            }
        }
        *kept = None;
        let connecting = timeout_at(deadline, self.login.connect(&self.place, address?, deadline));
        let connection = connecting.await.map_err(|_| Trouble::Silent)??;
        let seen = timeout_at(deadline, self.statements(&connection)).await.map_err(|_| Trouble::Stuck)??;
        *kept = Some(connection);
        Ok(seen)
    }

    /// Whether a kept connection is one that a client would get: open, and to where the name leads now.
    #[expect(clippy::unused_self, reason = "it reads as what it is asked of")]
    fn is_good(&self, kept: &Connection, address: Option<&IpAddr>) -> bool {
        !kept.client.is_closed() && address.is_none_or(|address| *address == kept.address)
    }

    async fn statements(&self, connection: &Connection) -> Result<Seen, Trouble> {
        let circumstances = self.login.circumstances(&self.place);
        let parties = Parties { own: self.own.as_str(), its: self.place.region.as_str(), circumstances };
        statements::look(&connection.client, parties).await
    }
}
