//! The pool of connections, as the SDK asks for it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{self, CaptureConnection, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

use super::ahead::Connections;

/// A pool of connections. Clones are handles of the same one.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    client: Client<Connections, SdkBody>,
    connections: Connections,
}

impl Pool {
    /// Keeps at most so many idle connections to each host; as many as come where it is `None`.
    pub(super) fn new(connect: Duration, roots: RootCertStore, idle_max: Option<usize>) -> Self {
        let mut tcp = connect::HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls(roots)).https_or_http().enable_http1();
        let connections = Connections::new(https.wrap_connector(tcp), connect);
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new());
        if let Some(most) = idle_max {
            builder.pool_max_idle_per_host(most);
        }
        Self { client: builder.build(connections.clone()), connections }
    }

    pub(super) const fn ahead(&self) -> &Connections {
        &self.connections
    }
}

/// TLS 1.2 and 1.3. The provider has both, so this cannot fail.
fn tls(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match versions {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        Err(_) => ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
    }
}

impl HttpConnector for Pool {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let captured = capture_connection(&mut request);
        if let Some(wanted) = request.extensions().get::<CaptureSmithyConnection>() {
            wanted.set_connection_retriever(move || metadata(&captured));
        }
        let answer = self.client.request(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(|error| failure(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// A connection on which a call failed is not used again: the SDK poisons it.
fn metadata(captured: &CaptureConnection) -> Option<ConnectionMetadata> {
    captured.connection_metadata().as_ref()?;
    let captured = captured.clone();
    let poison = move || {
        if let Some(connected) = captured.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

/// What is wrong with the request itself is the caller's; everything else is the way there and back.
fn failure(error: Box<dyn Error + Send + Sync>) -> ConnectorError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.as_ref());
    while let Some(one) = cause {
        if one.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_user) {
            return ConnectorError::user(error);
        }
        cause = one.source();
    }
    ConnectorError::io(error)
}
