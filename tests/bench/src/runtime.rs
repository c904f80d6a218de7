//! A Lambda Runtime API of our own: hands out events one at a time, and notes when it was asked and answered.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use drill_emulator::http::{self, Body, HungUp, full};
use drill_emulator::lock::lock;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::error::BenchError;

/// What a function did with an event.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// When the event was handed over.
    pub(crate) handed: Instant,
    /// When the answer was posted.
    pub(crate) answered: Instant,
    /// Whether it is an answer and not an error.
    pub(crate) is_ok: bool,
    /// What was posted.
    pub(crate) body: String,
}

struct Event {
    body: String,
    time_limit: Duration,
    answer: oneshot::Sender<Answer>,
}

struct Pending {
    handed: Instant,
    answer: oneshot::Sender<Answer>,
}

struct Shared {
    asked_first: Mutex<Option<oneshot::Sender<Instant>>>,
    events: AsyncMutex<mpsc::Receiver<Event>>,
    pending: Mutex<Option<Pending>>,
}

/// The Runtime API of one process.
pub(crate) struct Runtime {
    address: SocketAddr,
    asked_first: Option<oneshot::Receiver<Instant>>,
    events: mpsc::Sender<Event>,
    server: JoinHandle<()>,
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Runtime {
    pub(crate) async fn start() -> Result<Self, BenchError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(BenchError::io("listen on a loopback port"))?;
        let address = listener.local_addr().map_err(BenchError::io("read the port"))?;
        let (tell_first, asked_first) = oneshot::channel();
        let (events, taken) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            asked_first: Mutex::new(Some(tell_first)),
            events: AsyncMutex::new(taken),
            pending: Mutex::new(None),
        });
        Ok(Self {
            address,
            asked_first: Some(asked_first),
            events,
            server: tokio::spawn(http::serve(listener, shared, serve)),
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// When the process asked for its first event; `None` when it never did.
    pub(crate) async fn first_asked(&mut self) -> Option<Instant> {
        self.asked_first.take()?.await.ok()
    }

    /// Hands an event over as soon as the process asks for one. `None` when the server ended.
    pub(crate) async fn invoke(&self, body: String, time_limit: Duration) -> Option<Answer> {
        let (answer, answered) = oneshot::channel();
        self.events.send(Event { body, time_limit, answer }).await.ok()?;
        answered.await.ok()
    }
}

async fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, HungUp> {
    if request.method() == Method::GET {
        let now = Instant::now();
        let first = lock(&shared.asked_first).take();
        // Whoever measures may not care.
        let _ = first.map(|first| first.send(now));
        let event = shared.events.lock().await.recv().await.ok_or(HungUp)?;
        return next(&shared, event);
    }
    let is_ok = request.uri().path().ends_with("/response");
    let body = request.into_body().collect().await.map_err(|_| HungUp)?.to_bytes();
    let answered = Instant::now();
    if let Some(pending) = lock(&shared.pending).take() {
        let body = String::from_utf8_lossy(&body).into_owned();
        let _ = pending.answer.send(Answer { handed: pending.handed, answered, is_ok, body });
    }
    Response::builder().status(202).body(full("")).map_err(|_| HungUp)
}

fn next(shared: &Shared, event: Event) -> Result<Response<Body>, HungUp> {
    let deadline = (SystemTime::now() + event.time_limit).duration_since(UNIX_EPOCH).unwrap_or_default();
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:ap-northeast-3:123456789012:function:bench",
        )
        .header(
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        )
        .body(full(event.body))
        .map_err(|_| HungUp)?;
    let pending = Pending { handed: Instant::now(), answer: event.answer };
    *lock(&shared.pending) = Some(pending);
    Ok(response)
}
