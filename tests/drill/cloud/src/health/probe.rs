//! One check of one endpoint: a connection, a request, a status code, each in its time.
//!
//! Of HTTP and HTTPS health checks the documentation says that Route 53 "must be able to establish a TCP connection with
//! the endpoint within four seconds. In addition, the endpoint must respond with an HTTP status code of 2xx or 3xx within
//! two seconds after connecting."

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::Empty;
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use crate::health::config::CheckConfig;

/// How long the connection may take.
const CONNECT: Duration = Duration::from_secs(4);
/// How long the status code may take, once connected.
const RESPOND: Duration = Duration::from_secs(2);

/// Asks the endpoint at `address` once. What was wrong, in a few words.
pub(super) async fn probe(check: &CheckConfig, location: &str, address: SocketAddr) -> Result<(), String> {
    let connected = timeout(CONNECT, TcpStream::connect(address)).await;
    let stream = connected
        .map_err(|_| format!("no connection within {} s", CONNECT.as_secs()))?
        .map_err(|error| format!("no connection: {error}"))?;
    let answered = timeout(RESPOND, ask(check, location, stream)).await;
    let status = answered.map_err(|_| format!("no answer within {} s", RESPOND.as_secs()))??;
    if status.is_success() || status.is_redirection() {
        Ok(())
    } else {
        Err(format!("HTTP {}", status.as_u16()))
    }
}

async fn ask(check: &CheckConfig, location: &str, stream: TcpStream) -> Result<hyper::StatusCode, String> {
    let failed = |error: hyper::Error| format!("no answer: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // The connection is driven beside the request, and ends with it.
    let driven = tokio_util::task::AbortOnDropHandle::new(tokio::spawn(connection));
    let request = Request::get(&check.path)
        .header(header::HOST, &check.host)
        .header(header::USER_AGENT, format!("Amazon-Route53-Health-Check-Service (drill; {location})"))
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| format!("no request: {error}"))?;
    let status = sender.send_request(request).await.map_err(failed)?.status();
    drop(driven);
    Ok(status)
}
