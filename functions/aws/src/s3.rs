//! The bucket that pages are kept in, where one is configured.
//!
//! One call of one service: the SDK's crate for it is as large as the one for Parameter Store, and brings seven more. So the request is
//! made here, and signed and sent by the crates that the SDK itself is made of.

use std::sync::Arc;
use std::time::SystemTime;

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use tokio::time::Instant;

use crate::bucket::Bucket;
use crate::budget::patiently;
use crate::clients::Clients;
use crate::failure::Failed;

const TYPE: &str = "text/html; charset=utf-8";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The bucket's service.
#[derive(Debug)]
pub(crate) struct S3 {
    clients: Arc<Clients>,
}

impl S3 {
    pub(crate) const fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }

    /// Writes a page of this key, over one that stands there.
    pub(crate) async fn put(&self, bucket: &Bucket, key: &str, page: &str) -> Result<(), Failed> {
        let operation = format!("s3:PutObject to {}/{key}", bucket.uri());
        let deadline = Instant::now() + self.clients.budgets().page;
        let own = bucket.region().as_str().to_owned();
        let put = Operation::builder()
            .service_name("s3")
            .operation_name("PutObject")
            .http_client(self.clients.unpooled())
            .endpoint_url(bucket.host())
            .no_auth()
            .no_retry()
            .sleep_impl(TokioSleep::new())
            .timeout_config(self.clients.budgets().timeouts())
            .serializer(Ok)
            .deserializer(move |answer| said(answer, &own).map_err(OrchestratorError::operation))
            .build();
        let call = || async {
            let signed = self.signed(bucket, key, page).await;
            let signed = signed.map_err(|error| Failed::refused(&operation, error.to_string()))?;
            put.invoke(signed).await.map_err(|error| Failed::of(&operation, error))
        };
        patiently(deadline, &operation, call).await
    }

    /// The request with its path alone, signed for the whole address.
    async fn signed(&self, bucket: &Bucket, key: &str, page: &str) -> Result<HttpRequest, BoxError> {
        let identity = self.clients.identity().await?;
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(bucket.region().as_str())
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()?
            .into();
        let (path, body) = (bucket.path(key), SignableBody::Bytes(page.as_bytes()));
        let headers = [("content-type", TYPE)].into_iter();
        let signable = SignableRequest::new("PUT", format!("{}{path}", bucket.host()), headers, body)?;
        let mut request = http::Request::put(path).header("content-type", TYPE).body(SdkBody::from(page))?;
        sign(signable, &parameters)?.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(HttpRequest::try_from(request)?)
    }
}

/// What S3 said instead of yes.
#[derive(Debug, thiserror::Error)]
#[error("S3 did not take it")]
struct No(ErrorMetadata);

impl ProvideErrorMetadata for No {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

fn said(answer: &HttpResponse, own: &str) -> Result<(), No> {
    if answer.status().is_success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(answer.body().bytes().unwrap_or_default());
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(value, _)| value.to_owned())
    };
    let mut meta = ErrorMetadata::builder();
    meta = match element("Code") {
        Some(code) => meta.code(code),
        None => meta,
    };
    // A bucket of another Region is said by a header, on answers of every kind.
    let elsewhere = answer.headers().get("x-amz-bucket-region").filter(|region| *region != own);
    let message = match elsewhere {
        Some(region) => {
            Some(format!("the bucket is in {region}, and has to be in {own}, the function's own Region"))
        }
        None => element("Message"),
    };
    Err(No(match message {
        Some(message) => meta.message(message),
        None => meta,
    }
    .build()))
}
