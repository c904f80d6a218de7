//! Where a name leads, asked anew each time: whoever asks needs to know what clients would be told now.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use responder_core::probe::trouble::Trouble;

/// How long one try waits for the nameserver; there are two.
const TRY: Duration = Duration::from_millis(400);

/// A resolver that asks one nameserver, or the system's.
#[derive(Debug, Clone)]
pub(crate) struct Dns(TokioResolver);

impl Dns {
    pub(crate) fn new(nameserver: Option<SocketAddr>) -> Result<Self, NetError> {
        let mut builder = match nameserver {
            Some(address) => TokioResolver::builder_with_config(
                ResolverConfig::from_name_servers(vec![name_server(address)]),
                TokioRuntimeProvider::default(),
            ),
            None => TokioResolver::builder_tokio()?,
        };
        adjust(builder.options_mut(), nameserver.is_some());
        Ok(Self(builder.build()?))
    }

    /// The first address of a host.
    pub(crate) async fn address(&self, host: &str) -> Result<IpAddr, Trouble> {
        if let Ok(address) = host.parse() {
            return Ok(address);
        }
        let found = self.0.lookup_ip(absolute(host)).await;
        let first = found.ok().and_then(|found| found.iter().next());
        first.ok_or_else(|| Trouble::NoAddress(host.to_owned()))
    }

    /// The host that a record is an alias of, in lower case.
    pub(crate) async fn alias(&self, record: &str) -> Result<String, Trouble> {
        if let Ok(found) = self.0.lookup(absolute(record), RecordType::CNAME).await {
            let alias = found.answers().iter().find_map(|it| match &it.data {
                RData::CNAME(alias) => Some(alias.0.to_utf8()),
                _ => None,
            });
            if let Some(alias) = alias {
                return Ok(alias.trim_end_matches('.').to_ascii_lowercase());
            }
        }
        match self.address(record).await {
            Ok(_) => Err(Trouble::NoAlias(record.to_owned())),
            Err(_) => Err(Trouble::NoRecord(record.to_owned())),
        }
    }
}

/// With a dot behind it, so that no search domain is tried.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let mut config = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut config.connections {
        connection.port = address.port();
    }
    config
}

fn adjust(options: &mut ResolverOpts, own_nameserver: bool) {
    options.cache_size = 0;
    options.timeout = TRY;
    options.attempts = 2;
    options.ip_strategy = LookupIpStrategy::Ipv4thenIpv6;
    if own_nameserver {
        // Whoever names a nameserver means it: no word of the hosts file.
        options.use_hosts_file = ResolveHosts::Never;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_and_a_nameserver_that_is_named_is_the_only_word() {
        for (own, hosts) in [(true, ResolveHosts::Never), (false, ResolverOpts::default().use_hosts_file)] {
            let mut options = ResolverOpts::default();
            adjust(&mut options, own);
            assert_eq!((options.cache_size, options.attempts, options.timeout), (0, 2, TRY));
            assert_eq!(options.ip_strategy, LookupIpStrategy::Ipv4thenIpv6);
            assert_eq!(options.use_hosts_file, hosts, "its own: {own}");
        }
        let server = name_server(SocketAddr::from(([127, 0, 0, 1], 5_353)));
        assert!(server.connections.len() == 2 && server.connections.iter().all(|it| it.port == 5_353));
        assert_eq!(absolute("todo.internal"), "todo.internal.");
        assert_eq!(absolute("todo.internal.."), "todo.internal.");
    }
}
