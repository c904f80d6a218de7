//! Two servers that stream to each other, for one test.

use std::{
    future::Future,
    net::IpAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use drill_postgres::{
    Access, Authority, Binaries, Choice, PostgresError, RunDirectory, Server, ServerConfig, free_port,
};
use tokio_postgres::{Client, NoTls};

pub(crate) const SEOUL: [u8; 4] = [127, 0, 1, 1];
pub(crate) const OSAKA: [u8; 4] = [127, 0, 2, 1];
pub(crate) const SEOUL_NAME: &str = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com";

pub(crate) struct Pair {
    pub(crate) seoul: Server,
    pub(crate) osaka: Server,
    pub(crate) authority: Option<Authority>,
    // Last: it goes after its servers.
    pub(crate) run: RunDirectory,
}

/// Where `make setup` installs the wheel.
pub(crate) fn venv() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../target/venv")
}

/// The programs; when they are not on this machine, a line that says so.
pub(crate) fn binaries(choice: Choice) -> Option<Binaries> {
    match Binaries::find(choice, &venv()) {
        Ok(binaries) => Some(binaries),
        Err(error @ PostgresError::NotInstalled { .. }) => {
            println!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

impl Pair {
    pub(crate) async fn create(binaries: Binaries, with_tls: bool) -> Self {
        let run = RunDirectory::create(&binaries).unwrap();
        let (seoul, osaka) = (IpAddr::from(SEOUL), IpAddr::from(OSAKA));
        let port = free_port(&[seoul, osaka]).unwrap();
        let access = Access::random("todo");
        let authority = with_tls.then(|| Authority::create(run.path()).unwrap());
        let config = |name: &str, address| ServerConfig {
            name: name.to_owned(),
            address,
            port,
            directory: run.path().join(name),
            tls: authority.as_ref().map(|authority| authority.issue(&[SEOUL_NAME], &[address]).unwrap()),
            access: access.clone(),
        };
        let seoul = timed("create_primary", Server::create_primary(&binaries, config("seoul", seoul))).await;
        let osaka =
            timed("create_standby_of", Server::create_standby_of(&seoul, config("osaka", osaka))).await;
        seoul
            .execute_batch("CREATE TABLE writes (number int PRIMARY KEY); GRANT ALL ON writes TO todo")
            .await
            .unwrap();
        if authority.is_none() {
            wait_for_table(&osaka).await;
        }
        Self { seoul, osaka, authority, run }
    }
}

/// Runs an operation that must succeed and prints how long it took.
pub(crate) async fn timed<T>(name: &str, operation: impl Future<Output = Result<T, PostgresError>>) -> T {
    let begun = Instant::now();
    let done = operation.await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    println!("{name}: {} ms", begun.elapsed().as_millis());
    done
}

/// A session of the application.
pub(crate) async fn application(server: &Server) -> Result<Client, tokio_postgres::Error> {
    let mut config = server.application_config();
    config.connect_timeout(Duration::from_secs(2));
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Writes numbers as the application does; returns when all are acknowledged.
pub(crate) async fn write(server: &Server, numbers: std::ops::Range<i32>) {
    let client = application(server).await.unwrap();
    for number in numbers {
        client.execute("INSERT INTO writes VALUES ($1)", &[&number]).await.unwrap();
    }
}

/// Waits until a standby has received the table: replication is asynchronous.
async fn wait_for_table(standby: &Server) {
    let client = application(standby).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while client.query("SELECT FROM writes", &[]).await.is_err() {
        assert!(Instant::now() < deadline, "{} never had the table", standby.name());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How many numbers a server has.
pub(crate) async fn count(server: &Server) -> i64 {
    let client = application(server).await.unwrap();
    let row = client.query_one("SELECT count(*) FROM writes", &[]).await.unwrap();
    row.get(0)
}

/// Waits until a standby has a given count of numbers.
pub(crate) async fn wait_for_count(server: &Server, expected: i64) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while count(server).await != expected {
        assert!(Instant::now() < deadline, "{} never had {expected} numbers", server.name());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
