//! Tries again what may be tried again.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_postgres::Error;

use crate::guard::{Guard, Until};
use crate::outcome::{Failure, Outcome, Phase};

/// Whether the same may be done twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Only if the last attempt certainly left nothing behind.
    IfNotApplied,
    /// Always: it is idempotent. An insert has its key before the first attempt, an update sets a value, a delete names its
    /// row.
    Always,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The most that all attempts may take together.
    pub total: Duration,
    /// The most that one answer of the server may take.
    pub answer: Duration,
    /// The pause before the second attempt; it grows with each, to ten times as much.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let (total, answer) = (Duration::from_secs(3), Duration::from_secs(1));
        Self { total, answer, pause: Duration::from_millis(20) }
    }
}

/// One attempt, as it is handed to what makes it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Counts from one.
    pub number: u32,
    /// When the time for all attempts is up.
    pub deadline: Instant,
    answer: Duration,
}

impl Attempt {
    /// Waits for a connection of a pool, until the deadline.
    pub async fn connection<C, E: Into<Failure>>(
        &self,
        pooled: impl Future<Output = Result<C, E>>,
    ) -> Result<C, Failure> {
        timeout_at(self.deadline, pooled).await.map_err(|_| Failure::TooLate)?.map_err(Into::into)
    }

    /// As [`Guard::confirm`], within the attempt's time.
    pub async fn confirm<T>(
        &self,
        guard: &Guard,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        guard.wait(Phase::Commits, self.until(), answer).await
    }

    /// As [`Guard::before_commit`], within the attempt's time.
    pub async fn before_commit<T>(
        &self,
        guard: &Guard,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        guard.wait(Phase::BeforeCommit, self.until(), answer).await
    }

    fn until(&self) -> Until {
        Until { hung: Instant::now() + self.answer, deadline: Some(self.deadline) }
    }
}

/// What was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Confirmed<T> {
    /// The answer.
    pub value: T,
    /// How many attempts it took.
    pub attempts: u32,
    /// Whether an earlier attempt may have been applied already.
    pub perhaps_repeated: bool,
}

/// Why it was given up.
#[derive(Debug, thiserror::Error)]
#[error("given up after {elapsed:?} (attempts: {attempts})")]
#[non_exhaustive]
pub struct GivenUp {
    /// How often it was tried.
    pub attempts: u32,
    /// How long it was tried.
    pub elapsed: Duration,
    /// What is known of it, over all attempts.
    pub outcome: Outcome,
    /// Whether another attempt might have succeeded, had there been time, or had it been safe.
    pub passing: bool,
    /// How the last attempt failed that can tell.
    #[source]
    pub failure: Failure,
}

/// What all attempts have in common.
struct Course {
    started: Instant,
    attempts: u32,
    worst: Outcome,
    /// The last failure that says what is wrong, rather than only that there was no time left.
    telling: Option<Failure>,
}

/// Tries until the current writer confirms, the time is up, or another attempt would not be safe.
///
/// ```
/// use std::sync::Arc;
/// use writer_follower::{ConnectFailure, Failure, Outcome, Patience, Repeat, retry};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let patience = Patience { total: std::time::Duration::from_millis(300), ..Patience::default() };
/// let confirmed = retry(patience, Repeat::IfNotApplied, |attempt| async move {
///     if attempt.number == 1 { Err(Failure::NoConnection(ConnectFailure::TimedOut)) } else { Ok("written") }
/// });
/// let confirmed = confirmed.await.unwrap();
/// assert_eq!((confirmed.value, confirmed.attempts), ("written", 2));
///
/// let given_up = retry(patience, Repeat::IfNotApplied, |_| async { Err::<(), _>(Failure::Busy) });
/// assert_eq!(given_up.await.unwrap_err().outcome, Outcome::NotSent);
/// # }
/// ```
pub async fn retry<T, F, Answer>(
    patience: Patience,
    repeat: Repeat,
    mut attempt: F,
) -> Result<Confirmed<T>, GivenUp>
where
    F: FnMut(Attempt) -> Answer,
    Answer: Future<Output = Result<T, Failure>>,
{
    let started = Instant::now();
    let deadline = started + patience.total;
    let mut course = Course { started, attempts: 0, worst: Outcome::NotSent, telling: None };
    loop {
        course.attempts += 1;
        let number = course.attempts;
        let one = attempt(Attempt { number, deadline, answer: patience.answer });
        // Whoever forgets the deadline is held to it; what was sent by then, nobody knows.
        let late = Err(Failure::NoAnswer { phase: Phase::Commits, hung: false });
        let failure = match timeout_at(deadline + patience.pause, one).await.unwrap_or(late) {
            Ok(value) => {
                let perhaps_repeated = course.worst == Outcome::Unknown;
                return Ok(Confirmed { value, attempts: number, perhaps_repeated });
            }
            Err(failure) => failure,
        };
        let verdict = failure.verdict();
        course.note(verdict.outcome);
        let safe = verdict.outcome != Outcome::Unknown || repeat == Repeat::Always;
        let next = Instant::now() + patience.pause * number.min(10);
        if !verdict.again || !safe || next >= deadline {
            return Err(course.given_up(failure, verdict.again));
        }
        tracing::debug!(attempt = number, outcome = ?verdict.outcome, error = %failure, "trying again");
        if failure.is_telling() {
            course.telling = Some(failure);
        }
        sleep_until(next).await;
    }
}

