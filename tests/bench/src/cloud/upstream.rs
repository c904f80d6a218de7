//! Passes a request on to the emulator.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::error::BenchError;

#[derive(Debug)]
pub(super) struct Upstream {
    address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Upstream {
    pub(super) fn new(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { address, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    pub(super) async fn pass(&self, parts: &Parts, body: Bytes) -> Result<Response<Full<Bytes>>, BenchError> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request =
            Request::builder().method(parts.method.clone()).uri(format!("http://{}{path}", self.address));
        for name in ["authorization", "content-type", "x-amz-target", "x-amz-date"] {
            if let Some(value) = parts.headers.get(name) {
                request = request.header(name, value.clone());
            }
        }
        let failed = |error: &dyn std::fmt::Display| BenchError::Emulator(error.to_string());
        let request = request.body(Full::new(body)).map_err(|error| failed(&error))?;
        let answer = self.client.request(request).await.map_err(|error| failed(&error))?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| failed(&error))?.to_bytes();
        let mut response = Response::builder().status(parts.status);
        if let Some(kind) = parts.headers.get("content-type") {
            response = response.header("content-type", kind.clone());
        }
        response.body(Full::new(body)).map_err(|error| failed(&error))
    }
}
