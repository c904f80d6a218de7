//! What the tests share: a storage without databases, the emulator's place, SDK clients.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses a part of it")]

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use drill_cloud::{Aurora, AuroraSettings, Clients, Cloud, CloudSettings, Region, Source, Storage};

/// A storage that does everything at once and writes down what it was told.
#[derive(Debug, Default)]
pub struct FakeStorage {
    pub calls: Mutex<Vec<String>>,
    /// Regions whose server is dead.
    pub down: Mutex<Vec<Region>>,
    /// How long a promotion takes.
    pub promotion: Duration,
    /// Whether a standby never gets everything.
    pub standby_is_deaf: bool,
    /// Whether a promotion fails.
    pub promotion_fails: bool,
}

impl FakeStorage {
    fn note(&self, call: &str, region: Region) {
        self.calls.lock().unwrap().push(format!("{call} {}", region.city()));
    }
}

#[async_trait]
impl Storage for FakeStorage {
    fn address(&self, region: Region) -> SocketAddr {
        match region {
            Region::Seoul => SocketAddr::from(([127, 0, 1, 1], 5433)),
            Region::Osaka => SocketAddr::from(([127, 0, 2, 1], 5433)),
        }
    }

    async fn is_up(&self, region: Region) -> bool {
        !self.down.lock().unwrap().contains(&region)
    }

    async fn start(&self, region: Region) -> Result<(), Source> {
        self.note("start", region);
        Ok(())
    }

    async fn stop(&self, region: Region) -> Result<(), Source> {
        self.note("stop", region);
        Ok(())
    }

    async fn receive_everything(&self, region: Region) -> Result<(), Source> {
        self.note("receive everything", region);
        if self.standby_is_deaf {
            return Err("the standby does not stream".into());
        }
        Ok(())
    }

    async fn promote(&self, region: Region) -> Result<(), Source> {
        tokio::time::sleep(self.promotion).await;
        self.note("promote", region);
        if self.promotion_fails {
            return Err("the disk is full".into());
        }
        Ok(())
    }

    async fn rejoin(&self, region: Region) -> Result<(), Source> {
        self.note("rejoin", region);
        Ok(())
    }
}

/// Where `make setup` puts the emulator. Without it the test fails, and says what to do.
pub fn ministack() -> PathBuf {
    let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../target/venv/bin/ministack");
    assert!(program.is_file(), "no AWS emulator at {}: run `make setup`", program.display());
    program
}

/// The whole emulated AWS over a fake storage.
pub async fn cloud(storage: Arc<FakeStorage>) -> Cloud {
    Cloud::start(&CloudSettings::new(ministack()), storage).await.unwrap()
}

/// An Aurora whose views follow at once and whose steps take no time.
pub fn quick() -> AuroraSettings {
    AuroraSettings {
        view_delay: Duration::ZERO,
        peer_lag: Duration::from_millis(20),
        step: Duration::from_millis(1),
        promotion: Duration::ZERO,
        storage_timeout: Duration::from_secs(5),
    }
}

pub fn rds(clients: &Clients, region: Region) -> aws_sdk_rds::Client {
    aws_sdk_rds::Client::new(&clients.config(region.id()))
}

/// Waits until nothing is under way.
pub async fn settled(aurora: &Aurora) {
    for _ in 0..500 {
        if !aurora.is_busy() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("an operation is still running");
}

/// Polls a condition for up to five seconds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    for _ in 0..250 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not within five seconds: {what}");
}
