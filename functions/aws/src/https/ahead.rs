//! Connections, some of which are opened before there is a call for them.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tower_service::Service;

use crate::lock::lock;

pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
pub(super) type BoxError = Box<dyn Error + Send + Sync>;
type Opening = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

/// For how long a connection that nobody has used yet is taken for a good one. Services close those that stay idle.
const FRESH: Duration = Duration::from_secs(20);

/// Opens connections. What was opened ahead is handed out first.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    https: HttpsConnector<HttpConnector>,
    connect: Duration,
    ahead: Arc<Mutex<Vec<Ahead>>>,
}

/// A connection that is being opened, or is open.
#[derive(Debug)]
struct Ahead {
    to: Uri,
    since: Instant,
    opening: JoinHandle<Result<Stream, BoxError>>,
}

impl Connections {
    /// Each that is not there after `connect` is given up.
    pub(super) fn new(https: HttpsConnector<HttpConnector>, connect: Duration) -> Self {
        Self { https, connect, ahead: Arc::default() }
    }

    /// Opens so many to where `url` points; those of before that nobody has used are closed.
    pub(super) fn open(&self, url: &Uri, count: usize) {
        let open = |_| Ahead {
            to: url.clone(),
            since: Instant::now(),
            opening: tokio::spawn(self.clone().anew(url.clone())),
        };
        let ahead: Vec<Ahead> = (0..count).map(open).collect();
        for old in std::mem::replace(&mut *lock(&self.ahead), ahead) {
            old.opening.abort();
        }
    }

    /// One that was opened ahead to the same place, and is fresh.
    fn take(&self, uri: &Uri) -> Option<JoinHandle<Result<Stream, BoxError>>> {
        let mut ahead = lock(&self.ahead);
        ahead.retain(|one| one.since.elapsed() < FRESH);
        let is_same = |one: &Ahead| (one.to.scheme(), one.to.authority()) == (uri.scheme(), uri.authority());
        let at = ahead.iter().position(is_same)?;
        Some(ahead.remove(at).opening)
    }

    async fn anew(mut self, uri: Uri) -> Result<Stream, BoxError> {
        let opened = timeout(self.connect, self.https.call(uri)).await;
        opened.map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no connection in time"))?
    }
}

impl Service<Uri> for Connections {
    type Response = Stream;
    type Error = BoxError;
    type Future = Opening;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Opening {
        let (ahead, connections) = (self.take(&uri), self.clone());
        Box::pin(async move {
            if let Some(opening) = ahead
                && let Ok(Ok(stream)) = opening.await
            {
                return Ok(stream);
            }
            connections.anew(uri).await
        })
    }
}
