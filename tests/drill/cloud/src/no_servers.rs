//! Database servers that do at once whatever they are told: for what is about what RDS says of them.

use std::net::SocketAddr;

use async_trait::async_trait;
use drill_emulator::Region;

use crate::{aurora::storage::Storage, error::Source};

/// Two servers of which there is nothing but an address.
#[derive(Debug)]
pub(crate) struct NoServers;

#[async_trait]
impl Storage for NoServers {
    fn address(&self, region: Region) -> SocketAddr {
        match region {
            Region::Seoul => SocketAddr::from(([127, 0, 1, 1], 5432)),
            Region::Osaka => SocketAddr::from(([127, 0, 2, 1], 5432)),
        }
    }

    async fn is_up(&self, _: Region) -> bool {
        true
    }

    async fn start(&self, _: Region) -> Result<(), Source> {
        Ok(())
    }

    async fn stop(&self, _: Region) -> Result<(), Source> {
        Ok(())
    }

    async fn receive_everything(&self, _: Region) -> Result<(), Source> {
        Ok(())
    }

    async fn promote(&self, _: Region) -> Result<(), Source> {
        Ok(())
    }

    async fn rejoin(&self, _: Region) -> Result<(), Source> {
        Ok(())
    }
}
