//! A resolver that asks the drill's DNS server, as a user's or a health checker's does.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use hickory_resolver::{
    TokioResolver,
    config::{NameServerConfig, ResolveHosts, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
};

use crate::error::CloudError;

/// How long one try waits for the server.
const TRY: Duration = Duration::from_millis(500);
const TRIES: usize = 2;

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// The first address of the answer.
    pub address: IpAddr,
    /// How long the answer may be used: the smallest time to live in the chain of aliases.
    pub ttl: Duration,
}

/// Asks the server every time: whoever keeps an answer does so by its time to live.
#[derive(Clone)]
pub struct DnsClient {
    resolver: TokioResolver,
}

impl std::fmt::Debug for DnsClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DnsClient").finish_non_exhaustive()
    }
}

impl DnsClient {
    /// Asks the server at that address.
    pub fn new(server: SocketAddr) -> Result<Self, CloudError> {
        let mut name_server = NameServerConfig::udp_and_tcp(server.ip());
        for connection in &mut name_server.connections {
            connection.port = server.port();
        }
        let mut builder = TokioResolver::builder_with_config(
            ResolverConfig::from_name_servers(vec![name_server]),
            TokioRuntimeProvider::default(),
        );
        let options = builder.options_mut();
        options.cache_size = 0;
        options.timeout = TRY;
        options.attempts = TRIES;
        options.preserve_intermediates = true;
        options.use_hosts_file = ResolveHosts::Never;
        let failed = |source| CloudError::Resolve { host: "anything".to_owned(), source };
        let resolver = builder.build().map_err(|error| failed(error.into()))?;
        Ok(Self { resolver })
    }

    /// Resolves the name now.
    pub async fn resolve(&self, host: &str) -> Result<Resolved, CloudError> {
        let failed = |source| CloudError::Resolve { host: host.to_owned(), source };
        let found = self.resolver.lookup_ip(host).await.map_err(|error| failed(error.into()))?;
        let address = found.iter().next().ok_or_else(|| failed("the answer has no address".into()))?;
        let ttl = found.as_lookup().answers().iter().map(|record| record.ttl).min().unwrap_or_default();
        Ok(Resolved { address, ttl: Duration::from_secs(u64::from(ttl)) })
    }
}
