//! A service that answers from a function, and remembers what it was asked.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Method, host and path with its query.
    pub(crate) line: String,
    /// The operation of a JSON protocol, such as `AmazonSSM.GetParameters`.
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
    /// The Region and the service that it is signed for, such as `us-east-1/route53`.
    pub(crate) scope: String,
}

impl Request {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the operation of the query or JSON protocol is this one.
    pub(crate) fn is(&self, operation: &str) -> bool {
        let action = format!("Action={operation}&");
        self.text().starts_with(&action)
            || self.target.ends_with(&format!(".{operation}"))
            || self.line.contains(&format!("/operation/{operation}"))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Http(u16, Vec<u8>),
    /// With the Region that S3 says a bucket is in.
    Elsewhere(u16, &'static str, Vec<u8>),
    /// A Lambda function that failed; what it says.
    FunctionError(Vec<u8>),
    /// Never.
    Never,
    /// The connection is refused.
    NoConnection,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Http(200, body.into())
    }

    /// An error of RDS.
    pub(crate) fn rds_error(status: u16, code: &str) -> Self {
        Self::xml_error("http://rds.amazonaws.com/doc/2014-10-31/", status, code)
    }

    /// An error of Route 53.
    pub(crate) fn route53_error(status: u16, code: &str) -> Self {
        Self::xml_error("https://route53.amazonaws.com/doc/2013-04-01/", status, code)
    }

    fn xml_error(namespace: &str, status: u16, code: &str) -> Self {
        let body = format!(
            "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>the words of {code}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        );
        Self::Http(status, body.into())
    }

    /// An error in the protocol in which `request` was asked.
    pub(crate) fn error(request: &Request, status: u16, code: &str) -> Self {
        if !request.target.is_empty() {
            Self::json_error(status, code)
        } else if request.line.contains("route53") {
            Self::route53_error(status, code)
        } else {
            Self::rds_error(status, code)
        }
    }

    /// An error of a JSON protocol.
    pub(crate) fn json_error(status: u16, code: &str) -> Self {
        let body = format!("{{\"__type\":\"{code}\",\"message\":\"the words of {code}\"}}");
        Self::Http(status, body.into())
    }
}

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

#[derive(Clone)]
pub(crate) struct Service {
    answer: Arc<Answer>,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    pub(crate) fn new(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), asked: Arc::default() }
    }

    /// Answers with each of these in turn, and with the last one from then on.
    pub(crate) fn scripted(replies: Vec<Reply>) -> Self {
        let script = Mutex::new(replies);
        Self::new(move |_| {
            let mut script = script.lock().unwrap();
            if script.len() > 1 { script.remove(0) } else { script[0].clone() }
        })
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, operation: &str) -> usize {
        self.asked().iter().filter(|request| request.is(operation)).count()
    }

    pub(crate) fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let signed = request.headers().get("authorization").unwrap_or_default();
        let scope = signed.split('/').skip(2).take(2).collect::<Vec<_>>().join("/");
        let request = Request {
            scope,
            line: format!("{} {}", request.method(), request.uri()),
            target,
            body: request.body().bytes().unwrap_or_default().to_vec(),
        };
        self.asked.lock().unwrap().push(request.clone());
        match (self.answer)(&request) {
            Reply::Http(status, body) => {
                let status = status.try_into().unwrap();
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
            }
            Reply::Elsewhere(status, region, body) => {
                let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                answer.headers_mut().insert("x-amz-bucket-region", region);
                HttpConnectorFuture::ready(Ok(answer))
            }
            Reply::FunctionError(body) => {
                let mut answer = HttpResponse::new(200.try_into().unwrap(), SdkBody::from(body));
                answer.headers_mut().insert("x-amz-function-error", "Unhandled");
                HttpConnectorFuture::ready(Ok(answer))
            }
            Reply::Never => HttpConnectorFuture::new(std::future::pending()),
            Reply::NoConnection => {
                HttpConnectorFuture::ready(Err(ConnectorError::io("connection refused".into())))
            }
        }
    }
}
