//! One request after the other: identify, let the fault and the quota have their way, answer, write it down.

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
};
use tokio::time::sleep;

use crate::{
    front::{
        fault::{Fault, Faults},
        journal::{Asked, Journal, Outcome},
        mute::MuteRules,
        pace::Pace,
        quota::Quotas,
        upstream::Upstream,
    },
    http::{Accepted, Body, HungUp, full, streamed},
    wire::{
        call::{self, Call},
        change::Change,
        reply::Reply,
        service::{self, Service},
    },
};

/// The services whose bodies are read, because the operation, what it is about or the published value is in there.
const READ_BODIES: [&str; 7] = ["rds", "route53", "sns", "ssm", "monitoring", "iam", "dynamodb"];

/// More than any request of these services holds.
const BODY_LIMIT: usize = 1 << 20;

/// What every connection shares.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) service: Arc<dyn Service>,
    pub(super) faults: Faults,
    pub(super) quotas: Quotas,
    pub(super) pace: Pace,
    pub(super) journal: Journal,
    pub(super) mute_rules: MuteRules,
    pub(super) upstream: Option<Upstream>,
}

/// A request that was read, and what it came with.
struct Read {
    parts: Parts,
    /// The body, where it is looked at.
    bytes: Bytes,
    /// The same, or what streams through.
    body: Body,
}

pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, HungUp> {
    let received = Instant::now();
    let (parts, body) = request.into_parts();
    let accepted = parts.extensions.get::<Accepted>().map_or(received, |it| it.0);
    let reads = call::service(&parts.headers).is_some_and(|service| READ_BODIES.contains(&service.as_str()));
    let (bytes, body) = if reads {
        let bytes = read(body).await?;
        (Some(bytes.clone()), full(bytes))
    } else {
        (None, streamed(body))
    };
    let call = Call::read(&parts, bytes.as_deref());
    let received = shared.pace.comes_in(&call, received, accepted);
    let change = bytes.as_deref().and_then(|it| Change::read(&call, it));
    let asked = Asked { call, received, change };
    decide(shared, asked, Read { parts, bytes: bytes.unwrap_or_default(), body }).await
}

async fn read(body: Incoming) -> Result<Bytes, HungUp> {
    let collected = Limited::new(body, BODY_LIMIT).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|_| HungUp)
}

async fn decide(shared: Arc<Shared>, asked: Asked, read: Read) -> Result<Response<Body>, HungUp> {
    let passing = match shared.faults.take(&asked.call) {
        Some((id, Fault::BlackHole)) => {
            shared.journal.record(asked, Outcome::BlackHoled, None);
            shared.faults.healed(id).await;
            return Err(HungUp);
        }
        Some((_, Fault::Refuse)) => {
            shared.journal.record(asked, Outcome::Refused, None);
            return Err(HungUp);
        }
        Some((_, Fault::Fail { status, code })) => {
            let message = format!("The drill lets this fail with {code}.");
            let error = Reply::error(&asked.call.service, &read.parts.headers, status, &code, &message);
            return Ok(refuse(&shared, asked, Outcome::Failed, error).await);
        }
        Some((_, Fault::Delay(pause))) => Passing { pause, heard: true },
        Some((_, Fault::LostAnswer)) => Passing { pause: Duration::ZERO, heard: false },
        None => Passing { pause: Duration::ZERO, heard: true },
    };
    if let Some(code) = shared.quotas.refuse(&asked.call) {
        let error = Reply::error(&asked.call.service, &read.parts.headers, 400, code, "Rate exceeded");
        return Ok(refuse(&shared, asked, Outcome::Throttled, error).await);
    }
    pass(shared, asked, read, passing).await
}

/// Answers with an error of the front's own.
async fn refuse(shared: &Shared, asked: Asked, outcome: Outcome, error: Reply) -> Response<Body> {
    shared.pace.hold(&asked.call, asked.received).await;
    shared.journal.record(asked, outcome, Some(error.status));
    respond(error)
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
    read: Read,
    passing: Passing,
) -> Result<Response<Body>, HungUp> {
    let served = Arc::clone(&shared);
    let task = tokio::spawn(async move {
        if !passing.pause.is_zero() {
            sleep(passing.pause).await;
        }
        let answer = perform(&served, &asked, read).await;
        served.pace.hold(&asked.call, asked.received + passing.pause).await;
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

async fn perform(shared: &Shared, asked: &Asked, read: Read) -> Option<Response<Body>> {
    let call = &asked.call;
    let query = read.parts.uri.query().unwrap_or_default();
    let request = service::Request { call, query, body: &read.bytes, change: asked.change.as_ref() };
    if let Some(reply) = shared.service.answer(&request) {
        return Some(respond(reply));
    }
    if let Some(answer) = shared.mute_rules.answer(call) {
        return Some(answer);
    }
    let passed = shared.upstream.as_ref()?.pass(Request::from_parts(read.parts, read.body)).await;
    passed
        .inspect_err(
            |error| tracing::warn!(%error, operation = call.operation, "the emulator did not answer"),
        )
        .ok()
}

fn respond(reply: Reply) -> Response<Body> {
    let mut response = Response::new(full(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.kind));
    if let Some(Ok(code)) = reply.error.as_deref().map(HeaderValue::from_str) {
        headers.insert("x-amzn-errortype", code);
    }
    response
}
