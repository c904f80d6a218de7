//! What went wrong in a call, in the core's words.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use responder_core::ports::PortError;
use responder_core::words::failure::FailureKind;

/// A failed call. It can be cloned, because several databases may have shared the call.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    operation: String,
    kind: FailureKind,
    code: Option<String>,
    detail: Option<String>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// Error codes that say "too many calls just now", whatever the status: each says for certain that nothing was done.
const THROTTLING_CODES: [&str; 9] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "PriorRequestNotComplete",
    "TooManyUpdates",
];

impl Failed {
    /// From the SDK's error of `operation`, such as `rds:DescribeDBClusters in ap-northeast-2`.
    pub(crate) fn of<E>(operation: &str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().map(str::to_owned);
        let detail = match (&code, error.message()) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (Some(code), None) => Some(code.clone()),
            (None, Some(message)) => Some(message.to_owned()),
            // An error of which nothing is known prints as the SDK's own value.
            (None, None) => root_cause(&error).filter(|cause| !cause.starts_with("Error")),
        };
        Self {
            operation: operation.to_owned(),
            kind: kind(&error),
            code,
            detail,
            source: Some(Arc::new(error)),
        }
    }

    /// The budget of `operation` was used up.
    pub(crate) fn out_of_time(operation: &str) -> Self {
        Self::without_cause(operation, FailureKind::Unreachable, None)
    }

    /// An answer that came, and lacks `what`.
    pub(crate) fn malformed(operation: &str, what: &str) -> Self {
        let detail = format!("the answer lacks {what}");
        Self::without_cause(operation, FailureKind::Malformed, Some(detail))
    }

    /// It was not done now for the quota's sake, and will be later; why.
    pub(crate) fn throttled(operation: &str, why: &str) -> Self {
        Self::without_cause(operation, FailureKind::Throttled, Some(why.to_owned()))
    }

    /// The service will not do it; why.
    pub(crate) fn refused(operation: &str, why: String) -> Self {
        Self::without_cause(operation, FailureKind::Refused, Some(why))
    }

    fn without_cause(operation: &str, kind: FailureKind, detail: Option<String>) -> Self {
        Self { operation: operation.to_owned(), kind, code: None, detail, source: None }
    }

    /// The same failure, known to be of another kind.
    pub(crate) fn with_kind(self, kind: FailureKind) -> Self {
        Self { kind, ..self }
    }

    pub(crate) const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Whether the service said that there are too many calls just now: nothing was done, and it is there.
    pub(crate) fn is_throttled(&self) -> bool {
        self.kind == FailureKind::Throttled
    }

    /// Whether the same call may succeed at once: the service broke down at it or had too many, or its connection broke. Not
    /// for what was never answered.
    pub(crate) fn is_transient(&self) -> bool {
        self.kind.is_retryable() && !self.is_cut_off()
    }

    /// Whether it was cut off by its deadline.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.kind == FailureKind::Unreachable && self.source.is_none()
    }

    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

fn kind<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> FailureKind {
    let status = error.raw_response().map_or(0, |raw| raw.status().as_u16());
    match error {
        SdkError::TimeoutError(_) => FailureKind::Unreachable,
        // A connection that broke off in the middle is `other`, with a kind that says so.
        SdkError::DispatchFailure(failure)
            if failure.is_io() || failure.is_timeout() || failure.as_other().is_some() =>
        {
            FailureKind::Unreachable
        }
        _ if status == 429 || error.code().is_some_and(|code| THROTTLING_CODES.contains(&code)) => {
            FailureKind::Throttled
        }
        _ if status >= 500 => FailureKind::Busy,
        SdkError::ResponseError(_) => FailureKind::Malformed,
        // A good status that became an error, or an error without a code: its body was not AWS's.
        SdkError::ServiceError(_) if status < 300 || error.code().is_none() => FailureKind::Malformed,
        // The service said no, or the request could not even be made (no credentials, say).
        _ => FailureKind::Refused,
    }
}

/// The last cause, which says what happened; the ones before it say which layer noticed.
fn root_cause(error: &dyn Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(next) = cause.source() {
        cause = next;
    }
    Some(cause.to_string())
}

impl From<Failed> for PortError {
    fn from(failed: Failed) -> Self {
        Self {
            operation: failed.operation,
            kind: failed.kind,
            detail: failed.detail,
            source: failed.source.map(|source| Box::new(Shared(source)) as Box<dyn Error + Send + Sync>),
        }
    }
}

/// A cause that several errors share.
#[derive(Debug)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::operation::describe_db_clusters::DescribeDBClustersError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use aws_smithy_types::retry::ErrorKind;

    use super::*;

    fn answered(status: u16) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::from("<html>"))
    }

    #[test]
    fn what_was_answered_says_whether_asking_again_can_help() {
        for (status, code, kind) in [
            (400, Some("ThrottlingException"), FailureKind::Throttled),
            (503, Some("PriorRequestNotComplete"), FailureKind::Throttled),
            (429, Some("Whatever"), FailureKind::Throttled),
            (500, Some("InternalFailure"), FailureKind::Busy),
            (503, None, FailureKind::Busy),
            (499, Some("ValidationError"), FailureKind::Refused),
            (400, Some("ValidationError"), FailureKind::Refused),
            (300, Some("PermanentRedirect"), FailureKind::Refused),
            (299, Some("ValidationError"), FailureKind::Malformed),
            (400, None, FailureKind::Malformed),
        ] {
            let metadata = ErrorMetadata::builder();
            let metadata = if let Some(code) = code { metadata.code(code) } else { metadata }.build();
            let error = SdkError::service_error(DescribeDBClustersError::generic(metadata), answered(status));
            let failed = Failed::of("rds:DescribeDBClusters", error);
            assert_eq!((failed.kind, failed.code()), (kind, code), "{status}");
        }
    }

    #[test]
    fn what_was_not_answered_is_silence_and_what_is_not_awss_is_malformed() {
        type Error = SdkError<DescribeDBClustersError, HttpResponse>;
        let sent = |error: ConnectorError| Error::dispatch_failure(error);
        for (error, kind) in [
            (Error::timeout_error("late"), FailureKind::Unreachable),
            (sent(ConnectorError::io("reset".into())), FailureKind::Unreachable),
            (sent(ConnectorError::timeout("late".into())), FailureKind::Unreachable),
            (
                sent(ConnectorError::other("cut".into(), Some(ErrorKind::TransientError))),
                FailureKind::Unreachable,
            ),
            (sent(ConnectorError::other("what".into(), None)), FailureKind::Refused),
            (sent(ConnectorError::user("bad".into())), FailureKind::Refused),
            (Error::construction_failure("no credentials"), FailureKind::Refused),
            (Error::response_error("no XML", answered(200)), FailureKind::Malformed),
            (Error::response_error("no XML", answered(500)), FailureKind::Busy),
        ] {
            let said = format!("{error:?}");
            assert_eq!(Failed::of("rds:DescribeDBClusters", error).kind, kind, "{said}");
        }
    }
}
