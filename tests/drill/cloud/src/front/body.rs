//! Bodies of the front's answers.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::Incoming;

/// Either made here or streamed through from the emulator.
pub(super) type Body = BoxBody<Bytes, hyper::Error>;

pub(super) fn full(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

pub(super) fn streamed(body: Incoming) -> Body {
    body.boxed()
}
