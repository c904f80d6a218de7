//! HTTP servers on loopback: one connection after the other, until the accepting task ends.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

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

/// The connection ends without an answer: hyper closes it when a service fails.
#[derive(Debug, thiserror::Error)]
#[error("this connection ends here")]
pub struct HungUp;

/// Serves every connection with `answer`. The set ends all of them together with the accepting task.
pub async fn serve<S, F>(listener: TcpListener, state: Arc<S>, answer: fn(Arc<S>, Request<Incoming>) -> F)
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<Response<Body>, HungUp>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let state = Arc::clone(&state);
                connections.spawn(connection(stream, move |request| answer(Arc::clone(&state), request)));
            }
            Err(error) => tracing::warn!(%error, "could not accept a connection"),
        }
    }
}

async fn connection<F>(stream: TcpStream, answer: impl Fn(Request<Incoming>) -> F + Send)
where
    F: Future<Output = Result<Response<Body>, HungUp>> + Send,
{
    // Without it an answer may wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    // A caller that gave up is no fault of the server.
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
    if let Err(error) = served {
        tracing::trace!(%error, "a connection ended early");
    }
}
