//! One connection to the writer, for whoever has no pool, or a pool of their own.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::check::fit_again;
use crate::connect::connector::Made;
use crate::connect::failure::ConnectFailure;
use crate::guard::Guard;
use crate::health::{Fitness, Health};

/// A connection to the writer: a [`tokio_postgres::Client`]. It ends when it is dropped, or when the writer moves.
#[derive(Debug)]
pub struct Session {
    client: Client,
    health: Arc<Health>,
    task: JoinHandle<()>,
}

impl Session {
    pub(crate) fn new(made: Made) -> Self {
        Self { client: made.client, health: made.health, task: made.task }
    }

    /// What watches over the statements that are sent on it.
    pub fn guard(&self) -> Guard {
        Guard::new(&self.health)
    }

    /// Whether it must not be used again: it is closed, was given up, or its server is no longer the writer.
    pub fn is_unfit(&self) -> bool {
        self.client.is_closed() || matches!(self.health.fitness(), Fitness::Unfit(_))
    }

    /// Makes sure that it may be used again, within `patience`. The server is asked only where there is reason to.
    pub async fn fit_again(&self, patience: Duration) -> Result<(), ConnectFailure> {
        fit_again(&self.client, &self.health, patience).await
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}

impl Drop for Session {
    /// At once: a server that is silent would take no farewell.
    fn drop(&mut self) {
        self.task.abort();
    }
}
