//! Signing in to one endpoint.

use std::net::IpAddr;
use std::time::Duration;

use responder_core::probe::secret::Secret;
use responder_core::probe::settings::Settings;
use responder_core::probe::trouble::Trouble;
use responder_core::words::names::Region;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_postgres::config::{Config, SslMode};
use tokio_postgres::{Client, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::authorities::{AuthorityError, verify_full};
use crate::failure::{Circumstances, of_connecting};
use crate::token::Signer;

/// What a connection that is dead leaves unacknowledged for so long is dead.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);
/// A silent connection is probed after so long, so often, so many times.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
const KEEPALIVE_RETRIES: u32 = 3;
/// What is left of a budget when a connection that is not accepted is given up: enough to say so.
const TO_SAY_SO: Duration = Duration::from_millis(25);
/// How AWS's own endpoints end, in all partitions.
const OF_AWS: [&str; 2] = [".rds.amazonaws.com", ".rds.amazonaws.com.cn"];

/// One endpoint's place.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The name that is connected to, and verified.
    pub(crate) host: String,
    /// The member's own endpoint.
    pub(crate) member: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    /// The Region that it is in.
    pub(crate) region: Region,
}

impl Place {
    /// The member's reader endpoint, where Aurora's names tell it.
    pub(crate) fn reader(&self) -> Option<Self> {
        let is_aws = OF_AWS.iter().any(|end| self.host.ends_with(end));
        let (name, rest) = self.host.split_once(".cluster-").filter(|_| is_aws)?;
        (!rest.starts_with("ro-")).then(|| Self { host: format!("{name}.cluster-ro-{rest}"), ..self.clone() })
    }

    /// The name that a token is signed for: RDS knows its own names alone.
    fn signed_name(&self) -> &str {
        let is_aws = OF_AWS.iter().any(|end| self.host.ends_with(end));
        if is_aws { &self.host } else { &self.member }
    }
}

/// Who signs in, and how.
pub(crate) struct Login {
    user: String,
    password: Option<Secret>,
    application: String,
    tls: Option<MakeRustlsConnect>,
    signer: Signer,
}

/// A connection; it ends when it is dropped.
pub(crate) struct Connection {
    pub(crate) client: Client,
    host: String,
    address: IpAddr,
    task: JoinHandle<Result<(), Error>>,
}

impl Connection {
    /// Whether it is one that a client would get now: open, and to where the name leads. Where the name leads nowhere, what
    /// was connected before goes on.
    pub(crate) fn leads_to(&self, host: &str, address: Option<&IpAddr>) -> bool {
        !self.client.is_closed() && self.host == host && address.is_none_or(|it| *it == self.address)
    }
}

impl Drop for Connection {
    /// At once: a server that is silent would take no farewell.
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Login {
    pub(crate) fn new(settings: &Settings) -> Result<Self, AuthorityError> {
        Ok(Self {
            user: settings.user.clone(),
            password: settings.password.clone(),
            application: format!("failover-responder probe {}", settings.region),
            tls: settings.tls.then(|| verify_full(settings.ca_file.as_deref())).transpose()?,
            signer: Signer::new(),
        })
    }

    /// What a failure at that place is told with.
    pub(crate) fn circumstances<'a>(&self, place: &'a Place) -> Circumstances<'a> {
        let with_token = self.password.is_none();
        Circumstances { host: &place.host, database: &place.database, with_token }
    }

    /// Signs in; whoever waits for it gives it up at `deadline`.
    pub(crate) async fn connect(
        &self,
        place: &Place,
        address: IpAddr,
        deadline: Instant,
    ) -> Result<Connection, Trouble> {
        if self.tls.is_none() && !address.is_loopback() {
            return Err(Trouble::InTheClear(place.host.clone()));
        }
        let left = deadline.saturating_duration_since(Instant::now()).saturating_sub(TO_SAY_SO);
        let mut config = Config::new();
        config
            .host(&place.host)
            .hostaddr(address)
            .port(place.port)
            .user(&self.user)
            .password(self.secret(place).await?.expose())
            .dbname(&place.database)
            .application_name(&self.application)
            .connect_timeout(left)
            .tcp_user_timeout(TCP_USER_TIMEOUT)
            .keepalives_idle(KEEPALIVE_IDLE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .keepalives_retries(KEEPALIVE_RETRIES);
        let connected = if let Some(tls) = &self.tls {
            let connecting = config.ssl_mode(SslMode::Require).connect(tls.clone());
            connecting.await.map(|(client, connection)| (client, tokio::spawn(connection)))
        } else {
            let connecting = config.ssl_mode(SslMode::Disable).connect(NoTls);
            connecting.await.map(|(client, connection)| (client, tokio::spawn(connection)))
        };
        let (client, task) = connected.map_err(|error| of_connecting(&error, self.circumstances(place)))?;
        Ok(Connection { client, host: place.host.clone(), address, task })
    }

    /// The password, or a token that was signed just now.
    async fn secret(&self, place: &Place) -> Result<Secret, Trouble> {
        if let Some(password) = &self.password {
            return Ok(password.clone());
        }
        self.signer.token(place.signed_name(), place.port, place.region.as_str(), &self.user).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: &str) -> Place {
        let (member, database) = ("its.cluster-a.eu-west-1.rds.amazonaws.com".to_owned(), "todo".to_owned());
        Place { host: host.to_owned(), member, port: 5432, database, region: "eu-west-1".parse().unwrap() }
    }

    #[test]
    fn the_reader_is_told_by_auroras_names_alone_and_a_token_is_signed_for_one_of_them() {
        for (host, reader, is_signed) in [
            (
                "a.cluster-x.eu-west-1.rds.amazonaws.com",
                Some("a.cluster-ro-x.eu-west-1.rds.amazonaws.com"),
                true,
            ),
            (
                "a.cluster-x.cn-north-1.rds.amazonaws.com.cn",
                Some("a.cluster-ro-x.cn-north-1.rds.amazonaws.com.cn"),
                true,
            ),
            ("a.cluster-ro-x.eu-west-1.rds.amazonaws.com", None, true),
            ("a.proxy-x.eu-west-1.rds.amazonaws.com", None, true),
            ("a.cluster-x.internal", None, false),
        ] {
            let place = place(host);
            assert_eq!(place.reader().map(|it| it.host).as_deref(), reader, "{host}");
            assert_eq!(place.signed_name(), if is_signed { host } else { place.member.as_str() }, "{host}");
        }
    }
}
