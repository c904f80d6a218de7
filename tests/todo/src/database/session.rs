//! Runs statements on the writer, again and elsewhere when that is safe, within the request's time.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Client, Object};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::failure::{DatabaseError, Effect, Failure, Outcome, is_missing_table};
use crate::failure::Chain;
use crate::metrics::Metrics;
use crate::writer::{Follower, Generation, Reason};

/// The pause before another attempt that would otherwise follow at once; it grows with each.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// One statement, which must be idempotent.
pub(crate) struct Statement<'a> {
    /// What it does, to complete the sentence "cannot …".
    pub(crate) operation: &'static str,
    /// Whether it writes.
    pub(crate) effect: Effect,
    /// The statement.
    pub(crate) sql: &'static str,
    /// Its parameters.
    pub(crate) parameters: &'a [(&'a (dyn ToSql + Sync), Type)],
}

/// What the current writer answered.
pub(crate) struct Reply {
    /// The rows.
    pub(crate) rows: Vec<Row>,
    /// The connections that it came through, which were current when it came.
    pub(crate) generation: Arc<Generation>,
    /// Whether an earlier attempt may have been applied already.
    pub(crate) perhaps_repeated: bool,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The most that one answer of the server may take.
    pub(crate) statement: Duration,
    /// The most that a request may take, all attempts included.
    pub(crate) request: Duration,
}

/// The database, wherever its writer is.
pub(crate) struct Database {
    follower: Arc<Follower>,
    patience: Patience,
    metrics: Arc<Metrics>,
    /// Told when a statement found no table.
    pub(crate) table_missing: Notify,
}

/// What all attempts of one statement have in common.
struct Course {
    started: Instant,
    attempts: u32,
    unknown: bool,
    /// The last failure that says what is wrong, rather than only that there was no time left.
    telling: Option<Failure>,
}

impl Database {
    /// The database that `follower` follows.
    pub(crate) fn new(follower: Arc<Follower>, patience: Patience, metrics: Arc<Metrics>) -> Self {
        Self { follower, patience, metrics, table_missing: Notify::new() }
    }

    /// Where the writer is.
    pub(crate) fn follower(&self) -> &Follower {
        &self.follower
    }

    /// Runs a statement until the current writer confirms it or the request's time is up.
    pub(crate) async fn run(&self, statement: Statement<'_>) -> Result<Reply, DatabaseError> {
        let started = Instant::now();
        let deadline = started + self.patience.request;
        let mut course = Course { started, attempts: 0, unknown: false, telling: None };
        loop {
            course.attempts += 1;
            let failure = match self.attempt(&statement, deadline).await {
                Ok((rows, generation)) => {
                    if statement.effect == Effect::Write {
                        self.metrics.writes_confirmed.increment();
                    }
                    return Ok(Reply { rows, generation, perhaps_repeated: course.unknown });
                }
                Err(failure) => failure,
            };
            let verdict = failure.verdict();
            course.unknown |= verdict.outcome == Outcome::Unknown;
            let next = Instant::now() + LONGEST_PAUSE.min(PAUSE * course.attempts);
            if !verdict.again || next >= deadline {
                return Err(self.given_up(&statement, course, failure));
            }
            if failure.is_telling() {
                course.telling = Some(failure);
            }
            self.metrics.retries.increment();
            tokio::time::sleep_until(next).await;
        }
    }

    /// Ends the connections that a reply came through, because it says that the server takes no writes.
    pub(crate) fn found_read_only(&self, reply: &Reply) {
        self.follower.retire(&reply.generation, Reason::ReadOnly);
    }

    fn given_up(&self, statement: &Statement<'_>, course: Course, last: Failure) -> DatabaseError {
        let outcome = if course.unknown { Outcome::Unknown } else { Outcome::NotApplied };
        match (statement.effect, outcome) {
            (Effect::Read, _) => self.metrics.reads_failed.increment(),
            (Effect::Write, Outcome::NotApplied) => self.metrics.writes_not_applied.increment(),
            (Effect::Write, Outcome::Unknown) => self.metrics.writes_unknown.increment(),
        }
        let elapsed = course.started.elapsed().as_millis();
        let error = DatabaseError {
            operation: statement.operation,
            attempts: course.attempts,
            elapsed_ms: u64::try_from(elapsed).unwrap_or(u64::MAX),
            outcome,
            passing: last.verdict().again,
            failure: if last.is_telling() { last } else { course.telling.unwrap_or(last) },
        };
        let outcome = (statement.effect == Effect::Write).then(|| outcome.word());
        tracing::warn!(error = %Chain(&error), outcome, "statement given up");
        error
    }

    /// One attempt: find the writer, take a connection, send, wait; and judge the confirmation.
    async fn attempt(
        &self,
        statement: &Statement<'_>,
        deadline: Instant,
    ) -> Result<(Vec<Row>, Arc<Generation>), Failure> {
        let generation = timeout_at(deadline, self.follower.current())
            .await
            .map_err(|_| Failure::DeadlineBeforeSending)?
            .map_err(Failure::NoWriter)?;
        let client = timeout_at(deadline, generation.connect())
            .await
            .map_err(|_| Failure::DeadlineBeforeSending)?
            .map_err(|failure| {
                self.follower.connect_failed(&generation, &failure);
                Failure::NoConnection(failure)
            })?;
        match self.send(&client, &generation, statement, deadline).await {
            Ok(rows) => Ok((rows, generation)),
            Err(failure) => {
                self.after_failure(client, &generation, &failure);
                Err(failure)
            }
        }
    }

    async fn send(
        &self,
        client: &Client,
        generation: &Generation,
        statement: &Statement<'_>,
        deadline: Instant,
    ) -> Result<Vec<Row>, Failure> {
        if client.is_closed() {
            return Err(Failure::ClosedBeforeSending);
        }
        if generation.is_retired() {
            return Err(Failure::RetiredBeforeSending);
        }
        let patience = Instant::now() + self.patience.statement;
        let rows =
            timeout_at(patience.min(deadline), client.query_typed(statement.sql, statement.parameters))
                .await
                .map_err(|_| Failure::NoAnswer { hung: patience <= deadline })?
                .map_err(Failure::Statement)?;
        if generation.is_retired() {
            return Err(Failure::StaleConfirmation);
        }
        Ok(rows)
    }

    /// Retires what the failure gives reason to, and closes a connection that may still have an answer of
    /// this statement under way.
    fn after_failure(&self, client: Client, generation: &Generation, failure: &Failure) {
        let verdict = failure.verdict();
        match failure {
            Failure::NoAnswer { .. } => self.metrics.statement_timeouts.increment(),
            Failure::StaleConfirmation => self.metrics.confirmations_discarded.increment(),
            _ if is_missing_table(failure) => self.table_missing.notify_one(),
            _ => {}
        }
        if let Some(reason) = verdict.retire {
            self.follower.retire(generation, reason);
        }
        if verdict.retire.is_some() || verdict.outcome == Outcome::Unknown {
            drop(Object::take(client));
        }
    }
}
