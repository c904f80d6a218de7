//! How long each call may take, all of its retries included: a Region or a service that swallows
//! packets costs its budget and nothing more.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use responder_core::words::failure::FailureKind;
use tokio::time::{Instant, sleep, timeout_at};

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
    /// One question to a probe. Everything that is about to be published waits for it, so what does not come at once is not
    /// known; a probe gives itself less.
    pub probe: Duration,
    /// One message to a topic.
    pub notice: Duration,
    /// One page about a move. It is no part of the move, and nothing waits for it but the end of an invocation.
    pub page: Duration,
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
            probe: Duration::from_secs(1),
            notice: Duration::from_secs(3),
            page: Duration::from_secs(2),
            connect: Duration::from_millis(700),
            attempt: Duration::from_millis(1_200),
        }
    }
}

/// The first pause before a call is made again; the next ones are twice as long, up to the longest. A service that says "not
/// now" for a second is asked again within half of one after it.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Tries of a call that gets no connection or no answer: one more after a connection that died unnoticed, and one to spare.
const SILENT_TRIES: u32 = 3;

impl Budgets {
    /// The SDK's own time limits. Its retries are off: it knows of no budget, and would hide what was answered last.
    pub(crate) fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder().connect_timeout(self.connect).operation_attempt_timeout(self.attempt).build()
    }
}

/// The pauses of one call that is made again: the one notion of "not now" against "no". Whoever throttles or is broken now is
/// asked until the budget is over, whoever is silent a few times, whoever refuses never.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    made: u32,
    silent: u32,
}

impl Pauses {
    /// The pause after this failure, unless the call is over.
    pub(crate) fn after(&mut self, failed: &Failed, deadline: Instant) -> Option<Duration> {
        self.silent += u32::from(failed.kind() == FailureKind::Unreachable);
        if !failed.is_transient() || self.silent >= SILENT_TRIES {
            return None;
        }
        let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(self.made)).min(LONGEST_PAUSE);
        self.made += 1;
        // Apart from those of the others that were refused in the same moment.
        let pause = pause.mul_f64(0.5 + fastrand::f64() / 2.0);
        (Instant::now() + pause < deadline).then_some(pause)
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

/// Makes `call` until it is answered otherwise than by "not now", or `deadline` has come: then that answer is the end. For reads,
/// and for writes that may be made twice.
pub(crate) async fn patiently<T, F: Future<Output = Result<T, Failed>>>(
    deadline: Instant,
    operation: &str,
    call: impl Fn() -> F,
) -> Result<T, Failed> {
    let mut pauses = Pauses::default();
    let mut last = None;
    loop {
        let failed = match within(deadline, operation, call()).await {
            Ok(answer) => return Ok(answer),
            // What was heard before still stands: a try that the deadline cut off says nothing against it.
            Err(failed) if failed.is_cut_off() => return Err(last.unwrap_or(failed)),
            Err(failed) => failed,
        };
        let Some(pause) = pauses.after(&failed, deadline) else { return Err(failed) };
        last = (failed.kind() != FailureKind::Unreachable).then_some(failed);
        sleep(pause).await;
    }
}

/// The token of the next page, unless it is the one that was sent: a listing that goes in a circle would never end.
pub(crate) fn next_page(
    operation: &str,
    sent: Option<&str>,
    next: Option<String>,
) -> Result<Option<String>, Failed> {
    let next = next.filter(|token| !token.is_empty());
    if next.is_some() && next.as_deref() == sent {
        return Err(Failed::malformed(operation, "a next page: it names the same one again"));
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long it took, how it ended, and after how many tries; each try takes `lasts`.
    async fn tried(lasts: u64, with: impl Fn(u32) -> Result<(), Failed>) -> (u128, Result<(), Failed>, u32) {
        let start = Instant::now();
        let tries = std::sync::atomic::AtomicU32::new(0);
        let call = || {
            let end = with(tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
            async move {
                sleep(Duration::from_millis(lasts)).await;
                end
            }
        };
        let end = patiently(start + Duration::from_secs(2), "x", call).await;
        (start.elapsed().as_millis(), end, tries.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn not_now_is_asked_again_until_the_budget_is_over_and_is_then_the_answer() {
        for lasts in [0, 10, 150, 400] {
            let (took, end, tries) = tried(lasts, |_| Err(Failed::throttled("x", "too many"))).await;
            assert_eq!(end.unwrap_err().kind(), FailureKind::Throttled, "{lasts}");
            assert!((1_400..=2_000).contains(&took) && (3..=12).contains(&tries), "{lasts}: {took}, {tries}");
        }
    }

    /// The last try is cut off by the deadline: what was heard before it is the answer, unless that was silence as well.
    #[tokio::test(start_paused = true)]
    async fn what_was_heard_before_the_deadline_cut_a_try_off_still_stands() {
        for (first, kind) in [
            (Failed::throttled("x", "too many"), FailureKind::Throttled),
            (Failed::out_of_time("x"), FailureKind::Unreachable),
        ] {
            let start = Instant::now();
            let tries = std::sync::atomic::AtomicU32::new(0);
            let (first, tries) = (&std::sync::Mutex::new(Some(first)), &tries);
            let call = || async move {
                if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0 {
                    sleep(Duration::from_mins(1)).await;
                }
                Err::<(), _>(first.lock().unwrap().take().unwrap())
            };
            let end = patiently(start + Duration::from_secs(2), "x", call).await;
            assert_eq!(end.unwrap_err().kind(), kind);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_is_no_and_silence_is_silence() {
        let (took, end, tries) = tried(5, |_| Err(Failed::refused("x", "no".to_owned()))).await;
        assert_eq!((took, end.unwrap_err().kind(), tries), (5, FailureKind::Refused, 1));
        let (took, end, tries) = tried(60_000, |_| Ok(())).await;
        assert_eq!((took, end.unwrap_err().kind(), tries), (2_000, FailureKind::Unreachable, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_longest_and_end_before_the_deadline() {
        let (failed, far) = (Failed::throttled("x", "too many"), Instant::now() + Duration::from_mins(1));
        let after = |ms| Pauses::default().after(&failed, Instant::now() + Duration::from_millis(ms));
        for _ in 0..100 {
            let mut pauses = Pauses::default();
            for longest in [50, 100, 200, 400, 500, 500, 500] {
                let micros = pauses.after(&failed, far).unwrap().as_micros();
                assert!((longest * 500..=longest * 1_000).contains(&micros), "{micros} of {longest} ms");
            }
            assert_eq!((after(51).is_some(), after(25)), (true, None));
        }
    }

    #[test]
    fn a_listing_that_goes_in_a_circle_is_no_listing() {
        let next =
            |next: Option<&str>| next_page("x", Some("a"), next.map(str::to_owned)).map_err(|it| it.kind());
        assert_eq!(next(Some("b")), Ok(Some("b".to_owned())));
        assert_eq!((next(None), next(Some(""))), (Ok(None), Ok(None)));
        assert_eq!(next(Some("a")), Err(FailureKind::Malformed));
    }
}
