//! Asks a nameserver every time: the watch knows how long an answer may be used, and when one is needed anew.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use super::resolve::{Answer, Resolve};
use super::writer_source::{BoxFuture, SourceError};

/// The most that one lookup may take, over all its tries.
const BUDGET: Duration = Duration::from_millis(1_500);
/// How long one try waits for the nameserver.
const TRY: Duration = Duration::from_millis(500);

/// A resolver that asks a nameserver and caches nothing.
#[derive(Debug, Clone)]
pub struct DnsResolver(TokioResolver);

impl DnsResolver {
    /// One that asks the system's nameservers.
    pub fn system() -> Result<Self, SourceError> {
        Self::built(TokioResolver::builder_tokio().map_err(SourceError::new)?, ResolveHosts::Auto)
    }

    /// One that asks this nameserver, and looks into no hosts file.
    pub fn asking(nameserver: SocketAddr) -> Result<Self, SourceError> {
        let config = ResolverConfig::from_name_servers(vec![name_server(nameserver)]);
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        Self::built(builder, ResolveHosts::Never)
    }

    fn built(
        mut builder: hickory_resolver::ResolverBuilder<TokioRuntimeProvider>,
        hosts: ResolveHosts,
    ) -> Result<Self, SourceError> {
        let options: &mut ResolverOpts = builder.options_mut();
        options.cache_size = 0;
        options.timeout = TRY;
        options.attempts = 2;
        options.ip_strategy = LookupIpStrategy::Ipv4thenIpv6;
        options.preserve_intermediates = true;
        options.use_hosts_file = hosts;
        builder.build().map(Self).map_err(SourceError::new)
    }

    async fn look_up(&self, host: &str) -> Result<Answer, SourceError> {
        let late = |_| SourceError::new(format!("no answer within {} ms", BUDGET.as_millis()));
        let lookup = tokio::time::timeout(BUDGET, self.0.lookup_ip(host)).await.map_err(late)?;
        let lookup = lookup.map_err(SourceError::new)?;
        let mut answer = Answer { addresses: Vec::new(), canonical: None, ttl: Duration::MAX };
        for record in lookup.as_lookup().answers() {
            match &record.data {
                RData::A(address) => answer.addresses.push(IpAddr::V4(address.0)),
                RData::AAAA(address) => answer.addresses.push(IpAddr::V6(address.0)),
                RData::CNAME(alias) => {
                    answer.canonical = Some(alias.0.to_utf8().trim_end_matches('.').to_owned());
                }
                _ => continue,
            }
            answer.ttl = answer.ttl.min(Duration::from_secs(u64::from(record.ttl)));
        }
        Ok(answer)
    }
}

impl Resolve for DnsResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Answer, SourceError>> {
        Box::pin(self.look_up(host))
    }
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let mut config = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut config.connections {
        connection.port = address.port();
    }
    config
}
