//! Passes requests on to the emulator.

use std::{net::SocketAddr, time::Duration};

use hyper::{Request, Response, Uri, header, http::uri::PathAndQuery};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use crate::http::{Body, streamed};

/// The emulator closes a connection that nothing came over for 75 s. Given up before that, none is closed at the very
/// moment at which a request goes out, whose sender would not know whether it was performed.
const IDLE: Duration = Duration::from_secs(30);

/// A pool of kept-alive connections to the emulator.
#[derive(Debug, Clone)]
pub struct Upstream {
    address: SocketAddr,
    client: Client<HttpConnector, Body>,
}

impl Upstream {
    /// Connects to the emulator at that address when it is first asked.
    pub fn new(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Self { address, client }
    }

    /// The request goes on with its headers as they are, the signed `Host` among them; only the
    /// address to connect to and what is between two neighbors (the connection's own headers) changes.
    pub async fn pass(&self, mut request: Request<Body>) -> Result<Response<Body>, Error> {
        *request.uri_mut() = self.target(request.uri());
        for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::EXPECT] {
            request.headers_mut().remove(name);
        }
        let mut response = self.client.request(request).await?.map(streamed);
        for name in [header::CONNECTION, header::TRANSFER_ENCODING] {
            response.headers_mut().remove(name);
        }
        Ok(response)
    }

    fn target(&self, asked: &Uri) -> Uri {
        let path = asked.path_and_query().map_or("/", PathAndQuery::as_str);
        format!("http://{}{path}", self.address).parse().unwrap_or_else(|_| asked.clone())
    }
}