impl Course {
    fn note(&mut self, outcome: Outcome) {
        self.worst = match (self.worst, outcome) {
            (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
            (Outcome::NotSent, Outcome::NotSent) => Outcome::NotSent,
            _ => Outcome::NotCommitted,
        };
    }

    fn given_up(self, last: Failure, passing: bool) -> GivenUp {
        GivenUp {
            attempts: self.attempts,
            elapsed: self.started.elapsed(),
            outcome: self.worst,
            passing,
            failure: if last.is_telling() { last } else { self.telling.unwrap_or(last) },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::connect::failure::ConnectFailure;

    fn no_answer() -> Failure {
        Failure::NoAnswer { phase: Phase::Commits, hung: true }
    }

    /// Fails as the list says, then succeeds.
    async fn tried(
        repeat: Repeat,
        fail: fn(u32) -> Option<Failure>,
    ) -> (Result<Confirmed<u32>, GivenUp>, u32) {
        let made = AtomicU32::new(0);
        let outcome = retry(Patience::default(), repeat, |attempt| {
            made.fetch_add(1, Ordering::Relaxed);
            async move { fail(attempt.number).map_or(Ok(attempt.number), Err) }
        });
        (outcome.await, made.load(Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_applied_is_tried_again_and_what_nobody_knows_only_if_it_may_be() {
        let unreachable = |number| (number < 3).then_some(Failure::NoConnection(ConnectFailure::NotWritable));
        let (outcome, _) = tried(Repeat::IfNotApplied, unreachable).await;
        let confirmed = outcome.unwrap();
        assert_eq!((confirmed.value, confirmed.attempts, confirmed.perhaps_repeated), (3, 3, false));

        let lost = |number| (number < 2).then(no_answer);
        let (outcome, made) = tried(Repeat::IfNotApplied, lost).await;
        let given_up = outcome.unwrap_err();
        assert_eq!((made, given_up.outcome, given_up.passing), (1, Outcome::Unknown, true));
        let (outcome, _) = tried(Repeat::Always, lost).await;
        assert!(outcome.unwrap().perhaps_repeated);
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_attempt_is_not_forgotten_and_the_telling_failure_is_told() {
        let (outcome, made) =
            tried(Repeat::Always, |number| Some(if number == 1 { no_answer() } else { Failure::TooLate }))
                .await;
        let given_up = outcome.unwrap_err();
        assert_eq!(given_up.outcome, Outcome::Unknown);
        assert!(matches!(given_up.failure, Failure::NoAnswer { .. }), "{given_up:?}");
        assert!(given_up.elapsed <= Duration::from_secs(3) && (10..40).contains(&made), "{made}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_forgets_the_time_is_ended() {
        let outcome = retry(Patience::default(), Repeat::Always, |_| std::future::pending::<Result<(), _>>());
        let given_up = outcome.await.unwrap_err();
        assert_eq!((given_up.attempts, given_up.outcome), (1, Outcome::Unknown));
        assert!(given_up.elapsed < Duration::from_millis(3_100));
    }
}
