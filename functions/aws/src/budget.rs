//! How long each call may take, all of its retries included: a Region or a service that swallows
//! packets costs its budget and nothing more.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use tokio::time::{Instant, timeout_at};

use crate::failure::Failed;

/// The budgets of an installation's calls. [`Budgets::default`] is what ships; tests shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// One Region's view: its three listings run side by side. An answer takes 0.05 to 0.5 s from the other
    /// Region; a writer that is followed within two seconds cannot wait longer for a dead one.
    pub view: Duration,
    /// One read or write in one Region's Parameter Store; answers take some 20 ms, from afar 100 ms.
    pub parameters: Duration,
    /// The listing of an installation at a cold start: ten parameters a page, one page after the other,
    /// so a hundred databases are some thirty pages. Nothing can be done without it.
    pub installation: Duration,
    /// One read or exchange of a record. The control plane is in us-east-1, up to 0.25 s away, and a new
    /// connection there costs three round trips. After it, the parameters are published without the record.
    pub record: Duration,
    /// The state of a database's alarms, all Regions at once.
    pub alarms: Duration,
    /// The last sample of the replication lag, in the own Region.
    pub lag: Duration,
    /// The call that starts a failover. It changes the control plane and may take seconds; an answer that comes
    /// too late leaves it open whether RDS took it.
    pub start: Duration,
    /// One message to a topic.
    pub notice: Duration,
    /// Setting up a connection: several times the longest round trip on Earth, so what takes longer is lost.
    pub connect: Duration,
    /// One attempt: short enough that a second one fits after a connection that died unnoticed
    /// while the function was frozen.
    pub attempt: Duration,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            view: Duration::from_secs(2),
            parameters: Duration::from_secs(2),
            installation: Duration::from_secs(5),
            record: Duration::from_secs(2),
            alarms: Duration::from_secs(2),
            lag: Duration::from_secs(2),
            start: Duration::from_secs(15),
            notice: Duration::from_secs(3),
            connect: Duration::from_millis(700),
            attempt: Duration::from_millis(1_200),
        }
    }
}

/// Attempts of one call. Three with these pauses take under half a second when the service answers at once.
const ATTEMPTS: u32 = 3;
/// The longest first pause between two attempts; the next may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause at all.
const LONGEST_PAUSE: Duration = Duration::from_millis(300);

impl Budgets {
    /// The SDK's own time limits.
    pub(crate) fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder().connect_timeout(self.connect).operation_attempt_timeout(self.attempt).build()
    }

    /// The SDK's own retries, which the budget cuts off: connection failures, 5xx, every throttling
    /// code (`Throttling` and `PriorRequestNotComplete` included).
    pub(crate) fn retries() -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_PAUSE)
            .with_max_backoff(LONGEST_PAUSE)
    }
}

/// When the first call of many that belong together has to be answered, and how long each later one may take from when it
/// is sent: a listing of many pages is not late as long as its pages come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) first: Instant,
    pub(crate) page: Duration,
}

impl Patience {
    /// For calls that begin now.
    pub(crate) fn from_now(page: Duration) -> Self {
        Self { first: Instant::now() + page, page }
    }

    /// The deadline of a later call, which is sent now.
    pub(crate) fn now(&self) -> Instant {
        self.first.max(Instant::now() + self.page)
    }

    /// The same for calls that begin now.
    pub(crate) fn again(self) -> Self {
        Self { first: self.now(), ..self }
    }
}

/// Runs `call` until `deadline` and no longer; a call whose time is over already is never begun.
pub(crate) async fn within<T>(
    deadline: Instant,
    operation: &str,
    call: impl Future<Output = Result<T, Failed>>,
) -> Result<T, Failed> {
    if Instant::now() >= deadline {
        return Err(Failed::out_of_time(operation));
    }
    timeout_at(deadline, call).await.unwrap_or_else(|_| Err(Failed::out_of_time(operation)))
}
