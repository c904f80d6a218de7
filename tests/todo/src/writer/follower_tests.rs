//! The follower against a nameserver that says what a test wants, and servers that never finish a
//! connection.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::net::TcpListener;

use super::connector::Connector;
use super::follower::{FollowError, Follower};
use super::generation::Reason;
use super::name::WriterName;
use super::resolver::{Answer, Resolve, ResolveError};
use super::tls::Encryption;
use crate::metrics::Metrics;

const SEOUL: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1));
const OSAKA: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 2, 1));

/// Says one address, or nothing.
#[derive(Clone, Default)]
struct Nameserver(Arc<Mutex<Option<IpAddr>>>);

impl Nameserver {
    fn say(&self, address: Option<IpAddr>) {
        *self.0.lock().unwrap() = address;
    }
}

impl Resolve for Nameserver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Answer, ResolveError>> {
        let said = *self.0.lock().unwrap();
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let address = said.ok_or(ResolveError::TimedOut { host: host.into() })?;
            let ttl = Duration::from_secs(5);
            Ok(Answer { addresses: vec![address], canonical: None, ttl })
        })
    }
}

/// A follower of a record, whose servers take connections and never say a word.
struct Scene {
    follower: Arc<Follower>,
    nameserver: Nameserver,
    metrics: Arc<Metrics>,
    _silent: Vec<TcpListener>,
}

async fn scene() -> Scene {
    let seoul = TcpListener::bind((SEOUL, 0)).await.unwrap();
    let port = seoul.local_addr().unwrap().port();
    let osaka = TcpListener::bind((OSAKA, port)).await.unwrap();
    let connector = Connector {
        tokens: None,
        login: tokio_postgres::Config::new(),
        port,
        encryption: Encryption::Off,
        connect_timeout: Duration::from_mins(10),
        tcp_user_timeout: Duration::from_mins(10),
        pool_size: 2,
    };
    let (nameserver, metrics) = (Nameserver::default(), Arc::<Metrics>::default());
    nameserver.say(Some(SEOUL));
    let name = WriterName::Record("writer.example".into());
    let resolver = Box::new(nameserver.clone());
    let follower = Follower::new(name, resolver, connector, Arc::clone(&metrics));
    Scene { follower, nameserver, metrics, _silent: vec![seoul, osaka] }
}

#[tokio::test(start_paused = true)]
async fn many_callers_cause_one_lookup() {
    let scene = scene().await;
    let callers = (0..20).map(|_| {
        let follower = Arc::clone(&scene.follower);
        tokio::spawn(async move { follower.current().await.unwrap().number })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.unwrap(), 1);
    }
    assert_eq!(scene.metrics.lookups.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn callers_share_one_failure_too() {
    let scene = scene().await;
    scene.nameserver.say(None);
    let callers = (0..20).map(|_| {
        let follower = Arc::clone(&scene.follower);
        tokio::spawn(async move { follower.current().await.unwrap_err() })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert!(matches!(caller.await.unwrap(), FollowError::NotResolved(_)));
    }
    assert_eq!(scene.metrics.lookup_failures.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_retired_generation_is_replaced_after_a_new_lookup() {
    let scene = scene().await;
    let first = scene.follower.current().await.unwrap();
    scene.follower.retire(&first, Reason::Broken);
    let second = scene.follower.current().await.unwrap();
    assert_eq!((first.address, first.since), (second.address, second.since));
    assert_eq!((first.is_retired(), second.number), (true, 2));
    assert_eq!((scene.metrics.lookups.get(), scene.metrics.moves.get()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn another_address_is_noticed_when_the_ttl_runs_out() {
    let scene = scene().await;
    let first = scene.follower.current().await.unwrap();
    let follower = Arc::clone(&scene.follower);
    let task = tokio::spawn(async move { follower.run().await });
    scene.nameserver.say(Some(OSAKA));
    tokio::time::sleep(Duration::from_millis(5_200)).await;
    let second = scene.follower.current().await.unwrap();
    assert!(first.is_retired());
    assert_eq!(second.address.ip(), OSAKA);
    assert_eq!(scene.metrics.moves.get(), 1);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn no_new_connection_is_made_on_an_old_answer() {
    let scene = scene().await;
    let first = scene.follower.current().await.unwrap();
    scene.nameserver.say(None);
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(scene.follower.current().await.is_ok(), "a little grace for the lookup itself");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(matches!(scene.follower.current().await, Err(FollowError::NotResolved(_))));
    assert!(!first.is_retired(), "whoever has a connection keeps it");
}
