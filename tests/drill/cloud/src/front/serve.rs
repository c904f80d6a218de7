//! Serves one connection after the other: identify, let the fault have its way, answer, write it down.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue},
    http::request::Parts,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};

use super::{
    body::{Body, full, streamed},
    call::{self, Call},
    change::Change,
    errors,
    fault::{Fault, Faults},
    journal::{Asked, Journal, Outcome},
    mute::MuteRules,
    upstream::Upstream,
};
use crate::aurora::Aurora;

/// The services whose bodies are read, because the operation or the published value is in there.
const READ_BODIES: [&str; 6] = ["rds", "route53", "sns", "ssm", "monitoring", "iam"];

/// More than any request of these services holds.
const BODY_LIMIT: usize = 1 << 20;

/// What every connection shares.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) aurora: Aurora,
    pub(super) faults: Faults,
    pub(super) journal: Journal,
    pub(super) mute_rules: MuteRules,
    pub(super) upstream: Upstream,
}

/// The connection ends without an answer: hyper closes it when a service fails.
#[derive(Debug, thiserror::Error)]
#[error("the drill closes this connection")]
struct HungUp;

/// The set ends every connection together with the accepting task.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
            Err(error) => tracing::warn!(%error, "the front could not accept a connection"),
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    if let Err(error) = served {
        tracing::trace!(%error, "a connection to the front ended early");
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, HungUp> {
    let received = Instant::now();
    let (parts, body) = request.into_parts();
    let reads = call::service(&parts.headers).is_some_and(|service| READ_BODIES.contains(&service.as_str()));
    let (bytes, body) = if reads {
        let bytes = read(body).await?;
        (Some(bytes.clone()), full(bytes))
    } else {
        (None, streamed(body))
    };
    let call = Call::read(&parts, bytes.as_deref());
    let change = bytes.as_deref().and_then(|it| Change::read(&call, it));
    let asked = Asked { call, received, change };
    decide(shared, asked, parts, bytes.unwrap_or_default(), body).await
}

async fn read(body: Incoming) -> Result<Bytes, HungUp> {
    let collected = Limited::new(body, BODY_LIMIT).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|_| HungUp)
}

async fn decide(
    shared: Arc<Shared>,
    asked: Asked,
    parts: Parts,
    bytes: Bytes,
    body: Body,
) -> Result<Response<Body>, HungUp> {
    let fault = shared.faults.take(&asked.call).map(|(id, fault)| (fault, id));
    let passing = match fault {
        Some((Fault::BlackHole, id)) => {
            shared.journal.record(asked, Outcome::BlackHoled, None);
            shared.faults.healed(id).await;
            return Err(HungUp);
        }
        Some((Fault::Refuse, _)) => {
            shared.journal.record(asked, Outcome::Refused, None);
            return Err(HungUp);
        }
        Some((Fault::Fail { status, code }, _)) => {
            let answer = errors::answer(&asked.call.service, &parts.headers, status, &code);
            shared.journal.record(asked, Outcome::Failed, Some(status));
            return Ok(answer);
        }
        Some((Fault::Delay(pause), _)) => Passing { pause, heard: true },
        Some((Fault::LostAnswer, _)) => Passing { pause: Duration::ZERO, heard: false },
        None => Passing { pause: Duration::ZERO, heard: true },
    };
    pass(shared, asked, parts, bytes, body, passing).await
}

/// How a request goes on that a service will see.
#[derive(Debug, Clone, Copy)]
struct Passing {
    /// Waited before the service sees it.
    pause: Duration,
    /// Whether the answer comes back.
    heard: bool,
}

/// On a task of its own: a client that gives up in the middle must not take back a change that the
/// service has already begun, nor hide it from the journal.
async fn pass(
    shared: Arc<Shared>,
    asked: Asked,
    parts: Parts,
    bytes: Bytes,
    body: Body,
    passing: Passing,
) -> Result<Response<Body>, HungUp> {
    let served = Arc::clone(&shared);
    let task = tokio::spawn(async move {
        sleep(passing.pause).await;
        let answer = perform(&served, &asked.call, parts, &bytes, body).await;
        let status = answer.as_ref().map(|it| it.status().as_u16());
        // A Region that was cut off meanwhile has done its work, but nobody hears of it.
        let hole = served.faults.black_hole(&asked.call);
        let outcome = match answer {
            None => Outcome::Unavailable,
            Some(_) if hole.is_some() || !passing.heard => Outcome::AnswerLost,
            Some(_) => Outcome::Answered,
        };
        served.journal.record(asked, outcome, status);
        (answer.filter(|_| passing.heard), hole)
    });
    let (answer, hole) = task.await.map_err(|_| HungUp)?;
    if let Some(id) = hole {
        shared.faults.healed(id).await;
        return Err(HungUp);
    }
    answer.ok_or(HungUp)
}

async fn perform(
    shared: &Shared,
    call: &Call,
    parts: Parts,
    bytes: &[u8],
    body: Body,
) -> Option<Response<Body>> {
    if let (Some(region), "rds") = (call.region, call.service.as_str())
        && let Some(reply) = shared.aurora.answer(region, bytes)
    {
        return Some(xml(reply.status, reply.body));
    }
    if let Some(answer) = shared.mute_rules.answer(call) {
        return Some(answer);
    }
    match shared.upstream.pass(Request::from_parts(parts, body)).await {
        Ok(response) => Some(response),
        Err(error) => {
            tracing::warn!(%error, operation = call.operation, "the emulator did not answer");
            None
        }
    }
}

fn xml(status: u16, body: String) -> Response<Body> {
    let mut response = Response::new(full(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}
