//! From a host name to addresses.

use std::net::IpAddr;
use std::time::Duration;

use super::writer_source::{BoxFuture, SourceError};

/// How long an answer of the system's resolver is believed. It says no TTL; Aurora's own is 5 s.
const SYSTEM_TTL: Duration = Duration::from_secs(5);

/// What a nameserver said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The addresses of the host, in the order of the answer.
    pub addresses: Vec<IpAddr>,
    /// What the name finally stands for, when it is an alias (CNAME) and the resolver can tell.
    pub canonical: Option<String>,
    /// How long the answer may be used: the smallest TTL in the chain of aliases.
    pub ttl: Duration,
}

/// Turns host names into addresses. It must not remember answers for longer than their TTL.
pub trait Resolve: Send + Sync + 'static {
    /// Asks for the addresses of `host` now.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Answer, SourceError>>;
}

/// The system's own resolver (`getaddrinfo`). It tells neither a TTL nor an alias, and whatever caches for the machine
/// answers first: where a nameserver can be asked, `DnsResolver` (feature `dns`) is better.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver {
    ttl: Duration,
}

impl SystemResolver {
    /// One whose answers are believed for `ttl`.
    pub fn new(ttl: Duration) -> Self {
        Self { ttl }
    }
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self::new(SYSTEM_TTL)
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Answer, SourceError>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await.map_err(SourceError::new)?;
            let addresses = found.map(|address| address.ip()).collect();
            Ok(Answer { addresses, canonical: None, ttl: self.ttl })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_knows_addresses_and_no_host_that_is_none() {
        let answer = SystemResolver::default().resolve("127.3.2.1").await.unwrap();
        assert_eq!(answer.addresses, [IpAddr::from([127, 3, 2, 1])]);
        assert!(SystemResolver::default().resolve("no host").await.is_err());
    }
}
