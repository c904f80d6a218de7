//! What the Aurora needs of the two database servers below it.

use std::net::SocketAddr;

use async_trait::async_trait;
use drill_emulator::Region;

use crate::error::Source;

/// Two database servers, one a Region, of which one streams to the other.
#[async_trait]
pub trait Storage: Send + Sync + 'static {
    /// Where that Region's server listens.
    fn address(&self, region: Region) -> SocketAddr;

    /// Whether that Region's server answers.
    async fn is_up(&self, region: Region) -> bool;

    /// Starts that Region's server again as what it was; a running one is left as it is.
    async fn start(&self, region: Region) -> Result<(), Source>;

    /// Stops that Region's server cleanly: its peer has been sent everything when this returns.
    async fn stop(&self, region: Region) -> Result<(), Source>;

    /// Returns when that Region's server has received everything that its stopped peer wrote.
    async fn receive_everything(&self, region: Region) -> Result<(), Source>;

    /// Promotes that Region's server; returns when it takes writes.
    async fn promote(&self, region: Region) -> Result<(), Source>;

    /// Makes that Region's server, running or not, diverged or not, follow its peer again.
    async fn rejoin(&self, region: Region) -> Result<(), Source>;
}
