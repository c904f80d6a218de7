//! How a pool of connections to one address is made.

use std::net::IpAddr;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::NoTls;
use tokio_postgres::config::{Config, SslMode, TargetSessionAttrs};

use super::tls::Encryption;
use super::token::{Tokens, WithToken};

/// How long a dead peer may leave sent bytes unacknowledged, or a silent connection unprobed.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(5);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
const KEEPALIVE_RETRIES: u32 = 2;

/// Everything about a connection but its address.
pub(crate) struct Connector {
    /// Port, user, password and database.
    pub(crate) login: Config,
    /// What signs a token for each connection, where the login has no password.
    pub(crate) tokens: Option<Tokens>,
    /// The port, once more, to show it.
    pub(crate) port: u16,
    /// TLS or none.
    pub(crate) encryption: Encryption,
    /// The most that connecting may take, TLS and authentication included.
    pub(crate) connect_timeout: Duration,
    /// The most that sent bytes may stay unacknowledged by the peer's machine.
    pub(crate) tcp_user_timeout: Duration,
    /// The most connections at once.
    pub(crate) pool_size: usize,
}

impl Connector {
    /// A pool, still empty, of connections to `address`, which is `host`'s; each is checked to take writes.
    pub(crate) fn pool(&self, host: &str, address: IpAddr) -> Result<Pool, deadpool_postgres::BuildError> {
        let mut config = self.login.clone();
        config
            .host(host)
            .hostaddr(address)
            .port(self.port)
            .application_name("todo")
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(self.connect_timeout)
            .tcp_user_timeout(self.tcp_user_timeout)
            .keepalives_idle(KEEPALIVE_IDLE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .keepalives_retries(KEEPALIVE_RETRIES);
        Pool::builder(self.manager(config))
            .max_size(self.pool_size)
            .create_timeout(Some(self.connect_timeout))
            .wait_timeout(Some(self.connect_timeout))
            .runtime(Runtime::Tokio1)
            .build()
    }

    fn manager(&self, mut config: Config) -> Manager {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        match &self.encryption {
            Encryption::Off => {
                config.ssl_mode(SslMode::Disable);
                Manager::from_config(config, NoTls, recycling)
            }
            Encryption::Require(tls) | Encryption::VerifyFull(tls) => {
                config.ssl_mode(SslMode::Require);
                let tls = tls.clone();
                match self.tokens.clone() {
                    Some(tokens) => Manager::from_connect(config, WithToken { tokens, tls }, recycling),
                    None => Manager::from_config(config, tls, recycling),
                }
            }
        }
    }
}
