//! What a source says: which server is the writer, and how long that may be believed.

use std::net::IpAddr;
use std::time::Duration;

/// Why a text is no host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a host name")]
pub struct NotAHostName(pub String);

/// The writer, as a source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Writer {
    /// The name that is connected to, and that the server's certificate has to have.
    pub host: String,
    /// What the name is an alias of, if it is one and the source knows.
    pub canonical: Option<String>,
    /// The server's addresses; none where only its name is known.
    pub addresses: Vec<IpAddr>,
    region: Option<String>,
}

impl Writer {
    /// The writer with that host name, which may end in white space or a dot.
    pub fn named(host: &str) -> Result<Self, NotAHostName> {
        let name = host.trim().trim_end_matches('.');
        let fits = !name.is_empty() && name.len() <= 253;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if !fits || !name.bytes().all(plain) {
            return Err(NotAHostName(host.to_owned()));
        }
        Ok(Self { host: name.to_owned(), canonical: None, addresses: Vec::new(), region: None })
    }

    /// The same, at these addresses.
    #[must_use]
    pub fn at(mut self, addresses: Vec<IpAddr>) -> Self {
        self.addresses = addresses;
        self
    }

    /// The same, in that Region, where the host's name does not tell it.
    #[must_use]
    pub fn in_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The Region that the writer is in: what was said, or what AWS's form of its name says.
    pub fn region(&self) -> Option<&str> {
        let named = || region_of(self.own_name());
        self.region.as_deref().or_else(named)
    }

    /// The server's own name, behind the alias if there is one.
    pub fn own_name(&self) -> &str {
        self.canonical.as_deref().unwrap_or(&self.host)
    }
}

/// The Region in a name such as `todo.cluster-abc.ap-northeast-2.rds.amazonaws.com`: the label before `rds`.
fn region_of(host: &str) -> Option<&str> {
    let (before, _) = host.rsplit_once(".rds.")?;
    before.rsplit_once('.').map(|(_, region)| region)
}

/// One answer of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The writer.
    pub writer: Writer,
    /// How long that may be believed, where the source knows.
    pub ttl: Option<Duration>,
}

impl From<Writer> for Reading {
    fn from(writer: Writer) -> Self {
        Self { writer, ttl: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_host_names_are_accepted() {
        assert_eq!(Writer::named(" a-1.b_c.example. ").unwrap().host, "a-1.b_c.example");
        for bad in ["", " ", "two words", "host:5432", "postgres://host", "ünïcode"] {
            assert_eq!(Writer::named(bad), Err(NotAHostName(bad.to_owned())));
        }
    }

    #[test]
    fn the_region_is_in_the_servers_own_name_unless_it_was_said() {
        let region = |host: &str| Writer::named(host).unwrap().region().map(str::to_owned);
        let osaka = "todo.cluster-abc.ap-northeast-3.rds.amazonaws.com";
        assert_eq!(region(osaka).as_deref(), Some("ap-northeast-3"));
        for (host, expected) in [
            ("todo.cluster-abc.cn-north-1.rds.amazonaws.com.cn", Some("cn-north-1")),
            ("proxy.proxy-abc.us-gov-west-1.rds.amazonaws.com", Some("us-gov-west-1")),
            ("writer.db.todo.internal", None),
            ("localhost", None),
            ("rds.amazonaws.com", None),
        ] {
            assert_eq!(region(host).as_deref(), expected, "{host}");
        }
        let mut alias = Writer::named("writer.db.todo.internal").unwrap();
        alias.canonical = Some(osaka.to_owned());
        assert_eq!(alias.region(), Some("ap-northeast-3"));
        assert_eq!(alias.in_region("eu-west-1").region(), Some("eu-west-1"));
    }
}
