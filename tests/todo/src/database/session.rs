//! Runs statements on the writer, again and elsewhere when that is safe, within the request's time.
//!
//! Again is always safe: every statement of this app is idempotent. An insert has its id before the first attempt, an update
//! sets a value, a delete names its row.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use writer_follower::deadpool::Pool;
use writer_follower::{
    Attempt, Chain, Confirmed, Failure, Follower, GivenUp, Guard, Outcome, Patience, Repeat, retry,
};

use super::error::{DatabaseError, word};
use crate::metrics::Metrics;

/// The pause before a statement that found no table is sent again.
const UNTIL_THE_TABLE: Duration = Duration::from_millis(50);

/// Whether a statement changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only reads.
    Read,
    /// It writes.
    Write,
}

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
    /// The connection that it came through, which was the writer's when it came.
    pub(crate) guard: Guard,
    /// Whether an earlier attempt may have been applied already.
    pub(crate) perhaps_repeated: bool,
}

/// The database, wherever its writer is.
pub(crate) struct Database {
    pool: Pool,
    patience: Patience,
    metrics: Arc<Metrics>,
    /// Told when a statement found no table.
    pub(crate) table_missing: Notify,
}

impl Database {
    /// The database that `pool` is connected to.
    pub(crate) fn new(pool: Pool, patience: Patience, metrics: Arc<Metrics>) -> Self {
        Self { pool, patience, metrics, table_missing: Notify::new() }
    }

    /// Where the writer is.
    pub(crate) fn follower(&self) -> &Follower {
        self.pool.manager().follower()
    }

    /// Runs a statement until the current writer confirms it or the request's time is up.
    pub(crate) async fn run(&self, statement: Statement<'_>) -> Result<Reply, DatabaseError> {
        let deadline = Instant::now() + self.patience.total;
        let outcome = loop {
            let total = deadline.saturating_duration_since(Instant::now());
            let outcome = self.tried(&statement, Patience { total, ..self.patience }).await;
            let missing = outcome.as_ref().is_err_and(|given_up| is_missing_table(&given_up.failure));
            if !missing || total < UNTIL_THE_TABLE {
                break outcome;
            }
            self.table_missing.notify_one();
            sleep(UNTIL_THE_TABLE).await;
        };
        match outcome {
            Ok(Confirmed { value: (rows, guard), perhaps_repeated, .. }) => {
                if statement.effect == Effect::Write {
                    self.metrics.writes_confirmed.increment();
                }
                Ok(Reply { rows, guard, perhaps_repeated })
            }
            Err(given_up) => Err(self.given_up(&statement, given_up)),
        }
    }

    async fn tried(
        &self,
        statement: &Statement<'_>,
        patience: Patience,
    ) -> Result<Confirmed<(Vec<Row>, Guard)>, GivenUp> {
        let attempt = |attempt: Attempt| async move {
            if attempt.number > 1 {
                self.metrics.retries.increment();
            }
            let outcome = self.attempt(statement, attempt).await;
            match &outcome {
                Err(Failure::NoAnswer { .. }) => self.metrics.statement_timeouts.increment(),
                Err(Failure::Stale { .. }) => self.metrics.confirmations_discarded.increment(),
                _ => {}
            }
            outcome
        };
        retry(patience, Repeat::Always, attempt).await
    }

    async fn attempt(
        &self,
        statement: &Statement<'_>,
        attempt: Attempt,
    ) -> Result<(Vec<Row>, Guard), Failure> {
        let client = attempt.connection(self.pool.get()).await?;
        let guard = client.guard();
        let answer = client.query_typed(statement.sql, statement.parameters);
        let rows = attempt.confirm(&guard, answer).await?;
        Ok((rows, guard))
    }

    fn given_up(&self, statement: &Statement<'_>, given_up: GivenUp) -> DatabaseError {
        match (statement.effect, given_up.outcome) {
            (Effect::Read, _) => self.metrics.reads_failed.increment(),
            (Effect::Write, Outcome::Unknown) => self.metrics.writes_unknown.increment(),
            (Effect::Write, _) => self.metrics.writes_not_applied.increment(),
        }
        let outcome = (statement.effect == Effect::Write).then(|| word(given_up.outcome));
        let error = DatabaseError { operation: statement.operation, given_up };
        tracing::warn!(error = %Chain(&error), outcome, "statement given up");
        error
    }
}

fn is_missing_table(failure: &Failure) -> bool {
    failure.sql_state() == Some(SqlState::UNDEFINED_TABLE.code())
}
