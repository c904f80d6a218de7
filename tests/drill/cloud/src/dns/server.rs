//! The running DNS server.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use drill_emulator::front::Entry;
use hickory_server::Server;
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::{broadcast, watch},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    clients::Clients,
    dns::{
        feed::{Feed, NameChange},
        handler::Handler,
        zones::Zones,
    },
    error::CloudError,
    health::status::Statuses,
};

/// Room for subscribers that fall behind.
const BACKLOG: usize = 1_024;

/// UDP gets a free port first, and TCP must get the same one.
const PORT_TRIES: usize = 10;

const TCP_IDLE: Duration = Duration::from_secs(5);
const TCP_BUFFERED_ANSWERS: usize = 32;

/// The running server; dropping it closes it.
pub struct Dns {
    address: SocketAddr,
    changes: broadcast::Sender<NameChange>,
    propagation: watch::Sender<Duration>,
    _feed: AbortOnDropHandle<()>,
    _server: Server<Handler>,
}

impl std::fmt::Debug for Dns {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Dns").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Dns {
    /// Listens on a free loopback port, UDP and TCP. `emulator` reads the zones, `journal` tells of
    /// changes at once, `propagation` is how long a change takes to become visible, `endpoints` are the host
    /// names that are fixed, and `statuses` is what the health checkers say.
    pub async fn start(
        emulator: &Clients,
        journal: broadcast::Receiver<Arc<Entry>>,
        propagation: Duration,
        endpoints: impl IntoIterator<Item = (String, IpAddr)>,
        statuses: watch::Receiver<Statuses>,
    ) -> Result<Self, CloudError> {
        let (udp, tcp) = bind().await.map_err(CloudError::io("bind the DNS server"))?;
        let address = udp.local_addr().map_err(CloudError::io("read the DNS server's address"))?;
        let fixed = Zones::of_endpoints(endpoints);
        let (sender, zones) = watch::channel(Arc::new(fixed.clone()));
        let mut server = Server::new(Handler { zones });
        server.register_socket(udp);
        server.register_listener(tcp, TCP_IDLE, TCP_BUFFERED_ANSWERS);
        let changes = broadcast::Sender::new(BACKLOG);
        let (propagation, takes) = watch::channel(propagation);
        let feed = Feed {
            route53: emulator.route53(),
            propagation: takes,
            fixed,
            zones: sender,
            changes: changes.clone(),
            statuses,
        };
        Ok(Self {
            address,
            changes,
            propagation,
            _feed: AbortOnDropHandle::new(tokio::spawn(feed.run(journal))),
            _server: server,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on a change takes so long to become visible.
    pub fn set_propagation(&self, takes: Duration) {
        self.propagation.send_replace(takes);
    }

    /// Every changed answer from now on.
    pub fn changes(&self) -> broadcast::Receiver<NameChange> {
        self.changes.subscribe()
    }
}

async fn bind() -> io::Result<(UdpSocket, TcpListener)> {
    let mut last = None;
    for _ in 0..PORT_TRIES {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}
