//! What a request asks of AWS: which service of which Region, which operation.

use hyper::Method;
use hyper::http::request::Parts;

/// A request, as AWS understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) service: String,
    pub(super) region: String,
    pub(super) operation: String,
}

impl Call {
    pub(super) fn read(parts: &Parts, body: &[u8]) -> Self {
        let (region, service) = scope(parts).unwrap_or_default();
        let operation = operation(parts, &service, body);
        Self { service, region, operation }
    }

    /// How it is counted, such as `ssm:PutParameter`.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// Region and service of the credential scope: `Credential=KEY/date/region/service/aws4_request`.
fn scope(parts: &Parts) -> Option<(String, String)> {
    let authorization = parts.headers.get("authorization")?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let mut parts = credential.split(',').next()?.split('/').skip(2);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

fn operation(parts: &Parts, service: &str, body: &[u8]) -> String {
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    if let Some(operation) = target.and_then(|target| target.rsplit('.').next()) {
        return operation.to_owned();
    }
    if service == "route53" {
        let list = parts.method == Method::GET;
        return if list { "ListResourceRecordSets" } else { "ChangeResourceRecordSets" }.to_owned();
    }
    let action = form_urlencoded::parse(body).find(|(name, _)| name == "Action");
    action.map_or_else(|| parts.uri.path().to_owned(), |(_, action)| action.into_owned())
}
