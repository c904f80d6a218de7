//! HTTP servers on loopback: one connection after the other, until the accepting task ends.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    header,
    rt::{Read, Write},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// Either made here or streamed through from the emulator.
pub type Body = BoxBody<Bytes, hyper::Error>;

/// A body that is made here.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// A body that goes on as it comes.
pub(crate) fn streamed(body: Incoming) -> Body {
    body.boxed()
}

/// An answer whose connection ends in the middle of its body.
pub(crate) fn broken_off(answer: Response<Body>, whole: &Bytes) -> Response<Body> {
    let (length, half) = (whole.len(), whole.slice(..whole.len() / 2));
    let mut answer = answer.map(|_| BodyExt::boxed(Half { half: Some(half), sent: false }));
    answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    answer
}

/// Half of a body. hyper closes the connection when the rest does not come.
struct Half {
    half: Option<Bytes>,
    sent: bool,
}

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.sent {
            // In this pause hyper sends what it has.
            self.sent = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(None)
    }
}

/// The connection ends without an answer: hyper closes it when a service fails.
#[derive(Debug, thiserror::Error)]
#[error("this connection ends here")]
pub struct HungUp;

/// When the connection of a request was accepted: among the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accepted(pub(crate) Instant);

/// Serves every connection with `answer`. The set ends all of them together with the accepting task.
pub async fn serve<S, F>(listener: TcpListener, state: Arc<S>, answer: fn(Arc<S>, Request<Incoming>) -> F)
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<Response<Body>, HungUp>> + Send + 'static,
{
    serve_by(listener, None, state, answer).await;
}

/// The same, by TLS where there is an acceptor.
pub(crate) async fn serve_by<S, F>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    state: Arc<S>,
    answer: fn(Arc<S>, Request<Incoming>) -> F,
) where
    S: Send + Sync + 'static,
    F: Future<Output = Result<Response<Body>, HungUp>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let state = Arc::clone(&state);
                let answer = move |request| answer(Arc::clone(&state), request);
                connections.spawn(connection(stream, tls.clone(), answer));
            }
            Err(error) => tracing::warn!(%error, "could not accept a connection"),
        }
    }
}

async fn connection<F>(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    answer: impl Fn(Request<Incoming>) -> F + Send,
) where
    F: Future<Output = Result<Response<Body>, HungUp>> + Send,
{
    let accepted = Accepted(Instant::now());
    // Without it an answer may wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let answer = |mut request: Request<Incoming>| {
        request.extensions_mut().insert(accepted);
        answer(request)
    };
    match tls {
        None => served(TokioIo::new(stream), answer).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => served(TokioIo::new(stream), answer).await,
            Err(error) => tracing::debug!(%error, "no TLS"),
        },
    }
}

async fn served<I, F>(stream: I, answer: impl Fn(Request<Incoming>) -> F)
where
    I: Read + Write + Unpin,
    F: Future<Output = Result<Response<Body>, HungUp>>,
{
    // A caller that gave up is no fault of the server.
    if let Err(error) = http1::Builder::new().serve_connection(stream, service_fn(answer)).await {
        tracing::trace!(%error, "a connection ended early");
    }
}
