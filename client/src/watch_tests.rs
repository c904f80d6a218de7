//! A watch against a source that says what a test wants, in paused time.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::source::resolve::{Answer, Resolve};
use crate::source::writer_source::{BoxFuture, SourceError, WriterSource};
use crate::watch::Watch;
use crate::writer::{Reading, Writer};

/// Answers from a script; the last answer is repeated.
#[derive(Clone)]
struct Script(Arc<Mutex<VecDeque<Option<&'static str>>>>);

impl Script {
    fn of(answers: &[Option<&'static str>]) -> Self {
        Self(Arc::new(Mutex::new(answers.iter().copied().collect())))
    }
}

impl WriterSource for Script {
    fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>> {
        let mut script = self.0.lock().unwrap();
        let answer = if script.len() == 1 { script[0] } else { script.pop_front().unwrap() };
        Box::pin(async move {
            let host = answer.ok_or_else(|| SourceError::new("out of order"))?;
            Writer::named(host).map(Reading::from).map_err(SourceError::new)
        })
    }

    fn describe(&self) -> String {
        "script".to_owned()
    }
}

/// Says one address for every name, with a TTL of five seconds.
struct Nameserver(IpAddr);

impl Resolve for Nameserver {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Answer, SourceError>> {
        let answer = Answer { addresses: vec![self.0], canonical: None, ttl: Duration::from_secs(5) };
        Box::pin(async { Ok(answer) })
    }
}

fn host(watch: &Watch) -> Option<String> {
    watch.known().map(|known| known.writer.host)
}

async fn until_known(watch: &Watch, expected: &str) -> Duration {
    let started = Instant::now();
    while host(watch).as_deref() != Some(expected) {
        sleep(Duration::from_millis(10)).await;
    }
    started.elapsed()
}

#[tokio::test(start_paused = true)]
async fn the_last_word_outlives_outages_and_says_how_old_it_is() {
    let script = [Some("seoul.example"), None, None, Some("not a host"), Some("osaka.example")];
    let watch = Watch::of(Script::of(&script));
    until_known(&watch, "seoul.example").await;
    assert!(watch.known().unwrap().age() < Duration::from_millis(20) && watch.failure().is_none());
    sleep(Duration::from_secs(11)).await;
    let known = watch.known().unwrap();
    assert_eq!(known.writer.host, "seoul.example");
    assert!(known.age() >= Duration::from_secs(11), "{:?}", known.age());
    assert_eq!((watch.failure().unwrap().to_string().as_str(), watch.reads()), ("out of order", (1, 2)));
    sleep(Duration::from_secs(5)).await;
    assert_eq!(watch.failure().unwrap().to_string(), "\"not a host\" is not a host name");
    until_known(&watch, "osaka.example").await;
    assert!(watch.failure().is_none() && watch.reads() == (2, 3));
}

#[tokio::test(start_paused = true)]
async fn doubt_brings_the_next_read_forward_but_never_too_close() {
    let watch = Watch::of(Script::of(&[Some("seoul.example"), Some("osaka.example")]));
    until_known(&watch, "seoul.example").await;
    watch.doubt();
    assert!(until_known(&watch, "osaka.example").await <= Duration::from_secs(1));
    for _ in 0..50 {
        watch.doubt();
        sleep(Duration::from_millis(20)).await;
    }
    assert!(watch.reads().0 <= 6, "reads are rate limited: {:?}", watch.reads());
}

#[tokio::test(start_paused = true)]
async fn an_address_has_its_own_pace_and_a_new_name_is_resolved_at_once() {
    let script = Script::of(&[Some("seoul.example")]);
    let names = Watch::of(script.clone());
    let watch = names.resolved(Nameserver(IpAddr::from([10, 0, 0, 1])));
    until_known(&watch, "seoul.example").await;
    assert_eq!(watch.known().unwrap().writer.addresses, [IpAddr::from([10, 0, 0, 1])]);
    // The name's source is silent; the address is asked for all the same.
    *script.0.lock().unwrap() = [None].into();
    let (before, _) = watch.reads();
    sleep(Duration::from_secs(21)).await;
    assert!(names.known().unwrap().age() > Duration::from_secs(20));
    assert!(watch.known().unwrap().age() < Duration::from_secs(6));
    assert!(watch.reads().0 >= before + 4);
    *script.0.lock().unwrap() = [Some("osaka.example")].into();
    until_known(&names, "osaka.example").await;
    assert!(until_known(&watch, "osaka.example").await < Duration::from_millis(50));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_never_answers_is_an_outage() {
    struct Silent;
    impl WriterSource for Silent {
        fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>> {
            Box::pin(std::future::pending())
        }
        fn describe(&self) -> String {
            "silence".to_owned()
        }
    }
    let watch = Watch::of(Silent);
    assert_eq!(watch.fresh().await.unwrap_err().to_string(), "no answer in time");
    let watch = watch.resolved(Nameserver(IpAddr::from([10, 0, 0, 1])));
    assert_eq!(watch.fresh().await.unwrap_err().to_string(), "no answer in time");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_a_watch_that_nobody_has_any_more() {
    let metrics = tokio::runtime::Handle::current().metrics();
    let names = Watch::of(Script::of(&[Some("seoul.example")]));
    let watch = names.resolved(Nameserver(IpAddr::from([10, 0, 0, 1])));
    until_known(&watch, "seoul.example").await;
    assert_eq!(metrics.num_alive_tasks(), 2);
    drop((names, watch));
    sleep(Duration::from_millis(10)).await;
    sleep(Duration::from_millis(10)).await;
    assert_eq!(metrics.num_alive_tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_word_is_waited_for_and_a_silent_source_says_none() {
    let watch = Watch::of(Script::of(&[Some("a.example"), None, Some("b.example")]));
    assert_eq!(watch.wait_for(|_| true).await.writer.host, "a.example");
    watch.doubt();
    let known = watch.wait_for(|known| known.writer.host != "a.example").await;
    assert_eq!(known.writer.host, "b.example");
    assert!(known.is_fresh(Duration::ZERO) && watch.reads() == (2, 1), "{:?}", watch.reads());
}
