//! One request after the other: the weather, the quota, the answer, and what is counted of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use super::call::Call;
use super::{Reply, Shared, lock, rds, route53, ssm};

/// Which calls something befalls; what is not named is any.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scope {
    /// The service's signing name.
    pub(crate) service: Option<&'static str>,
    /// The Region that is called.
    pub(crate) region: Option<&'static str>,
}

impl Scope {
    fn meets(&self, call: &Call) -> bool {
        self.service.is_none_or(|it| call.service == it) && self.region.is_none_or(|it| call.region == it)
    }
}

/// What befalls calls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// The connection ends at once, without an answer.
    Refuse,
    /// Nothing is ever answered.
    BlackHole,
    /// It takes so much longer.
    Slow(Duration),
}

/// How calls fare.
#[derive(Debug, Default)]
pub(crate) struct Weather {
    pub(super) delay: Duration,
    pub(super) faults: Vec<(Scope, Fault)>,
}

/// The connection ends without an answer: hyper closes it when a service fails.
#[derive(Debug, thiserror::Error)]
#[error("this connection ends here")]
struct HungUp;

pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, Arc::clone(&shared)));
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Without it an answer may wait for the acknowledgement of the one before; then it is only slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
    // A caller that gave up is no fault of the server.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, HungUp> {
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| HungUp)?.to_bytes();
    let call = Call::read(&parts, &body);
    let (delay, fault) = {
        let weather = lock(&shared.weather);
        let fault =
            weather.faults.iter().rev().find(|(scope, _)| scope.meets(&call)).map(|(_, fault)| *fault);
        (weather.delay, fault)
    };
    let slow = match fault {
        Some(Fault::BlackHole) => {
            lock(&shared.ledger).count(&format!("{} (no answer)", call.name()), false);
            std::future::pending::<()>().await;
            return Err(HungUp);
        }
        Some(Fault::Refuse) => {
            lock(&shared.ledger).count(&format!("{} (refused)", call.name()), false);
            return Err(HungUp);
        }
        Some(Fault::Slow(slow)) => slow,
        None => Duration::ZERO,
    };
    let (answer, moved) = served(&shared, &call, &parts, &body).await?;
    travel_until(arrived + delay + slow).await;
    lock(&shared.ledger).accept(moved);
    Ok(answer)
}

/// The answer, and how many records it moves.
async fn served(
    shared: &Shared,
    call: &Call,
    parts: &Parts,
    body: &Bytes,
) -> Result<(Response<Full<Bytes>>, usize), HungUp> {
    let refused = lock(&shared.quotas).refuse(call);
    lock(&shared.ledger).count(&call.name(), refused.is_some());
    let answer = match (refused, &shared.upstream) {
        (Some(refused), _) => respond(refused)?,
        (None, Some(upstream)) if call.service != "rds" => {
            upstream.pass(parts, body.clone()).await.map_err(|_| HungUp)?
        }
        (None, _) => respond(in_memory(shared, call, parts, body))?,
    };
    let is_change = call.operation == "ChangeResourceRecordSets" && answer.status().is_success();
    let moved =
        if is_change { route53::accepted(&route53::changes(&String::from_utf8_lossy(body))) } else { 0 };
    Ok((answer, moved))
}

/// Holds an answer until a round trip is over. tokio's timers round up to a millisecond and one more, which would be a
/// thirtieth of it: a thread sleeps the last of it.
async fn travel_until(arrival: Instant) {
    const LAST: Duration = Duration::from_millis(2);
    let left = move || arrival.saturating_duration_since(Instant::now());
    if left() > LAST {
        sleep(left().saturating_sub(LAST)).await;
    }
    if !left().is_zero() {
        // It cannot panic, and when the server ends there is nobody who waits.
        let _ = spawn_blocking(move || std::thread::sleep(left())).await;
    }
}

fn in_memory(shared: &Shared, call: &Call, parts: &Parts, body: &[u8]) -> Reply {
    let mut world = lock(&shared.world);
    match call.service.as_str() {
        "rds" => rds::answer(&world, &call.region, &call.operation, body),
        "ssm" => ssm::answer(&mut world, &call.region, &call.operation, body),
        "dynamodb" => ssm::get_item(&world, body),
        "route53" if call.operation == "ListResourceRecordSets" => route53::list(&world, parts),
        "route53" => route53::change(&mut world, &route53::changes(&String::from_utf8_lossy(body))),
        service => Reply::json_error("UnknownService", service),
    }
}

fn respond(reply: Reply) -> Result<Response<Full<Bytes>>, HungUp> {
    Response::builder()
        .status(reply.status)
        .header("content-type", reply.kind)
        .body(Full::new(Bytes::from(reply.body)))
        .map_err(|_| HungUp)
}
