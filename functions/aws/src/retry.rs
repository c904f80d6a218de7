//! The one retryable code that the SDK does not know.

use aws_sdk_ssm::operation::put_parameter::PutParameterError;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// `TooManyUpdates`: concurrent updates of one parameter; the next attempt finds them done.
#[derive(Debug)]
pub(crate) struct TooManyUpdates;

impl ClassifyRetry for TooManyUpdates {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(Result::err);
        let too_many = error
            .and_then(|error| error.as_operation_error())
            .and_then(|error| error.downcast_ref::<PutParameterError>())
            .is_some_and(PutParameterError::is_too_many_updates);
        if too_many { RetryAction::throttling_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "TooManyUpdates"
    }
}
