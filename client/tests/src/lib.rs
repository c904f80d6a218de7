//! Two real PostgreSQL servers, on one port of two loopback addresses, and a source that says which of them is the writer.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "test support: a failure here is a failed test"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use drill_postgres::{Access, Authority, Binaries, Choice, RunDirectory, Server, ServerConfig, free_port};
use writer_follower::{
    BoxFuture, Connector, Follower, Limits, Pace, Reading, Secret, SourceError, Tls, Watch, Writer,
    WriterSource,
};

/// The names of the two servers.
pub const HOSTS: [&str; 2] = ["todo-seoul.cluster-abc.example", "todo-osaka.cluster-abc.example"];

/// Two servers: the first is the writer, the other its standby.
pub struct Pair {
    /// The servers.
    pub servers: [Server; 2],
    /// What says which of them is the writer.
    pub word: Word,
    access: Access,
    ca: Option<PathBuf>,
    port: u16,
    _run: RunDirectory,
}

/// A source that a test speaks through; it can also be silent.
#[derive(Clone)]
pub struct Word(Arc<Mutex<(Option<usize>, [IpAddr; 2])>>);

impl Word {
    /// Says that this server is the writer, or nothing.
    pub fn say(&self, writer: Option<usize>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = writer;
    }
}

impl WriterSource for Word {
    fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>> {
        let (writer, addresses) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = writer.and_then(|writer| Some((HOSTS.get(writer)?, *addresses.get(writer)?)));
        Box::pin(async move {
            let (host, address) = known.ok_or_else(|| SourceError::new("silent"))?;
            let writer = Writer::named(host).map_err(SourceError::new)?.at(vec![address]);
            Ok(Reading { writer, ttl: Some(Duration::from_secs(1)) })
        })
    }

    fn describe(&self) -> String {
        "the test's word".to_owned()
    }

    fn pace(&self) -> Pace {
        Pace::BY_TTL
    }
}

impl Pair {
    /// Starts both servers on addresses of their own: `net` tells the tests apart.
    pub async fn start(net: u8) -> Self {
        let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv");
        let binaries = Binaries::find(Choice::from_environment().unwrap(), &venv).unwrap();
        let run = RunDirectory::create(&binaries).unwrap();
        let addresses = [Ipv4Addr::new(127, net, 1, 1), Ipv4Addr::new(127, net, 2, 1)].map(IpAddr::V4);
        let port = free_port(&addresses).unwrap();
        let access = Access::random("todo");
        let authority = binaries.has_tls().then(|| Authority::create(run.path()).unwrap());
        let config = |name: &str, host: &str, address: IpAddr| ServerConfig {
            name: name.to_owned(),
            address,
            port,
            directory: run.path().join(name),
            tls: authority.as_ref().map(|authority| authority.issue(&[host], &[]).unwrap()),
            access: access.clone(),
        };
        let [first, second] = addresses;
        let seoul = Server::create_primary(&binaries, config("seoul", HOSTS[0], first)).await.unwrap();
        let osaka = Server::create_standby_of(&seoul, config("osaka", HOSTS[1], second)).await.unwrap();
        let ca = authority.map(|authority| authority.ca_pem_path().to_owned());
        let word = Word(Arc::new(Mutex::new((Some(0), addresses))));
        Self { servers: [seoul, osaka], word, access, ca, port, _run: run }
    }

    /// How an application connects: with the name verified, where the servers have TLS.
    pub fn connector(&self) -> Connector {
        self.connector_with(self.access.application.password.expose())
    }

    /// The same, with another password.
    pub fn connector_with(&self, password: &str) -> Connector {
        let tls = self.ca.as_ref().map_or_else(Tls::off, |ca| Tls::verify_full(ca).unwrap());
        let login = &self.access.application;
        Connector::new(&login.user, &self.access.database, Secret::new(password), tls)
            .port(self.port)
            .application_name("follower")
            .connect_timeout(Duration::from_secs(1))
    }

    /// Somebody who follows the word.
    pub fn follower(&self) -> Follower {
        // A machine that is busy with a hundred logins is no server that hangs.
        let limits = Limits::default().check_timeout(Duration::from_secs(3));
        let connector = self.connector().connect_timeout(Duration::from_secs(5));
        Follower::within(Watch::of(self.word.clone()), connector, limits)
    }

    /// Makes the table that the tests write to.
    pub async fn make_table(&self) {
        let user = &self.access.application.user;
        let sql = format!("CREATE TABLE marks (id bigint PRIMARY KEY); ALTER TABLE marks OWNER TO {user}");
        for statement in sql.split("; ") {
            self.servers[0].execute_batch(statement).await.unwrap();
        }
    }

    /// Promotes that server and says so. The other one goes on, and takes writes as before: it is not fenced.
    pub async fn promote(&self, writer: usize) {
        self.servers[writer].promote().await.unwrap();
        self.word.say(Some(writer));
    }
}

/// Waits until `ready` says something, and fails the test after `limit`.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    limit: Duration,
    mut ready: impl FnMut() -> F,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = ready().await {
            return value;
        }
        assert!(started.elapsed() < limit, "after {limit:?} still not: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
