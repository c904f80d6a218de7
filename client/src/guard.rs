//! Who watches over what is sent on one connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_postgres::Error;

use crate::generation::{Generation, Reason};
use crate::health::{Fitness, Health};
use crate::outcome::{Failure, Phase};

/// Belongs to one connection, and goes wherever its statements are awaited.
#[derive(Debug, Clone)]
pub struct Guard {
    health: Arc<Health>,
}

/// How long one answer is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until {
    pub(crate) hung: Instant,
    pub(crate) deadline: Option<Instant>,
}

impl Guard {
    pub(crate) fn new(health: &Arc<Health>) -> Self {
        Self { health: Arc::clone(health) }
    }

    /// The connections that this one belongs to.
    pub fn generation(&self) -> &Arc<Generation> {
        &self.health.generation
    }

    /// Gives the connection up: it is closed when it is given back, and the others are checked before they are used again.
    pub fn give_up(&self, reason: Reason) {
        self.health.spoil(reason);
    }

    /// Waits for statements that commit by themselves, or for a whole transaction with its commit, for no longer than
    /// `patience`. A confirmation of a server that meanwhile is no longer the writer is none.
    pub async fn confirm<T>(
        &self,
        patience: Duration,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        let until = Until { hung: Instant::now() + patience, deadline: None };
        self.wait(Phase::Commits, until, answer).await
    }

    /// Waits for statements inside a transaction whose commit is not among them: whatever fails, nothing is committed.
    pub async fn before_commit<T>(
        &self,
        patience: Duration,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        let until = Until { hung: Instant::now() + patience, deadline: None };
        self.wait(Phase::BeforeCommit, until, answer).await
    }

    pub(crate) async fn wait<T>(
        &self,
        phase: Phase,
        until: Until,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        match self.health.fitness() {
            Fitness::Unfit(Reason::Moved) => return Err(Failure::Moved),
            Fitness::Unfit(_) => return Err(Failure::Closed),
            Fitness::Fit | Fitness::Doubtful => {}
        }
        let patience = until.deadline.map_or(until.hung, |deadline| deadline.min(until.hung));
        let Ok(answered) = timeout_at(patience, answer).await else {
            // The answer may still come, to whoever would use the connection next.
            self.health.spoil(Reason::Hung);
            return Err(Failure::NoAnswer { phase, hung: patience == until.hung });
        };
        let value = answered.map_err(|source| Failure::Statement { phase, source })?;
        if self.health.generation.is_retired() {
            return Err(Failure::Stale { phase });
        }
        Ok(value)
    }
}
