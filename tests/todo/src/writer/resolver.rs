//! From a host name to addresses, asking the nameserver every time.
//!
//! Nothing is cached here: the follower knows how long an answer may be used and when one is needed anew.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

/// The most that one lookup may take, over all its tries.
const BUDGET: Duration = Duration::from_millis(1_500);
/// How long one try waits for the nameserver.
const TRY: Duration = Duration::from_millis(500);

/// What a nameserver said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The addresses of the host, never empty, in the order of the answer.
    pub(crate) addresses: Vec<IpAddr>,
    /// What the name finally stands for, when it is an alias (CNAME).
    pub(crate) canonical: Option<String>,
    /// How long the answer may be used: the smallest TTL in the chain of aliases.
    pub(crate) ttl: Duration,
}

/// Why a name could not be turned into an address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    /// The resolver could not be set up.
    #[error("cannot set up the resolver")]
    SetUp(#[source] NetError),
    /// The nameserver did not answer, or said that there is no such name.
    #[error("cannot resolve {host}")]
    Lookup {
        /// The name that was asked for.
        host: String,
        /// What the resolver said.
        #[source]
        source: NetError,
    },
    /// The nameserver took too long.
    #[error("cannot resolve {host}: no answer within {} ms", BUDGET.as_millis())]
    TimedOut {
        /// The name that was asked for.
        host: String,
    },
    /// The answer has no address.
    #[error("cannot resolve {host}: the answer has no address")]
    NoAddress {
        /// The name that was asked for.
        host: String,
    },
}

/// Turns host names into addresses.
pub(crate) trait Resolve: Send + Sync {
    /// Asks for the addresses of `host` now.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Answer, ResolveError>>;
}

/// A resolver that asks one nameserver, or the system's.
pub(crate) struct DnsResolver {
    resolver: TokioResolver,
}

impl DnsResolver {
    /// Sets the resolver up; without a nameserver it reads the system's configuration.
    pub(crate) fn new(nameserver: Option<SocketAddr>) -> Result<Self, ResolveError> {
        let mut builder = match nameserver {
            Some(address) => TokioResolver::builder_with_config(
                ResolverConfig::from_name_servers(vec![name_server(address)]),
                TokioRuntimeProvider::default(),
            ),
            None => TokioResolver::builder_tokio().map_err(ResolveError::SetUp)?,
        };
        adjust(builder.options_mut(), nameserver.is_some());
        let resolver = builder.build().map_err(ResolveError::SetUp)?;
        Ok(Self { resolver })
    }

    async fn look_up(&self, host: &str) -> Result<Answer, ResolveError> {
        let lookup = tokio::time::timeout(BUDGET, self.resolver.lookup_ip(host))
            .await
            .map_err(|_| ResolveError::TimedOut { host: host.into() })?
            .map_err(|source| ResolveError::Lookup { host: host.into(), source })?;
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
        if answer.addresses.is_empty() {
            return Err(ResolveError::NoAddress { host: host.into() });
        }
        Ok(answer)
    }
}

impl Resolve for DnsResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Answer, ResolveError>> {
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

fn adjust(options: &mut ResolverOpts, own_nameserver: bool) {
    options.cache_size = 0;
    options.timeout = TRY;
    options.attempts = 2;
    options.ip_strategy = LookupIpStrategy::Ipv4thenIpv6;
    options.preserve_intermediates = true;
    if own_nameserver {
        // Whoever names a nameserver means it: no word of the hosts file.
        options.use_hosts_file = ResolveHosts::Never;
    }
}
