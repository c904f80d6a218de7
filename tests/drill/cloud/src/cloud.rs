//! All of it together.

use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use drill_emulator::{
    Ministack, Pair, Region,
    front::{Front, Place},
    rds::model::Names,
};
use tokio::sync::watch;

use crate::{
    alarms::Alarms,
    aurora::{
        control::{Aurora, AuroraSettings},
        storage::Storage,
    },
    clients::Clients,
    dns::server::Dns,
    error::CloudError,
    health::{
        checkers::{CheckersSettings, HealthCheckers},
        status::Statuses,
    },
    inbox::Inbox,
    lag::LagMetric,
    pages::Pages,
    seed::Seed,
};

/// What to start.
#[derive(Debug, Clone)]
pub struct CloudSettings {
    /// The emulator's program, `target/venv/bin/ministack`.
    pub ministack: PathBuf,
    /// The Region whose member is the writer at first.
    pub writer: Region,
    /// How quick the emulated Aurora is.
    pub aurora: AuroraSettings,
    /// How long a changed record takes to become visible in DNS.
    pub propagation: Duration,
    /// Whether every function is sent to the front, also one whose environment names no endpoint.
    pub functions_to_front: bool,
    /// The front's port; 0 is a free one.
    pub front_port: u16,
}

impl CloudSettings {
    /// The usual pace, with the writer in Seoul.
    pub fn new(ministack: impl Into<PathBuf>) -> Self {
        Self {
            ministack: ministack.into(),
            writer: Region::Seoul,
            aurora: AuroraSettings::default(),
            propagation: Duration::from_millis(200),
            functions_to_front: false,
            front_port: 0,
        }
    }
}

/// The running emulated AWS; dropping it ends all of it.
#[derive(Debug)]
pub struct Cloud {
    /// The one endpoint of everything that runs in it.
    pub front: Front,
    /// The global database.
    pub aurora: Aurora,
    /// The DNS server.
    pub dns: Dns,
    /// Clients that go past the front, straight to the emulator.
    pub emulator: Clients,
    ministack: Ministack,
    statuses: watch::Sender<Statuses>,
}

impl Cloud {
    /// Starts the emulator, the front, the database's control plane and the DNS server.
    pub async fn start(settings: &CloudSettings, storage: Arc<dyn Storage>) -> Result<Self, CloudError> {
        let place = Place::at(settings.front_port).await?;
        let functions_go_to = settings.functions_to_front.then(|| place.endpoint());
        let ministack = Ministack::start(&settings.ministack, functions_go_to.as_deref()).await?;
        let emulator = Clients::new(ministack.endpoint());
        Pages::new(ministack.endpoint()).create().await?;
        let endpoints = endpoints(&Pair::each(|region| storage.address(region).ip()));
        let aurora = Aurora::new(storage, settings.writer, settings.aurora);
        let front = place.open(Some(ministack.address()), Arc::new(aurora.clone()));
        let journal = front.journal().subscribe();
        let (statuses, seen) = watch::channel(Statuses::default());
        let dns = Dns::start(&emulator, journal, settings.propagation, endpoints, seen).await?;
        Ok(Self { front, aurora, dns, emulator, ministack, statuses })
    }

    /// Starts Route 53's health checkers: they play whatever health checks are stored, and DNS answers by what they say.
    pub async fn health_checkers(&self, settings: CheckersSettings) -> Result<HealthCheckers, CloudError> {
        HealthCheckers::start(&self.emulator, self.dns.address(), settings, self.statuses.clone()).await
    }

    /// Clients that go through the front, as a function does.
    pub fn clients(&self) -> Clients {
        Clients::new(self.front.endpoint())
    }

    /// The buckets that the functions keep their pages in.
    pub fn pages(&self) -> Pages {
        Pages::new(self.front.endpoint())
    }

    /// Puts things into the emulated AWS before a drill.
    pub fn seed(&self) -> Seed {
        Seed::new(self.emulator.clone())
    }

    /// Creates health alarms and changes their state.
    pub fn alarms(&self) -> Alarms {
        Alarms::new(self.emulator.clone())
    }

    /// Reports replication lag.
    pub fn lag(&self) -> LagMetric {
        LagMetric::new(self.emulator.clone())
    }

    /// Creates a topic of that name in the Region and listens to it.
    pub async fn inbox(&self, region: Region, topic: &str) -> Result<Inbox, CloudError> {
        Inbox::open(&self.emulator, region, topic).await
    }

    /// A second DNS server, of whoever reaches the databases of `region` at that address: over a network in between.
    pub async fn dns_over(
        &self,
        region: Region,
        address: IpAddr,
        takes: Duration,
    ) -> Result<Dns, CloudError> {
        let mut addresses = Pair::each(|region| self.aurora.storage().address(region).ip());
        *addresses.get_mut(region) = address;
        let (journal, seen) = (self.front.journal().subscribe(), self.statuses.subscribe());
        Dns::start(&self.emulator, journal, takes, endpoints(&addresses), seen).await
    }

    /// Where the emulator itself listens.
    pub fn emulator_endpoint(&self) -> String {
        self.ministack.endpoint()
    }

    /// Cuts the Region off: its services swallow every request, and its view of the database freezes.
    /// The database server itself is the drill's to stop, freeze or leave.
    pub fn cut_region(&self, region: Region) {
        self.front.cut_region(region);
        self.aurora.cut(region);
    }

    /// Brings the Region's services back; its view of the database stays the old one until
    /// [`Aurora::heal`] is called, so that its stale word can be heard.
    pub fn reconnect_region(&self, region: Region) {
        self.front.heal_region(region);
    }
}

fn endpoints(addresses: &Pair<IpAddr>) -> Vec<(String, IpAddr)> {
    Region::ALL
        .into_iter()
        .flat_map(|region| {
            let names = Names::of(region);
            [names.endpoint(), names.reader_endpoint(), names.instance_endpoint()]
                .map(|host| (host, *addresses.get(region)))
        })
        .collect()
}
