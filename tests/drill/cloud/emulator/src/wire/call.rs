//! What a request asks of AWS: which service of which Region, which operation, and whether it writes.

use hyper::{HeaderMap, Method, header, http::request::Parts};

use crate::region::Region;

/// A request, as AWS understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The Region that the signature names; `None` for the global services, which sign for
    /// `us-east-1`, and for requests without a signature.
    pub region: Option<Region>,
    /// The Region's name in the signature, whichever it is: `ap-northeast-1` for a witness in a third
    /// one. Empty without a signature.
    pub signed_for: String,
    /// The signing name, such as `rds` or `route53`; empty without a signature.
    pub service: String,
    /// The operation, such as `PutParameter`; `METHOD /path` when the request does not name it.
    pub operation: String,
    /// Whether it changes something at AWS. Invoking a function does not by itself.
    pub write: bool,
}

impl Call {
    /// Reads the request's head and, where the body names the operation, its body.
    pub fn read(parts: &Parts, body: Option<&[u8]>) -> Self {
        let (region, service) = scope(&parts.headers).unwrap_or_default();
        let operation = operation(parts, &service, body);
        Self {
            region: Region::from_id(&region),
            signed_for: region,
            write: is_write(&operation, &parts.method),
            service,
            operation,
        }
    }
}

/// The signing name alone, which decides whether the body has to be read.
pub(crate) fn service(headers: &HeaderMap) -> Option<String> {
    scope(headers).map(|(_, service)| service)
}

/// Region and service of the credential scope: `Credential=KEY/date/region/service/aws4_request`.
fn scope(headers: &HeaderMap) -> Option<(String, String)> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let mut parts = credential.split(',').next()?.split('/').skip(2);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

fn operation(parts: &Parts, service: &str, body: Option<&[u8]>) -> String {
    target(&parts.headers)
        .or_else(|| action(body.unwrap_or_default()))
        .or_else(|| smithy(parts.uri.path()))
        .or_else(|| rest(&parts.method, parts.uri.path(), service).map(str::to_owned))
        .unwrap_or_else(|| format!("{} {}", parts.method, parts.uri.path()))
}

/// The JSON protocols name it in a header: `X-Amz-Target: AmazonSSM.PutParameter`.
fn target(headers: &HeaderMap) -> Option<String> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    target.rsplit('.').next().map(str::to_owned)
}

/// The query protocol names it in the form: `Action=DescribeDBClusters&…`.
fn action(body: &[u8]) -> Option<String> {
    form_urlencoded::parse(body).find(|(name, _)| name == "Action").map(|(_, value)| value.into_owned())
}

/// CloudWatch's CBOR protocol names it in the path: `/service/GraniteServiceVersion20100801/operation/DescribeAlarms`.
fn smithy(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/service/")?;
    rest.split_once("/operation/").map(|(_, operation)| operation.to_owned())
}

/// The REST protocols name it by method and path; these are the ones that the system uses.
fn rest(method: &Method, path: &str, service: &str) -> Option<&'static str> {
    let reads = method == Method::GET;
    match service {
        "route53" if path.ends_with("/rrset") && reads => Some("ListResourceRecordSets"),
        "route53" if path.ends_with("/rrset") || path.ends_with("/rrset/") => {
            Some("ChangeResourceRecordSets")
        }
        "route53" if path.contains("/change/") => Some("GetChange"),
        "route53" if path.ends_with("/hostedzone") && reads => Some("ListHostedZones"),
        "route53" if path.ends_with("/hostedzone") => Some("CreateHostedZone"),
        "s3" if *method == Method::PUT => Some("PutObject"),
        "lambda" if path.ends_with("/invocations") => Some("Invoke"),
        "lambda" if path.ends_with("/functions") && !reads => Some("CreateFunction"),
        _ => None,
    }
}

const READS: [&str; 10] =
    ["Get", "List", "Describe", "BatchGet", "Head", "Test", "Search", "Invoke", "Assume", "Simulate"];

fn is_write(operation: &str, method: &Method) -> bool {
    if operation.contains(' ') {
        return !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    }
    !READS.iter().any(|prefix| operation.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn call(method: &str, path: &str, scope: &str, target: Option<&str>, body: &[u8]) -> Call {
        let mut request = Request::builder().method(method).uri(path).header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential=AKIA/20261123/{scope}/aws4_request, SignedHeaders=host, Signature=x"),
        );
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        Call::read(&request.body(()).unwrap().into_parts().0, Some(body))
    }

    #[test]
    fn each_protocol_names_its_operation_in_its_own_way() {
        let query =
            call("POST", "/", "ap-northeast-3/rds", None, b"Action=DescribeDBClusters&Version=2014-10-31");
        assert_eq!(
            (query.region, query.operation.as_str(), query.write),
            (Some(Region::Osaka), "DescribeDBClusters", false)
        );
        let json = call("POST", "/", "ap-northeast-2/ssm", Some("AmazonSSM.PutParameter"), b"{}");
        assert_eq!(
            (json.region, json.operation.as_str(), json.write),
            (Some(Region::Seoul), "PutParameter", true)
        );
        let rest = call("POST", "/2013-04-01/hostedzone/Z1/rrset", "us-east-1/route53", None, b"");
        assert_eq!(
            (rest.region, rest.operation.as_str(), rest.write),
            (None, "ChangeResourceRecordSets", true)
        );
        let cbor = call(
            "POST",
            "/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
            "ap-northeast-1/monitoring",
            None,
            b"\xbf\xff",
        );
        assert_eq!(
            (cbor.region, cbor.signed_for.as_str(), cbor.operation.as_str(), cbor.write),
            (None, "ap-northeast-1", "DescribeAlarms", false)
        );
        let unknown = call("DELETE", "/other", "ap-northeast-2/s3", None, b"");
        assert_eq!((unknown.operation.as_str(), unknown.write), ("DELETE /other", true));
    }

    #[test]
    fn an_unsigned_request_belongs_to_no_region() {
        let parts = Request::builder().uri("/x").body(()).unwrap().into_parts().0;
        let call = Call::read(&parts, None);
        assert_eq!((call.region, call.service.as_str(), call.write), (None, "", false));
    }
}
