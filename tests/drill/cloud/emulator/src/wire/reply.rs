//! Answers, and errors among them, in the shape of each AWS protocol.

use hyper::HeaderMap;

/// The namespace of Route 53's documents.
pub const ROUTE53: &str = "https://route53.amazonaws.com/doc/2013-04-01/";
const XML: &str = "text/xml";
const JSON: &str = "application/x-amz-json-1.1";

/// What a service answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The content type.
    pub kind: &'static str,
    /// AWS's error code, for the header that repeats it.
    pub error: Option<String>,
    /// The document.
    pub body: String,
}

impl Reply {
    /// A document of the XML protocols.
    pub const fn xml(body: String) -> Self {
        Self { status: 200, kind: XML, error: None, body }
    }

    /// A document of the JSON protocols.
    pub fn json(body: &serde_json::Value) -> Self {
        Self { status: 200, kind: JSON, error: None, body: body.to_string() }
    }

    /// An `ErrorResponse` document of the XML protocols.
    pub fn xml_error(namespace: &str, status: u16, code: &str, message: &str) -> Self {
        let kind = if status < 500 { "Sender" } else { "Receiver" };
        let namespace = if namespace.is_empty() { String::new() } else { format!(" xmlns=\"{namespace}\"") };
        let (escaped, message) = (quick_xml::escape::escape(code), quick_xml::escape::escape(message));
        let body = format!(
            "<ErrorResponse{namespace}><Error><Type>{kind}</Type><Code>{escaped}</Code><Message>{message}</Message></Error>\
             <RequestId>drill</RequestId></ErrorResponse>"
        );
        Self { status, kind: XML, error: Some(code.to_owned()), body }
    }

    /// An error of the JSON protocols.
    pub fn json_error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "__type": code, "message": message }).to_string();
        Self { status, kind: JSON, error: Some(code.to_owned()), body }
    }

    /// An error as the service's own protocol would say it: JSON for those that name the operation in a
    /// header and for Lambda, XML for RDS, Route 53 and the other query services.
    pub(crate) fn error(service: &str, headers: &HeaderMap, status: u16, code: &str, message: &str) -> Self {
        if headers.contains_key("x-amz-target") || service == "lambda" {
            return Self::json_error(status, code, message);
        }
        let namespace = if service == "route53" { ROUTE53 } else { "" };
        Self::xml_error(namespace, status, code, message)
    }
}
