//! The Aurora's storage on two real PostgreSQL servers.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use drill_emulator::{Pair, Region};
use drill_postgres::Server;
use tokio::time::sleep;

use crate::{aurora::storage::Storage, error::Source};

/// How often a standby is asked whether it has everything.
const POLL: Duration = Duration::from_millis(20);

/// Two PostgreSQL servers that stream to each other. The drill keeps its own handles of the same two,
/// to kill, freeze or starve them behind the Aurora's back.
#[derive(Clone)]
pub struct PostgresStorage {
    servers: Pair<Arc<Server>>,
}

impl PostgresStorage {
    /// Seoul's server and Osaka's.
    pub const fn new(servers: Pair<Arc<Server>>) -> Self {
        Self { servers }
    }

    fn server(&self, region: Region) -> &Server {
        self.servers.get(region)
    }
}

impl fmt::Debug for PostgresStorage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PostgresStorage")
            .field("seoul", &self.address(Region::Seoul))
            .field("osaka", &self.address(Region::Osaka))
            .finish()
    }
}

#[async_trait]
impl Storage for PostgresStorage {
    fn address(&self, region: Region) -> SocketAddr {
        let config = self.server(region).config();
        SocketAddr::new(config.address, config.port)
    }

    async fn is_up(&self, region: Region) -> bool {
        self.server(region).is_up().await
    }

    async fn start(&self, region: Region) -> Result<(), Source> {
        if self.server(region).is_running() {
            return Ok(());
        }
        Ok(self.server(region).start().await?)
    }

    async fn stop(&self, region: Region) -> Result<(), Source> {
        Ok(self.server(region).stop_fast().await?)
    }

    async fn receive_everything(&self, region: Region) -> Result<(), Source> {
        let peer = self.server(region.peer());
        while !self.server(region).received_everything_from(peer).await? {
            sleep(POLL).await;
        }
        Ok(())
    }

    async fn promote(&self, region: Region) -> Result<(), Source> {
        Ok(self.server(region).promote().await?)
    }

    async fn rejoin(&self, region: Region) -> Result<(), Source> {
        let writer = self.server(region.peer());
        Ok(self.server(region).rejoin_as_standby_of(writer).await?)
    }
}
