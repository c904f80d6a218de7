//! Errors in the shape of each AWS protocol.

use bytes::Bytes;
use hyper::{HeaderMap, Response, StatusCode, header};

use super::body::{Body, full};

/// The namespace of Route 53's documents.
const ROUTE53: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// An error as the service's own protocol would say it: JSON for those that name the operation in a
/// header and for Lambda, XML for RDS, Route 53 and the other query services.
pub(super) fn answer(service: &str, headers: &HeaderMap, status: u16, code: &str) -> Response<Body> {
    let json = headers.contains_key("x-amz-target") || service == "lambda";
    let message = format!("The drill lets this fail with {code}.");
    let (kind, body) = if json {
        let body = serde_json::json!({ "__type": code, "message": message }).to_string();
        ("application/x-amz-json-1.1", body)
    } else {
        let namespace = if service == "route53" { ROUTE53 } else { "" };
        ("text/xml", xml(namespace, status, code, &message))
    };
    let mut response = Response::new(full(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    if let Ok(code) = header::HeaderValue::from_str(code) {
        headers.insert("x-amzn-errortype", code);
    }
    response
}

/// An `ErrorResponse` document of the XML protocols.
pub(crate) fn xml(namespace: &str, status: u16, code: &str, message: &str) -> String {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let namespace = if namespace.is_empty() { String::new() } else { format!(" xmlns=\"{namespace}\"") };
    let (code, message) = (quick_xml::escape::escape(code), quick_xml::escape::escape(message));
    format!(
        "<ErrorResponse{namespace}><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>drill</RequestId></ErrorResponse>"
    )
}
