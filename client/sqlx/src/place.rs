//! Where sessions go, and how one is told from those that went elsewhere.

use std::net::IpAddr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::time::Instant;
use writer_follower::Writer;

/// A setting of the session. It is sent with the login, so that a session tells which place it was made for, however long
/// its login took.
pub(crate) const MARK: &str = "writer_follower.generation";

/// Where the writer is, for one generation of sessions.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Counts from one.
    pub(crate) number: u64,
    pub(crate) host: String,
    address: Option<IpAddr>,
    /// When sessions were first sent here.
    pub(crate) since: Instant,
}

impl Place {
    pub(crate) fn new(number: u64, writer: &Writer) -> Self {
        let address = writer.addresses.first().copied();
        Self { number, host: writer.host.clone(), address, since: Instant::now() }
    }

    /// Whether the writer is still here. An address may be one of many.
    pub(crate) fn serves(&self, writer: &Writer) -> bool {
        let is_there = |address: IpAddr| writer.addresses.contains(&address);
        self.host == writer.host && self.address.map_or(writer.addresses.is_empty(), is_there)
    }

    /// `login`, here. To the very address that the source named, so that no cache of a resolver is between; a name that is
    /// to be verified has to be connected to by that name.
    pub(crate) fn options(&self, login: &PgConnectOptions) -> PgConnectOptions {
        let by_name = matches!(login.get_ssl_mode(), PgSslMode::VerifyFull);
        let address = self.address.filter(|_| !by_name).map(|address| address.to_string());
        let host = address.as_ref().unwrap_or(&self.host);
        login.clone().host(host).options([(MARK, self.number.to_string())])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

    use super::*;

    fn at(host: &str, addresses: &[[u8; 4]]) -> Writer {
        Writer::named(host).unwrap().at(addresses.iter().map(|it| IpAddr::from(*it)).collect())
    }

    #[test]
    fn another_name_or_address_is_another_place() {
        let place = Place::new(1, &at("a.example", &[[10, 0, 0, 1], [10, 0, 0, 2]]));
        assert!(place.serves(&at("a.example", &[[10, 0, 0, 2], [10, 0, 0, 1]])));
        assert!(!place.serves(&at("a.example", &[[10, 0, 0, 2]])));
        assert!(!place.serves(&at("b.example", &[[10, 0, 0, 1]])));
        let named = Place::new(1, &at("a.example", &[]));
        assert!(named.serves(&at("a.example", &[])) && !named.serves(&at("b.example", &[])));
    }

    #[test]
    fn the_address_is_connected_to_unless_the_name_is_verified() {
        let place = Place::new(7, &at("a.example", &[[10, 0, 0, 1]]));
        let host = |mode| {
            let login = PgConnectOptions::new_without_pgpass().ssl_mode(mode).options([("jit", "off")]);
            let options = place.options(&login);
            assert_eq!(options.get_options(), Some("-c jit=off -c writer_follower.generation=7"));
            options.get_host().to_owned()
        };
        assert_eq!(host(PgSslMode::VerifyCa), "10.0.0.1");
        assert_eq!(host(PgSslMode::VerifyFull), "a.example");
    }
}
