//! The follower against a nameserver that says what a test wants, and servers that never finish a connection.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::connect::connector::Connector;
use crate::connect::login::Secret;
use crate::connect::tls::Tls;
use crate::follower::{Follower, Limits};
use crate::generation::{Ended, Reason};
use crate::source::record::Record;
use crate::source::resolve::{Answer, Resolve};
use crate::source::writer_source::{BoxFuture, SourceError};
use crate::watch::Watch;

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
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Answer, SourceError>> {
        let said = *self.0.lock().unwrap();
        Box::pin(async move {
            sleep(Duration::from_millis(5)).await;
            let address = said.ok_or_else(|| SourceError::new("silent"))?;
            Ok(Answer { addresses: vec![address], canonical: None, ttl: Duration::from_secs(5) })
        })
    }
}

/// A follower of a record, whose servers take connections and never say a word.
struct Scene {
    follower: Follower,
    nameserver: Nameserver,
    seoul: TcpListener,
    _osaka: TcpListener,
}

async fn scene(said: Option<IpAddr>) -> Scene {
    let seoul = TcpListener::bind((SEOUL, 0)).await.unwrap();
    let port = seoul.local_addr().unwrap().port();
    let osaka = TcpListener::bind((OSAKA, port)).await.unwrap();
    let connector = Connector::new("app", "todo", Secret::new("x"), Tls::off())
        .port(port)
        .connect_timeout(Duration::from_mins(10))
        .tcp_user_timeout(Duration::from_mins(10));
    let nameserver = Nameserver::default();
    nameserver.say(said);
    let watch = Watch::of(Record::new("writer.example", nameserver.clone()).unwrap());
    let follower = Follower::within(watch, connector, Limits::default().connecting(3));
    Scene { follower, nameserver, seoul, _osaka: osaka }
}

fn broken() -> Ended {
    Ended { reason: Reason::Broken, cause: None }
}

#[tokio::test(start_paused = true)]
async fn many_callers_cause_one_lookup() {
    let scene = scene(Some(SEOUL)).await;
    let callers = (0..20).map(|_| {
        let follower = scene.follower.clone();
        tokio::spawn(async move { follower.current().await.unwrap().number })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.unwrap(), 1);
    }
    assert_eq!(scene.follower.watch().reads(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn callers_share_one_failure_too() {
    let scene = scene(None).await;
    let callers = (0..20).map(|_| {
        let follower = scene.follower.clone();
        tokio::spawn(async move { follower.current().await.unwrap_err() })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.unwrap().to_string(), "silent");
    }
    assert_eq!(scene.follower.watch().reads(), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_retired_generation_is_replaced_after_a_new_lookup() {
    let scene = scene(Some(SEOUL)).await;
    let first = scene.follower.current().await.unwrap();
    let (reads, _) = scene.follower.watch().reads();
    first.retire(broken());
    let second = scene.follower.current().await.unwrap();
    assert_eq!((first.address, first.since), (second.address, second.since));
    assert_eq!((first.is_retired(), second.number), (true, 2));
    assert_eq!((scene.follower.watch().reads().0, scene.follower.counters().moves), (reads + 1, 0));
}

#[tokio::test(start_paused = true)]
async fn another_address_is_noticed_when_the_ttl_runs_out() {
    let scene = scene(Some(SEOUL)).await;
    let first = scene.follower.current().await.unwrap();
    first.prove();
    scene.follower.watch().search(false);
    sleep(Duration::from_millis(150)).await;
    scene.nameserver.say(Some(OSAKA));
    sleep(Duration::from_secs(4)).await;
    assert!(!first.is_retired(), "its time has not come");
    sleep(Duration::from_millis(1_200)).await;
    assert_eq!(first.ended().map(|ended| ended.reason), Some(Reason::Moved));
    let second = scene.follower.current().await.unwrap();
    assert_eq!((second.address.ip(), scene.follower.counters().moves), (OSAKA, 1));
}

#[tokio::test(start_paused = true)]
async fn no_new_connection_is_made_on_an_old_answer() {
    let scene = scene(Some(SEOUL)).await;
    let first = scene.follower.current().await.unwrap();
    scene.nameserver.say(None);
    sleep(Duration::from_secs(6)).await;
    assert!(scene.follower.current().await.is_ok(), "a little grace for the lookup itself");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(scene.follower.current().await.unwrap_err().to_string(), "silent");
    assert!(!first.is_retired(), "whoever has a connection keeps it");
}

#[tokio::test(start_paused = true)]
async fn a_herd_makes_few_connections_at_one_time() {
    let scene = scene(Some(SEOUL)).await;
    let generation = scene.follower.current().await.unwrap();
    let herd: Vec<_> = (0..100)
        .map(|_| {
            let follower = scene.follower.clone();
            tokio::spawn(async move { follower.connect().await.err().unwrap().to_string() })
        })
        .collect();
    let accepted = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&accepted);
    let accepting = tokio::spawn(async move {
        while let Ok((socket, _)) = scene.seoul.accept().await {
            kept.lock().unwrap().push(socket);
        }
    });
    sleep(Duration::from_secs(5)).await;
    // Three of the herd, and the one that the follower makes by itself.
    assert_eq!(accepted.lock().unwrap().len(), 4);
    generation.retire(broken());
    for one in herd {
        assert_eq!(one.await.unwrap(), "connections are refused or break");
    }
    accepting.abort();
}

#[tokio::test(start_paused = true)]
async fn a_source_of_names_alone_is_told_what_it_lacks() {
    let source = crate::from_fn("a name", || async { Ok("seoul.example".to_owned()) });
    let connector = Connector::new("app", "todo", Secret::new("x"), Tls::off());
    let follower = Follower::start(Watch::of(source), connector);
    let told = follower.current().await.unwrap_err().to_string();
    assert_eq!(told, "seoul.example has no address: see Watch::resolved");
}
