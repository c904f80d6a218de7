//! Two real PostgreSQL servers, on one port of two loopback addresses, and a source that says which of them is the writer.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill_postgres::{Access, Authority, Binaries, Choice, RunDirectory, Server, ServerConfig, free_port};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions, raw_sql};
use writer_follower_sqlx::WriterPool;
use writer_follower_sqlx::writer_follower::{
    BoxFuture, Pace, Reading, SourceError, Watch, Writer, WriterSource,
};

/// One row, and who confirmed it.
pub(crate) const WRITE: &str = "INSERT INTO marks DEFAULT VALUES RETURNING host(inet_server_addr())";
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// The first is the writer, the other its standby.
pub(crate) struct Pair {
    pub(crate) servers: [Server; 2],
    pub(crate) word: Word,
    access: Access,
    ca: Option<PathBuf>,
    port: u16,
    _run: RunDirectory,
}

/// A source that a test speaks through; it can also be silent.
#[derive(Clone)]
pub(crate) struct Word(Arc<Mutex<Option<IpAddr>>>);

impl Word {
    pub(crate) fn say(&self, writer: Option<IpAddr>) {
        *self.0.lock().unwrap() = writer;
    }
}

impl WriterSource for Word {
    fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>> {
        let writer = *self.0.lock().unwrap();
        Box::pin(async move {
            let address = writer.ok_or_else(|| SourceError::new("silent"))?;
            let writer = Writer::named(&address.to_string()).map_err(SourceError::new)?.at(vec![address]);
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
    pub(crate) async fn start(net: u8) -> Self {
        let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv");
        let binaries = Binaries::find(Choice::from_environment().unwrap(), &venv).unwrap();
        let run = RunDirectory::create(&binaries).unwrap();
        let addresses = [1, 2].map(|place| IpAddr::V4(Ipv4Addr::new(127, net, place, 1)));
        let port = free_port(&addresses).unwrap();
        let access = Access::random("todo");
        let authority = binaries.has_tls().then(|| Authority::create(run.path()).unwrap());
        let config = |name: &str, address: IpAddr| ServerConfig {
            name: name.to_owned(),
            address,
            port,
            directory: run.path().join(name),
            tls: authority.as_ref().map(|authority| authority.issue(&[], &[address]).unwrap()),
            access: access.clone(),
        };
        let [first, second] = addresses;
        let seoul = Server::create_primary(&binaries, config("seoul", first)).await.unwrap();
        let osaka = Server::create_standby_of(&seoul, config("osaka", second)).await.unwrap();
        let user = &access.application.user;
        let table = "CREATE TABLE marks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)".to_owned();
        for statement in [table, format!("ALTER TABLE marks OWNER TO {user}")] {
            seoul.execute_batch(&statement).await.unwrap();
        }
        let ca = authority.map(|authority| authority.ca_pem_path().to_owned());
        let word = Word(Arc::new(Mutex::new(Some(first))));
        Self { servers: [seoul, osaka], word, access, ca, port, _run: run }
    }

    pub(crate) fn address(&self, server: usize) -> String {
        self.servers[server].config().address.to_string()
    }

    /// How an application logs in: with the name verified, where the servers have TLS.
    pub(crate) fn login(&self) -> PgConnectOptions {
        let login = &self.access.application;
        let options = PgConnectOptions::new_without_pgpass()
            .port(self.port)
            .username(&login.user)
            .password(login.password.expose())
            .database(&self.access.database)
            .application_name("follower");
        match &self.ca {
            Some(ca) => options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(ca),
            None => options.ssl_mode(PgSslMode::Disable),
        }
    }

    pub(crate) fn options(size: u32) -> PgPoolOptions {
        PgPoolOptions::new().max_connections(size).acquire_timeout(Duration::from_secs(5))
    }

    /// A pool that follows the word.
    pub(crate) async fn pool(&self, size: u32) -> WriterPool {
        let watch = Watch::of(self.word.clone());
        // A machine that is busy with many logins is no server that hangs.
        let patience = Duration::from_secs(if size > 8 { 3 } else { 1 });
        WriterPool::within(watch, Self::options(size), self.login(), patience).await.unwrap()
    }

    /// sqlx as it comes, at that server.
    pub(crate) fn plain(&self, size: u32, server: usize) -> sqlx::PgPool {
        Self::options(size)
            .connect_lazy_with(self.login().application_name("plain").host(&self.address(server)))
    }

    /// Promotes the second and says so. The first goes on, and takes writes as before: it is not fenced.
    pub(crate) async fn promote(&self) {
        self.servers[1].promote().await.unwrap();
        self.say(Some(1));
    }

    pub(crate) fn say(&self, writer: Option<usize>) {
        self.word.say(writer.map(|writer| self.servers[writer].config().address));
    }

    /// Makes the first refuse all writes, without a word to anybody but its sessions.
    pub(crate) async fn read_only(&self) {
        for statement in ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"] {
            self.servers[0].execute_batch(statement).await.unwrap();
        }
    }

    /// A session of one's own, to look at a server with.
    pub(crate) async fn look(&self, server: usize) -> PgConnection {
        let login = self.login().application_name("look").host(&self.address(server));
        login.connect().await.unwrap()
    }
}

/// How many sessions of that name the server of `look` has.
pub(crate) async fn sessions(look: &mut PgConnection, name: &str) -> i64 {
    let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
    sqlx::query_scalar(count).bind(name).fetch_one(look).await.unwrap()
}

pub(crate) async fn pid(session: &mut PgConnection) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(session).await.unwrap()
}

/// Writes one row; where it was confirmed.
pub(crate) async fn write(session: &mut PgConnection) -> Result<String, sqlx::Error> {
    use sqlx::Row;
    raw_sql(WRITE).fetch_one(session).await?.try_get(0)
}

/// Fails the test after a minute.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ready: impl FnMut() -> F,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = ready().await {
            return value;
        }
        assert!(started.elapsed() < SOON, "still not: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
