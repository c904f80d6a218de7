//! The little of CBOR that CloudWatch's answers need: maps and lists without a length, each ended by a break.

use bytes::Bytes;
use hyper::{HeaderMap, Response, StatusCode, header};

use crate::http::{Body, full};

const MAP: &[u8] = &[0xbf];
const LIST: &[u8] = &[0x9f];
const END: &[u8] = &[0xff];

/// Whether a request is of CloudWatch's own protocol.
pub(super) fn is_asked(headers: &HeaderMap) -> bool {
    headers.contains_key("smithy-protocol")
}

/// A text with its length in two bytes.
pub(super) fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[0x79][..], &length, text.as_bytes()].concat()
}

/// A map of these names and values.
pub(super) fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<Vec<u8>> =
        entries.iter().map(|(name, value)| [&text(name)[..], value].concat()).collect();
    [MAP, &entries.concat(), END].concat()
}

/// A list of these values.
pub(super) fn list(values: &[Vec<u8>]) -> Vec<u8> {
    [LIST, &values.concat(), END].concat()
}

/// An answer.
pub(super) fn response(status: u16, document: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(full(Bytes::from(document)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/cbor"));
    headers.insert("smithy-protocol", header::HeaderValue::from_static("rpc-v2-cbor"));
    response
}

/// An error.
pub(super) fn error(status: u16, code: &str, message: &str) -> Response<Body> {
    response(status, map(&[("__type", text(code)), ("message", text(message))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_rfc_8949_says() {
        let document = map(&[("a", list(&[text("b")])), ("c", list(&[]))]);
        assert_eq!(document, b"\xbf\x79\x00\x01a\x9f\x79\x00\x01b\xff\x79\x00\x01c\x9f\xff\xff");
    }
}
