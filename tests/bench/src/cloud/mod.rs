//! The AWS that is measured against: delays, quotas and outages in front, and behind them either the emulator
//! (Route 53, Parameter Store, the table) or the same few operations in memory, for fleets that the emulator would be
//! too slow for. RDS is always our own: no emulator plays an Aurora global database.

mod call;
mod ledger;
mod quota;
mod rds;
mod route53;
mod serve;
mod ssm;
mod upstream;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::BenchError;
use crate::fleet::Fleet;

pub(crate) use ledger::Ledger;
pub(crate) use serve::{Fault, Scope, Weather};
use upstream::Upstream;
use world::World;
pub(crate) use world::row;

/// What an operation answers.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    kind: &'static str,
    body: String,
}

impl Reply {
    fn xml(body: String) -> Self {
        Self { status: 200, kind: "text/xml", body }
    }

    fn json(body: &serde_json::Value) -> Self {
        Self { status: 200, kind: "application/x-amz-json-1.1", body: body.to_string() }
    }

    fn xml_error(code: &str, message: &str) -> Self {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>bench</RequestId></ErrorResponse>"
        );
        Self { status: 400, kind: "text/xml", body }
    }

    fn json_error(code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "__type": code, "message": message }).to_string();
        Self { status: 400, kind: "application/x-amz-json-1.1", body }
    }
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    weather: Mutex<Weather>,
    ledger: Mutex<Ledger>,
    quotas: Mutex<quota::Quotas>,
    upstream: Option<Upstream>,
}

/// The running AWS; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Cloud {
    shared: Arc<Shared>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Cloud {
    /// Starts with these databases, in front of the emulator at `emulator` or in memory. With the emulator, what the
    /// fleet needs there is there already.
    pub(crate) async fn start(fleet: &Fleet, emulator: Option<SocketAddr>) -> Result<Self, BenchError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(BenchError::io("listen on a loopback port"))?;
        let address = listener.local_addr().map_err(BenchError::io("read the port"))?;
        let shared = Arc::new(Shared {
            world: Mutex::new(World::of(fleet)),
            weather: Mutex::default(),
            ledger: Mutex::default(),
            quotas: Mutex::default(),
            upstream: emulator.map(Upstream::new),
        });
        let server = tokio::spawn(serve::accept(listener, Arc::clone(&shared)));
        Ok(Self { shared, address, server })
    }

    /// The `AWS_ENDPOINT_URL` of the functions.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Each call is answered so long after it was asked and no sooner: one round trip, with all that the emulator takes in it.
    pub(crate) fn delay(&self, delay: Duration) {
        lock(&self.shared.weather).delay = delay;
    }

    /// What befalls the calls of `scope`, from now on.
    pub(crate) fn inject(&self, scope: Scope, fault: Fault) {
        lock(&self.shared.weather).faults.push((scope, fault));
    }

    /// All is well again.
    pub(crate) fn heal(&self) {
        lock(&self.shared.weather).faults.clear();
    }

    /// Enforces the quotas, with full buckets, or no longer.
    pub(crate) fn quotas(&self, enforced: bool) {
        *lock(&self.shared.quotas) = quota::Quotas::full(enforced);
    }

    /// Makes `region` the writer of every database, by every Region's word.
    pub(crate) fn transition(&self, region: &str) {
        lock(&self.shared.world).transition(region);
    }

    /// Another actor publishes one database at the next epoch, so that whoever knows only the old one has lost its fence.
    pub(crate) fn overtake(&self, database: &responder_core::config::Database) {
        lock(&self.shared.world).overtake(database);
    }

    /// How many databases have this Region's endpoint in their parameter there, and in their state.
    pub(crate) fn published_in(&self, region: &str) -> (usize, usize) {
        lock(&self.shared.world).published_in(region)
    }

    /// Forgets what was counted.
    pub(crate) fn reset_ledger(&self) {
        *lock(&self.shared.ledger) = Ledger::default();
    }

    /// What was counted so far.
    pub(crate) fn ledger(&self) -> Ledger {
        lock(&self.shared.ledger).clone()
    }

    /// How many records were accepted so far.
    pub(crate) fn accepted(&self) -> usize {
        lock(&self.shared.ledger).accepted.len()
    }
}

/// A lock whose holders never leave it half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
