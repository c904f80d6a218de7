//! The emulated Aurora over two real PostgreSQL servers: what AWS says and what the servers do agree.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::{net::IpAddr, path::Path, sync::Arc};

use drill_cloud::{Aurora, Pair, PostgresStorage, Region, Storage as _, aurora::Moment};
use drill_postgres::{Access, Binaries, Choice, RunDirectory, Server, ServerConfig, free_port};
use support::{quick, settled};

struct Database {
    aurora: Aurora,
    storage: PostgresStorage,
    servers: Pair<Arc<Server>>,
    // Last, so that the servers are gone before their files are.
    _run: RunDirectory,
}

async fn database() -> Database {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/venv");
    let binaries = Binaries::find(Choice::Auto, &venv).unwrap();
    let run = RunDirectory::create(&binaries).unwrap();
    let addresses = [IpAddr::from([127, 0, 1, 1]), IpAddr::from([127, 0, 2, 1])];
    let (port, access) = (free_port(&addresses).unwrap(), Access::random("todo"));
    let config = |name: &str, address| ServerConfig {
        name: name.to_owned(),
        address,
        port,
        directory: run.path().join(name),
        tls: None,
        access: access.clone(),
    };
    let seoul = Server::create_primary(&binaries, config("seoul", addresses[0])).await.unwrap();
    let osaka = Server::create_standby_of(&seoul, config("osaka", addresses[1])).await.unwrap();
    let servers = Pair { seoul: Arc::new(seoul), osaka: Arc::new(osaka) };
    let storage = PostgresStorage::new(Pair::each(|region| Arc::clone(servers.get(region))));
    let aurora = Aurora::new(Arc::new(storage.clone()), Region::Seoul, quick());
    Database { aurora, storage, servers, _run: run }
}

impl Database {
    async fn write(&self, region: Region, statement: &str) {
        self.servers.get(region).execute_batch(statement).await.unwrap();
    }

    async fn is_reader(&self, region: Region) -> bool {
        self.servers.get(region).is_in_recovery().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_writer_moves_there_and_back_without_loss() {
    let database = database().await;
    let mut notices = database.aurora.notices();
    database.write(Region::Seoul, "CREATE TABLE one (number int)").await;
    database.aurora.switchover(Region::Osaka).unwrap();
    settled(&database.aurora).await;
    assert!(database.is_reader(Region::Seoul).await && !database.is_reader(Region::Osaka).await);
    database.write(Region::Osaka, "INSERT INTO one VALUES (1)").await;
    database.aurora.switchover(Region::Seoul).unwrap();
    settled(&database.aurora).await;
    database.write(Region::Seoul, "UPDATE one SET number = 1 / (SELECT count(*) FROM one)").await;
    while let Ok(notice) = notices.try_recv() {
        assert!(!matches!(notice.moment, Moment::Failed(_)), "{notice:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_writer_is_replaced_and_comes_back_as_a_reader() {
    let database = database().await;
    database.write(Region::Seoul, "CREATE TABLE one (number int)").await;
    // Replication is asynchronous: what the reader has not received dies with the writer.
    database.storage.receive_everything(Region::Osaka).await.unwrap();
    database.servers.seoul.kill().await.unwrap();
    database.aurora.failover(Region::Osaka).unwrap();
    settled(&database.aurora).await;
    database.write(Region::Osaka, "INSERT INTO one VALUES (1)").await;
    database.aurora.rejoin(Region::Seoul).await.unwrap();
    assert!(database.is_reader(Region::Seoul).await);
    assert!(database.aurora.truth().clusters.seoul.is_available());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_region_is_left_alone() {
    let database = database().await;
    database.servers.seoul.freeze().await.unwrap();
    database.aurora.cut(Region::Seoul);
    database.aurora.failover(Region::Osaka).unwrap();
    settled(&database.aurora).await;
    assert_eq!(database.aurora.seen_by(Region::Seoul).writer(), Some(Region::Seoul));
    database.write(Region::Osaka, "CREATE TABLE one (number int)").await;
    database.servers.seoul.thaw().unwrap();
    database.aurora.heal(Region::Seoul);
    // Nobody fenced it: until it is brought back it takes writes, which will be lost.
    assert!(!database.is_reader(Region::Seoul).await);
    database.aurora.rejoin(Region::Seoul).await.unwrap();
    assert!(database.is_reader(Region::Seoul).await);
}
