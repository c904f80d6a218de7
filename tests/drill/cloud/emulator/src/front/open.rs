//! The front as its owner has it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    error::EmulatorError,
    front::{
        answer::{self, Shared},
        certificate::Certificate,
        fault::{Fault, FaultId, Faults, Lasts, Scope},
        journal::Journal,
        mute::MuteRules,
        pace::{Distance, Pace},
        past::Past,
        probes::Probes,
        quota::Quotas,
        upstream::Upstream,
    },
    http,
    region::Region,
    wire::service::Service,
};

/// Where a front will be: its port is taken, so that an emulator can be told of it before the front is open.
#[derive(Debug)]
pub struct Place {
    address: SocketAddr,
    listener: TcpListener,
}

impl Place {
    /// Takes a free loopback port.
    pub async fn take() -> Result<Self, EmulatorError> {
        Self::at(0).await
    }

    /// Takes that loopback port, or a free one for 0.
    pub async fn at(port: u16) -> Result<Self, EmulatorError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(EmulatorError::io("bind the front"))?;
        let address = listener.local_addr().map_err(EmulatorError::io("read the front's address"))?;
        Ok(Self { address, listener })
    }

    /// The endpoint that the front will have.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Opens the front here: `service` is asked first, and what it leaves goes to the emulator at that address.
    pub fn open(self, emulator: Option<SocketAddr>, service: Arc<dyn Service>) -> Front {
        self.open_by(None, emulator, service)
    }

    fn open_by(
        self,
        tls: Option<TlsAcceptor>,
        emulator: Option<SocketAddr>,
        service: Arc<dyn Service>,
    ) -> Front {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            service,
            faults: Faults::none(),
            quotas: Quotas::default(),
            pace: Pace::default(),
            journal: Journal::new(),
            mute_rules: MuteRules::default(),
            probes: Probes::default(),
            past: Past::default(),
            upstream: emulator.map(Upstream::new),
        });
        let server = http::serve_by(self.listener, tls, Arc::clone(&shared), answer::answer);
        let server = tokio::spawn(server);
        Front { scheme, address: self.address, shared, _server: AbortOnDropHandle::new(server) }
    }
}

/// The running front; dropping it closes it.
#[derive(Debug)]
pub struct Front {
    scheme: &'static str,
    address: SocketAddr,
    shared: Arc<Shared>,
    _server: AbortOnDropHandle<()>,
}

impl Front {
    /// Listens on a free loopback port; the rest is [`Place::open`]'s.
    pub async fn start(
        emulator: Option<SocketAddr>,
        service: Arc<dyn Service>,
    ) -> Result<Self, EmulatorError> {
        Ok(Place::take().await?.open(emulator, service))
    }

    /// The same by TLS, with this certificate.
    pub async fn start_tls(
        certificate: &Certificate,
        emulator: Option<SocketAddr>,
        service: Arc<dyn Service>,
    ) -> Result<Self, EmulatorError> {
        Ok(Place::take().await?.open_by(Some(certificate.acceptor()?), emulator, service))
    }

    /// The loopback port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The `AWS_ENDPOINT_URL` of everything that runs in the emulated AWS.
    pub fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The same place by another name, to which a client opens connections of their own.
    pub fn other_endpoint(&self) -> String {
        format!("{}://localhost:{}", self.scheme, self.address.port())
    }

    /// What was asked so far, and a feed of what is asked from now on.
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Each call is answered so long after it was asked and no sooner: one round trip, with all that the services take in it.
    pub fn round_trip(&self, takes: Duration) {
        self.shared.pace.set(takes);
    }

    /// Each Region is as far as `far` says, and a new connection costs two round trips before its first request.
    pub fn distances(&self, far: Distance) {
        self.shared.pace.set_distances(far);
    }

    /// Enforces AWS's quotas, with full buckets, or no longer.
    pub fn enforce_quotas(&self, enforced: bool) {
        self.shared.quotas.enforce(enforced);
    }

    /// Switches a fault on until it is healed. Of several that meet a request, the newest counts.
    pub fn inject(&self, scope: Scope, fault: Fault) -> FaultId {
        self.shared.faults.inject(scope, fault, Lasts::On)
    }

    /// Switches a fault on for that many requests.
    pub fn inject_times(&self, scope: Scope, fault: Fault, times: u32) -> FaultId {
        self.shared.faults.inject(scope, fault, Lasts::Times(times))
    }

    /// Switches a fault on for so long after the first request that meets it. Whoever is swallowed waits until it is healed.
    pub fn inject_for(&self, scope: Scope, fault: Fault, lasts: Duration) -> FaultId {
        self.shared.faults.inject(scope, fault, Lasts::For(lasts))
    }

    /// How many requests have met that fault, while it is not healed.
    pub fn met(&self, fault: FaultId) -> u32 {
        self.shared.faults.met(fault)
    }

    /// Remembers from now on how each question is answered, or no longer: for [`Fault::Stale`].
    pub fn remember_answers(&self, remember: bool) {
        self.shared.past.remember(remember);
    }

    /// From now on an active rule of that name mutes every alarm of the Region of that name; none where there is no rule.
    pub fn mute_alarms(&self, region: &str, rule: Option<&str>) {
        self.shared.mute_rules.set(region, rule);
    }

    /// From now on whoever invokes a function is answered as by a probe: by the next of these words, and by the last of them for ever.
    pub fn play_probes(&self, words: &[Option<bool>]) {
        self.shared.probes.say(words);
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
