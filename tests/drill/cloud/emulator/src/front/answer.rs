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
        cbor,
        fault::{Fault, FaultId, Faults},
        journal::{Asked, Journal, Outcome},
        mute::MuteRules,
        pace::Pace,
        past::{Kept, Past, Question},
        probes::Probes,
        quota::Quotas,
        upstream::Upstream,
    },
    http::{Accepted, Body, HungUp, broken_off, full, streamed},
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
    pub(super) probes: Probes,
    pub(super) past: Past,
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
    let passing = match shared.faults.take(&asked.call, &read.bytes) {
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
            let error = error(&asked.call, &read.parts, status, &code);
            return Ok(refuse(&shared, asked, Outcome::Failed, error).await);
        }
        Some((_, Fault::Delay(pause))) => Passing { pause, back: Back::Whole },
        Some((_, Fault::LostAnswer)) => Passing { pause: Duration::ZERO, back: Back::Nothing },
        Some((_, Fault::CutOff)) => Passing { pause: Duration::ZERO, back: Back::Half },
        Some((id, Fault::Stale)) => Passing { pause: Duration::ZERO, back: Back::Old(id) },
        None => Passing { pause: Duration::ZERO, back: Back::Whole },
    };
    if let Some(code) = shared.quotas.refuse(&asked.call) {
        let error =
            respond(Reply::error(&asked.call.service, &read.parts.headers, 400, code, "Rate exceeded"));
        return Ok(refuse(&shared, asked, Outcome::Throttled, error).await);
    }
    pass(shared, asked, read, passing).await
}

/// An error as a fault answers it, in the protocol of the request.
fn error(call: &Call, parts: &Parts, status: u16, code: &str) -> Response<Body> {
    let message = format!("The drill lets this fail with {code}.");
    if cbor::is_asked(&parts.headers) {
        return cbor::error(status, code, &message);
    }
    respond(Reply::error(&call.service, &parts.headers, status, code, &message))
}

/// Answers with an error of the front's own.
async fn refuse(shared: &Shared, asked: Asked, outcome: Outcome, error: Response<Body>) -> Response<Body> {
    shared.pace.hold(&asked.call, asked.received).await;
    shared.journal.record(asked, outcome, Some(error.status().as_u16()));
    error
}

/// How a request goes on that a service will see.
#[derive(Debug, Clone, Copy)]
struct Passing {
    /// Waited before the service sees it.
    pause: Duration,
    back: Back,
}

/// What of the answer comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    Whole,
    Half,
    Nothing,
    /// The answer of then, by that fault.
    Old(FaultId),
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
        let body = read.bytes.clone();
        let answer = perform(&served, &asked, read, passing.back).await;
        served.pace.hold(&asked.call, asked.received + passing.pause).await;
        let status = answer.as_ref().map(|it| it.status().as_u16());
        // A Region that was cut off meanwhile has done its work, but nobody hears of it.
        let hole = served.faults.black_hole(&asked.call, &body);
        let outcome = match answer {
            None => Outcome::Unavailable,
            Some(_) if hole.is_some() || matches!(passing.back, Back::Nothing | Back::Half) => {
                Outcome::AnswerLost
            }
            Some(_) => Outcome::Answered,
        };
        served.journal.record(asked, outcome, status);
        (answer.filter(|_| passing.back != Back::Nothing), hole)
    });
    let (answer, hole) = task.await.map_err(|_| HungUp)?;
    if let Some(id) = hole {
        shared.faults.healed(id).await;
        return Err(HungUp);
    }
    answer.ok_or(HungUp)
}

/// What the service answers, or what of it comes back.
async fn perform(shared: &Shared, asked: &Asked, read: Read, back: Back) -> Option<Response<Body>> {
    let path = read.parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let question = Question::new(&asked.call, path, &read.bytes);
    let answer = ask(shared, asked, read).await?;
    let whole = matches!(back, Back::Whole | Back::Nothing);
    if whole && (asked.call.write || !shared.past.remembers()) {
        return Some(answer);
    }
    let (parts, body) = answer.into_parts();
    let bytes = body.collect().await.ok()?.to_bytes();
    let answer = Kept::new(&Response::from_parts(parts, full(bytes.clone())), bytes);
    shared.past.keep(&question, &answer);
    let given = match back {
        Back::Half => return Some(broken_off(answer.response(), &answer.body)),
        Back::Old(id) => {
            shared.past.other_than(&question, &answer).filter(|_| shared.faults.meet(id)).unwrap_or(answer)
        }
        Back::Whole | Back::Nothing => answer,
    };
    Some(given.response())
}

async fn ask(shared: &Shared, asked: &Asked, read: Read) -> Option<Response<Body>> {
    let call = &asked.call;
    let query = read.parts.uri.query().unwrap_or_default();
    let request = service::Request { call, query, body: &read.bytes, change: asked.change.as_ref() };
    if let Some(reply) = shared.service.answer(&request).or_else(|| shared.probes.answer(call)) {
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
