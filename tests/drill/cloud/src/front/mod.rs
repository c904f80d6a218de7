//! The one endpoint of the emulated AWS: answers RDS from our Aurora, passes everything else to the
//! emulator, and can lose, refuse, delay or swallow any of it.

mod body;
mod call;
mod change;
pub(crate) mod errors;
mod fault;
mod journal;
mod mute;
mod serve;
mod upstream;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

pub use self::{
    call::Call,
    change::{Change, RecordChange},
    fault::{Fault, FaultId, Scope},
    journal::{Entry, Journal, Outcome},
};
use self::{fault::Faults, mute::MuteRules, serve::Shared, upstream::Upstream};
use crate::{CloudError, Region, aurora::Aurora};

/// Where a front will be: its port is taken, so that an emulator can be told of it before the front is open.
#[derive(Debug)]
pub struct Place {
    address: SocketAddr,
    listener: TcpListener,
}

impl Place {
    /// Takes a free loopback port.
    pub async fn take() -> Result<Self, CloudError> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(CloudError::io("bind the front"))?;
        let address = listener.local_addr().map_err(CloudError::io("read the front's address"))?;
        Ok(Self { address, listener })
    }

    /// The endpoint that the front will have.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Opens the front here, before the emulator at that address.
    pub fn open(self, emulator: SocketAddr, aurora: Aurora) -> Front {
        let shared = Arc::new(Shared {
            aurora,
            faults: Faults::none(),
            journal: Journal::new(),
            mute_rules: MuteRules::default(),
            upstream: Upstream::new(emulator),
        });
        let server = tokio::spawn(serve::accept(self.listener, Arc::clone(&shared)));
        Front { address: self.address, shared, _server: AbortOnDropHandle::new(server) }
    }
}

/// The running front; dropping it closes it.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    shared: Arc<Shared>,
    _server: AbortOnDropHandle<()>,
}

impl Front {
    /// Listens on a free loopback port, in front of the emulator at that address.
    pub async fn start(emulator: SocketAddr, aurora: Aurora) -> Result<Self, CloudError> {
        Ok(Place::take().await?.open(emulator, aurora))
    }

    /// The `AWS_ENDPOINT_URL` of everything that runs in the emulated AWS.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far, and a feed of what is asked from now on.
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Switches a fault on until it is healed. Of several that meet a request, the newest counts.
    pub fn inject(&self, scope: Scope, fault: Fault) -> FaultId {
        self.shared.faults.inject(scope, fault, None)
    }

    /// Switches a fault on for that many requests.
    pub fn inject_times(&self, scope: Scope, fault: Fault, times: u32) -> FaultId {
        self.shared.faults.inject(scope, fault, Some(times))
    }

    /// From now on an active rule of that name mutes every alarm of the Region of that name; none where there is no rule.
    pub fn mute_alarms(&self, region: &str, rule: Option<&str>) {
        self.shared.mute_rules.set(region, rule);
    }

    /// Switches one fault off.
    pub fn heal(&self, fault: FaultId) {
        self.shared.faults.heal(|id, _| id == fault);
    }

    /// Switches all faults off.
    pub fn heal_all(&self) {
        self.shared.faults.heal(|_, _| true);
    }

    /// Black-holes all services of the Region; Route 53, which is global, goes on.
    pub fn cut_region(&self, region: Region) -> FaultId {
        self.inject(Scope::region(region), Fault::BlackHole)
    }

    /// Switches off every fault that is limited to that Region.
    pub fn heal_region(&self, region: Region) {
        self.shared.faults.heal(|_, scope| scope.region == Some(region));
    }
}
