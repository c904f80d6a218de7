//! Everything about a connection but its address.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, NoTls};

use super::failure::ConnectFailure;
use super::login::{Secret, Secrets};
use super::overheard::{Listening, Overheard};
use super::tls::{Kind, Tls};
use crate::check::takes_writes;
use crate::generation::{Generation, Open, Reason};
use crate::health::Health;
use crate::source::writer_source::SourceError;

/// How long a statement under way may still take on a connection to a server that answers nobody else.
const GRACE: Duration = Duration::from_secs(5);

/// How connections are made: who logs in, how it is encrypted, and how soon a dead peer is noticed.
pub struct Connector {
    config: Config,
    user: String,
    secrets: Box<dyn Secrets>,
    port: u16,
    tls: Tls,
    connect_timeout: Duration,
    tcp_user_timeout: Duration,
    keepalive: (Duration, Duration, u32),
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { config, port, tls, .. } = self;
        formatter
            .debug_struct("Connector")
            .field("config", config)
            .field("port", port)
            .field("tls", tls)
            .finish_non_exhaustive()
    }
}

/// A connection that was made and checked.
pub(crate) struct Made {
    pub(crate) client: Client,
    pub(crate) task: JoinHandle<()>,
    pub(crate) health: Arc<Health>,
}

impl Connector {
    /// Logs `user` in to `database`.
    ///
    /// ```
    /// use writer_follower::{Connector, Secret, Tls};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let connector = Connector::new("app", "todo", Secret::new("open sesame"), Tls::require()?);
    /// assert_eq!(connector.port(5433).user(), "app");
    /// # Ok(()) }
    /// ```
    pub fn new(user: &str, database: &str, secrets: impl Secrets, tls: Tls) -> Self {
        let mut config = Config::new();
        config.user(user).dbname(database);
        Self {
            config,
            user: user.to_owned(),
            secrets: Box::new(secrets),
            port: 5432,
            tls,
            connect_timeout: Duration::from_secs(2),
            tcp_user_timeout: Duration::from_secs(5),
            keepalive: (Duration::from_secs(5), Duration::from_secs(2), 2),
        }
    }

    /// The server's port; 5432 unless it is said.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The name that `pg_stat_activity` shows.
    #[must_use]
    pub fn application_name(mut self, name: &str) -> Self {
        self.config.application_name(name);
        self
    }

    /// Settings of the session, such as `-c statement_timeout=3s`.
    #[must_use]
    pub fn options(mut self, options: &str) -> Self {
        self.config.options(options);
        self
    }

    /// The most that connecting may take, TLS, login and check included; 2 s unless it is said.
    #[must_use]
    pub fn connect_timeout(mut self, most: Duration) -> Self {
        self.connect_timeout = most;
        self
    }

    /// The most that sent bytes may stay unacknowledged by the peer's machine, on Linux; 5 s unless it is said.
    #[must_use]
    pub fn tcp_user_timeout(mut self, most: Duration) -> Self {
        self.tcp_user_timeout = most;
        self
    }

    /// When a silent connection is probed, how often, and how many times; after 5 s, every 2 s, twice, unless it is said.
    #[must_use]
    pub fn keepalive(mut self, idle: Duration, interval: Duration, retries: u32) -> Self {
        self.keepalive = (idle, interval, retries);
        self
    }

    /// Who logs in.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// How connections are encrypted.
    pub fn tls(&self) -> &Tls {
        &self.tls
    }

    /// The port that is connected to.
    pub(crate) fn to_port(&self) -> u16 {
        self.port
    }

    /// Makes a connection of that generation.
    pub(crate) async fn connect(&self, generation: &Arc<Generation>) -> Result<Made, ConnectFailure> {
        let secret = self.secrets.secret(&generation.writer, self.port, &self.user);
        let secret = secret.await.map_err(ConnectFailure::NoSecret)?;
        // In a box: with TLS it is some 20 kB, which would be part of whoever waits for a connection.
        let connecting = timeout(self.connect_timeout, Box::pin(self.log_in(generation, &secret)));
        let outcome = tokio::select! {
            biased;
            () = generation.retired() => Err(ConnectFailure::retired(generation)),
            outcome = connecting => outcome.unwrap_or(Err(ConnectFailure::TimedOut)),
        };
        if outcome.as_ref().is_err_and(ConnectFailure::is_of_the_secret) {
            self.secrets.refused();
        }
        outcome
    }

    async fn log_in(&self, generation: &Arc<Generation>, secret: &Secret) -> Result<Made, ConnectFailure> {
        let as_of = generation.suspicion();
        let stream = TcpStream::connect(generation.address).await.map_err(ConnectFailure::Unreachable)?;
        self.adjust(&stream).map_err(ConnectFailure::Unreachable)?;
        let health = Arc::new(Health::new(Arc::clone(generation)));
        let mut config = self.config.clone();
        config.password(secret.expose());
        let made = match &self.tls.0 {
            Kind::Off => {
                let stream = Overheard::new(stream, Arc::clone(&health));
                let connected = config.ssl_mode(SslMode::Disable).connect_raw(stream, NoTls).await;
                driven(connected.map_err(ConnectFailure::Refused)?, health)
            }
            Kind::Require(tls) | Kind::VerifyFull(tls) => {
                let host = &generation.writer.host;
                let tls = MakeTlsConnect::<TcpStream>::make_tls_connect(&mut tls.clone(), host)
                    .map_err(|error| ConnectFailure::NoTls(SourceError::new(error)))?;
                let tls = Listening { tls, health: Arc::clone(&health) };
                let connected = config.ssl_mode(SslMode::Require).connect_raw(stream, tls).await;
                driven(connected.map_err(ConnectFailure::Refused)?, health)
            }
        };
        if !takes_writes(&made.client).await.map_err(ConnectFailure::Refused)? {
            made.task.abort();
            return Err(ConnectFailure::NotWritable);
        }
        made.health.passed(as_of);
        Ok(made)
    }

    fn adjust(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let socket = SockRef::from(stream);
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(Some(self.tcp_user_timeout))?;
        let (idle, interval, retries) = self.keepalive;
        let keepalive = TcpKeepalive::new().with_time(idle).with_interval(interval).with_retries(retries);
        socket.set_tcp_keepalive(&keepalive)
    }
}

/// Gives the connection a task of its own, which ends it when its generation ends.
fn driven<S, T>((client, connection): (Client, Connection<S, T>), health: Arc<Health>) -> Made
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (open, kept) = (health.generation.opened(), Arc::clone(&health));
    let task = tokio::spawn(drive(connection, kept, open));
    Made { client, task, health }
}

async fn drive<S, T>(mut connection: Connection<S, T>, health: Arc<Health>, _open: Open)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    T: AsyncRead + AsyncWrite + Unpin + Send,
{
    let generation = &health.generation;
    let outcome = tokio::select! {
        outcome = &mut connection => outcome,
        () = generation.retired() => {
            // On a server that is not the writer nothing is waited for: whatever it confirms may be lost.
            if generation.ended().is_some_and(|ended| ended.reason.is_stale()) {
                return;
            }
            timeout(GRACE, &mut connection).await.unwrap_or(Ok(()))
        }
    };
    if outcome.is_err() {
        health.spoil(Reason::Broken);
    }
}
