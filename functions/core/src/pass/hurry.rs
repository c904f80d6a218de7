//! Calls that are waited for no longer than so.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::ports::{Clock, PortError};
use crate::words::failure::FailureKind;
use crate::words::names::Region;

/// How long a Region that was silent at the last look is waited for.
const HURRIED: Duration = Duration::from_secs(1);

/// Waits for `call`; no longer than a second where the Region was silent at the last look.
pub(crate) async fn hurry<T, P: Clock>(
    ports: &P,
    hurried: bool,
    operation: &str,
    region: &Region,
    call: impl Future<Output = Result<T, PortError>>,
) -> Result<T, PortError> {
    if !hurried {
        return call.await;
    }
    let silent = || PortError::new(format!("{operation} in {region}"), FailureKind::Unreachable);
    within(ports, HURRIED, call).await.unwrap_or_else(|| Err(silent()))
}

/// What `call` comes to, unless it takes longer than `time`.
pub(crate) async fn within<T, P: Clock>(
    ports: &P,
    time: Duration,
    call: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(call), pin!(ports.sleep(time))).await {
        Either::Left((answer, _)) => Some(answer),
        Either::Right(_) => None,
    }
}
