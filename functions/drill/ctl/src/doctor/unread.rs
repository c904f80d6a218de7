//! Why something could not be read, so that a missing permission is not reported as a missing resource.

use std::time::Duration;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use responder_core::words::failure::sentence;

use super::Finding;

/// A service that does not answer within this time is not waited for: nothing here lasts as long as a transition may.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a call that only looks did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    /// Whether the caller may not make the call, which says nothing about the installation.
    pub(super) denied: bool,
    /// What the service said.
    pub(super) why: String,
}

impl Unread {
    fn of(error: &(impl ProvideErrorMetadata + std::error::Error)) -> Self {
        let code = error.code().unwrap_or_default();
        // Each service has its own word: AccessDenied, AccessDeniedException, UnauthorizedOperation.
        let denied = code.starts_with("AccessDenied") || code.starts_with("Unauthorized");
        let why = match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            _ => sentence(error),
        };
        Self { denied, why }
    }

    /// A warning, never more: not to know is no fault of the installation.
    pub(super) fn finding(&self, place: &str, what: &str, calls: &str) -> Finding {
        let mend = if self.denied {
            format!("allow {calls} to whoever runs this; nothing else depends on it")
        } else {
            "look again when it answers".to_owned()
        };
        Finding::warn(place, format!("{what} could not be read: {}", self.why), mend)
    }
}

/// The answer of a call that only looks, in time.
pub(super) async fn answer<T, E>(call: impl Future<Output = Result<T, E>>) -> Result<T, Unread>
where
    E: ProvideErrorMetadata + std::error::Error,
{
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(answer) => answer.map_err(|error| Unread::of(&error)),
        Err(late) => {
            let why = format!("no answer within {} s ({late})", PATIENCE.as_secs());
            Err(Unread { denied: false, why })
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::error::ErrorMetadata;
    use aws_sdk_iam::operation::simulate_principal_policy::SimulatePrincipalPolicyError;

    use super::super::Level;
    use super::*;

    fn said(code: &str) -> Unread {
        let metadata = ErrorMetadata::builder().code(code).message("no").build();
        Unread::of(&SimulatePrincipalPolicyError::generic(metadata))
    }

    #[test]
    fn not_to_know_is_a_warning_and_only_a_denial_is_mended_by_a_permission() {
        for (code, denied) in
            [("AccessDenied", true), ("AccessDeniedException", true), ("InvalidAction", false)]
        {
            let unread = said(code);
            let finding = unread.finding("follow", "its rules", "events:DescribeRule");
            assert_eq!((unread.denied, finding.level), (denied, Level::Warn), "{code}");
            assert!(finding.what.contains(&format!("{code}: no")), "{finding:?}");
            assert_eq!(finding.mend.contains("events:DescribeRule"), denied, "{finding:?}");
        }
    }

    #[test]
    fn an_error_without_a_code_is_told_as_it_is() {
        let unread = Unread::of(&SimulatePrincipalPolicyError::unhandled("the socket closed"));
        assert!(!unread.denied && unread.why.contains("the socket closed"), "{unread:?}");
    }
}
